/** Progress of a long command: a bar on a terminal, a line every few seconds elsewhere. */

export interface Progress {
  count(done: { readonly patients: number; readonly resources: readonly unknown[] }): void;
  /** Found done already. */
  skip(found: { readonly patients: number }): void;
  /** The last line. */
  end(where: string): void;
}

export interface ProgressParts {
  readonly print: (text: string) => void;
  readonly isTerminal: boolean;
  /** ms of a clock. */
  readonly now: () => number;
}

const BAR_LENGTH = 30;
const BAR_EVERY_MS = 100;
const LINE_EVERY_MS = 5_000;

export function createProgress(patientsTotal: number, parts: ProgressParts): Progress {
  const { print, isTerminal, now } = parts;
  const startedAt = now();
  let toldAt = startedAt;
  let patients = 0;
  let resources = 0;
  let skipped = 0;
  const rate = (): number => resources / Math.max((now() - startedAt) / 1000, 0.001);
  const tell = (): void => {
    const share = patients / patientsTotal;
    const written = patients - skipped;
    const leftSeconds =
      written === 0 ? 0 : (((now() - startedAt) / 1000) * (patientsTotal - patients)) / written;
    const text = `${number(patients)} of ${number(patientsTotal)} patients, ${number(resources)} resources, ${number(rate())}/s, ${clock(leftSeconds)} left`;
    const full = Math.round(share * BAR_LENGTH);
    const bar = `[${'#'.repeat(full)}${'.'.repeat(BAR_LENGTH - full)}]`;
    print(isTerminal ? `\r\u001b[K${bar} ${text}` : `${text}\n`);
  };
  return {
    count(done) {
      patients += done.patients;
      resources += done.resources.length;
      if (now() - toldAt < (isTerminal ? BAR_EVERY_MS : LINE_EVERY_MS)) return;
      toldAt = now();
      tell();
    },
    skip(found) {
      skipped += found.patients;
      patients += found.patients;
    },
    end(where) {
      const start = isTerminal ? '\r\u001b[K' : '';
      const before = skipped === 0 ? '' : ` (${number(skipped)} patients were there before)`;
      print(
        `${start}${number(patients)} patients, ${number(resources)} resources ${where}${before}, ${clock((now() - startedAt) / 1000)}, ${number(rate())}/s\n`,
      );
    },
  };
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `1:05:09` or `4:02`. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
