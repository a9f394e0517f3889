/** Finds the matches of a pattern for replacement: a list of threads with priorities, in linear time. */
import { includes } from './char-set.ts';
import { FhirPathError } from './failure.ts';
import type { Program } from './pattern-program.ts';

/** Instructions looked at per call: a tenth of a second or so at worst. */
export const WORK_MAX = 10_000_000;

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

export function replaceAll(program: Program, text: string, substitution: string, lengthMax: number): string {
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
