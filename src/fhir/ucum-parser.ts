/**
 * The grammar of UCUM codes, read by descent, to a factor and the powers of the base units.
 * https://ucum.org/ucum#section-Grammar-of-Units-and-Unit-Terms
 */
import { multiply, ONE, power, type Ratio, ratioOf, reduce } from './ratio.ts';
import { UCUM_BASE_UNITS, UCUM_BINARY_PREFIXES, UCUM_PREFIXES, UCUM_UNITS } from './ucum-units.ts';

export interface Unit {
  /** Base units in one of this unit. */
  readonly factor: Ratio;
  /** Base unit -> power, zeros left out. */
  readonly dimensions: ReadonlyMap<string, number>;
  /** A scale with a zero of its own; `unknown` for logarithms, which have no factor. */
  readonly scale?: 'Cel' | 'degF' | 'degRe' | 'unknown';
}

const CODE_LENGTH_MAX = 200;
const NESTING_MAX = 10;
const EXPONENT_MAX = 99;
const DIGITS_MAX = 18;

const UNITY: Unit = { factor: ONE, dimensions: new Map() };

/** Undefined when the code does not follow the grammar or names a unit that does not exist. */
export function parseUnit(code: string): Unit | undefined {
  if (code === '' || code.length > CODE_LENGTH_MAX) return undefined;
  const reader: Reader = { code, at: 0, depth: 0 };
  const unit = code.startsWith('/') ? readFactors(reader, UNITY) : readTerm(reader);
  if (unit === undefined || reader.at !== code.length) return undefined;
  return { ...unit, factor: reduce(unit.factor) };
}

interface Reader {
  readonly code: string;
  at: number;
  depth: number;
}

function readTerm(reader: Reader): Unit | undefined {
  const first = readComponent(reader);
  return first && readFactors(reader, first);
}

/** Division binds as multiplication does, from the left: `a/b.c` is `(a/b).c`. */
function readFactors(reader: Reader, first: Unit): Unit | undefined {
  let unit: Unit | undefined = first;
  while (unit !== undefined && (peek(reader) === '.' || peek(reader) === '/')) {
    const divides = peek(reader) === '/';
    reader.at++;
    const next: Unit | undefined = readComponent(reader);
    unit = next && multiplyUnits(unit, divides ? raiseUnit(next, -1) : next);
  }
  return unit;
}

function readComponent(reader: Reader): Unit | undefined {
  if (peek(reader) === '{') return readAnnotation(reader) ? UNITY : undefined;
  const unit = peek(reader) === '(' ? readGroup(reader) : readSimple(reader);
  if (unit === undefined || peek(reader) !== '{') return unit;
  return readAnnotation(reader) ? unit : undefined;
}

function readGroup(reader: Reader): Unit | undefined {
  if (++reader.depth > NESTING_MAX) return undefined;
  reader.at++;
  const unit = readTerm(reader);
  if (peek(reader) !== ')') return undefined;
  reader.at++;
  reader.depth--;
  return unit;
}

/** Any printable ASCII but braces: UCUM allows no space, but units that R4 lists have some. */
function readAnnotation(reader: Reader): boolean {
  const end = reader.code.indexOf('}', reader.at);
  if (end < 0) return false;
  const text = reader.code.slice(reader.at + 1, end);
  reader.at = end + 1;
  return /^[ -z|~]*$/.test(text);
}

function readSimple(reader: Reader): Unit | undefined {
  const text = readWord(reader);
  if (/^\d+$/.test(text)) {
    return text.length > DIGITS_MAX || /^0+$/.test(text) ? undefined : { ...UNITY, factor: ratioOf(text) };
  }
  const whole = findUnit(text);
  if (whole !== undefined) return whole;
  const match = /^(.+?)([+-]?\d+)$/.exec(text);
  const exponent = Number(match?.[2]);
  const unit = findUnit(match?.[1] ?? '');
  return unit === undefined || Math.abs(exponent) > EXPONENT_MAX ? undefined : raiseUnit(unit, exponent);
}

/** Up to the next operator, brackets and what is in them taken whole. */
function readWord(reader: Reader): string {
  const start = reader.at;
  while (reader.at < reader.code.length && !'./(){}'.includes(peek(reader))) {
    const end = peek(reader) === '[' ? reader.code.indexOf(']', reader.at) : reader.at;
    reader.at = (end < 0 ? reader.code.length : end) + 1;
  }
  return reader.code.slice(start, reader.at);
}

function peek({ code, at }: Reader): string {
  return code.charAt(at);
}

export function multiplyUnits(a: Unit, b: Unit): Unit {
  const dimensions = new Map(a.dimensions);
  for (const [base, exponent] of b.dimensions) addPower(dimensions, base, exponent);
  const factor = multiply(a.factor, b.factor);
  return { factor, dimensions, scale: productScale(a, b) };
}

/** A scale can be counted (`2.Cel` has no meaning to us, `Cel/s` is a difference): no zero to count from. */
function productScale(a: Unit, b: Unit): Unit['scale'] {
  return a.scale === undefined && b.scale === undefined ? undefined : 'unknown';
}

function raiseUnit(unit: Unit, exponent: number): Unit {
  if (exponent === 1) return unit;
  const dimensions = new Map<string, number>();
  for (const [base, own] of unit.dimensions) addPower(dimensions, base, own * exponent);
  const scale = unit.scale === undefined ? undefined : 'unknown';
  return { factor: power(unit.factor, exponent), dimensions, scale };
}

function addPower(dimensions: Map<string, number>, base: string, exponent: number): void {
  const sum = (dimensions.get(base) ?? 0) + exponent;
  if (sum === 0) dimensions.delete(base);
  else dimensions.set(base, sum);
}

interface Definition {
  readonly isMetric: boolean;
  readonly unit: () => Unit;
}

const definitions = readDefinitions();

function findUnit(text: string): Unit | undefined {
  const plain = definitions.get(text);
  if (plain !== undefined) return plain.unit();
  for (const length of [1, 2]) {
    const prefix = text.slice(0, length);
    const atom = definitions.get(text.slice(length));
    if (atom?.isMetric !== true) continue;
    const factor = prefixFactor(prefix);
    if (factor !== undefined) return prefixed(atom.unit(), factor);
  }
  return undefined;
}

function prefixFactor(prefix: string): Ratio | undefined {
  const tens = Object.hasOwn(UCUM_PREFIXES, prefix) ? UCUM_PREFIXES[prefix] : undefined;
  if (tens !== undefined) return { ...ONE, exp: tens };
  const twos = Object.hasOwn(UCUM_BINARY_PREFIXES, prefix) ? UCUM_BINARY_PREFIXES[prefix] : undefined;
  return twos === undefined ? undefined : { ...ONE, num: 2n ** BigInt(twos) };
}

/** `mCel` counts thousandths of a degree from the zero of the degree. */
function prefixed(unit: Unit, factor: Ratio): Unit {
  return { ...unit, factor: multiply(unit.factor, factor), scale: unit.scale && 'unknown' };
}

function readDefinitions(): ReadonlyMap<string, Definition> {
  const table = new Map<string, Definition>();
  for (const base of UCUM_BASE_UNITS) {
    table.set(base, { isMetric: true, unit: () => ({ factor: ONE, dimensions: new Map([[base, 1]]) }) });
  }
  for (const line of UCUM_UNITS.trim().split('\n')) {
    const [code = '', flags = '', value = '', unit = ''] = line.split(' ');
    let known: Unit | undefined;
    table.set(code, {
      isMetric: flags.includes('m'),
      unit: () => {
        known ??= defineUnit(code, flags, value, unit);
        return known;
      },
    });
  }
  return table;
}

const SCALES: Readonly<Record<string, Unit['scale']>> = { Cel: 'Cel', '[degF]': 'degF', '[degRe]': 'degRe' };

function defineUnit(code: string, flags: string, value: string, text: string): Unit {
  if (flags.includes('a') && text === '1') return { factor: ONE, dimensions: new Map([[code, 1]]) };
  const unit = parseUnit(text) as Unit;
  const factor = reduce(multiply(ratioOf(value), unit.factor));
  const scale = flags.includes('s') ? (SCALES[code] ?? 'unknown') : undefined;
  return { factor, dimensions: unit.dimensions, scale };
}
