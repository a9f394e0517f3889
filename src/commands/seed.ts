/**
 * `passerelle seed`: made-up migrant families, written to the store through the same checks as any transaction,
 * to a FHIR server over HTTP, or to an ndjson file.
 */

import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { isDeepStrictEqual } from 'node:util';

import { FhirError } from '../fhir/issues.ts';
import { parseStored } from '../fhir/json.ts';
import type { Resource } from '../fhir/types.ts';
import { processBundle } from '../interactions/bundle.ts';
import type { InteractionContext } from '../interactions/context.ts';
import { createInteractions } from '../interactions/interactions.ts';
import { type Batch, populate } from '../seed/population.ts';
import { StoreUnavailableError } from '../storage/store.ts';
import { COMMANDS } from './help.ts';
import { createProgress, type Progress } from './progress.ts';

export interface SeedOptions {
  readonly patients: number;
  readonly seed: number;
  /** `store`, the base address of a FHIR server, or a file that ends in .ndjson. */
  readonly to: string;
}

export interface SeedParts {
  /** Opens the configured store; only called for `--to store`. */
  readonly openStore: () => Promise<OpenStore>;
  /** Progress and the last line; not the data. */
  readonly print: (text: string) => void;
  readonly isTerminal: boolean;
  /** ms of a clock. */
  readonly now: () => number;
  /** ms; resolves when they have passed. */
  readonly wait: (ms: number) => Promise<unknown>;
  /** Ends it after the families under way. */
  readonly signal?: AbortSignal;
}

export interface OpenStore {
  readonly context: InteractionContext;
  close(): Promise<void>;
}

/** Where families go. */
interface Target {
  send(batch: Batch): Promise<void>;
  /** What is stored under the type and id of `resource`; a family is there when its last resource is. */
  read(resource: Resource): Promise<Resource | undefined>;
  close(): Promise<void>;
  /** Families under way at once. */
  readonly concurrency: number;
}

export const SEED_USAGE = COMMANDS.seed.usage;

const PATIENTS_MAX = 10_000_000;
const SEED_MAX = 2 ** 32 - 1;
/** So that one family is checked while another is committed. */
const CONCURRENCY = 8;
/** Between attempts to reach a store that is away for a while: a locked file, a full disk, a primary that steps down. */
const RETRIES_AFTER_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000] as const;
/** More of them share a commit of a store that others do not use meanwhile. */
const STORE_CONCURRENCY = 32;

/** Reads the arguments after `seed`; a string says what is wrong. */
export function readSeedOptions(args: readonly string[]): SeedOptions | string {
  const given: Record<string, string> = { '--patients': '100', '--seed': '1', '--to': 'store' };
  for (let at = 0; at < args.length; at++) {
    const [name = '', inline] = (args[at] as string).split(/=(.*)/s);
    if (!(name in given)) return `"${name}" is not an option. ${SEED_USAGE}`;
    const value = inline ?? args[++at];
    if (value === undefined || value === '') return `${name} needs a value. ${SEED_USAGE}`;
    given[name] = value;
  }
  const patients = integer(given['--patients'] as string, 1, PATIENTS_MAX);
  if (patients === undefined) return `--patients is a number from 1 to ${PATIENTS_MAX}.`;
  const seed = integer(given['--seed'] as string, 0, SEED_MAX);
  if (seed === undefined) return `--seed is a number from 0 to ${SEED_MAX}.`;
  const to = given['--to'] as string;
  if (to !== 'store' && !to.endsWith('.ndjson') && !isWebAddress(to)) {
    return '--to is "store", the address of a FHIR server such as http://127.0.0.1:8080/fhir, or a file that ends in .ndjson.';
  }
  return { patients, seed, to };
}

/**
 * Families that are there unchanged are left alone, so that a run can be gone on with.
 * @returns false when it was stopped before its end
 * @throws FhirError when the store or the server refuses a family; what came before it is kept
 */
export async function seed(options: SeedOptions, parts: SeedParts): Promise<boolean> {
  const target = await openTarget(options, parts);
  const progress = createProgress(options.patients, parts);
  const isStopped = (): boolean => parts.signal?.aborted === true;
  try {
    await deliver(populate(options), target, progress, isStopped);
  } finally {
    await target.close();
  }
  progress.end(`${options.to === 'store' ? 'in the store' : `at ${options.to}`}, seed ${options.seed}`);
  if (!isStopped()) return true;
  const goOn = options.to.endsWith('.ndjson') ? '' : ' The same command again goes on from there.';
  parts.print(`Stopped. What was written stays, in whole families.${goOn}\n`);
  return false;
}

async function deliver(
  batches: Iterator<Batch>,
  target: Target,
  progress: Progress,
  isStopped: () => boolean,
): Promise<void> {
  const deliverOne = async (batch: Batch): Promise<void> => {
    if (await isThere(batch, target)) {
      progress.skip(batch);
      return;
    }
    await target.send(batch);
    progress.count(batch);
  };
  // The sites first: some servers refuse references to what is not there.
  const sites = batches.next();
  if (!sites.done) await deliverOne(sites.value);
  let failed = false;
  const work = async (): Promise<void> => {
    for (let next = batches.next(); !next.done && !failed && !isStopped(); next = batches.next()) {
      try {
        await deliverOne(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: target.concurrency }, work));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/** A transaction is there whole or not at all; its last resource, the case, names all members. */
async function isThere({ resources }: Batch, target: Target): Promise<boolean> {
  const last = resources.at(-1) as Resource;
  const stored = await target.read(last);
  if (stored === undefined) return false;
  const content = ({ meta: _, ...rest }: Resource): object => rest;
  return isDeepStrictEqual(content(stored), content(last));
}

async function openTarget(options: SeedOptions, parts: SeedParts): Promise<Target> {
  if (options.to === 'store') return storeTarget(await parts.openStore(), parts);
  return options.to.endsWith('.ndjson') && !isWebAddress(options.to)
    ? fileTarget(options.to)
    : serverTarget(options.to.replace(/\/+$/, ''));
}

/** PUT under the ids of the generator: sent again, a family is updated and not doubled. */
function toTransaction({ resources }: Batch): Resource {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    })),
  };
}

/** Nothing is doubled by trying again: a family has its ids from the generator. */
async function patiently<Result>(work: () => Promise<Result>, { wait }: SeedParts): Promise<Result> {
  for (const pauseMs of RETRIES_AFTER_MS) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      await wait(pauseMs);
    }
  }
  return await work();
}

function storeTarget(store: OpenStore, parts: SeedParts): Target {
  const dispatcher = createInteractions([]);
  const address = { type: '', id: '', versionId: '', compartmentType: '', operation: '' };
  return {
    async send(batch) {
      const outer = { requestId: 'seed', method: 'POST', query: [], prefer: {}, baseUrl: '' } as const;
      await patiently(() => {
        // made for each attempt: a transaction that is under way lets go of its Bundle
        const body = { kind: 'resource', resource: toTransaction(batch) } as const;
        return processBundle({ ...outer, ...address, body }, store.context, dispatcher);
      }, parts);
    },
    async read({ resourceType, id }) {
      const version = await patiently(() => store.context.store.read(resourceType, id as string), parts);
      return version === undefined || version.deleted ? undefined : parseStored(version.json);
    },
    close: () => store.close(),
    concurrency: STORE_CONCURRENCY,
  };
}

function serverTarget(base: string): Target {
  return {
    async send(batch) {
      const response = await fetch(base, {
        method: 'POST',
        headers: { 'content-type': 'application/fhir+json', accept: 'application/fhir+json' },
        body: JSON.stringify(toTransaction(batch)),
      });
      const text = await response.text();
      if (!response.ok) throw refusal(response.status, text);
    },
    async read({ resourceType, id }) {
      const headers = { accept: 'application/fhir+json' };
      const response = await fetch(`${base}/${resourceType}/${id}`, { headers });
      const text = await response.text();
      // What is wrong with a server is told by the answer to the first family.
      return response.ok ? parseOrNothing(text) : undefined;
    },
    close: async () => {},
    concurrency: CONCURRENCY,
  };
}

function parseOrNothing(text: string): Resource | undefined {
  try {
    return JSON.parse(text) as Resource;
  } catch {
    return undefined;
  }
}

/** Names the first problems that the server told of. */
function refusal(status: number, text: string): FhirError {
  let told: string[] = [];
  try {
    const { issue = [] } = JSON.parse(text) as {
      issue?: { severity?: string; diagnostics?: string; details?: { text?: string } }[];
    };
    told = issue.map(({ severity, details, diagnostics }) => `${severity}: ${details?.text ?? diagnostics}`);
  } catch {
    // Not an OperationOutcome: the status has to do.
  }
  const lines = [`The server answered ${status} to a family.`, ...told.slice(0, 3)];
  return failure(lines.join('\n'));
}

function failure(text: string): FhirError {
  return new FhirError([{ key: 'internal', severity: 'error', code: 'exception', text }]);
}

function fileTarget(path: string): Target {
  if (existsSync(path)) throw failure(`${path} is there already: name a new file, or remove it.`);
  const stream = createWriteStream(path, { flags: 'wx' });
  // The reason to fail is that of the first write, told by `send` or `close`.
  const done = finished(stream);
  done.catch(() => {});
  return {
    async send({ resources }) {
      if (stream.errored !== null) throw stream.errored;
      const text = resources.map((resource) => `${JSON.stringify(resource)}\n`).join('');
      if (!stream.write(text)) await Promise.race([once(stream, 'drain'), done]);
    },
    read: async () => undefined,
    async close() {
      stream.end();
      await done;
    },
    concurrency: CONCURRENCY,
  };
}

function integer(text: string, lo: number, hi: number): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= lo && value <= hi ? value : undefined;
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text);
}
