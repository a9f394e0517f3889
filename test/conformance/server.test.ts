/**
 * The whole server on each engine, over a real socket: every case of the conformance suite holds, and the demo
 * plays without a difference.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { ALL_CASES } from '../../conformance/cases/all.ts';
import { readStatement } from '../../conformance/needs.ts';
import { runCase } from '../../conformance/run.ts';
import { startServer } from '../http/start.ts';
import { databaseUrl, freshDatabase, startMongo, whyNoMongo } from '../storage/mongodb-server.ts';

const DEMO = join(import.meta.dirname, '..', '..', 'scripts', 'demo', 'demo.ts');

t.test('SQLite', async (t) => {
  await testServer(t, {});
});

const reason = await whyNoMongo();
t.test('MongoDB', reason === undefined ? {} : { skip: reason }, async (t) => {
  const mongo = await startMongo();
  const database = freshDatabase(mongo);
  t.teardown(async () => {
    await database.drop();
    await mongo.stop();
  });
  // its own level, so that the server is closed before its database goes
  // the stand-in reads a whole index for a hint
  const env = {
    MONGODB_URL: databaseUrl(mongo, database.name),
    PASSERELLE_MONGODB_HINTS: String(!mongo.isStandIn),
  };
  await t.test('server', (t) => testServer(t, env));
});

async function testServer(t: Test, env: Record<string, string>): Promise<void> {
  const { app } = await startServer(t, env);
  const server = `${await app.http.listen('127.0.0.1', 0)}/fhir`;
  await t.test('conformance', async (t) => {
    const pending = [...ALL_CASES];
    const statement = readStatement(await (await fetch(`${server}/metadata`)).json());
    t.ok(statement, 'the statement is understood');
    const worker = async (): Promise<void> => {
      for (let one = pending.shift(); one !== undefined; one = pending.shift()) {
        const verdict = await runCase(one, { server, headers: {}, timeoutMs: 60_000, statement });
        const why = verdict.skipped ?? verdict.why;
        t.ok(verdict.passed, `${one.strength} ${one.id}: ${one.says}`, { why, cite: one.cite });
      }
    };
    await Promise.all(Array.from({ length: 4 }, worker));
  });
  await t.test('demo', async (t) => {
    const { code, output } = await playDemo(server);
    t.match(output, /\n\d+ steps, 0 differ\.\n$/);
    t.equal(code, 0, output.slice(-2000));
  });
}

function playDemo(server: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [DEMO], { env: { ...process.env, PASSERELLE_URL: server } });
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
    });
    child.stderr.on('data', (text) => {
      output += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

t.test('the demo says what to do when no server answers', async (t) => {
  const { code, output } = await playDemo('http://127.0.0.1:9/fhir');
  t.equal(code, 2);
  t.match(output, /npm start/);
});
