/**
 * The browsable guide of the IOM package at /guide: plain files that the build has written. Only files that
 * were there at start are served, so an address can never leave the folder.
 */
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { fail } from '../fhir/issues.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.tgz': 'application/gzip',
};

/** Nothing of the guide may run or call out. */
const POLICY = "default-src 'none'; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** `folder` may be missing: then there is no guide. */
export function addGuideRoutes(fastify: FastifyInstance, folder: string): void {
  const files = listFiles(folder);
  fastify.get('/guide', async (_request, reply) => reply.redirect('/guide/index.html'));
  fastify.get('/guide/', async (_request, reply) => reply.redirect('/guide/index.html'));
  fastify.get('/guide/*', async (request, reply) => {
    const file = files.get((request.params as { '*': string })['*']);
    if (file === undefined) throw fail('unknown-path', 'The guide has no such page. Start at /guide.');
    return send(reply, file);
  });
}

function listFiles(folder: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  if (!existsSync(folder)) return files;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && extname(entry.name) in TYPES && !entry.name.startsWith('.')) {
      files.set(relative(folder, path), path);
    }
  }
  return files;
}

async function send(reply: FastifyReply, file: string): Promise<FastifyReply> {
  reply.header('content-type', TYPES[extname(file)]);
  reply.header('content-security-policy', POLICY);
  reply.header('x-content-type-options', 'nosniff');
  reply.header('cache-control', 'max-age=300');
  return reply.send(await readFile(file));
}
