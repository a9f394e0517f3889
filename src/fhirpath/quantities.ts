/**
 * Quantities: FHIR's element and FHIRPath's own `4 'mg'`, compared and added when their units are the same
 * or convert into each other. https://hl7.org/fhirpath/N1/#quantity
 */

/** Value with the unit that comparison goes by: a UCUM code, a calendar word, or FHIR's code or unit. */
export interface Amount {
  readonly value: number;
  readonly unit: string;
}

const UCUM = 'http://unitsofmeasure.org';

/** FHIR's Quantity or FHIRPath's own as an amount; undefined without a value. */
export function amountOf(quantity: unknown): Amount | undefined {
  if (typeof quantity === 'number') return { value: quantity, unit: '1' };
  if (typeof quantity !== 'object' || quantity === null) return undefined;
  const { value, unit, code, system } = quantity as Record<string, unknown>;
  if (typeof value !== 'number') return undefined;
  if (typeof code === 'string') {
    return { value, unit: system === UCUM || system === undefined ? code : `${String(system)}|${code}` };
  }
  return { value, unit: typeof unit === 'string' ? unit : '1' };
}

/** Units of definite length in milliseconds; a UCUM year is not a calendar year. */
const DURATIONS: Readonly<Record<string, number>> = {
  week: 604_800_000,
  wk: 604_800_000,
  day: 86_400_000,
  d: 86_400_000,
  hour: 3_600_000,
  h: 3_600_000,
  minute: 60_000,
  min: 60_000,
  second: 1_000,
  s: 1_000,
  millisecond: 1,
  ms: 1,
};

/** Units by family and factor: enough for what clinical rules compare. */
const FACTORS: Readonly<Record<string, readonly [family: string, factor: number]>> = {
  kg: ['mass', 1e6],
  g: ['mass', 1e3],
  mg: ['mass', 1],
  ug: ['mass', 1e-3],
  ng: ['mass', 1e-6],
  km: ['length', 1e6],
  m: ['length', 1e3],
  dm: ['length', 100],
  cm: ['length', 10],
  mm: ['length', 1],
  um: ['length', 1e-3],
  nm: ['length', 1e-6],
  L: ['volume', 1e3],
  l: ['volume', 1e3],
  dL: ['volume', 100],
  dl: ['volume', 100],
  cL: ['volume', 10],
  mL: ['volume', 1],
  ml: ['volume', 1],
  uL: ['volume', 1e-3],
  '1': ['number', 1],
  '%': ['number', 0.01],
};

/** Values in a common unit; undefined when the units do not convert. */
export function align(a: Amount, b: Amount): readonly [number, number] | undefined {
  if (a.unit === b.unit) return [a.value, b.value];
  const left = baseOf(a.unit);
  const right = baseOf(b.unit);
  if (left === undefined || right === undefined || left[0] !== right[0]) return undefined;
  return [a.value * left[1], b.value * right[1]];
}

function baseOf(unit: string): readonly [string, number] | undefined {
  if (Object.hasOwn(DURATIONS, unit)) return ['duration', DURATIONS[unit]!];
  return Object.hasOwn(FACTORS, unit) ? FACTORS[unit] : undefined;
}

export function compareQuantities(a: unknown, b: unknown): number | undefined {
  const left = amountOf(a);
  const right = amountOf(b);
  if (left === undefined || right === undefined) return undefined;
  const pair = align(left, right);
  if (pair === undefined) return undefined;
  const [x, y] = pair;
  if (Math.abs(x - y) <= 1e-12 * Math.max(Math.abs(x), Math.abs(y))) return 0;
  return x < y ? -1 : 1;
}

export function addQuantities(a: unknown, b: unknown, sign: 1 | -1): Amount | undefined {
  const left = amountOf(a);
  const right = amountOf(b);
  if (left === undefined || right === undefined) return undefined;
  if (left.unit === right.unit) return { value: left.value + sign * right.value, unit: left.unit };
  const pair = align(left, right);
  const base = baseOf(left.unit);
  if (pair === undefined || base === undefined) return undefined;
  return { value: (pair[0] + sign * pair[1]) / base[1], unit: left.unit };
}
