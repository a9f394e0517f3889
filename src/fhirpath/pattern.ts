/**
 * Runs patterns in time linear in the text: a lazily built automaton answers "does it match", a list of
 * threads with priorities finds matches for replacement. No pattern can make either backtrack.
 */
import { FhirPathError } from './failure.ts';
import { type CharSet, type Instruction, type Program, parsePattern } from './pattern-parse.ts';

export interface Pattern {
  test(text: string): boolean;
  /** Replaces every match; `$1` stands for a group, `$$` for a dollar. */
  replace(text: string, substitution: string, lengthMax: number): string;
}

/** Instructions looked at per call: a second or so at worst. */
const WORK_MAX = 50_000_000;
const STATES_MAX = 1_000;

/** `whole`: the pattern must match the text from end to end. @throws FhirPathError on a bad pattern */
export function compilePattern(source: string, whole: boolean): Pattern {
  const program = parsePattern(source);
  const automaton = createAutomaton(program, whole);
  return {
    test: (text) => run(automaton, text),
    replace: (text, substitution, lengthMax) => replaceAll(program, text, substitution, lengthMax),
  };
}

interface State {
  /** Next state by character class, filled as texts ask for it. */
  readonly next: (State | undefined)[];
  /** `char`, `end` and `match` instructions that are reached. */
  readonly threads: readonly number[];
  readonly accepts: boolean;
  readonly acceptsAtEnd: boolean;
}

interface Automaton {
  readonly code: readonly Instruction[];
  readonly whole: boolean;
  /** First unit of each class; the class of a unit is the last one that does not start after it. */
  readonly starts: readonly number[];
  readonly latin: Uint16Array;
  readonly states: Map<string, State>;
  first: State | undefined;
  work: number;
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
  return { code, whole, starts, latin, states: new Map(), first: undefined, work: 0 };
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
  automaton.first ??= makeState(automaton, closure(automaton, [0], true));
  const { latin, starts } = automaton;
  let state = automaton.first;
  for (let i = 0; i < text.length; i++) {
    if (state.accepts) return true;
    if (state.threads.length === 0) return false;
    const unit = text.charCodeAt(i);
    const index = unit < 256 ? latin[unit]! : classOf(starts, unit);
    state = state.next[index] ?? advance(automaton, state, index);
  }
  return state.accepts || state.acceptsAtEnd;
}

function advance(automaton: Automaton, state: State, index: number): State {
  const unit = automaton.starts[index]!;
  const reached: number[] = [];
  for (const at of state.threads) {
    const instruction = automaton.code[at]!;
    if (instruction.op === 'char' && includes(instruction.set, unit)) reached.push(at + 1);
  }
  // A search starts anew at every character.
  if (!automaton.whole) reached.push(0);
  const next = makeState(automaton, closure(automaton, reached, false));
  state.next[index] = next;
  return next;
}

function includes(set: CharSet, unit: number): boolean {
  for (const [from, to] of set) {
    if (unit < from) return false;
    if (unit <= to) return true;
  }
  return false;
}

/** What can be reached without reading: sorted, so that equal sets are one state. */
function closure(
  automaton: Automaton,
  from: readonly number[],
  atStart: boolean,
  atEnd = false,
): readonly number[] {
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

function makeState(automaton: Automaton, threads: readonly number[]): State {
  const key = threads.join(',');
  const known = automaton.states.get(key);
  if (known !== undefined) return known;
  const matches = (at: number): boolean => automaton.code[at]!.op === 'match';
  const ends = threads.filter((at) => automaton.code[at]!.op === 'end').map((at) => at + 1);
  const hasMatch = threads.some(matches);
  const state: State = {
    next: new Array<State | undefined>(automaton.starts.length).fill(undefined),
    threads,
    accepts: hasMatch && !automaton.whole,
    acceptsAtEnd: hasMatch || closure(automaton, ends, false, true).some(matches),
  };
  if (automaton.states.size >= STATES_MAX) {
    automaton.states.clear();
    automaton.first = undefined;
  }
  automaton.states.set(key, state);
  return state;
}

interface Thread {
  readonly at: number;
  readonly slots: readonly number[];
}

/** Leftmost match from `from` on, with the priorities of a backtracking engine. */
function findMatch(
  program: Program,
  text: string,
  from: number,
  work: { left: number },
): readonly number[] | undefined {
  let current: Thread[] = [];
  let found: readonly number[] | undefined;
  for (let i = from; i <= text.length; i++) {
    const marks = new Set<number>();
    const next: Thread[] = [];
    const active: Thread[] = [];
    for (const thread of current) addThread(program, active, marks, thread, i, text.length);
    if (found === undefined) addThread(program, active, marks, { at: 0, slots: [] }, i, text.length);
    work.left -= marks.size + 1;
    if (work.left < 0) throw new FhirPathError('a pattern takes too long on this text', 'too-costly');
    for (const thread of active) {
      const instruction = program.code[thread.at]!;
      if (instruction.op === 'match') {
        found = thread.slots;
        break;
      }
      if (instruction.op !== 'char' || i >= text.length) continue;
      if (includes(instruction.set, text.charCodeAt(i)))
        next.push({ at: thread.at + 1, slots: thread.slots });
    }
    current = next;
    if (found !== undefined && current.length === 0) return found;
  }
  return found;
}

function addThread(
  program: Program,
  list: Thread[],
  marks: Set<number>,
  first: Thread,
  i: number,
  length: number,
): void {
  const stack: Thread[] = [first];
  for (let thread = stack.pop(); thread !== undefined; thread = stack.pop()) {
    const { at, slots } = thread;
    if (marks.has(at)) continue;
    marks.add(at);
    const instruction = program.code[at]!;
    switch (instruction.op) {
      case 'split':
        stack.push({ at: instruction.second, slots }, { at: instruction.first, slots });
        break;
      case 'jump':
        stack.push({ at: instruction.to, slots });
        break;
      case 'save': {
        const saved = [...slots];
        saved[instruction.slot] = i;
        stack.push({ at: at + 1, slots: saved });
        break;
      }
      case 'start':
        if (i === 0) stack.push({ at: at + 1, slots });
        break;
      case 'end':
        if (i === length) stack.push({ at: at + 1, slots });
        break;
      default:
        list.push(thread);
    }
  }
}

function replaceAll(program: Program, text: string, substitution: string, lengthMax: number): string {
  const work = { left: WORK_MAX };
  let result = '';
  let at = 0;
  while (at <= text.length) {
    const slots = findMatch(program, text, at, work);
    if (slots === undefined) break;
    const start = slots[0]!;
    const end = slots[1]!;
    result += text.slice(at, start) + substitute(text, slots, substitution);
    if (result.length > lengthMax) throw new FhirPathError('a replacement that is too long', 'too-costly');
    // An empty match moves on by one character, which is kept.
    if (end === start) result += text.slice(end, end + 1);
    at = end === start ? end + 1 : end;
  }
  return result + text.slice(at);
}

function substitute(text: string, slots: readonly number[], substitution: string): string {
  return substitution.replace(/\$(\$|\d{1,2})/g, (whole, what: string) => {
    if (what === '$') return '$';
    const group = Number(what);
    const start = slots[group * 2];
    const end = slots[group * 2 + 1];
    if (group * 2 >= slots.length && group !== 0) return slots.length === 0 ? whole : '';
    return start === undefined || end === undefined ? '' : text.slice(start, end);
  });
}
