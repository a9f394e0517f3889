/**
 * Regular expressions to a small program. What a linear matcher cannot do (back-references, look-around) is
 * refused instead of being run with a backtracking engine on texts from outside.
 * https://hl7.org/fhirpath/N1/#matchesregex--string--boolean
 */
import { ALL, type CharSet, complement, ESCAPED, MAX_UNIT, normalize, single } from './char-set.ts';
import { FhirPathError } from './failure.ts';
import { type PatternTree, type Program, toProgram } from './pattern-program.ts';

const PATTERN_LENGTH_MAX = 4_096;
const NESTING_MAX = 50;

/** @throws FhirPathError when the pattern is malformed, too large, or not regular */
export function parsePattern(source: string): Program {
  if (source.length > PATTERN_LENGTH_MAX) {
    throw new FhirPathError(`a pattern of more than ${PATTERN_LENGTH_MAX} characters`, 'too-costly');
  }
  const reader: Reader = { source, at: 0, groups: 0, depth: 0 };
  const tree = parseChoice(reader);
  if (reader.at < source.length) fail(reader, 'unbalanced )');
  return toProgram(tree, reader.groups);
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

function parseChoice(reader: Reader): PatternTree {
  if (++reader.depth > NESTING_MAX) fail(reader, 'nested too deeply');
  const parts = [parseSequence(reader)];
  while (reader.source[reader.at] === '|') {
    reader.at++;
    parts.push(parseSequence(reader));
  }
  reader.depth--;
  return parts.length === 1 ? parts[0]! : { kind: 'choice', parts };
}

function parseSequence(reader: Reader): PatternTree {
  const parts: PatternTree[] = [];
  for (;;) {
    const char = reader.source[reader.at];
    if (char === undefined || char === '|' || char === ')') return { kind: 'sequence', parts };
    parts.push(parseRepeat(reader, parseAtom(reader)));
  }
}

function parseRepeat(reader: Reader, body: PatternTree): PatternTree {
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

function parseAtom(reader: Reader): PatternTree {
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

function parseGroup(reader: Reader): PatternTree {
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
