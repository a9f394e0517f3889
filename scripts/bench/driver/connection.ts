/**
 * HTTP/1.1 for a load generator: one request at a time on a connection that stays open, parsed no further than
 * needed, so that most of the processor is left to the server that is measured.
 */
import { connect, type Socket } from 'node:net';

export interface Reply {
  readonly status: number;
  /** The header lines as received. */
  readonly head: string;
  readonly body: Buffer;
}

export interface Connection {
  /** `path` from the root of the server. @throws when the connection breaks or nothing comes for long */
  request(method: string, path: string, body?: Buffer): Promise<Reply>;
  close(): void;
}

const WAIT_MS = 60_000;
const HEAD_END = Buffer.from('\r\n\r\n');

export function openConnection(base: URL, type: string): Connection {
  const port = Number(base.port || 80);
  let socket: Socket | undefined;
  const open = (): Socket => {
    const opened = connect(port, base.hostname);
    opened.setNoDelay(true);
    opened.setTimeout(WAIT_MS, () => opened.destroy(new Error('no answer for a minute')));
    opened.on('error', () => {});
    opened.on('close', () => {
      if (socket === opened) socket = undefined;
    });
    return opened;
  };
  const fixed = `Host: ${base.host}\r\nAccept: ${type}\r\n`;
  return {
    request(method, path, body) {
      socket ??= open();
      const length = body === undefined ? '' : `Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n`;
      const head = `${method} ${path} HTTP/1.1\r\n${fixed}${length}\r\n`;
      return exchange(socket, body === undefined ? head : Buffer.concat([Buffer.from(head), body]));
    },
    close: () => socket?.destroy(),
  };
}

function exchange(socket: Socket, message: string | Buffer): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const end = (act: () => void): void => {
      socket.off('data', onData);
      socket.off('close', onClose);
      act();
    };
    const onData = (chunk: Buffer): void => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const reply = readReply(received);
      if (reply !== undefined) end(() => resolve(reply));
    };
    const onClose = (): void => end(() => reject(new Error('the server closed the connection')));
    socket.on('data', onData);
    socket.on('close', onClose);
    socket.write(message);
  });
}

/** Undefined until the reply is complete. */
function readReply(bytes: Buffer): Reply | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const status = Number(head.slice(9, 12));
  const rest = bytes.subarray(end + HEAD_END.length);
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
    const body = readChunks(rest);
    return body === undefined ? undefined : { status, head, body };
  }
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  return rest.length < length ? undefined : { status, head, body: rest.subarray(0, length) };
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

/** Path of what was created, from its Location without the version. */
export function locationOf(reply: Reply, base: URL): string {
  const location = /\r\nlocation: *(\S+)/i.exec(reply.head)?.[1] ?? '';
  const { pathname } = new URL(location, base);
  return pathname.replace(/\/_history\/.*/, '');
}
