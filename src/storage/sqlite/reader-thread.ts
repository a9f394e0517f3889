/**
 * The thread for reads that may take long, so that nobody else waits for them.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { openConnection } from './connection.ts';
import { sendError } from './failures.ts';
import { createReads, type ReadRequest, type ReadResult } from './reads.ts';
import type { SearchOptions } from './search.ts';
import { CLOSE, type ThreadReply, type ThreadReport, type ThreadRequest } from './thread-client.ts';

export interface ReaderThreadOptions {
  readonly path: string;
  readonly cacheBytes: number;
  readonly busyTimeoutMs: number;
  readonly searching: SearchOptions;
  readonly shownBytesMax: number;
}

function run(port: MessagePort, options: ReaderThreadOptions): void {
  const connection = openConnection({ ...options, role: 'reader' });
  const read = createReads(connection, options.searching, options.shownBytesMax);
  const report = (...replies: readonly ThreadReply<ReadResult>[]): void => {
    port.postMessage({ replies, note: undefined } satisfies ThreadReport<ReadResult, undefined>);
  };
  port.on('message', (message: ThreadRequest<ReadRequest> | typeof CLOSE) => {
    if (message === CLOSE) {
      connection.close();
      port.close();
      return;
    }
    report(answer(message.id, () => read(message.request)));
  });
  // it is ready
  report();
}

function answer(id: number, work: () => ReadResult): ThreadReply<ReadResult> {
  try {
    return { id, result: work() };
  } catch (error) {
    return { id, error: sendError(error) };
  }
}

run(parentPort as MessagePort, workerData as ReaderThreadOptions);
