/**
 * Regular expressions to a small program. What a linear matcher cannot do (back-references, look-around) is
 * refused instead of being run with a backtracking engine on texts from outside.
 * https://hl7.org/fhirpath/N1/#matchesregex--string--boolean
 */
import { FhirPathError } from './failure.ts';

/** Sorted, disjoint, inclusive ranges of UTF-16 code units. */
export type CharSet = readonly (readonly [from: number, to: number])[];

export type Instruction =
  | { readonly op: 'char'; readonly set: CharSet }
  /** Tries `first` before `second`. */
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'start' }
  | { readonly op: 'end' }
  | { readonly op: 'match' };

export interface Program {
  readonly code: readonly Instruction[];
  readonly groups: number;
}

const PATTERN_LENGTH_MAX = 4_096;
const PROGRAM_MAX = 8_192;
const NESTING_MAX = 50;

type Tree =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'start' | 'end' | 'nothing' }
  | { readonly kind: 'sequence'; readonly parts: readonly Tree[] }
  | { readonly kind: 'choice'; readonly parts: readonly Tree[] }
  | { readonly kind: 'group'; readonly index: number; readonly body: Tree }
  | {
      readonly kind: 'repeat';
      readonly body: Tree;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
    };

/** @throws FhirPathError when the pattern is malformed, too large, or not regular */
export function parsePattern(source: string): Program {
  if (source.length > PATTERN_LENGTH_MAX) {
    throw new FhirPathError(`a pattern of more than ${PATTERN_LENGTH_MAX} characters`, 'too-costly');
  }
  const reader: Reader = { source, at: 0, groups: 0, depth: 0 };
  const tree = parseChoice(reader);
  if (reader.at < source.length) fail(reader, 'unbalanced )');
  const code: Instruction[] = [];
  emit(code, { kind: 'group', index: 0, body: tree });
  push(code, { op: 'match' });
  return { code, groups: reader.groups + 1 };
}

interface Reader {
  readonly source: string;
  at: number;
  groups: number;
  depth: number;
}

function fail(reader: Reader, what: string): never {
  throw new FhirPathError(`pattern ${JSON.stringify(reader.source.slice(0, 100))}: ${what} at ${reader.at}`);
}

function parseChoice(reader: Reader): Tree {
  if (++reader.depth > NESTING_MAX) fail(reader, 'nested too deeply');
  const parts = [parseSequence(reader)];
  while (reader.source[reader.at] === '|') {
    reader.at++;
    parts.push(parseSequence(reader));
  }
  reader.depth--;
  return parts.length === 1 ? parts[0]! : { kind: 'choice', parts };
}

function parseSequence(reader: Reader): Tree {
  const parts: Tree[] = [];
  for (;;) {
    const char = reader.source[reader.at];
    if (char === undefined || char === '|' || char === ')') return { kind: 'sequence', parts };
    parts.push(parseRepeat(reader, parseAtom(reader)));
  }
}

function parseRepeat(reader: Reader, body: Tree): Tree {
  let tree = body;
  for (;;) {
    const bounds = parseBounds(reader);
    if (bounds === undefined) return tree;
    const next = reader.source[reader.at];
    const lazy = next === '?';
    // A possessive quantifier matches a subset; running it as a greedy one would be wrong.
    if (next === '+') fail(reader, 'possessive quantifiers are not supported');
    if (lazy) reader.at++;
    if (tree.kind === 'start' || tree.kind === 'end') fail(reader, 'nothing to repeat');
    tree = { kind: 'repeat', body: tree, ...bounds, lazy };
  }
}

function parseBounds(reader: Reader): { readonly min: number; readonly max: number } | undefined {
  const char = reader.source[reader.at];
  const simple =
    char === '*' ? [0, Infinity] : char === '+' ? [1, Infinity] : char === '?' ? [0, 1] : undefined;
  if (simple !== undefined) {
    reader.at++;
    return { min: simple[0]!, max: simple[1]! };
  }
  const match =
    char === '{'
      ? /^\{(\d{1,5})(?:(,)(\d{1,5})?)?\}/.exec(reader.source.slice(reader.at, reader.at + 16))
      : null;
  if (match === null) return undefined;
  reader.at += match[0].length;
  const min = Number(match[1]);
  const max = match[2] === undefined ? min : match[3] === undefined ? Infinity : Number(match[3]);
  if (max < min) fail(reader, 'bounds out of order');
  return { min, max };
}

function parseAtom(reader: Reader): Tree {
  const char = reader.source[reader.at++]!;
  switch (char) {
    case '(':
      return parseGroup(reader);
    case '[':
      return { kind: 'set', set: parseClass(reader) };
    case '.':
      return { kind: 'set', set: ALL };
    case '^':
      return { kind: 'start' };
    case '$':
      return { kind: 'end' };
    case '*':
    case '+':
    case '?':
      return fail(reader, 'nothing to repeat');
    case '\\':
      return { kind: 'set', set: parseEscape(reader) };
    default:
      return { kind: 'set', set: single(char.charCodeAt(0)) };
  }
}

function parseGroup(reader: Reader): Tree {
  let index: number | undefined;
  if (reader.source[reader.at] === '?') {
    const named = /^\?<[A-Za-z]\w{0,30}>/.exec(reader.source.slice(reader.at, reader.at + 40));
    if (reader.source.startsWith('?:', reader.at)) reader.at += 2;
    else if (named !== null) {
      reader.at += named[0].length;
      index = ++reader.groups;
    } else fail(reader, 'look-around and flags are not supported');
  } else {
    index = ++reader.groups;
  }
  const body = parseChoice(reader);
  if (reader.source[reader.at] !== ')') fail(reader, 'missing )');
  reader.at++;
  return index === undefined ? body : { kind: 'group', index, body };
}

const MAX_UNIT = 0xffff;
const ALL: CharSet = [[0, MAX_UNIT]];
const DIGIT: CharSet = [[48, 57]];
const WORD: CharSet = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
/** As in Java and XML Schema, whose patterns FHIR publishes: no-break space is no space. */
const SPACE: CharSet = [
  [9, 13],
  [32, 32],
];

function single(unit: number): CharSet {
  return [[unit, unit]];
}

function normalize(ranges: readonly (readonly [number, number])[]): CharSet {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

function complement(set: CharSet): CharSet {
  const result: [number, number][] = [];
  let next = 0;
  for (const [from, to] of set) {
    if (from > next) result.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= MAX_UNIT) result.push([next, MAX_UNIT]);
  return result;
}

const ESCAPED: Readonly<Record<string, CharSet>> = {
  d: DIGIT,
  D: complement(DIGIT),
  w: WORD,
  W: complement(WORD),
  s: SPACE,
  S: complement(SPACE),
  n: single(10),
  r: single(13),
  t: single(9),
  f: single(12),
  v: single(11),
};

function parseEscape(reader: Reader): CharSet {
  const char = reader.source[reader.at++];
  if (char === undefined) fail(reader, 'a backslash at the end');
  if (Object.hasOwn(ESCAPED, char)) return ESCAPED[char]!;
  if (char === 'u' || char === 'x') {
    const digits = char === 'u' ? 4 : 2;
    const hex = reader.source.slice(reader.at, reader.at + digits);
    if (!/^[0-9A-Fa-f]+$/.test(hex) || hex.length !== digits) fail(reader, 'not a character code');
    reader.at += digits;
    return single(Number.parseInt(hex, 16));
  }
  if (char === 'p' || char === 'P') return parseProperty(reader, char === 'P');
  if (/[A-Za-z0-9]/.test(char)) fail(reader, `\\${char} is not supported`);
  return single(char.charCodeAt(0));
}

const PROPERTIES = new Map<string, CharSet>();

/** `\p{L}`, `\p{IsAlphabetic}`: the units of the basic plane that have the property. */
function parseProperty(reader: Reader, negated: boolean): CharSet {
  const match = /^\{([A-Za-z_]{1,40})\}/.exec(reader.source.slice(reader.at, reader.at + 44));
  if (match === null) return fail(reader, 'not a property');
  reader.at += match[0].length;
  const name = match[1]!.replace(/^Is/, '');
  let set = PROPERTIES.get(name);
  if (set === undefined) {
    let regex: RegExp;
    try {
      regex = new RegExp(`^\\p{${name}}$`, 'u');
    } catch {
      return fail(reader, 'unknown property');
    }
    const units: [number, number][] = [];
    for (let unit = 0; unit <= MAX_UNIT; unit++) {
      if (!regex.test(String.fromCharCode(unit))) continue;
      const last = units.at(-1);
      if (last !== undefined && last[1] === unit - 1) last[1] = unit;
      else units.push([unit, unit]);
    }
    set = units;
    PROPERTIES.set(name, set);
  }
  return negated ? complement(set) : set;
}

function parseClass(reader: Reader): CharSet {
  const negated = reader.source[reader.at] === '^';
  if (negated) reader.at++;
  const ranges: (readonly [number, number])[] = [];
  for (let first = true; ; first = false) {
    const char = reader.source[reader.at];
    if (char === undefined) return fail(reader, 'missing ]');
    if (char === ']' && !first) break;
    const from = parseClassMember(reader);
    const isRange =
      reader.source[reader.at] === '-' &&
      reader.source[reader.at + 1] !== ']' &&
      reader.at + 1 < reader.source.length;
    if (!isRange || !isUnit(from)) {
      ranges.push(...from);
      continue;
    }
    reader.at++;
    const to = parseClassMember(reader);
    if (!isUnit(to)) ranges.push(...from, [45, 45], ...to);
    else if (to[0]![0] < from[0]![0]) fail(reader, 'range out of order');
    else ranges.push([from[0]![0], to[0]![0]]);
  }
  reader.at++;
  const set = normalize(ranges);
  return negated ? complement(set) : set;
}

function isUnit(set: CharSet): boolean {
  return set.length === 1 && set[0]![0] === set[0]![1];
}

function parseClassMember(reader: Reader): CharSet {
  const char = reader.source[reader.at++]!;
  if (char !== '\\') return single(char.charCodeAt(0));
  if (reader.source[reader.at] === 'b') {
    reader.at++;
    return single(8);
  }
  return parseEscape(reader);
}

function push(code: Instruction[], instruction: Instruction): number {
  if (code.length >= PROGRAM_MAX) throw new FhirPathError('a pattern that repeats too much', 'too-costly');
  return code.push(instruction) - 1;
}

function emit(code: Instruction[], tree: Tree): void {
  switch (tree.kind) {
    case 'nothing':
      return;
    case 'set':
      push(code, { op: 'char', set: tree.set });
      return;
    case 'start':
    case 'end':
      push(code, { op: tree.kind });
      return;
    case 'sequence':
      for (const part of tree.parts) emit(code, part);
      return;
    case 'choice':
      emitChoice(code, tree.parts);
      return;
    case 'group':
      push(code, { op: 'save', slot: tree.index * 2 });
      emit(code, tree.body);
      push(code, { op: 'save', slot: tree.index * 2 + 1 });
      return;
    case 'repeat':
      emitRepeat(code, tree);
  }
}

function emitChoice(code: Instruction[], parts: readonly Tree[]): void {
  const jumps: { op: 'jump'; to: number }[] = [];
  for (const [i, part] of parts.entries()) {
    if (i === parts.length - 1) {
      emit(code, part);
      break;
    }
    const split = { op: 'split' as const, first: code.length + 1, second: 0 };
    push(code, split);
    emit(code, part);
    const jump = { op: 'jump' as const, to: 0 };
    push(code, jump);
    jumps.push(jump);
    split.second = code.length;
  }
  for (const jump of jumps) jump.to = code.length;
}

function emitRepeat(code: Instruction[], tree: Tree & { kind: 'repeat' }): void {
  const { body, min, max, lazy } = tree;
  for (let i = 0; i < min; i++) emit(code, body);
  if (max === Number.POSITIVE_INFINITY) {
    const split = { op: 'split' as const, first: 0, second: 0 };
    const at = push(code, split);
    emit(code, body);
    push(code, { op: 'jump', to: at });
    order(split, at + 1, code.length, lazy);
    return;
  }
  const splits: { op: 'split'; first: number; second: number }[] = [];
  for (let i = min; i < max; i++) {
    const split = { op: 'split' as const, first: 0, second: 0 };
    push(code, split);
    splits.push(split);
    const start = code.length;
    emit(code, body);
    order(split, start, 0, lazy);
  }
  for (const split of splits) {
    if (lazy) split.first = code.length;
    else split.second = code.length;
  }
}

function order(split: { first: number; second: number }, enter: number, leave: number, lazy: boolean): void {
  split.first = lazy ? leave : enter;
  split.second = lazy ? enter : leave;
}
