/**
 * References as search compares them: those to this server as `Type/id` whatever way they are written, others by
 * their URL, canonicals with and without version.
 * https://hl7.org/fhir/R4/search.html#reference
 */

const OWN = /^([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})(\/_history\/[A-Za-z0-9\-.]{1,64})?$/;
const HISTORY = /\/_history\/[A-Za-z0-9\-.]{1,64}$/;

/** All forms under which a literal reference can be found; none for a contained or empty one. */
export function referenceForms(reference: string, base: string): readonly string[] {
  if (reference === '' || reference.charCodeAt(0) === 35) return [];
  const local = localPart(reference, base);
  const hash = local.indexOf('#');
  const whole = hash > 0 ? local.slice(0, hash) : local;
  if (whole.indexOf('/_history/') < 0) return [whole];
  const match = OWN.exec(whole);
  if (match !== null) return [match[1] as string, whole];
  return [whole.replace(HISTORY, ''), whole];
}

/** `url`, and `url|version` when it has one. */
export function canonicalForms(canonical: string): readonly string[] {
  const hash = canonical.indexOf('#');
  const whole = hash > 0 ? canonical.slice(0, hash) : canonical;
  const bar = whole.indexOf('|');
  return bar < 0 ? [whole] : [whole.slice(0, bar), whole];
}

/** Without our own address in front. */
export function localPart(reference: string, base: string): string {
  const isOwn = reference.startsWith(base) && reference.charCodeAt(base.length) === 47;
  return isOwn ? reference.slice(base.length + 1) : reference;
}

/** The type of a literal reference to a resource, by its text alone. */
export function referencedType(reference: string): string | undefined {
  const history = reference.indexOf('/_history/');
  const end = reference.lastIndexOf('/', history < 0 ? reference.length : history - 1);
  if (end <= 0) return undefined;
  const start = reference.lastIndexOf('/', end - 1) + 1;
  const first = reference.charCodeAt(start);
  return first >= 65 && first <= 90 ? reference.slice(start, end) : undefined;
}
