/**
 * Dates, numbers and quantities as intervals.
 * https://hl7.org/fhir/R4/search.html#date, https://hl7.org/fhir/R4/search.html#quantity
 */
import { DATE_MAX, DATE_MIN, type DateRange, parseDateRange } from './date-range.ts';
import { type Emit, type EmitContext, isObject, type Json, objectsOf, stringsOf } from './emit.ts';
import { NUMBER_MAX, NUMBER_MIN, nextUp } from './number-range.ts';
import type { ParamKey } from './postings.ts';
import { canonicalUnitForm, codeForm, unitForm } from './term-forms.ts';
import { hashTerm } from './term-hash.ts';
import type { TimeZone } from './time-zone.ts';

export function dateEmitter(type: string, k: ParamKey, context: EmitContext): Emit | undefined {
  const read = dateReader(type);
  if (read === undefined) return undefined;
  return (value, builder) => {
    const range = read(value, context.zone);
    if (range !== undefined) builder.addDate(k, range.lo, range.hi);
  };
}

/** The interval of a value of a date-like type; undefined for values without one, and for other types. */
export function dateReader(
  type: string,
): ((value: unknown, zone: TimeZone) => DateRange | undefined) | undefined {
  switch (type) {
    case 'date':
    case 'dateTime':
    case 'instant':
      return (value, zone) => (typeof value === 'string' ? parseDateRange(value, zone) : undefined);
    case 'Period':
      return (value, zone) => (isObject(value) ? periodRange(value, zone) : undefined);
    case 'Timing':
      return (value, zone) => (isObject(value) ? timingRange(value, zone) : undefined);
    default:
      return undefined;
  }
}

function periodRange(period: Json, zone: TimeZone): DateRange | undefined {
  const start = typeof period.start === 'string' ? parseDateRange(period.start, zone) : undefined;
  const end = typeof period.end === 'string' ? parseDateRange(period.end, zone) : undefined;
  if (start === undefined && end === undefined) return undefined;
  const lo = start === undefined ? DATE_MIN : start.lo;
  const hi = end === undefined ? DATE_MAX : end.hi;
  // a period that ends before it starts is taken as its start
  return hi > lo ? { lo, hi } : start;
}

/** From the first event, or start of the bounds, to the last. */
function timingRange(timing: Json, zone: TimeZone): DateRange | undefined {
  let lo = Number.POSITIVE_INFINITY;
  let hi = Number.NEGATIVE_INFINITY;
  const include = (range: DateRange | undefined): void => {
    if (range === undefined) return;
    lo = Math.min(lo, range.lo);
    hi = Math.max(hi, range.hi);
  };
  for (const event of stringsOf(timing.event)) include(parseDateRange(event, zone));
  if (isObject(timing.repeat) && isObject(timing.repeat.boundsPeriod)) {
    include(periodRange(timing.repeat.boundsPeriod, zone));
  }
  return hi > lo ? { lo, hi } : undefined;
}

export function numberEmitter(type: string, k: ParamKey): Emit | undefined {
  const read = numberReader(type);
  if (read === undefined) return undefined;
  return (value, builder) => {
    const range = read(value);
    if (range !== undefined) builder.addNumber(k, 0, range.lo, range.hi);
  };
}

export interface NumberRange {
  readonly lo: number;
  readonly hi: number;
}

export function numberReader(type: string): ((value: unknown) => NumberRange | undefined) | undefined {
  switch (type) {
    case 'decimal':
    case 'integer':
    case 'positiveInt':
    case 'unsignedInt':
      return (value) => {
        const number = numberOf(value);
        return number === undefined ? undefined : { lo: number, hi: nextUp(number) };
      };
    case 'Range':
      return (value) => (isObject(value) ? boundsOf(value.low, value.high) : undefined);
    default:
      return undefined;
  }
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function boundsOf(low: unknown, high: unknown): NumberRange | undefined {
  const lowest = isObject(low) ? numberOf(low.value) : undefined;
  const highest = isObject(high) ? numberOf(high.value) : undefined;
  if (lowest === undefined && highest === undefined) return undefined;
  const lo = lowest ?? NUMBER_MIN;
  const hi = highest === undefined ? NUMBER_MAX : nextUp(highest);
  return hi > lo ? { lo, hi } : undefined;
}

/** An interval with its unit. */
export interface Measure extends NumberRange {
  readonly system: string;
  readonly code: string;
  readonly unit: string;
}

/** Keys of values as they are written, and of values in base units or with their unit's system. */
export interface QuantityKeys {
  readonly k: ParamKey;
  readonly ucum: ParamKey;
}

export function quantityEmitter(type: string, keys: QuantityKeys, context: EmitContext): Emit | undefined {
  const read = measureReader(type);
  if (read === undefined) return undefined;
  return (value, builder) => {
    const measure = read(value);
    if (measure === undefined) return;
    const { lo, hi, code, unit } = measure;
    builder.addNumber(keys.k, hashTerm(unitForm(code === '' ? unit : code)), lo, hi);
    if (unit !== '' && code !== '' && unit !== code)
      builder.addNumber(keys.k, hashTerm(unitForm(unit)), lo, hi);
    const exact = systemMeasure(measure, context);
    if (exact !== undefined) builder.addNumber(keys.ucum, hashTerm(exact.form), exact.lo, exact.hi);
  };
}

export const UCUM = 'http://unitsofmeasure.org';

/** In base units of UCUM where that is possible, else with the unit's own system; undefined without one. */
export function systemMeasure(
  measure: Measure,
  context: Pick<EmitContext, 'canonicalQuantity'>,
): (NumberRange & { readonly form: string }) | undefined {
  const { system, code, lo, hi } = measure;
  if (system === '' || code === '') return undefined;
  const canonical = system === UCUM ? toBaseUnits(lo, hi, code, context.canonicalQuantity) : undefined;
  return canonical ?? { lo, hi, form: codeForm(system, code) };
}

function toBaseUnits(
  lo: number,
  hi: number,
  code: string,
  convert: EmitContext['canonicalQuantity'],
): (NumberRange & { readonly form: string }) | undefined {
  const isPoint = hi === nextUp(lo);
  const low = lo === NUMBER_MIN ? undefined : convert(lo, code);
  const high = isPoint || hi === NUMBER_MAX ? undefined : convert(hi, code);
  const unit = (low ?? high)?.unit;
  if (unit === undefined) return undefined;
  const value = low?.value ?? NUMBER_MIN;
  // conversion rounds in the last digits: compared values are rounded alike
  const from = low === undefined ? NUMBER_MIN : roundMeasure(value);
  const to = isPoint ? nextUp(from) : high === undefined ? NUMBER_MAX : roundMeasure(high.value);
  return to > from ? { lo: from, hi: to, form: canonicalUnitForm(unit) } : undefined;
}

/** Powers of ten that numbers of ordinary size need. */
const POWERS: readonly number[] = Array.from({ length: 45 }, (_, at) => 10 ** (at - 22));

/** To twelve significant digits: 0.1 g and 100 mg are the same. */
export function roundMeasure(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const places = 11 - Math.floor(Math.log10(Math.abs(value)));
  // multiplied or divided by whole powers only, which doubles hold exactly up to 10^22
  const power = POWERS[Math.abs(places) + 22];
  if (power === undefined) return Number(value.toPrecision(12));
  return places >= 0 ? Math.round(value * power) / power : Math.round(value / power) * power;
}

export function measureReader(type: string): ((value: unknown) => Measure | undefined) | undefined {
  switch (type) {
    case 'Quantity':
    case 'SimpleQuantity':
    case 'MoneyQuantity':
    case 'Age':
    case 'Count':
    case 'Distance':
    case 'Duration':
      return (value) => (isObject(value) ? quantityMeasure(value) : undefined);
    case 'Money':
      return (value) => (isObject(value) ? moneyMeasure(value) : undefined);
    case 'Range':
      return (value) => (isObject(value) ? rangeMeasure(value) : undefined);
    case 'SampledData':
      return (value) => (isObject(value) ? sampledMeasure(value) : undefined);
    default:
      return undefined;
  }
}

/** `<5`: anything below; R4 leaves the comparator to the server. */
function quantityMeasure(quantity: Json): Measure | undefined {
  const value = numberOf(quantity.value);
  if (value === undefined) return undefined;
  const unit = unitOf(quantity);
  switch (quantity.comparator) {
    case '<':
      return { lo: NUMBER_MIN, hi: value, ...unit };
    case '<=':
      return { lo: NUMBER_MIN, hi: nextUp(value), ...unit };
    case '>':
      return { lo: nextUp(value), hi: NUMBER_MAX, ...unit };
    case '>=':
      return { lo: value, hi: NUMBER_MAX, ...unit };
    default:
      return { lo: value, hi: nextUp(value), ...unit };
  }
}

function unitOf(quantity: Json): { system: string; code: string; unit: string } {
  const { system, code, unit } = quantity;
  return {
    system: typeof system === 'string' ? system : '',
    code: typeof code === 'string' ? code : '',
    unit: typeof unit === 'string' ? unit : '',
  };
}

const CURRENCIES = 'urn:iso:std:iso:4217';

function moneyMeasure(money: Json): Measure | undefined {
  const value = numberOf(money.value);
  if (value === undefined) return undefined;
  const code = typeof money.currency === 'string' ? money.currency : '';
  return { lo: value, hi: nextUp(value), system: CURRENCIES, code, unit: code };
}

function rangeMeasure(range: Json): Measure | undefined {
  const bounds = boundsOf(range.low, range.high);
  const [limit] = objectsOf([range.low, range.high].filter(isObject));
  return bounds === undefined || limit === undefined ? undefined : { ...bounds, ...unitOf(limit) };
}

const SAMPLES_MAX = 10_000;

/** From the least to the greatest sample. */
function sampledMeasure(sampled: Json): Measure | undefined {
  const origin = isObject(sampled.origin) ? sampled.origin : {};
  const zero = numberOf(origin.value) ?? 0;
  const factor = numberOf(sampled.factor) ?? 1;
  let lo = Number.POSITIVE_INFINITY;
  let hi = Number.NEGATIVE_INFINITY;
  const samples = typeof sampled.data === 'string' ? sampled.data.split(' ', SAMPLES_MAX) : [];
  for (const sample of samples) {
    const value = zero + factor * Number(sample);
    if (sample === '' || !Number.isFinite(value)) continue;
    lo = Math.min(lo, value);
    hi = Math.max(hi, value);
  }
  return lo <= hi ? { lo, hi: nextUp(hi), ...unitOf(origin) } : undefined;
}
