/** What the bench shows while it runs: one line that changes on a terminal, a line per finished step everywhere. */

export interface Terminal {
  /** A heading. */
  title(text: string): void;
  /** What is being done, for about so many seconds; `rate` is what was reached so far. */
  progress(step: string, secondsLeft: number, rate?: string): void;
  /** A finished step, in columns. */
  row(cells: readonly string[]): void;
  note(text: string): void;
}

export interface TerminalParts {
  readonly print: (text: string) => void;
  readonly isTerminal: boolean;
  /** Estimate of the whole run, in seconds. */
  readonly totalSeconds: number;
  /** ms of a clock. */
  readonly now: () => number;
}

/** The first column is left, the others right. */
const WIDTHS = [26, 20, 9, 9, 7, 9, 8, 10, 7];
export const HEADINGS = [
  'workload',
  'rate',
  'p50 ms',
  'p99 ms',
  'errors',
  'of echo',
  'server',
  'generator',
  'others',
];
const CLEAR = '\r\u001b[K';
const SILENT_MS = 5_000;

export function createTerminal({ print, isTerminal, totalSeconds, now }: TerminalParts): Terminal {
  const startedAt = now();
  let toldAt = startedAt;
  const start = isTerminal ? CLEAR : '';
  return {
    title: (text) => print(`${start}\n${text}\n${alignRow(HEADINGS)}\n`),
    progress(step, secondsLeft, rate = '') {
      const whole = Math.max(0, totalSeconds - (now() - startedAt) / 1000);
      const text = `${step}: ${rate === '' ? '' : `${rate}, `}${clock(secondsLeft)} left; whole run about ${clock(whole)}`;
      if (isTerminal) print(`${CLEAR}${text}`);
      else if (now() - toldAt >= SILENT_MS) {
        toldAt = now();
        print(`${text}\n`);
      }
    },
    row: (cells) => print(`${start}${alignRow(cells)}\n`),
    note: (text) => print(`${start}${text}\n`),
  };
}

export function alignRow(cells: readonly string[]): string {
  const aligned = cells.map((cell, index) => {
    const width = WIDTHS[index] ?? 10;
    return index === 0 ? cell.padEnd(width) : cell.padStart(width);
  });
  return aligned.join(' ').trimEnd();
}

/** `4:02`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
