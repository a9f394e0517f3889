/**
 * CPU profiles of the threads of a process, and what they come to: self time by room of the source and by function.
 */
import { Session } from 'node:inspector/promises';

export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const INTERVAL_US = 500;
const SHOWN = 40;

/** Starts on this thread and on those that run; the result stops and returns a profile of each. */
export async function profileThreads(): Promise<() => Promise<readonly CpuProfile[]>> {
  const session = new Session();
  session.connect();
  const workers = await attachWorkers(session);
  const threads = [
    (method: string, params?: object) => session.post(method as never, params as never),
    ...workers,
  ];
  for (const post of threads) {
    await post('Profiler.enable');
    await post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    await post('Profiler.start');
  }
  return async () => {
    const stopped = await Promise.all(threads.map((post) => post('Profiler.stop')));
    session.disconnect();
    return stopped.map((one) => (one as { profile: CpuProfile }).profile);
  };
}

type Post = (method: string, params?: object) => Promise<unknown>;

async function attachWorkers(session: Session): Promise<Post[]> {
  const found: string[] = [];
  const waiting = new Map<string, (result: unknown) => void>();
  session.on('NodeWorker.attachedToWorker', ({ params }) => found.push(params.sessionId));
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    const { id, result } = JSON.parse(params.message) as { id?: number; result: unknown };
    waiting.get(`${params.sessionId}/${id}`)?.(result);
  });
  await session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  let lastId = 0;
  return found.map((sessionId) => (method, params) => {
    const id = ++lastId;
    const answered = new Promise<unknown>((resolve) => waiting.set(`${sessionId}/${id}`, resolve));
    session
      .post('NodeWorker.sendMessageToWorker', { sessionId, message: JSON.stringify({ id, method, params }) })
      .catch(() => waiting.get(`${sessionId}/${id}`)?.(undefined));
    return answered;
  });
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
    if (/^\((idle|program)\)/.test(names[0] ?? '') || names.some((name) => name.includes('cpu-profile')))
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
      const { functionName, url, lineNumber } = (byId.get(id) as CpuProfile['nodes'][number]).callFrame;
      const place = url.replace(/^.*\/(src|node_modules|build)\//, '$1/');
      names.push(`${functionName || '(anonymous)'} ${place}:${lineNumber + 1}`);
    }
    return names;
  }
}

function add(times: Map<string, number>, name: string, time: number): void {
  times.set(name, (times.get(name) ?? 0) + time);
}
