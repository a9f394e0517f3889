/**
 * The elements that made-up resources are put together from.
 * https://hl7.org/fhir/R4/datatypes.html
 */
import { CANONICAL_BASE } from '../fhir/canonical.ts';
import type { Coding, Meta } from '../fhir/types.ts';

export type Json = Readonly<Record<string, unknown>>;
export type Label = 'TB' | 'HIV' | 'STD' | 'R' | 'N' | 'V';

const SCT = 'http://snomed.info/sct';
const LOINC = 'http://loinc.org';
const UCUM = 'http://unitsofmeasure.org';
const THO = 'http://terminology.hl7.org/CodeSystem';
const CONFIDENTIALITY = `${THO}/v3-Confidentiality`;

export const profile = (name: string): string => `${CANONICAL_BASE}/StructureDefinition/${name}`;
export const sid = (name: string): string => `${CANONICAL_BASE}/sid/${name}`;

export function concept(system: string, code: string, display?: string): Json {
  return { coding: [display === undefined ? { system, code } : { system, code, display }] };
}

export const sct = (code: string, display?: string): Json => concept(SCT, code, display);
export const loinc = (code: string, display?: string): Json => concept(LOINC, code, display);
export const tho = (name: string, code: string, display?: string): Json =>
  concept(`${THO}/${name}`, code, display);
export const own = (name: string, code: string, display?: string): Json =>
  concept(`${CANONICAL_BASE}/CodeSystem/${name}`, code, display);

export function country(code: string): Json {
  return concept('urn:iso:std:iso:3166', code);
}

export function quantity(value: number, code: string, unit = code): Json {
  return { value, unit, system: UCUM, code };
}

export function reference(type: string, id: string): { readonly reference: string } {
  return { reference: `${type}/${id}` };
}

export function extension(name: string, value: Json): Json {
  return { url: profile(name), ...value };
}

export function meta(profileName: string, labels: readonly Label[] = []): Meta {
  const security = labels.flatMap(securityOf);
  const claimed: Meta = { profile: [profile(profileName)] };
  if (security.length > 0) claimed.security = security;
  return claimed;
}

function securityOf(label: Label): Coding[] {
  const restricted = { system: CONFIDENTIALITY, code: 'R' };
  switch (label) {
    case 'TB':
      return [
        restricted,
        { system: `${CANONICAL_BASE}/CodeSystem/mhd-sensitivity`, code: 'TB', display: 'Tuberculosis' },
      ];
    case 'HIV':
    case 'STD':
      return [restricted, { system: `${THO}/v3-ActCode`, code: label }];
    default:
      return [{ system: CONFIDENTIALITY, code: label }];
  }
}

const DAY_MS = 86_400_000;
const FIRST_DAY_MS = Date.UTC(2023, 0, 2);

/** Days count from 2 January 2023, before most records of the made-up world begin. */
export function dateOf(day: number): string {
  return new Date(FIRST_DAY_MS + day * DAY_MS).toISOString().slice(0, 10);
}

/** Local time of a site: `2024-05-06T09:10:00+07:00`. */
export function timeOf(day: number, minute: number, offset: string): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${dateOf(day)}T${two(Math.floor(minute / 60))}:${two(minute % 60)}:00${offset}`;
}

/** Copies without the members that are undefined. */
export function compact<T extends Json>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
