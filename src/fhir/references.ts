/**
 * References and addresses: `Patient/1`, `http://host/fhir/Patient/1/_history/2`, `urn:uuid:…`, `#part`.
 * https://hl7.org/fhir/R4/references.html, https://hl7.org/fhir/R4/http.html#general
 */

export interface ResourceAddress {
  /** Base URL without trailing slash; empty for a relative reference. */
  readonly base: string;
  readonly type: string;
  readonly id: string;
  readonly versionId?: string;
}

const ADDRESS =
  /^(?:(https?:\/\/[^?#\s]+)\/)?([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;

/** The parts of a literal reference to a resource; undefined for anything else. A fragment is left out. */
export function parseReference(reference: string): ResourceAddress | undefined {
  const hash = reference.indexOf('#');
  const match = ADDRESS.exec(hash > 0 ? reference.slice(0, hash) : reference);
  if (match === null) return undefined;
  const address = { base: match[1] ?? '', type: match[2] as string, id: match[3] as string };
  return match[4] === undefined ? address : { ...address, versionId: match[4] };
}

/** `Patient?identifier=system|value`: a reference that a transaction resolves by search. */
export interface ConditionalReference {
  readonly type: string;
  readonly query: string;
}

const CONDITIONAL = /^([A-Z][A-Za-z]{1,63})\?(\S+)$/;

/** https://hl7.org/fhir/R4/http.html#trules */
export function parseConditionalReference(reference: string): ConditionalReference | undefined {
  const match = CONDITIONAL.exec(reference);
  return match === null ? undefined : { type: match[1] as string, query: match[2] as string };
}

/** Query text as decoded pairs in order: `a=1&b=2`. `+` and `%20` are spaces. */
export function parseQuery(text: string): (readonly [name: string, value: string])[] {
  return text === '' ? [] : [...new URLSearchParams(text)];
}
