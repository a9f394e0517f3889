/** What a process that gets killed says on its output: whole lines, at once, so that what was said has happened. */
import { writeSync } from 'node:fs';

const AGAIN_MS = 5;
const clock = new Int32Array(new SharedArrayBuffer(4));

/** Waits while nobody reads, as when whoever reads is stopped for a while. */
export function say(line: string): void {
  let left = Buffer.from(`${line}\n`);
  while (left.length > 0) {
    try {
      left = left.subarray(writeSync(1, left));
    } catch (error) {
      if ((error as { code?: string }).code !== 'EAGAIN') throw error;
      Atomics.wait(clock, 0, 0, AGAIN_MS);
    }
  }
}
