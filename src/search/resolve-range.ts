/**
 * Dates, numbers and quantities to predicates.
 * https://hl7.org/fhir/R4/search.html#prefix
 */

import { type CompiledParameter, subKey } from './compiled-parameter.ts';
import type { SearchContext } from './context.ts';
import { type DateRange, parseDateRange } from './date-range.ts';
import { roundMeasure, UCUM } from './emit-range.ts';
import { type DecimalRange, nextUp, parseDecimal } from './number-range.ts';
import { splitEscaped, splitPrefix, unescapeValue } from './parse.ts';
import { anyOf } from './predicates.ts';
import { primaryDate } from './primary-date.ts';
import type { Predicate, RangePrefix } from './query.ts';
import { badModifier, badValue, quote } from './search-errors.ts';
import { canonicalUnitForm, codeForm, unitForm } from './term-forms.ts';
import { hashTerm } from './term-hash.ts';
import { createTimeZone, type TimeZone } from './time-zone.ts';

export interface PrefixedRange {
  readonly prefix: RangePrefix;
  readonly lo: number;
  readonly hi: number;
}

export function resolveDate(
  parameter: CompiledParameter,
  name: string,
  modifier: string | undefined,
  values: readonly string[],
  context: SearchContext,
): Predicate {
  if (modifier !== undefined) throw badModifier(name, modifier, ['missing']);
  const primary = primaryDate(context.parameters, parameter.base);
  return anyOf(
    values.flatMap((value) => {
      const range = dateRange(name, value, context);
      return parameter.answeredBy.map((stored): Predicate => {
        const predicate = { kind: 'date', k: stored.k, ...range } as const;
        return stored === primary ? { ...predicate, primary: true, ...singleOf(stored) } : predicate;
      });
    }),
  );
}

function singleOf({ isSingle }: CompiledParameter): { readonly isSingle?: true } {
  return isSingle === true ? { isSingle } : {};
}

const zones = new Map<string, TimeZone>();

function zoneOf(name: string): TimeZone {
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = createTimeZone(name);
    zones.set(name, zone);
  }
  return zone;
}

/** A date with its prefix; `ap` reaches a tenth of the distance from now further. */
export function dateRange(name: string, value: string, context: SearchContext): PrefixedRange {
  const { prefix, rest } = splitPrefix(unescapeValue(value).trim());
  // a plus sign that was not percent-encoded arrives as a space
  const range = parseDateRange(rest.replace(/ (?=\d\d:\d\d$)/, '+'), zoneOf(context.timeZone));
  if (range === undefined) {
    throw badValue(
      name,
      `${quote(value)} is no date; write 2024, 2024-02, 2024-02-29 or 2024-02-29T13:30:00Z, with a prefix such as ge before it.`,
    );
  }
  return { prefix: prefix as RangePrefix, ...(prefix === 'ap' ? widenDate(range, context.now) : range) };
}

function widenDate({ lo, hi }: DateRange, now: number): DateRange {
  const reach = Math.round(Math.abs(now - (lo + hi) / 2) * 0.1);
  return { lo: lo - reach, hi: hi + reach };
}

export function resolveUpdated(
  name: string,
  modifier: string | undefined,
  values: readonly string[],
  context: SearchContext,
): Predicate {
  if (modifier !== undefined) throw badModifier(name, modifier, ['missing']);
  return anyOf(values.map((value) => ({ kind: 'updated', ...dateRange(name, value, context) })));
}

export function resolveNumber(
  parameter: CompiledParameter,
  name: string,
  modifier: string | undefined,
  values: readonly string[],
): Predicate {
  if (modifier !== undefined) throw badModifier(name, modifier, ['missing']);
  return anyOf(
    values.flatMap((value) => {
      const range = numberRange(name, value);
      return parameter.answeredBy.map(
        (stored): Predicate => ({ kind: 'number', k: stored.k, units: [], ...range, ...singleOf(stored) }),
      );
    }),
  );
}

/** Equality takes the precision of the number; order does not; `ap` is ten per cent. */
export function numberRange(name: string, value: string): PrefixedRange {
  const { prefix, rest } = splitPrefix(unescapeValue(value).trim());
  const decimal = parseDecimal(rest);
  if (decimal === undefined)
    throw badValue(
      name,
      `${quote(value)} is no number; write 5.4 or 1e3, with a prefix such as gt before it.`,
    );
  return { prefix: prefix as RangePrefix, ...spread(decimal, prefix) };
}

function spread({ value, lo, hi }: DecimalRange, prefix: string): { lo: number; hi: number } {
  switch (prefix) {
    case 'eq':
    case 'ne':
      return { lo, hi };
    case 'ap': {
      const reach = Math.abs(value) * 0.1;
      return { lo: Math.min(lo, value - reach), hi: Math.max(hi, nextUp(value + reach)) };
    }
    default:
      return { lo: value, hi: nextUp(value) };
  }
}

export function resolveQuantity(
  parameter: CompiledParameter,
  name: string,
  modifier: string | undefined,
  values: readonly string[],
  context: SearchContext,
): Predicate {
  if (modifier !== undefined) throw badModifier(name, modifier, ['missing']);
  return anyOf(
    values.flatMap((value) => {
      const quantity = parseQuantity(name, value, context);
      return parameter.answeredBy.flatMap((stored) => quantityPredicates(stored, quantity));
    }),
  );
}

export interface QuantityValue {
  /** As written. */
  readonly range: PrefixedRange;
  /** Code or unit without system; undefined when any unit, or one of a system, is asked for. */
  readonly unit?: string;
  /** In base units, or with the unit's system. */
  readonly exact?: PrefixedRange & { readonly form: string };
}

/** `5.4|http://unitsofmeasure.org|mg`, `5.4||mg`, `5.4`. */
export function parseQuantity(name: string, value: string, context: SearchContext): QuantityValue {
  const parts = splitEscaped(value, '|').map(unescapeValue);
  const [number = '', system, code] = parts;
  if (parts.length !== 1 && parts.length !== 3) {
    throw badValue(name, `${quote(value)} must be number, number|system|code or number||code.`);
  }
  const range = numberRange(name, number);
  if (parts.length === 1 || (system === '' && code === '')) return { range };
  if (code === undefined || code === '')
    throw badValue(name, `${quote(value)} names a system without a code.`);
  const base = system === '' || system === UCUM ? toBaseUnits(range, code, context) : undefined;
  if (system === '' || system === undefined) return { range, unit: code, exact: base };
  return { range, exact: base ?? { ...range, form: codeForm(system, code) } };
}

function toBaseUnits(
  { prefix, lo, hi }: PrefixedRange,
  code: string,
  context: SearchContext,
): (PrefixedRange & { readonly form: string }) | undefined {
  const low = context.canonicalQuantity?.(lo, code);
  if (low === undefined) return undefined;
  const from = roundMeasure(low.value);
  const isPoint = hi === nextUp(lo);
  const high = isPoint
    ? nextUp(from)
    : roundMeasure(context.canonicalQuantity?.(hi, code)?.value ?? low.value);
  return { prefix, lo: from, hi: high, form: canonicalUnitForm(low.unit) };
}

function quantityPredicates(stored: CompiledParameter, { range, unit, exact }: QuantityValue): Predicate[] {
  const { k } = stored;
  const single = singleOf(stored);
  if (unit === undefined && exact === undefined)
    return [{ kind: 'number', k, units: [], ...range, ...single }];
  const members: Predicate[] = [];
  if (unit !== undefined)
    members.push({ kind: 'number', k, units: [hashTerm(unitForm(unit))], ...range, ...single });
  if (exact !== undefined) {
    const { form, ...converted } = exact;
    members.push({ kind: 'number', k: subKey(stored, 'ucum'), units: [hashTerm(form)], ...converted });
  }
  return members;
}
