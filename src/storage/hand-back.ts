/**
 * Gives memory that is free back to the system: a collection of last resort on this thread, a pause of a tenth of a
 * second for a heap that was busy.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * From now on V8 looks for old objects that are free when there are half as many again, on every thread; by itself it
 * waits for up to four times as much. To be called after the start, which would take a tenth longer.
 */
export function collectSoon(): void {
  setFlagsFromString('--heap-growing-percent=50');
}

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

let collect: Collect | undefined;

/** Collects all that can be collected on this thread, and gives the pages to the system. */
export function handBackMemory(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
    setFlagsFromString('--no-expose-gc');
  }
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
