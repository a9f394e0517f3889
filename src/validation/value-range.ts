/**
 * Comparing values with minValue[x] and maxValue[x]: numbers, dates by what both state, quantities in the
 * same unit.
 * https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.minValue_x_
 */
import { convertQuantity, UCUM_SYSTEM } from '../fhir/ucum.ts';
import { isObject } from './items.ts';

/** Negative, zero or positive; undefined when the two cannot be compared. */
export function compareValues(value: unknown, bound: unknown): number | undefined {
  if (typeof value === 'number' && typeof bound === 'number') return value - bound;
  if (typeof value === 'string' && typeof bound === 'string') return compareMoments(value, bound);
  if (isObject(value) && isObject(bound)) return compareQuantities(value, bound);
  return undefined;
}

type Quantity = Readonly<Record<string, unknown>>;

function compareQuantities(value: Quantity, bound: Quantity): number | undefined {
  if (typeof value.value !== 'number' || typeof bound.value !== 'number') return undefined;
  const sameCode = value.code === bound.code && value.system === bound.system;
  if (sameCode && (value.code !== undefined || value.unit === bound.unit)) return value.value - bound.value;
  if (value.system !== UCUM_SYSTEM || bound.system !== UCUM_SYSTEM) return undefined;
  if (typeof value.code !== 'string' || typeof bound.code !== 'string') return undefined;
  const converted = convertQuantity(value.value, value.code, bound.code);
  return converted === undefined ? undefined : converted - bound.value;
}

/** Dates and times with equal precision as text, with zones as moments; less precise ones by their prefix. */
function compareMoments(a: string, b: string): number | undefined {
  const hasTime = a.includes('T') && b.includes('T');
  if (hasTime) {
    const difference = Date.parse(a) - Date.parse(b);
    return Number.isNaN(difference) ? undefined : difference;
  }
  const length = Math.min(a.length, b.length, a.includes(':') && !a.includes('T') ? 99 : 10);
  const [left, right] = [a.slice(0, length), b.slice(0, length)];
  return left < right ? -1 : left > right ? 1 : 0;
}
