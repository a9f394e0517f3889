/**
 * The commands that a server sends to MongoDB, read from the wire on their way: OP_MSG, whose first document begins
 * with the command's name. https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Test } from 'tap';

const OP_MSG = 2013;
/** Header, flags, kind of the section, length of the document, type of its first element. */
const NAME_AT = 16 + 4 + 1 + 4 + 1;
/** What drivers and servers send of their own accord, whatever is asked of them. */
const UPKEEP = new Set(['hello', 'ismaster', 'endSessions', 'update lock', 'update meta', 'find meta']);
const STRING = 0x02;

/** `url` leads to the server at `target`; `sent` are the names of all commands since it was emptied. */
export async function watchCommands(
  t: Test,
  target: string,
): Promise<{ readonly url: string; readonly sent: string[] }> {
  const { hostname, port } = new URL(target);
  const sent: string[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        server.destroy();
      });
    }
    let rest = Buffer.alloc(0);
    client.on('data', (part) => {
      rest = Buffer.concat([rest, part]);
      while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
        const message = rest.subarray(0, rest.readInt32LE(0));
        rest = rest.subarray(message.length);
        if (message.readInt32LE(12) !== OP_MSG) continue;
        const end = message.indexOf(0, NAME_AT);
        const name = message.toString('latin1', NAME_AT, end);
        const collection = message[NAME_AT - 1] === STRING ? textAt(message, end + 1) : '';
        if (!UPKEEP.has(name) && !UPKEEP.has(`${name} ${collection}`)) sent.push(name);
      }
    });
    client.pipe(server);
    server.pipe(client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  return { url: `mongodb://127.0.0.1:${(proxy.address() as AddressInfo).port}/`, sent };
}

function textAt(message: Buffer, at: number): string {
  return message.toString('utf8', at + 4, at + 3 + message.readInt32LE(at));
}
