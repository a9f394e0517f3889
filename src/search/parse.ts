/**
 * The syntax of search: names with modifiers, chains and `_has`; values with `,` `|` `$` and their escapes.
 * Nothing here fails: what the text means is for resolving to judge.
 * https://hl7.org/fhir/R4/search.html#escaping, https://hl7.org/fhir/R4/search.html#chaining
 */

/** `subject:Patient.name:exact` is two links; `_has:Group:member:_id` a reverse link and one more. */
export type NameLink =
  | { readonly kind: 'plain'; readonly code: string; readonly modifier?: string }
  | { readonly kind: 'has'; readonly source: string; readonly code: string };

/** Links from the outermost to the parameter that takes the value; undefined when a `_has` is incomplete. */
export function parseName(name: string): readonly NameLink[] | undefined {
  const links: NameLink[] = [];
  let rest = name;
  while (rest.startsWith('_has:')) {
    const [, source, code, ...tail] = rest.split(':');
    if (source === undefined || code === undefined || tail.length === 0) return undefined;
    links.push({ kind: 'has', source, code });
    rest = tail.join(':');
  }
  const dot = rest.indexOf('.');
  const first = dot < 0 ? rest : rest.slice(0, dot);
  const colon = first.indexOf(':');
  links.push(
    colon < 0
      ? { kind: 'plain', code: first }
      : { kind: 'plain', code: first.slice(0, colon), modifier: first.slice(colon + 1) },
  );
  if (dot < 0) return links;
  const tail = parseName(rest.slice(dot + 1));
  return tail === undefined ? undefined : [...links, ...tail];
}

/** Splits at every `separator` that no backslash precedes; escapes stay in the parts. */
export function splitEscaped(value: string, separator: string): string[] {
  if (!value.includes(separator)) return [value];
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < value.length; at++) {
    const unit = value[at];
    if (unit === '\\') at++;
    else if (unit === separator) {
      parts.push(value.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(value.slice(start));
  return parts;
}

/** Takes the backslash from `\,` `\|` `\$` and `\\`; other backslashes are themselves. */
export function unescapeValue(value: string): string {
  return value.includes('\\') ? value.replace(/\\([,|$\\])/g, '$1') : value;
}

const PREFIX = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[\d+\-.])/;

/** `ge2020` as `ge` and `2020`; without a prefix it is `eq`. */
export function splitPrefix(value: string): { readonly prefix: string; readonly rest: string } {
  const match = PREFIX.exec(value);
  return match === null
    ? { prefix: 'eq', rest: value }
    : { prefix: match[1] as string, rest: value.slice(2) };
}
