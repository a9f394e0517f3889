/**
 * Runs patterns in time linear in the text: a lazily built automaton answers "does it match", a list of
 * threads with priorities finds matches for replacement. No pattern can make either backtrack.
 */

import { includes } from './char-set.ts';
import { FhirPathError } from './failure.ts';
import { parsePattern } from './pattern-parse.ts';
import type { Instruction, Program } from './pattern-program.ts';
import { replaceAll, WORK_MAX } from './pattern-replace.ts';

export interface Pattern {
  test(text: string): boolean;
  /** Replaces every match; `$1` stands for a group, `$$` for a dollar. */
  replace(text: string, substitution: string, lengthMax: number): string;
}

const STATES_MAX = 4_000;
/** A pattern that fills the table again and again is made to do so. */
const RESETS_MAX = 25;

/** `whole`: the pattern must match the text from end to end. @throws FhirPathError on a bad pattern */
export function compilePattern(source: string, whole: boolean): Pattern {
  const program = parsePattern(source);
  const automaton = createAutomaton(program, whole);
  return {
    test: (text) => run(automaton, text),
    replace: (text, substitution, lengthMax) => replaceAll(program, text, substitution, lengthMax),
  };
}

/** Instructions by state: `char`, `end` and `match` ones that are reached. */
type Threads = readonly number[];

/** Instead of a next state: not known yet, or no more reading is needed. */
const UNKNOWN = -1;
const ACCEPTS = -2;
const FAILS = -3;

interface Automaton {
  readonly code: readonly Instruction[];
  readonly whole: boolean;
  /** First unit of each class; the class of a unit is the last one that does not start after it. */
  readonly starts: readonly number[];
  readonly latin: Uint16Array;
  readonly numbers: Map<string, number>;
  readonly threads: Threads[];
  /** Whether ending in the state is a match. */
  readonly ends: boolean[];
  /** Next row by row and class, filled as texts ask for it; the row of a state is its number times classes. */
  next: Int32Array;
  /** Where a text begins: a row, or the answer. */
  first: number;
  work: number;
  resets: number;
}

function createAutomaton({ code }: Program, whole: boolean): Automaton {
  const edges = new Set([0]);
  for (const instruction of code) {
    if (instruction.op !== 'char') continue;
    for (const [from, to] of instruction.set) {
      edges.add(from);
      edges.add(to + 1);
    }
  }
  const starts = [...edges].filter((edge) => edge <= 0xffff).sort((a, b) => a - b);
  const latin = new Uint16Array(256);
  for (let unit = 0; unit < 256; unit++) latin[unit] = classOf(starts, unit);
  const next = new Int32Array(0);
  return {
    code,
    whole,
    starts,
    latin,
    numbers: new Map(),
    threads: [],
    ends: [],
    next,
    first: UNKNOWN,
    work: 0,
    resets: 0,
  };
}

function classOf(starts: readonly number[], unit: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= unit) low = middle;
    else high = middle - 1;
  }
  return low;
}

function run(automaton: Automaton, text: string): boolean {
  automaton.work = 0;
  if (automaton.resets > RESETS_MAX) throw new FhirPathError('a pattern with too many states', 'too-costly');
  if (automaton.first === UNKNOWN) automaton.first = rowOf(automaton, closure(automaton, [0], true), true);
  const { latin, starts } = automaton;
  let { next } = automaton;
  let row = automaton.first;
  for (let i = 0; row >= 0; i++) {
    if (i >= text.length) return automaton.ends[row / starts.length]!;
    const unit = text.charCodeAt(i);
    const index = unit < 256 ? latin[unit]! : classOf(starts, unit);
    const known = next[row + index]!;
    if (known === UNKNOWN) {
      row = advance(automaton, row, index);
      next = automaton.next;
    } else {
      row = known;
    }
  }
  return row === ACCEPTS;
}

function advance(automaton: Automaton, row: number, index: number): number {
  const unit = automaton.starts[index]!;
  const reached: number[] = [];
  for (const at of automaton.threads[row / automaton.starts.length]!) {
    const instruction = automaton.code[at]!;
    if (instruction.op === 'char' && includes(instruction.set, unit)) reached.push(at + 1);
  }
  // A search starts anew at every character.
  if (!automaton.whole) reached.push(0);
  const threads = closure(automaton, reached, false);
  if (automaton.threads.length >= STATES_MAX) {
    forget(automaton);
    return rowOf(automaton, threads, false);
  }
  const next = rowOf(automaton, threads, false);
  automaton.next[row + index] = next;
  return next;
}

/** A pattern with too many states goes on with none; the work is bounded all the same. */
function forget(automaton: Automaton): void {
  automaton.resets++;
  automaton.numbers.clear();
  automaton.threads.length = 0;
  automaton.ends.length = 0;
  automaton.next = new Int32Array(0);
  automaton.first = UNKNOWN;
}

/** What can be reached without reading: sorted, so that equal sets are one state. */
function closure(automaton: Automaton, from: readonly number[], atStart: boolean, atEnd = false): Threads {
  const seen = new Set<number>();
  const stack = [...from];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const instruction = automaton.code[at]!;
    if (instruction.op === 'split') stack.push(instruction.second, instruction.first);
    else if (instruction.op === 'jump') stack.push(instruction.to);
    else if (instruction.op === 'save') stack.push(at + 1);
    else if (instruction.op === 'start' && atStart) stack.push(at + 1);
    else if (instruction.op === 'end' && atEnd) stack.push(at + 1);
  }
  automaton.work += seen.size + 1;
  if (automaton.work > WORK_MAX)
    throw new FhirPathError('a pattern takes too long on this text', 'too-costly');
  return [...seen]
    .filter((at) => {
      const { op } = automaton.code[at]!;
      return op === 'char' || op === 'match' || op === 'end';
    })
    .sort((a, b) => a - b);
}

function rowOf(automaton: Automaton, threads: Threads, atStart: boolean): number {
  const matches = (at: number): boolean => automaton.code[at]!.op === 'match';
  const hasMatch = threads.some(matches);
  if (hasMatch && !automaton.whole) return ACCEPTS;
  if (threads.length === 0) return FAILS;
  const key = `${atStart ? '^' : ''}${threads.join(',')}`;
  const classes = automaton.starts.length;
  const known = automaton.numbers.get(key);
  if (known !== undefined) return known * classes;
  const state = automaton.threads.push(threads) - 1;
  automaton.numbers.set(key, state);
  const afterEnd = threads.filter((at) => automaton.code[at]!.op === 'end').map((at) => at + 1);
  automaton.ends.push(hasMatch || closure(automaton, afterEnd, atStart, true).some(matches));
  const needed = (state + 1) * classes;
  if (needed > automaton.next.length) {
    const grown = new Int32Array(Math.max(needed, automaton.next.length * 2)).fill(UNKNOWN);
    grown.set(automaton.next);
    automaton.next = grown;
  }
  return state * classes;
}
