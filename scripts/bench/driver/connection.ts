/**
 * HTTP/1.1 for a load generator: one request at a time on a connection that stays open, sent in one write and parsed
 * no further than needed, so that most of the processor is left to the server that is measured.
 */
import { connect, type Socket } from 'node:net';

export interface Reply {
  readonly status: number;
  /** The header lines as received. */
  readonly head: string;
  /** As sent: packed when the server packed it. */
  readonly body: Buffer;
}

export interface Connection {
  /** `path` from the root of the server. @throws when the connection breaks or nothing comes for long */
  request(method: string, path: string, body?: Buffer): Promise<Reply>;
  close(): void;
}

export interface ConnectionOptions {
  /** Media type sent and, unless another is named, accepted. */
  readonly type: string;
  readonly accepts?: string;
  /** Tells the server that it may pack its answers. */
  readonly acceptsGzip?: boolean;
}

const WAIT_MS = 60_000;
const HEAD_END = Buffer.from('\r\n\r\n');

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

export function openConnection(
  base: URL,
  { type, accepts = type, acceptsGzip = false }: ConnectionOptions,
): Connection {
  const port = Number(base.port || 80);
  const packing = acceptsGzip ? 'Accept-Encoding: gzip\r\n' : '';
  const fixed = ` HTTP/1.1\r\nHost: ${base.host}\r\nAccept: ${accepts}\r\n${packing}`;
  const bodied = `${fixed}Content-Type: ${type}\r\nContent-Length: `;
  const bare = `${fixed}\r\n`;
  let socket: Socket | undefined;
  let waiting: Waiting | undefined;
  let received: Buffer[] = [];
  /** Bytes that the reply has at least: it is not looked at before, as long ones come in many parts. */
  let expected = 0;

  const onData = (part: Buffer): void => {
    received.push(part);
    expected -= part.length;
    if (expected > 0) return;
    const bytes = received.length === 1 ? part : Buffer.concat(received);
    const reply = readReply(bytes);
    if (typeof reply === 'number') {
      received = [bytes];
      expected = reply;
      return;
    }
    received = [];
    expected = 0;
    const done = waiting;
    waiting = undefined;
    done?.resolve(reply);
  };
  const open = (): Socket => {
    const opened = connect(port, base.hostname);
    opened.setNoDelay(true);
    opened.setTimeout(WAIT_MS, () => opened.destroy());
    opened.on('error', () => {});
    opened.on('data', onData);
    opened.on('close', () => {
      if (socket !== opened) return;
      socket = undefined;
      received = [];
      expected = 0;
      const failed = waiting;
      waiting = undefined;
      failed?.reject(new Error('the server closed the connection, or was silent for a minute'));
    });
    return opened;
  };
  return {
    request(method, path, body) {
      socket ??= open();
      const to = socket;
      const answer = new Promise<Reply>((resolve, reject) => {
        waiting = { resolve, reject };
      });
      if (body === undefined) {
        to.write(`${method} ${path}${bare}`, 'latin1');
      } else {
        // Both leave in one system call.
        const head = `${method} ${path}${bodied}${body.length}\r\n\r\n`;
        const message = Buffer.allocUnsafe(head.length + body.length);
        message.write(head, 'latin1');
        body.copy(message, head.length);
        to.write(message);
      }
      return answer;
    },
    close: () => socket?.destroy(),
  };
}

/** How many bytes more there are at least, until the reply is complete. */
function readReply(bytes: Buffer): Reply | number {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return 1;
  const head = bytes.toString('latin1', 0, end);
  const status = Number(head.slice(9, 12));
  const start = end + HEAD_END.length;
  const length = headerOf(head, 'content-length');
  if (length === undefined && /chunked/i.test(headerOf(head, 'transfer-encoding') ?? '')) {
    const body = readChunks(bytes.subarray(start));
    return body === undefined ? 1 : { status, head, body };
  }
  const to = start + Number(length ?? 0);
  return bytes.length < to ? to - bytes.length : { status, head, body: bytes.subarray(start, to) };
}

/** Value of a header; names are compared as servers write them, in small letters or with capitals. */
export function headerOf(head: string, name: string): string | undefined {
  let at = head.indexOf(`\r\n${name}:`);
  if (at < 0) at = head.indexOf(`\r\n${capitals(name)}:`);
  if (at < 0) at = head.toLowerCase().indexOf(`\r\n${name}:`);
  if (at < 0) return undefined;
  const from = at + name.length + 3;
  const to = head.indexOf('\r\n', from);
  return head.slice(from, to < 0 ? undefined : to).trim();
}

const CAPITALS = new Map<string, string>();

function capitals(name: string): string {
  let found = CAPITALS.get(name);
  if (found === undefined) {
    found = name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
    CAPITALS.set(name, found);
  }
  return found;
}

function readChunks(bytes: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const length = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const start = lineEnd + 2;
    if (bytes.length < start + length + 2) return undefined;
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(start, start + length));
    at = start + length + 2;
  }
}

/**
 * Path of what was created, from its Location without the version; of servers that leave Location out, from the id
 * in the body.
 */
export function locationOf(reply: Reply, base: URL, type: string): string {
  const location = headerOf(reply.head, 'location') ?? headerOf(reply.head, 'content-location');
  if (location !== undefined && location !== '') {
    const { pathname } = new URL(location, base);
    return pathname.replace(/\/_history\/.*/, '');
  }
  const id = /"id"\s*:\s*"([^"]+)"/.exec(reply.body.toString('utf8'))?.[1];
  if (id === undefined) throw new Error(`the answer to a new ${type} says nowhere what its id is`);
  return `${base.pathname}/${type}/${id}`;
}
