/**
 * A reader for as long as there is time: what a search may take in all, however many reads it consists of.
 */
import { fail } from '../../fhir/issues.ts';
import { isTooCostly, type Reader } from './reader.ts';

export interface TimedReader {
  readonly reader: Reader;
  /** Whether a read was given up because the time was over. */
  isOver(): boolean;
}

/** @param elapsed ms since any moment */
export function createTimedReader(reader: Reader, elapsed: () => number, timeMsMax: number): TimedReader {
  const end = elapsed() + timeMsMax;
  let isOver = false;
  const rest = (): number => {
    const ms = Math.ceil(end - elapsed());
    if (ms > 0) return ms;
    isOver = true;
    throw fail('too-costly', 'This search takes too long; add a criterion that fewer resources match.');
  };
  const inTime = async <Result>(work: (timeMsMax: number) => Promise<Result>): Promise<Result> => {
    const ms = rest();
    try {
      return await work(ms);
    } catch (error) {
      isOver ||= isTooCostly(error);
      throw error;
    }
  };
  return {
    isOver: () => isOver,
    reader: {
      ...reader,
      find: (filter, options) => inTime((timeMs) => reader.find(filter, { timeMsMax: timeMs, ...options })),
      count: (filter, options) => inTime((timeMs) => reader.count(filter, { timeMsMax: timeMs, ...options })),
      async *stream(filter, options) {
        const documents = reader.stream(filter, { timeMsMax: rest(), ...options })[Symbol.asyncIterator]();
        try {
          for (;;) {
            const { value, done } = await inTime(() => documents.next());
            if (done === true) return;
            yield value;
          }
        } finally {
          await documents.return?.();
        }
      },
    },
  };
}
