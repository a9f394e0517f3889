/**
 * A TCP proxy that misbehaves on demand: it cuts connections, delays, swallows everything, or lets a request through
 * and loses its answer.
 */
import { createConnection, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Ends all connections and refuses new ones until `heal`. */
  cut(): void;
  /** Accepts and forwards nothing in either direction, and says so to nobody. */
  blackHole(): void;
  /** ms each piece waits in either direction. */
  delay(delayMs: number): void;
  /**
   * The next request that contains `text` goes through; its answer and the connection do not come back. Resolves
   * when that has happened.
   */
  loseAnswer(text: string): Promise<void>;
  heal(): void;
  close(): Promise<void>;
}

type Mode = 'through' | 'cut' | 'hole';

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [client: Socket, server: Socket]>();
  let mode: Mode = 'through';
  let delayMs = 0;
  let losing: { readonly text: Buffer; readonly done: () => void } | undefined;

  const server = createServer({ noDelay: true }, (client) => {
    if (mode === 'cut') {
      client.destroy();
      return;
    }
    const upstream = createConnection({ port: targetPort, host: '127.0.0.1', noDelay: true });
    const pair = [client, upstream] as const;
    pairs.add(pair);
    let isLost = false;
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    const pass = (to: Socket, part: Buffer): void => {
      if (mode === 'hole') return;
      if (delayMs === 0) to.write(part);
      else setTimeout(() => to.writable && to.write(part), delayMs);
    };
    client.on('data', (part) => {
      if (losing !== undefined && part.includes(losing.text)) {
        isLost = true;
        const { done } = losing;
        losing = undefined;
        upstream.once('data', () => {
          end();
          done();
        });
      }
      pass(upstream, part);
    });
    upstream.on('data', (part) => {
      if (!isLost) pass(client, part);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const endAll = (): void => {
    for (const [client, upstream] of pairs) {
      client.destroy();
      upstream.destroy();
    }
  };
  return {
    port: address.port,
    cut() {
      mode = 'cut';
      endAll();
    },
    blackHole() {
      mode = 'hole';
    },
    delay(ms) {
      delayMs = ms;
    },
    loseAnswer(text) {
      return new Promise((done) => {
        losing = { text: Buffer.from(text), done };
      });
    },
    heal() {
      mode = 'through';
      delayMs = 0;
      // what was swallowed is lost: nobody waits for the rest of it
      endAll();
    },
    async close() {
      endAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
