/**
 * CPU profiles of the threads of a process, and what they come to: self time by room of the source and by function.
 */
import { attachThreads, type CallFrame, placeOf } from './threads.ts';

export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const INTERVAL_US = 500;
const SHOWN = 40;

/** Starts on this thread and on those that run; the result stops and returns a profile of each. */
export async function profileThreads(): Promise<() => Promise<readonly CpuProfile[]>> {
  const { posts: threads, leave } = await attachThreads();
  for (const post of threads) {
    await post('Profiler.enable');
    await post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    await post('Profiler.start');
  }
  return async () => {
    const stopped = await Promise.all(threads.map((post) => post('Profiler.stop')));
    leave();
    return stopped.map((one) => (one as { profile: CpuProfile }).profile);
  };
}

/** Shares of the time that the thread was busy. */
export function summarize({ nodes, samples, timeDeltas }: CpuProfile): string {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const self = new Map<string, number>();
  const whole = new Map<string, number>();
  const rooms = new Map<string, number>();
  let total = 0;
  let idle = 0;
  for (const [index, sample] of samples.entries()) {
    const time = timeDeltas[index] as number;
    const names = stackOf(sample);
    if (names[0]?.startsWith('(idle)')) idle += time;
    if (/^\((idle|program)\)/.test(names[0] ?? '') || names.some((name) => name.includes('bench/profile')))
      continue;
    total += time;
    add(self, names[0] as string, time);
    for (const name of new Set(names)) add(whole, name, time);
    const room = names.map((name) => /src\/([a-z]+)/.exec(name)?.[1]).find((one) => one !== undefined);
    add(rooms, room ?? (names[0]?.startsWith('(garbage') ? 'garbage collection' : 'Node and packages'), time);
  }
  const lines = [`busy for ${(total / 1e6).toFixed(1)} s, idle for ${(idle / 1e6).toFixed(1)} s`];
  for (const [title, times] of [
    ['by room (self time and what it calls outside src)', rooms],
    ['by function, self', self],
    ['by function, with what it calls', whole],
  ] as const) {
    lines.push('', title);
    const list = [...times].sort((a, b) => b[1] - a[1]).slice(0, SHOWN);
    for (const [name, time] of list)
      lines.push(`${((100 * time) / total).toFixed(1).padStart(5)} %  ${name}`);
  }
  return `${lines.join('\n')}\n`;

  function stackOf(sample: number): string[] {
    const names: string[] = [];
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      names.push(placeOf((byId.get(id) as CpuProfile['nodes'][number]).callFrame));
    }
    return names;
  }
}

function add(times: Map<string, number>, name: string, time: number): void {
  times.set(name, (times.get(name) ?? 0) + time);
}
