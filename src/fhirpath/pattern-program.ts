/** Parsed patterns as small programs, which an automaton or a list of threads can run. */
import type { CharSet } from './char-set.ts';
import { FhirPathError } from './failure.ts';

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

export type PatternTree =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'start' | 'end' | 'nothing' }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternTree[] }
  | { readonly kind: 'choice'; readonly parts: readonly PatternTree[] }
  | { readonly kind: 'group'; readonly index: number; readonly body: PatternTree }
  | {
      readonly kind: 'repeat';
      readonly body: PatternTree;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
    };

const PROGRAM_MAX = 8_192;

export function toProgram(tree: PatternTree, groups: number): Program {
  const code: Instruction[] = [];
  emit(code, { kind: 'group', index: 0, body: tree });
  push(code, { op: 'match' });
  return { code, groups: groups + 1 };
}

function push(code: Instruction[], instruction: Instruction): number {
  if (code.length >= PROGRAM_MAX) throw new FhirPathError('a pattern that repeats too much', 'too-costly');
  return code.push(instruction) - 1;
}

function emit(code: Instruction[], tree: PatternTree): void {
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

function emitChoice(code: Instruction[], parts: readonly PatternTree[]): void {
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

function emitRepeat(code: Instruction[], tree: PatternTree & { kind: 'repeat' }): void {
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
