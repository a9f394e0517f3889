/** The inspectors of all threads of this process: https://nodejs.org/api/inspector.html. */
import { Session } from 'node:inspector/promises';

export type Post = (method: string, params?: object) => Promise<unknown>;

export interface Threads {
  /** This thread first, then those that run. */
  readonly posts: readonly Post[];
  leave(): void;
}

export async function attachThreads(): Promise<Threads> {
  const session = new Session();
  session.connect();
  const workers = await attachWorkers(session);
  return {
    posts: [(method, params) => session.post(method as never, params as never), ...workers],
    leave: () => session.disconnect(),
  };
}

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

/** Of a function, without the folder that the source is in. */
export function placeOf({ functionName, url, lineNumber }: CallFrame): string {
  const place = url.replace(/^.*\/(src|node_modules|build)\//, '$1/');
  return `${functionName || '(anonymous)'} ${place}:${lineNumber + 1}`;
}

export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}
