/**
 * UCUM: whether a code is a unit, and quantities in base units, computed exactly and rounded once.
 * https://ucum.org/ucum
 */
import { type Ratio, ratioOf, toNumber } from './ratio.ts';
import { multiplyUnits, parseUnit, type Unit } from './ucum-parser.ts';

export const UCUM_SYSTEM = 'http://unitsofmeasure.org';

/** Codes come from requests: what is remembered is bounded. */
const REMEMBERED_MAX = 5_000;
const units = new Map<string, Unit | undefined>();

/** The meaning of a code; undefined when it is not UCUM. Codes are case sensitive. */
function unitOf(code: string): Unit | undefined {
  if (!units.has(code)) {
    if (units.size >= REMEMBERED_MAX) units.clear();
    units.set(code, parseUnit(code));
  }
  return units.get(code);
}

export function isUcum(code: string): boolean {
  return unitOf(code) !== undefined;
}

export interface BaseQuantity {
  readonly value: number;
  /** Base units in alphabetical order, `g.m-1.s-2`; `1` without dimension. */
  readonly unit: string;
}

/**
 * The quantity in base units: metre, second, gram, radian, kelvin, coulomb, candela, and arbitrary units such as
 * `[iU]`, which are commensurable with themselves only. Undefined for what is not UCUM, and for logarithmic scales.
 */
export function canonicalQuantity(value: number, code: string): BaseQuantity | undefined {
  const unit = unitOf(code);
  if (unit === undefined || !Number.isFinite(value)) return undefined;
  let known = converted.get(unit);
  if (known === undefined) {
    known = new Map();
    converted.set(unit, known);
  }
  if (!known.has(value)) {
    if (known.size >= VALUES_MAX) known.clear();
    const base = toBase(ratioOf(String(value)), unit);
    known.set(value, base && { value: toNumber(base), unit: nameOf(unit) });
  }
  return known.get(value);
}

/** One value is asked for by several search parameters, and of one unit the same values come again. */
const converted = new WeakMap<Unit, Map<number, BaseQuantity | undefined>>();
/** Of one unit. */
const VALUES_MAX = 500;

/** The value in another unit; undefined when the two units measure different things. */
export function convertQuantity(value: number, from: string, to: string): number | undefined {
  const source = unitOf(from);
  const target = unitOf(to);
  if (source === undefined || target === undefined || nameOf(source) !== nameOf(target)) return undefined;
  const base = toBase(ratioOf(String(value)), source);
  const result = base && fromBase(base, target);
  return result && toNumber(result);
}

function toBase(value: Ratio, { factor, scale }: Unit): Ratio | undefined {
  if (scale === 'unknown') return undefined;
  const { num, den, exp } = scale === undefined ? value : shift(value, SCALES[scale].offset, 1n);
  return { num: num * factor.num, den: den * factor.den, exp: exp + factor.exp };
}

function fromBase(base: Ratio, { factor, scale }: Unit): Ratio | undefined {
  if (scale === 'unknown') return undefined;
  const value = { num: base.num * factor.den, den: base.den * factor.num, exp: base.exp - factor.exp };
  return scale === undefined ? value : shift(value, SCALES[scale].offset, -1n);
}

/** Degrees are counted from another zero than kelvin. */
const SCALES = {
  Cel: { offset: ratioOf('273.15') },
  degF: { offset: ratioOf('459.67') },
  degRe: { offset: ratioOf('218.52') },
} as const;

function shift(value: Ratio, offset: Ratio, sign: 1n | -1n): Ratio {
  const exp = Math.min(value.exp, offset.exp);
  const own = value.num * offset.den * 10n ** BigInt(value.exp - exp);
  const other = offset.num * value.den * 10n ** BigInt(offset.exp - exp);
  return { num: own + sign * other, den: value.den * offset.den, exp };
}

const names = new WeakMap<Unit, string>();

function nameOf(unit: Unit): string {
  let name = names.get(unit);
  if (name === undefined) {
    const parts = [...unit.dimensions].sort(([a], [b]) => (a < b ? -1 : 1));
    name = parts.map(([base, power]) => (power === 1 ? base : `${base}${power}`)).join('.') || '1';
    names.set(unit, name);
  }
  return name;
}

/** The unit of a product. Undefined when one of them is not UCUM. */
export function productUnit(a: string, b: string): string | undefined {
  const [first, second] = [unitOf(a), unitOf(b)];
  return first && second && nameOf(multiplyUnits(first, second));
}
