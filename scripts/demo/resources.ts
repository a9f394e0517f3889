/** Short ways to write IOM resources for the demo: codings, components, extensions, transaction entries. */
import { CANONICAL_BASE } from '../../src/fhir/canonical.ts';

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

const SCT = 'http://snomed.info/sct';
const LOINC = 'http://loinc.org';

export const sid = (name: string): string => `${CANONICAL_BASE}/sid/${name}`;
export const extensionUrl = (name: string): string => `${CANONICAL_BASE}/StructureDefinition/${name}`;
export const concept = (system: string, code: string): JsonObject => ({ coding: [{ system, code }] });
export const own = (system: string, code: string): JsonObject =>
  concept(`${CANONICAL_BASE}/CodeSystem/${system}`, code);
export const snomed = (code: string): JsonObject => concept(SCT, code);
export const loinc = (code: string): JsonObject => concept(LOINC, code);
export const country = (code: string): JsonObject => concept('urn:iso:std:iso:3166', code);
export const reference = (to: string): JsonObject => ({ reference: to });
export const profile = (id: string): JsonObject => ({
  profile: [`${CANONICAL_BASE}/StructureDefinition/${id}`],
});
export const category = (code: string): readonly JsonObject[] => [
  concept('http://terminology.hl7.org/CodeSystem/observation-category', code),
];

/** A component whose question is one of IOM's own codes. */
export const component = (code: string, value: JsonObject): JsonObject => ({
  code: own('mhd-observation', code),
  ...value,
});
export const coded = (code: string, system: string, value: string): JsonObject =>
  component(code, { valueCodeableConcept: own(system, value) });
export const codedSnomed = (code: string, value: string): JsonObject =>
  component(code, { valueCodeableConcept: snomed(value) });

export interface Entry {
  readonly fullUrl: string;
  readonly resource: JsonObject;
  readonly request: JsonObject;
}

export const urn = (): string => `urn:uuid:${crypto.randomUUID()}`;

/** A POST entry; `ifNoneExist` makes a replay harmless. */
export function post(fullUrl: string, resource: JsonObject, ifNoneExist?: string): Entry {
  const request: JsonObject = { method: 'POST', url: String(resource.resourceType) };
  return { fullUrl, resource, request: ifNoneExist === undefined ? request : { ...request, ifNoneExist } };
}

export function transaction(entries: readonly Entry[]): JsonObject & { resourceType: string } {
  return { resourceType: 'Bundle', type: 'transaction', entry: entries as unknown as Json };
}

/** `Type/id` of each entry of a transaction-response, in order. */
export function locations(response: JsonObject): string[] {
  return ((response.entry ?? []) as JsonObject[]).map((entry) => {
    const location = String((entry.response as JsonObject).location);
    return (/([A-Za-z]+\/[A-Za-z0-9\-.]+)\/_history\//.exec(location)?.[1] ?? location) as string;
  });
}

/** Resources of a searchset that match (not those included). */
export function matches(bundle: JsonObject): JsonObject[] {
  return ((bundle.entry ?? []) as JsonObject[])
    .filter((entry) => (entry.search as JsonObject | undefined)?.mode !== 'include')
    .map((entry) => entry.resource as JsonObject)
    .filter((resource) => resource.resourceType !== 'OperationOutcome');
}

/** ISO instant, so many hours from a moment. */
export function hoursAfter(moment: string, hours: number): string {
  return new Date(Date.parse(moment) + hours * 3_600_000).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
