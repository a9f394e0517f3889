/**
 * Values along a typed path, for the few places that need them as a list: components of composites, and the
 * references that includes follow. Extraction proper walks all paths of a type at once (extract.ts).
 */
import { isObject } from './emit.ts';
import { referencedType } from './reference-forms.ts';
import type { TypedPath } from './typed-paths.ts';

/** All values of the path below `node`, in order. */
export function valuesAt(path: TypedPath, node: unknown): readonly unknown[] {
  let values: unknown[] = [node];
  for (const step of path.steps) {
    const next: unknown[] = [];
    switch (step.kind) {
      case 'property':
        for (const value of values) {
          if (!isObject(value)) continue;
          const child = value[step.json];
          if (Array.isArray(child)) for (const one of child) next.push(one);
          else if (child !== undefined) next.push(child);
        }
        break;
      case 'where':
        for (const value of values) if (hasValue(value, step.name, step.value)) next.push(value);
        break;
      case 'refersTo':
        for (const value of values) if (refersTo(value, step.type, node)) next.push(value);
        break;
      case 'index':
        if (values.length > step.at) next.push(values[step.at]);
        break;
    }
    if (next.length === 0) return next;
    values = next;
  }
  return values.filter((value) => value !== null);
}

/** `where(name='value')`. */
export function hasValue(node: unknown, name: string, value: string): boolean {
  if (!isObject(node)) return false;
  const found = node[name];
  return Array.isArray(found) ? found.includes(value) : found === value;
}

/** `where(resolve() is type)`: told by the reference itself, or by the contained resource it points to. */
export function refersTo(node: unknown, type: string, root: unknown): boolean {
  if (typeof node === 'string') return referencedType(node) === type;
  if (!isObject(node)) return false;
  if (typeof node.reference === 'string') {
    if (!node.reference.startsWith('#')) {
      const named = referencedType(node.reference);
      return named === undefined ? node.type === type : named === type;
    }
    const id = node.reference.slice(1);
    const contained = isObject(root) && Array.isArray(root.contained) ? root.contained : [];
    return contained.some((one) => isObject(one) && one.id === id && one.resourceType === type);
  }
  return node.type === type;
}
