/** What is allocated, dead or alive, by the function that did it: sampled by V8 on each thread. */
import { attachThreads, type CallFrame, placeOf } from './threads.ts';

export interface AllocationProfile {
  readonly head: AllocationNode;
}

interface AllocationNode {
  readonly callFrame: CallFrame;
  /** Bytes. */
  readonly selfSize: number;
  readonly children: readonly AllocationNode[];
}

const INTERVAL_BYTES = 16 * 1024;
const SHOWN = 30;

/** Starts on all threads; the result stops and returns a profile of each. */
export async function profileAllocations(): Promise<() => Promise<readonly AllocationProfile[]>> {
  const { posts, leave } = await attachThreads();
  for (const post of posts) {
    await post('HeapProfiler.enable');
    await post('HeapProfiler.startSampling', {
      samplingInterval: INTERVAL_BYTES,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
  }
  return async () => {
    const stopped = await Promise.all(posts.map((post) => post('HeapProfiler.stopSampling')));
    leave();
    return stopped.map((one) => (one as { profile: AllocationProfile }).profile);
  };
}

/** Bytes for each request, by function. */
export function summarizeAllocations({ head }: AllocationProfile, requests: number): string {
  const bytes = new Map<string, number>();
  let total = 0;
  const visit = ({ callFrame, selfSize, children }: AllocationNode): void => {
    const place = placeOf(callFrame);
    bytes.set(place, (bytes.get(place) ?? 0) + selfSize);
    total += selfSize;
    for (const child of children) visit(child);
  };
  visit(head);
  const list = [...bytes].sort((a, b) => b[1] - a[1]).slice(0, SHOWN);
  return [
    `${Math.round(total / requests).toLocaleString('en-US')} bytes a request`,
    '',
    ...list.map(([place, size]) => `${((100 * size) / total).toFixed(1).padStart(5)} %  ${place}`),
    '',
  ].join('\n');
}
