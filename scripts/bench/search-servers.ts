/**
 * The servers that scripts/bench/search.ts asks: one for each size, each a process of its own as users start it, filled
 * over HTTP in transactions or found filled.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Resource } from '../../src/fhir/types.ts';
import { takeSamples } from './driver/data.ts';
import { applyLoad } from './driver/load.ts';
import { openMongoPlace } from './driver/mongo.ts';
import { foreignTarget, type OwnServer, startPasserelle } from './driver/target.ts';
import { createPopulation, type Population, type Samples } from './search-data.ts';

export interface Side {
  readonly name: string;
  readonly base: URL;
  readonly samples: Samples;
  /** Made by `createPopulation`; else by `passerelle seed`, or by others. */
  readonly isInvented: boolean;
  /** Whether its server has just been filled. */
  readonly isFilledNow: boolean;
  /** Whether its index catches up with writes after them. */
  readonly isIndexedBehind: boolean;
  /** Undefined for servers that were not started here. */
  readonly own?: OwnServer;
  stop(): Promise<void>;
}

const IMPORT_USERS = 8;
const SAMPLED_PATIENTS = 2_000;
const FILE = 'passerelle.sqlite';

/** On SQLite in `keep`, where it is found the next time, or in a folder that goes with it. */
export async function sideOfSize(patients: number, keep: string | undefined): Promise<Side> {
  const { folder, remove } = folderFor(patients, keep);
  const isThere = existsSync(join(folder, FILE));
  // under another name until it is whole
  const making = isThere ? folder : `${folder}.making`;
  mkdirSync(making, { recursive: true });
  const target = await startPasserelle({ name: `${patients} patients`, env: UNLIMITED }, making);
  const own = target.own as OwnServer;
  const stop = async (): Promise<void> => {
    await own.stop();
    if (!isThere) renameSync(making, folder);
    remove();
  };
  return await invented(patients, {
    base: target.base,
    own,
    isFilledNow: !isThere,
    isIndexedBehind: true,
    stop,
  });
}

/** In a database of its own, which is dropped at the end. */
export async function sideOnMongo(patients: number): Promise<Side> {
  const place = await openMongoPlace();
  const target = await startPasserelle({ name: place.name, env: { ...UNLIMITED, ...place.env } });
  const stop = async (): Promise<void> => {
    await target.stop();
    await place.close();
  };
  const own = target.own as OwnServer;
  return await invented(patients, {
    base: target.base,
    own,
    isFilledNow: true,
    isIndexedBehind: false,
    stop,
  });
}

/** On a data folder that `passerelle seed` has filled, or one that was kept. */
export async function sideOfData(folder: string): Promise<Side> {
  if (!existsSync(join(folder, FILE))) throw new Error(`${folder} has no ${FILE}`);
  const { base, own } = await startPasserelle({ name: folder, env: UNLIMITED }, folder);
  const stop = async (): Promise<void> => void (await own?.stop());
  const found = await foundAt(base);
  return { name: folder, base, ...found, ...(own !== undefined && { own }), stop };
}

/** Data that others have made. */
async function foundAt(base: URL) {
  const samples = await takeSamples(base);
  return { samples, isInvented: false, isFilledNow: false, isIndexedBehind: false };
}

/** A server that runs already. */
export async function sideOfServer(address: string): Promise<Side> {
  const { base, stop } = foreignTarget(address.replace(/\/+$/, ''));
  const found = await foundAt(base);
  return { name: address, base, ...found, stop };
}

/**
 * As many different people and places for each size as the smallest has: who asks for 64 times as many different ones
 * finds fewer of them in memory, which is not growth of the data.
 */
export function alikeSamples(sides: readonly Side[]): Side[] {
  const different = (samples: Samples, name: keyof Samples): string[] => [...new Set(samples[name])];
  const least = (name: keyof Samples): number =>
    Math.min(...sides.map(({ samples }) => different(samples, name).length));
  return sides.map((side) => {
    const first = (name: keyof Samples): string[] => different(side.samples, name).slice(0, least(name));
    const samples: Samples = {
      patients: first('patients'),
      families: first('families'),
      practitioners: first('practitioners'),
      locations: first('locations'),
      conditionCodes: first('conditionCodes'),
      procedureCodes: first('procedureCodes'),
    };
    return { ...side, samples };
  });
}

/** The generator of load is one client, whose requests are not to be held back. */
const UNLIMITED = { PASSERELLE_REQUESTS_PER_MINUTE_MAX: '10000000' };

function folderFor(patients: number, keep: string | undefined) {
  const root = keep ?? mkdtempSync(join(tmpdir(), 'passerelle-bench-'));
  const remove = (): void => {
    if (keep === undefined) rmSync(root, { recursive: true });
  };
  return { folder: join(root, `search-${patients}`), remove };
}

async function invented(
  patients: number,
  side: Pick<Side, 'base' | 'isFilledNow' | 'isIndexedBehind' | 'stop'> & { readonly own: OwnServer },
): Promise<Side> {
  const sampled = createPopulation(1, patients);
  for (let made = 0; made < Math.min(patients, SAMPLED_PATIENTS); made++) sampled.next();
  try {
    if (side.isFilledNow) await fill(side.base, createPopulation(1, patients), patients);
    const resources = await countAll(side.base);
    const name = `${resources.toLocaleString('en-US')} resources`;
    return { name, samples: sampled.samples, isInvented: true, ...side };
  } catch (error) {
    await side.stop();
    throw error;
  }
}

/** A transaction of PUTs for each patient. */
async function fill(base: URL, population: Population, patients: number): Promise<void> {
  let made = 0;
  const bodies = (function* () {
    yield transaction(population.shared);
    for (; made < patients; made++) yield transaction(population.next());
  })();
  const told = setInterval(() => console.error(`${made} of ${patients} patients`), TELL_MS);
  try {
    const load = { base, seconds: Number.POSITIVE_INFINITY };
    const send = async (users: number, most: number): Promise<void> => {
      let left = most;
      const { error } = await applyLoad({
        ...load,
        users,
        async act(user) {
          const body = left-- > 0 ? bodies.next().value : undefined;
          if (body === undefined) return false;
          await user.ask('POST', user.base.pathname, body);
          return undefined;
        },
      });
      if (error !== undefined) throw new Error(error);
    };
    // what all refer to first
    await send(1, 1);
    await send(IMPORT_USERS, Number.POSITIVE_INFINITY);
  } finally {
    clearInterval(told);
  }
}

const TELL_MS = 10_000;

function transaction(resources: readonly Resource[]): Buffer {
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  return Buffer.from(JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }));
}

const TYPES =
  'Patient,Encounter,Observation,Condition,MedicationRequest,Procedure,Practitioner,Location' as const;

async function countAll(base: URL): Promise<number> {
  const response = await fetch(`${base}?_type=${TYPES}&_summary=count`);
  const { total } = (await response.json()) as { total?: number };
  return total ?? 0;
}
