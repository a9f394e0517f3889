/**
 * One element of a differential laid over the element that it constrains.
 * https://hl7.org/fhir/R4/profiling.html#limitations
 */
import type { ElementDefinition, ElementDefinitionConstraint } from '@medplum/fhirtypes';

/** Where both have values, these are put together instead of replaced. */
const UNITED = ['alias', 'condition', 'mapping', 'constraint', 'example', 'extension'] as const;
const NEVER_COPIED = new Set<string>(['id', 'path', 'sliceName', 'base', ...UNITED]);
/** At most one of each may be there. */
const VALUES = ['fixed', 'pattern', 'defaultValue', 'minValue', 'maxValue'] as const;

/** A new element; `source` is the canonical of the profile, kept with its constraints. */
export function mergeElement(
  base: ElementDefinition,
  differential: ElementDefinition,
  source: string,
): ElementDefinition {
  const result: Record<string, unknown> = { ...base };
  for (const prefix of VALUES) dropOther(result, differential, prefix);
  for (const [name, value] of Object.entries(differential)) {
    if (!NEVER_COPIED.has(name)) result[name] = value;
  }
  for (const name of UNITED) {
    const added = differential[name] as readonly object[] | undefined;
    if (added === undefined || added.length === 0) continue;
    const own = (base[name] ?? []) as readonly object[];
    result[name] =
      name === 'constraint'
        ? addConstraints(own as Constraints, added as Constraints, source)
        : addNew(own, added);
  }
  if (differential.slicing !== undefined) result.slicing = { ...base.slicing, ...differential.slicing };
  if (differential.binding !== undefined) result.binding = { ...base.binding, ...differential.binding };
  if (differential.sliceName !== undefined) result.sliceName = differential.sliceName;
  return result as unknown as ElementDefinition;
}

/** A fixed value of another type takes the place of the inherited one. */
function dropOther(result: Record<string, unknown>, differential: object, prefix: string): void {
  const isValue = (name: string): boolean =>
    name.startsWith(prefix) && /^[A-Z]/.test(name.slice(prefix.length));
  if (!Object.keys(differential).some(isValue)) return;
  for (const name of Object.keys(result)) if (isValue(name)) delete result[name];
}

type Constraints = readonly ElementDefinitionConstraint[];

function addConstraints(
  own: readonly ElementDefinitionConstraint[],
  added: readonly ElementDefinitionConstraint[],
  source: string,
): readonly ElementDefinitionConstraint[] {
  const keys = new Set(added.map((one) => one.key));
  return [
    ...own.filter((one) => !keys.has(one.key)),
    ...added.map((one) => (one.source === undefined ? { ...one, source } : one)),
  ];
}

function addNew<T>(own: readonly T[], added: readonly T[]): readonly T[] {
  const known = new Set(own.map((one) => JSON.stringify(one)));
  return [...own, ...added.filter((one) => !known.has(JSON.stringify(one)))];
}
