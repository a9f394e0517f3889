/**
 * A MongoDB server for tests, from the first source there is: MONGODB_URL (any deployment), MONGODB_SERVER (a
 * program that takes the flags of mongod's stand-in), mongod on PATH, mongodb-memory-server-core. A source that is
 * named but does not start is a failure, never a skip.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { MongoClient } from 'mongodb';
import type { Test } from 'tap';
import { DATABASE_DEFAULT } from '../../src/storage/mongodb/connect.ts';

export interface MongoServer {
  readonly url: string;
  /** What it is, for reports. */
  readonly name: string;
  /** Stands in for mongod: no hints on large data, no sharding, see docs/mongodb.md. */
  readonly isStandIn: boolean;
  /** Only for servers that were started here. */
  readonly process?: MongoProcess;
  stop(): Promise<void>;
}

export interface MongoProcess {
  /** SIGKILL: whatever was not written is gone. Resolves once the process is. */
  kill(): Promise<void>;
  /** On the same port and data. */
  restart(): Promise<void>;
}

export interface ServerOptions {
  /** Every acknowledged write survives a kill; slower. */
  readonly syncOnCommit?: boolean;
  /** Not a replica set: for the refusal. */
  readonly standalone?: boolean;
  /** Where the data goes, instead of a folder of its own that goes with it. */
  readonly folder?: string;
  /** Cache and log as the server has them when nobody sets anything, for measurements; tests keep them small. */
  readonly isMeasured?: boolean;
}

export const SKIPPED =
  'MongoDB tests are skipped: set MONGODB_URL to a replica set, or put mongod on PATH (docs/mongodb.md)';

/** Why there is no server, or undefined when `startMongo` will find one. */
export async function whyNoMongo(): Promise<string | undefined> {
  const { MONGODB_URL, MONGODB_SERVER } = process.env;
  if (MONGODB_URL || MONGODB_SERVER) return undefined;
  if ((await hasMongod()) || (await findMemoryServer()) !== undefined) return undefined;
  return SKIPPED;
}

/** A server that ends with the test; undefined where there is none, which the test then says. */
export async function mongoFor(t: Test, options: ServerOptions = {}): Promise<MongoServer | undefined> {
  const reason = await whyNoMongo();
  if (reason !== undefined) {
    t.pass(reason, { skip: reason });
    return undefined;
  }
  const server = await startMongo(options);
  t.teardown(() => server.stop());
  return server;
}

export async function startMongo(options: ServerOptions = {}): Promise<MongoServer> {
  const { MONGODB_URL, MONGODB_SERVER } = process.env;
  if (MONGODB_URL) {
    return { url: MONGODB_URL, name: 'MONGODB_URL', isStandIn: false, stop: async () => {} };
  }
  if (MONGODB_SERVER) return await startStandIn(MONGODB_SERVER, options);
  if (await hasMongod()) return await startMongod(options);
  const memory = await findMemoryServer();
  if (memory === undefined) throw new Error(SKIPPED);
  const server = await memory.MongoMemoryReplSet.create({
    replSet: { count: 1, storageEngine: 'wiredTiger' },
    binary: { version: '8.0.4' },
  });
  return {
    url: server.getUri(),
    name: 'mongodb-memory-server',
    isStandIn: false,
    stop: async () => void (await server.stop()),
  };
}

/**
 * A database for measurements: on a server of its own, under the name that users have, which the stand-in repeats in
 * every key of an index.
 */
export function measuredDatabase(server: MongoServer): ReturnType<typeof freshDatabase> {
  const fresh = freshDatabase(server);
  return server.process === undefined ? fresh : { ...fresh, name: DATABASE_DEFAULT };
}

/**
 * The address of a database of the server, for whoever takes no other name of it. It stays one that the user of the
 * address may use: who says no `authSource` is looked for in the database that the address names.
 */
export function databaseUrl(server: Pick<MongoServer, 'url'>, database: string): string {
  const parts = /^(mongodb(?:\+srv)?:\/\/)([^/?]+)\/?([^?]*)\??(.*)$/.exec(server.url);
  if (parts === null) throw new Error('MONGODB_URL is no address such as mongodb://host/database');
  const [, scheme, hosts = '', path, options = ''] = parts;
  const isUserFound = !hosts.includes('@') || /(^|&)authSource=/i.test(options);
  const all = [options, isUserFound ? '' : `authSource=${path || 'admin'}`].filter((one) => one !== '');
  return `${scheme}${hosts}/${database}${all.length === 0 ? '' : `?${all.join('&')}`}`;
}

/** A database of its own, gone after `drop` or with the server. */
export function freshDatabase(server: MongoServer): { name: string; drop: () => Promise<void> } {
  const name = `passerelle_test_${randomBytes(6).toString('hex')}`;
  return {
    name,
    async drop() {
      // with its own server goes its folder; and a drop waits for transactions whose process was killed
      if (server.process !== undefined) return;
      const client = new MongoClient(server.url, { serverSelectionTimeoutMS: 5_000 });
      try {
        await client.db(name).dropDatabase();
      } finally {
        await client.close();
      }
    },
  };
}

async function startStandIn(
  program: string,
  { syncOnCommit, standalone, folder: given, isMeasured }: ServerOptions,
): Promise<MongoServer> {
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'passerelle-mongo-')));
  const start = async (port: number): Promise<Started> => {
    const flags = ['--port', String(port), '--storage-path', folder, '--enable-test-commands'];
    if (isMeasured !== true) flags.push('--cache-size', '256M', '--log-file-max', '16MB');
    if (syncOnCommit === true) flags.push('--sync-on-commit');
    if (standalone === true) flags.push('--standalone');
    return await launch(program, flags, /listening on 127\.0\.0\.1:(\d+)/);
  };
  return await withProcess('MONGODB_SERVER', true, folder, start, async () => {});
}

async function startMongod({ standalone, folder: given, isMeasured }: ServerOptions): Promise<MongoServer> {
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'passerelle-mongo-')));
  const start = async (port: number): Promise<Started> => {
    const free = port === 0 ? await freePort() : port;
    const flags = ['--port', String(free), '--dbpath', folder, '--bind_ip', '127.0.0.1'];
    flags.push('--setParameter', 'enableTestCommands=1');
    if (isMeasured !== true) flags.push('--wiredTigerCacheSizeGB', '0.25');
    if (standalone !== true) flags.push('--replSet', 'rs0');
    const { child } = await launch('mongod', flags, /"Waiting for connections"/);
    return { child, port: free };
  };
  return await withProcess('mongod', false, folder, start, async (port) => {
    if (standalone === true) return;
    const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`);
    try {
      const config = { _id: 'rs0', members: [{ _id: 0, host: `127.0.0.1:${port}` }] };
      await client.db('admin').command({ replSetInitiate: config });
    } finally {
      await client.close();
    }
  });
}

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
}

async function withProcess(
  name: string,
  isStandIn: boolean,
  folder: string,
  start: (port: number) => Promise<Started>,
  initiate: (port: number) => Promise<void>,
): Promise<MongoServer> {
  let { child, port } = await start(0);
  await initiate(port);
  const onExit = (): void => void child.kill('SIGKILL');
  process.once('exit', onExit);
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  return {
    url: `mongodb://127.0.0.1:${port}/`,
    name,
    isStandIn,
    process: {
      kill,
      async restart() {
        await kill();
        ({ child, port } = await start(port));
      },
    },
    async stop() {
      process.removeListener('exit', onExit);
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function launch(program: string, flags: readonly string[], ready: RegExp): Promise<Started> {
  const child = spawn(program, [...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr?.on('data', (part) => {
    log = (log + String(part)).slice(-2_000);
  });
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}: ${log}`)));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const found = ready.exec(line);
      if (found !== null) resolve({ child, port: Number(found[1]) });
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function hasMongod(): Promise<boolean> {
  try {
    await promisify(execFile)('mongod', ['--version']);
    return true;
  } catch {
    return false;
  }
}

interface MemoryServer {
  readonly MongoMemoryReplSet: {
    create(options: object): Promise<{ getUri(): string; stop(): Promise<unknown> }>;
  };
}

async function findMemoryServer(): Promise<MemoryServer | undefined> {
  try {
    const name = 'mongodb-memory-server-core';
    return (await import(name)) as MemoryServer;
  } catch {
    return undefined;
  }
}
