/**
 * The check of a large file after an unclean stop, as seen by the thread that looks after the file: when it begins, and
 * when it gives way. While it reads, nothing that is written can be moved out of the write-ahead log, so one that meets
 * many writes is ended and begun again later.
 * https://www.sqlite.org/wal.html#avoiding_excessively_large_wal_files
 */
import { type ChildProcess, fork } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { CheckReport } from './integrity.ts';

export interface FileCheck {
  isUnderWay(): boolean;
  /** To be called at intervals. `mayBegin`: little waits in the log; `mustEnd`: too much does. */
  look(log: { readonly mayBegin: boolean; readonly isIdle: boolean; readonly mustEnd: boolean }): void;
  /** Resolves when nothing reads the file any more. */
  stop(): Promise<void>;
}

/** Looks until it is tried again although writes go on; twice as many after each time. */
const PAUSE_LOOKS = 300;

export function createFileCheck(path: string, tell: (report: CheckReport) => void): FileCheck {
  let child: ChildProcess | undefined;
  let ended: Promise<void> | undefined;
  let isDone = false;
  let waitLooks = 0;
  let pauseLooks = PAUSE_LOOKS;
  const begin = (): void => {
    child = fork(fileURLToPath(new URL('./check-process.ts', import.meta.url)), [path], {
      execArgv: [],
      stdio: 'ignore',
      serialization: 'advanced',
    });
    child.once('message', (report: CheckReport) => {
      isDone = true;
      tell(report);
    });
    ended = untilEnd(child).then(() => {
      child = undefined;
      if (isDone) return;
      waitLooks = pauseLooks;
      pauseLooks *= 2;
      tell({ kind: 'delayed' });
    });
    yieldToAll(child);
    tell({ kind: 'begun', pid: child.pid });
  };
  return {
    isUnderWay: () => child !== undefined,
    look({ mayBegin, isIdle, mustEnd }) {
      if (child !== undefined) {
        if (mustEnd) child.kill('SIGKILL');
        return;
      }
      if (isDone) return;
      waitLooks = isIdle ? 0 : Math.max(0, waitLooks - 1);
      if (mayBegin && waitLooks === 0) begin();
    },
    async stop() {
      isDone = true;
      child?.kill('SIGKILL');
      await ended;
    },
  };
}

/** Before it has a thread, so that all of them inherit it. */
function yieldToAll({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // gone already, or not allowed: then the check takes its share of the processor
  }
}

/** A process that could not be started has an error and no exit. */
function untilEnd(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
}
