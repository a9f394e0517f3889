/**
 * The shape of a conformance case: one sentence of the specification, requests that try it, and what must
 * come back. Cases are data, make their own resources and know nothing of the server behind the URL.
 * https://hl7.org/fhir/R4/http.html
 */

export type Strength = 'SHALL' | 'SHOULD' | 'MAY';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * What a value must be. A bare JSON value means equality; strings may hold `{variables}`.
 * `exists: false` passes only when the path finds nothing.
 */
export type Matcher =
  | Json
  | { readonly exists: boolean }
  | { readonly matches: string }
  | { readonly oneOf: readonly Json[] }
  | { readonly count: number }
  | { readonly atLeast: number }
  | { readonly includes: Json }
  | { readonly excludes: Json }
  | { readonly sameSet: readonly Json[] }
  | { readonly ordered: readonly Json[] };

export interface Expectation {
  /** One status, several, or a class such as `4xx`. */
  readonly status?: number | readonly number[] | '2xx' | '4xx';
  /** Header name in lower case -> matcher on its value. */
  readonly headers?: Readonly<Record<string, Matcher>>;
  /** Path into the JSON body (`entry[*].resource.id`, `$` for the whole) -> matcher. */
  readonly body?: Readonly<Record<string, Matcher>>;
  /** A body that is an OperationOutcome with at least one error. */
  readonly outcome?: true;
  /** Matcher on the raw text of the body. */
  readonly text?: Matcher;
}

export interface Step {
  /** `GET Patient/{p}`; paths are relative to the base of the server. */
  readonly request: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A JSON body; strings may hold `{variables}`. */
  readonly body?: Json;
  /** A body as text or bytes, sent as it is. */
  readonly raw?: string | Uint8Array;
  readonly expect?: Expectation;
  /**
   * Variables for later steps: name -> a path into the body, `header:etag`, or `id` / `version`, which read
   * the body and fall back to the Location header.
   */
  readonly save?: Readonly<Record<string, string>>;
}

export interface Case {
  readonly id: string;
  readonly area: string;
  readonly strength: Strength;
  /** Page and anchor of R4, such as `http.html#read`. */
  readonly cite: string;
  /** The promise in one sentence. */
  readonly says: string;
  readonly steps: readonly Step[];
}

/** Shared by most cases: creates a resource and saves its id (and version) under a name. */
export function create(name: string, resource: { readonly [key: string]: Json }): Step {
  return {
    request: `POST ${String(resource.resourceType)}`,
    body: resource,
    expect: { status: 201 },
    save: { [name]: 'id', [`${name}.version`]: 'version' },
  };
}

/** A small valid Patient; `{uid}` differs from case to case. */
export function patient(more: { readonly [key: string]: Json } = {}): { readonly [key: string]: Json } {
  return {
    resourceType: 'Patient',
    identifier: [{ system: 'urn:conformance', value: '{uid}' }],
    name: [{ family: 'Conformance', given: ['{uid}'] }],
    ...more,
  };
}

/** A small valid Observation about a saved patient. */
export function observation(
  subject: string,
  more: { readonly [key: string]: Json } = {},
): { readonly [key: string]: Json } {
  return {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
    subject: { reference: `Patient/{${subject}}` },
    ...more,
  };
}
