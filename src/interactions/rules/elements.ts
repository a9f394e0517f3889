/**
 * Reads the few elements that exchange rules look at, from JSON whose shape validation has checked but where it is said
 * that it need not be.
 */
import { CANONICAL_BASE } from '../../fhir/canonical.ts';
import type { Resource } from '../../fhir/types.ts';

export const ownSystem = (name: string): string => `${CANONICAL_BASE}/CodeSystem/${name}`;

interface Extension {
  readonly url: string;
  readonly [value: string]: unknown;
}

export interface Identifier {
  readonly system?: string;
  readonly value?: string;
}

/** Also of what is not validated yet. */
export function codeIn(concept: unknown, system: string): string | undefined {
  return codingsOf(concept).find((one) => one?.system === system)?.code;
}

/** Also of what is not validated yet. */
export function codesIn(concepts: unknown, system: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(concepts) ? concepts : [concepts];
  return list.flatMap((one) =>
    codingsOf(one)
      .filter((coding) => coding?.system === system)
      .map((coding) => coding?.code ?? ''),
  );
}

function codingsOf(concept: unknown): readonly ({ system?: string; code?: string } | null)[] {
  const coding = (concept as { coding?: unknown } | null | undefined)?.coding;
  return Array.isArray(coding) ? coding : [];
}

/** Also of a resource that is not validated yet. */
export function identifiers({ identifier }: Resource): readonly Identifier[] {
  const list: readonly unknown[] = Array.isArray(identifier) ? identifier : [];
  return list.map((one) => {
    const { system, value } = (one ?? {}) as Readonly<Record<string, unknown>>;
    return { system: text(system), value: text(value) };
  });
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Also of what is not validated yet. */
export function referenceOf(element: unknown): string | undefined {
  return text((element as { reference?: unknown } | null | undefined)?.reference);
}

/** The value of an own extension, whatever its type. */
export function extensionValue(resource: Resource, name: string): unknown {
  const url = `${CANONICAL_BASE}/StructureDefinition/${name}`;
  const found = ((resource.extension as readonly Extension[] | undefined) ?? []).find(
    (one) => one.url === url,
  );
  if (found === undefined) return undefined;
  const key = Object.keys(found).find((one) => one.startsWith('value'));
  return key === undefined ? undefined : found[key];
}

/** The value of a component asked for by one of IOM's own codes. */
export function componentCodes(resource: Resource, code: string, system: string): readonly string[] {
  const components = (resource.component as readonly Record<string, unknown>[] | undefined) ?? [];
  return components
    .filter((one) => codeIn(one.code, ownSystem('mhd-observation')) === code)
    .flatMap((one) => codesIn(one.valueCodeableConcept, system));
}

/** Start of a dateTime, partial or not, in ms; undefined when absent. */
export function startOf(dateTime: unknown): number | undefined {
  if (typeof dateTime !== 'string') return undefined;
  const ms = Date.parse(dateTime.length === 4 ? `${dateTime}-01-01` : dateTime);
  return Number.isNaN(ms) ? undefined : ms;
}
