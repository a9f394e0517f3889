/**
 * The pass under way as servers of one store tell each other of it: noted beside what is indexed, so that another goes
 * on with it after a stop, and none begins what another is at.
 */
import type { IndexState } from '../storage/store.ts';
import type { PassPosition } from './index-pass.ts';

/** Where it is noted, beside the types. */
export const PASS = '#pass';
/** One of another server that was not heard of for so long is taken over. */
const SILENT_MS = 30_000;

export interface NotedPass {
  readonly position: PassPosition;
  /** What stands for all that it makes. */
  readonly makes: string;
  readonly by: string;
  /** ms */
  readonly beat: number;
}

export function notedText(pass: NotedPass): string {
  return JSON.stringify(pass);
}

export function notedPass(state: IndexState | undefined): NotedPass | undefined {
  const text = state?.[PASS] ?? '';
  return text === '' ? undefined : (JSON.parse(text) as NotedPass);
}

/** Whether another server is at any of the types. */
export function isTaken(
  noted: NotedPass | undefined,
  types: readonly string[],
  me: string,
  now: number,
): boolean {
  return (
    noted !== undefined &&
    noted.by !== me &&
    now - noted.beat < SILENT_MS &&
    noted.position.types.some((type) => types.includes(type))
  );
}
