/** A whole server for tests: its own data folder, no log, requests without a socket. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import { type Logger, pino } from 'pino';
import type { Test } from 'tap';
import { type App, createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Parsed, when it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came back
  readonly body: any;
}

export interface TestServer {
  readonly app: App;
  /** `GET Patient/1`, relative to the FHIR base; `GET /health` from the root. */
  ask(request: string, options?: { body?: unknown; headers?: Record<string, string> }): Promise<Answer>;
}

export async function startServer(
  t: Test,
  env: Record<string, string> = {},
  log: Logger = pino({ level: 'silent' }),
): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-'));
  const config = readConfig({ PASSERELLE_DATA: folder, PASSERELLE_PORT: '0', ...env });
  const app = await createApp(config, { version: '0.0.0', startedAt: 0 }, log);
  t.teardown(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { app, ask: (request, options) => ask(app, request, options) };
}

async function ask(
  app: App,
  request: string,
  options: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const [method = 'GET', path = ''] = request.split(/ (.*)/s);
  const { body } = options;
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  const response = await app.http.fastify.inject({
    method: method as NonNullable<InjectOptions['method']>,
    url: path.startsWith('/') ? path : `/fhir/${path}`,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
      ...options.headers,
    },
    payload: body === undefined || isRaw ? body : JSON.stringify(body),
  });
  if (response.statusCode === 503 && response.headers['retry-after'] === undefined) {
    throw new Error(`${request} was answered 503 without Retry-After`);
  }
  const isJson = String(response.headers['content-type'] ?? '').includes('json') && response.payload !== '';
  const parsed =
    isJson && response.headers['content-encoding'] === undefined ? JSON.parse(response.payload) : undefined;
  return { status: response.statusCode, headers: response.headers, text: response.payload, body: parsed };
}
