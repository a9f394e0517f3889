/** R4's dom-3 by hand: as published it walks the whole resource four times for each contained one. */

/**
 * R4's dom-3 in one pass: every contained resource is referred to from its container by `#id`, or refers to
 * the container by `#`.
 */
export function containedAreUsed(resource: { readonly contained?: unknown }): boolean {
  const { contained } = resource;
  if (!Array.isArray(contained) || contained.length === 0) return true;
  const used = new Set<string>();
  for (const [key, value] of Object.entries(resource)) if (key !== 'text') collectLocal(value, used);
  return contained.every((one: { readonly id?: unknown } | null) => {
    if (typeof one?.id !== 'string' || used.has(`#${one.id}`)) return true;
    const own = new Set<string>();
    collectLocal(one, own);
    return own.has('#');
  });
}

/** Texts that start with `#`: references, canonicals and URIs to contained resources. */
function collectLocal(value: unknown, found: Set<string>): void {
  const stack: unknown[] = [value];
  for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
    if (typeof one === 'string') {
      if (one.charCodeAt(0) === 35) found.add(one);
    } else if (Array.isArray(one)) {
      for (const element of one) stack.push(element ?? null);
    } else if (typeof one === 'object' && one !== null) {
      for (const key in one) {
        const child = (one as Record<string, unknown>)[key];
        if (typeof child === 'object' || typeof child === 'string') stack.push(child);
      }
    }
  }
}
