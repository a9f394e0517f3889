/**
 * Bindings of codes, Codings, CodeableConcepts and Quantities to value sets, by strength.
 * https://hl7.org/fhir/R4/terminologies.html#strength
 */
import type { CompiledValueSet, Membership, Terminology } from '../terminology/terminology.ts';
import type { Collector } from './collector.ts';
import type { BindingRow } from './emitter.ts';
import type { Segment } from './path.ts';
import { PRIMITIVES } from './primitives.ts';
import { badArray, badPrimitive, nullItem } from './structure-issues.ts';
import { list, nearest, show } from './suggestion.ts';

type Json = Readonly<Record<string, unknown>>;
type At = Segment | readonly Segment[];

const GOOD_CHARS_MAX = 100;

export interface Binding extends BindingRow {
  /** Canonical of the profile that binds; absent for R4 itself. */
  readonly source?: string;
}

/** The rules for a table of bindings that generated code addresses by number. */
export function createBindingRules(rows: readonly Binding[], terminology: Terminology) {
  const cache: (CompiledValueSet | null | undefined)[] = new Array(rows.length).fill(undefined);
  const valueSetOf = (id: number): CompiledValueSet | undefined => {
    let found = cache[id];
    if (found === undefined) {
      found = terminology.valueSet((rows[id] as Binding).valueSet) ?? null;
      cache[id] = found;
    }
    return found ?? undefined;
  };

  /** A code whose value set has a finite list; called when it is not in it. */
  function badCode(id: number, type: string, at: At, value: unknown, c: Collector): void {
    const row = rows[id] as Binding;
    if (PRIMITIVES[type]?.check(value) !== true) {
      badPrimitive(type, at, value, c);
      return;
    }
    reportCode(row, valueSetOf(id), at, value, c);
  }

  /** Of each binding the last code that was right: languages and MIME types repeat. */
  const lastGood: (string | null)[] = new Array(rows.length).fill(null);

  /** A code whose value set is a syntax or not loaded. */
  function openCode(id: number, type: string, at: At, value: unknown, c: Collector): void {
    const isCodeType = type === 'code';
    if (isCodeType && value === lastGood[id]) return;
    if (PRIMITIVES[type]?.check(value) !== true) {
      badPrimitive(type, at, value, c);
      return;
    }
    const row = rows[id] as Binding;
    const set = valueSetOf(id);
    if (set?.contains(undefined, value as string) === 'no') reportCode(row, set, at, value, c);
    else if (isCodeType && (value as string).length <= GOOD_CHARS_MAX) lastGood[id] = value as string;
  }

  function codeArray(
    id: number,
    at: Segment,
    value: unknown,
    owner: Record<string, unknown>,
    c: Collector,
  ): void {
    if (!Array.isArray(value) || value.length === 0) {
      badArray(at, value, c);
      return;
    }
    value.forEach((one, i) => {
      if (one === null) nullItem(at, i, owner, c);
      else openCode(id, 'code', [at, i], one, c);
    });
  }

  /** A Coding, CodeableConcept or Quantity, or an array of them; its structure is checked elsewhere. */
  function bind(id: number, at: Segment, value: unknown, c: Collector): void {
    const row = rows[id] as Binding;
    if (c.errorsOnly && row.strength !== 'required') return;
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) {
        if (!isMember(valueSetOf(id), value[i])) checkBinding(row, valueSetOf(id), value[i], [at, i], c);
      }
    } else if (!isMember(valueSetOf(id), value)) checkBinding(row, valueSetOf(id), value, [at], c);
  }

  return { badCode, openCode, codeArray, bind };
}

/** Whether a concept or coding is in the set for certain. */
function isMember(set: CompiledValueSet | undefined, value: unknown): boolean {
  return (
    set !== undefined &&
    typeof value === 'object' &&
    value !== null &&
    membershipOf(set, value as Json) === 'yes'
  );
}

/** Holds one value to a binding. `at` leads from the current place to the value. */
export function checkBinding(
  row: Binding,
  set: CompiledValueSet | undefined,
  value: unknown,
  at: readonly Segment[],
  c: Collector,
): void {
  const isText = typeof value === 'string';
  if (!isText && (typeof value !== 'object' || value === null)) return;
  const membership =
    set === undefined
      ? 'unknown'
      : isText
        ? set.contains(undefined, value)
        : membershipOf(set, value as Json);
  if (membership === 'yes') return;
  if (membership === 'unknown') {
    if (!c.errorsOnly && row.strength !== 'preferred') reportUnchecked(row, at, c);
    return;
  }
  reportConcept(row, set, isText ? { code: value } : (value as Json), at, c);
}

/** Whether one of the codings is in the set. Without any code: `no`. */
export function membershipOf(set: CompiledValueSet, value: Json): Membership {
  if (!Array.isArray(value.coding)) {
    const isConcept = 'text' in value || (value.code === undefined && !('system' in value));
    if (isConcept || typeof value.code !== 'string') return 'no';
    return set.contains(typeof value.system === 'string' ? value.system : '', value.code);
  }
  let result: Membership = 'no';
  for (const coding of value.coding as (Json | null)[]) {
    if (typeof coding?.code !== 'string') continue;
    const one = set.contains(typeof coding.system === 'string' ? coding.system : '', coding.code);
    if (one === 'yes') return 'yes';
    if (one === 'unknown') result = 'unknown';
  }
  return result;
}

function reportUnchecked(row: Binding, at: readonly Segment[], c: Collector): void {
  const text = `Not checked against the value set ${row.valueSet}, which is not loaded or not finite.`;
  c.report('code-unchecked', text, { at, subject: row.valueSet, source: row.source });
}

function reportConcept(
  row: Binding,
  set: CompiledValueSet | undefined,
  value: Json,
  at: readonly Segment[],
  c: Collector,
): void {
  if (row.strength === 'required' ? c.isCounted() : c.trying > 0) return;
  const codings = Array.isArray(value.coding)
    ? (value.coding as Json[])
    : value.code === undefined
      ? []
      : [value];
  const shown = codings.map((one) =>
    show(one?.system === undefined ? one?.code : `${one.system}#${one.code ?? ''}`),
  );
  const name = `the value set ${set?.name ?? ''} (${row.valueSet})`;
  const hint = allowedHint(set, codings.length === 1 ? String(codings[0]?.code) : '');
  const detail = { at, subject: row.valueSet, source: row.source };
  if (row.strength === 'required') {
    const found =
      shown.length === 0 ? 'There is no code, but one' : `${list(shown)} is not in ${name}; a code`;
    const from = shown.length === 0 ? ` from ${name} is required.` : ' from it is required.';
    c.report('binding-required', `${found}${from}${hint}`, detail);
  } else if (shown.length > 0) {
    const wish =
      row.strength === 'extensible'
        ? 'a code should come from it unless none fits'
        : 'a code from it would be better';
    const severity = row.strength === 'extensible' ? 'warning' : 'information';
    c.report('binding-extensible', `${list(shown)} is not in ${name}; ${wish}.`, {
      ...detail,
      severity,
    });
  }
}

function reportCode(
  row: Binding,
  set: CompiledValueSet | undefined,
  at: At,
  value: unknown,
  c: Collector,
): void {
  if (c.isCounted()) return;
  const name = `the value set ${set?.name ?? ''} (${row.valueSet})`;
  const text = `${show(value)} is not in ${name}; a code from it is required.${allowedHint(set, String(value))}`;
  c.report('binding-required', text, { at, subject: row.valueSet, source: row.source });
}

/** ` Did you mean 'male'? Allowed: ...` where that is short. */
function allowedHint(set: CompiledValueSet | undefined, code: string): string {
  if (set?.codes === undefined) return '';
  const codes = [...set.codes.values()].flatMap((one) => (one.size > 500 ? [] : [...one]));
  if (codes.length === 0) return '';
  const near = nearest(code, codes);
  const hint = near === undefined || near === code ? '' : ` Did you mean ${show(near)}?`;
  return codes.length <= 12 ? `${hint} Allowed: ${list(codes)}.` : hint;
}
