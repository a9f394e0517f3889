/**
 * The ladder: the same searches, exact totals and imports on stores of growing size. Data is made once with
 * `passerelle seed` and kept; a rung works on a copy.
 */
import { execFileSync } from 'node:child_process';
import { constants, cpSync, existsSync, mkdirSync, mkdtempSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, type Samples } from '../search-data.ts';
import { SHAPES } from '../search-shapes.ts';
import { importData, meanBytes, takeSamples } from './data.ts';
import { applyLoad, type Outcome } from './load.ts';
import { importFamilies, isWanted, type Rig } from './measure.ts';
import type { Rung } from './parts.ts';
import { cellsOf, memory } from './report.ts';
import { folderBytes, runPasserelle, startPasserelle, type Target } from './target.ts';
import { families, get, SEARCH_USERS } from './workloads.ts';

export interface RungPlace {
  readonly engine: Rung['engine'];
  readonly patients: number;
  /** Where the seeded data of SQLite is kept. */
  readonly dataFolder: string;
  /** Settings of a server on MongoDB, such as where it is. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Larger data is measured where it is, and nothing is imported into it. */
const COPIED_BYTES_MAX = 20e9;
const SHAPE_SECONDS = 0.4;
const WARM_SECONDS = 0.15;
const LOAD_SECONDS = 2;
const SAMPLE_PATIENTS = 200;
/** Families of other seeds, so that nothing is written twice. */
const PROBE = { patients: 300, seed: 77_001, warmPatients: 60, warmSeed: 77_002 } as const;

/** Estimate, in seconds, without making the data. */
export const RUNG_SECONDS = 70;

export async function measureRung(place: RungPlace, rig: Rig): Promise<Rung> {
  const { engine, patients } = place;
  const { terminal, options } = rig;
  const label = `${engine === 'sqlite' ? 'SQLite' : 'MongoDB'}, ${patients.toLocaleString('en-US')} patients`;
  terminal.title(`Ladder: ${label}`);
  const seeded = await ensureData(place, rig);
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-ladder-'));
  const storedBytes = engine === 'sqlite' ? folderBytes(seeded.folder) : 0;
  const isCopied = engine === 'mongodb' || storedBytes < COPIED_BYTES_MAX;
  if (engine === 'sqlite' && isCopied) copy(seeded.folder, folder, rig);
  const env = { ...place.env };
  const target = await startPasserelle({ name: label, env }, isCopied ? folder : seeded.folder);
  try {
    const resources = await countAll(target.base);
    terminal.note(
      `${resources.toLocaleString('en-US')} resources, ready after ${Math.round(target.own?.startMs ?? 0)} ms`,
    );
    const samples = await takeSamples(target.base);
    const loads = await measureLoads(target, samples, rig);
    const shapes = await measureShapes(target, samples, rig);
    const totals = await measureTotals(target, rig);
    const used = target.own?.memory();
    if (used !== undefined) terminal.note(`resident: ${memory(used)}`);
    const importPerSecond = isCopied ? await measureImport(target, rig) : undefined;
    return {
      kind: 'rung',
      name: `Ladder on ${engine === 'sqlite' ? 'SQLite' : 'MongoDB'}`,
      engine,
      patients,
      resources,
      readyMs: target.own?.startMs ?? 0,
      memory: used ?? { residentBytes: 0, anonymousBytes: 0, fileBytes: 0 },
      storedBytes,
      jsonBytes: meanBytes(SAMPLE_PATIENTS, options.seed),
      ...(seeded.perSecond !== undefined && { seedPerSecond: seeded.perSecond }),
      ...(importPerSecond !== undefined && { importPerSecond }),
      shapes,
      loads,
      totals,
    };
  } finally {
    if (isCopied) await target.stop();
    else await target.own?.stop();
  }
}

interface Seeded {
  readonly folder: string;
  /** Resources per second, when the data was made now. */
  readonly perSecond?: number;
}

async function ensureData(place: RungPlace, { terminal, options }: Rig): Promise<Seeded> {
  const { engine, patients, dataFolder, env } = place;
  const folder = join(dataFolder, `p${patients}`);
  if (engine === 'sqlite' && existsSync(join(folder, 'passerelle.sqlite'))) return { folder };
  // Under another name until it is whole: an interrupted run must not leave half of the data.
  const making = engine === 'sqlite' ? `${folder}.making` : mkdtempSync(join(tmpdir(), 'passerelle-ladder-'));
  mkdirSync(making, { recursive: true });
  const settings = {
    PASSERELLE_DATA: making,
    ...env,
  };
  const args = ['seed', '--patients', String(patients), '--seed', String(options.seed)];
  const { code, output } = await runPasserelle(args, settings, (text) => {
    const [, told, left = '0:00'] = /(\d[\d,]* of .*?), ([\d:]+) left/.exec(text) ?? [];
    if (told === undefined) return;
    terminal.progress(`seeding ${told}`, secondsOf(left));
  });
  if (code !== 0) throw new Error(`seeding ${patients} patients failed: ${output.slice(-500)}`);
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  terminal.note(last);
  if (engine === 'sqlite') renameSync(making, folder);
  const perSecond = /([\d,]+)\/s\s*$/.exec(last)?.[1]?.replaceAll(',', '');
  return { folder, ...(perSecond !== undefined && { perSecond: Number(perSecond) }) };
}

function secondsOf(text: string): number {
  return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

function copy(from: string, to: string, { terminal }: Rig): void {
  terminal.progress('copying the data', 5);
  cpSync(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE });
  // Else the kernel writes it out under the measurement.
  execFileSync('sync');
}

/** The 30 shapes at random and each family, 16 users. */
async function measureLoads({ base, own }: Target, samples: Samples, rig: Rig): Promise<Rung['loads']> {
  const random = createRandom(11);
  const mix = {
    name: 'search, 30 shapes',
    act: get(() =>
      (SHAPES[Math.floor(random() * SHAPES.length)] as (typeof SHAPES)[number]).url(random, samples),
    ),
  };
  const found: Rung['loads'][number][] = [];
  for (const { name, act } of [mix, ...families(random, samples)]) {
    if (!isWanted(name, rig.options.only)) continue;
    const load = { base, users: SEARCH_USERS, act };
    rig.terminal.progress(name, LOAD_SECONDS * 1.25);
    await applyLoad({ ...load, seconds: LOAD_SECONDS / 4 });
    const outcome = await applyLoad({
      ...load,
      seconds: LOAD_SECONDS,
      ...(own !== undefined && { serverCpuSeconds: own.cpuSeconds }),
    });
    const { p50, p99, perSecond, errors } = outcome;
    rig.terminal.row(loadCells(name, outcome));
    if (outcome.error !== undefined) rig.terminal.note(`  ${outcome.error.slice(0, 200)}`);
    found.push({ name, p50, p99, perSecond, errors });
  }
  return found;
}

function loadCells(name: string, outcome: Outcome): string[] {
  const { perSecond, errors } = outcome;
  return cellsOf({ workload: name, unit: 'req/s', perSecond, outcome, errors });
}

/** Each shape alone, one user. */
async function measureShapes({ base }: Target, samples: Samples, rig: Rig): Promise<Rung['shapes']> {
  const random = createRandom(12);
  const found: Rung['shapes'][number][] = [];
  if (!isWanted('shapes', rig.options.only)) return found;
  for (const [index, shape] of SHAPES.entries()) {
    const act = get(() => shape.url(random, samples));
    const left = (SHAPES.length - index) * (SHAPE_SECONDS + WARM_SECONDS) * 2;
    rig.terminal.progress(`shapes one by one, ${index + 1} of ${SHAPES.length}`, left);
    await applyLoad({ base, users: 1, seconds: WARM_SECONDS, act });
    const { p50, errors } = await applyLoad({ base, users: 1, seconds: SHAPE_SECONDS, act });
    const rows = await rowsOf(base, () => shape.url(random, samples));
    if (rows === undefined) {
      found.push({ name: shape.name, p50, errors });
      continue;
    }
    const oneRow = get(() => ofOneRow(shape.url(random, samples)));
    await applyLoad({ base, users: 1, seconds: WARM_SECONDS, act: oneRow });
    const { p50: oneRowP50 } = await applyLoad({ base, users: 1, seconds: SHAPE_SECONDS, act: oneRow });
    found.push({ name: shape.name, p50, errors, rows, oneRowP50 });
  }
  const slowest = found.toSorted((a, b) => b.p50 - a.p50).slice(0, 3);
  const told = slowest.map(({ name, p50 }) => `${name} ${p50.toFixed(1)} ms`).join('; ');
  rig.terminal.note(`slowest shapes for one user: ${told}`);
  return found;
}

/** Pages whose rows are counted. */
const COUNTED_PAGES = 20;

/** Matches on a page, in the mean; undefined for what is no search. */
async function rowsOf(base: URL, url: () => string): Promise<number | undefined> {
  let rows = 0;
  for (let pages = 0; pages < COUNTED_PAGES; pages++) {
    const response = await fetch(`${base}/${encodeURI(url())}`);
    const { resourceType, entry = [] } = (await response.json()) as Page;
    if (resourceType !== 'Bundle') return undefined;
    rows += entry.filter(({ search }) => search?.mode === 'match').length;
  }
  return rows / COUNTED_PAGES;
}

interface Page {
  readonly resourceType?: string;
  readonly entry?: readonly { readonly search?: { readonly mode?: string } }[];
}

function ofOneRow(url: string): string {
  return `${url.replace(/&?_count=\d+/, '')}&_count=1`.replace('?&', '?');
}

/** From everything there is to what the 30 shapes count. */
const TOTALS = [
  '?_type=Consent,Encounter,EpisodeOfCare,Group,Immunization,Observation,Patient,ServiceRequest,Specimen,Task,MedicationAdministration,Condition&_count=1&_total=accurate',
  'Observation?_count=1&_total=accurate',
  'Observation?date=ge2000&_count=1&_total=accurate',
  'Observation?status=final&_count=1&_total=accurate',
  'Observation?code=http://loinc.org|29463-7&_count=1&_total=accurate',
  'Patient?gender=male&_count=1&_total=accurate',
] as const;
const TOTAL_TRIES = 7;

async function measureTotals({ base }: Target, rig: Rig): Promise<Rung['totals']> {
  const found: Rung['totals'][number][] = [];
  if (!isWanted('totals', rig.options.only)) return found;
  for (const query of TOTALS) {
    const times: number[] = [];
    let hits = 0;
    for (let tries = 0; tries < TOTAL_TRIES; tries++) {
      const start = performance.now();
      const response = await fetch(`${base}${query.startsWith('?') ? '' : '/'}${encodeURI(query)}`);
      const { total } = (await response.json()) as { total?: number };
      times.push(performance.now() - start);
      hits = total ?? 0;
    }
    const p50 = times.sort((a, b) => a - b)[Math.floor(TOTAL_TRIES / 2)] as number;
    const name = query.startsWith('?') ? 'all of twelve types' : query;
    rig.terminal.note(`${name}: ${hits.toLocaleString('en-US')} hits, ${p50.toFixed(1)} ms`);
    found.push({ query: name, hits, p50 });
  }
  return found;
}

/** Warm families first: a rate of cold code would say nothing of the size. */
async function measureImport(target: Target, rig: Rig): Promise<number | undefined> {
  if (!isWanted('import', rig.options.only)) return undefined;
  await importFamilies(target, importData(PROBE.warmPatients, PROBE.warmSeed), rig);
  const data = importData(PROBE.patients, PROBE.seed);
  const { perSecond, outcome } = await importFamilies(target, data, rig);
  rig.terminal.row([
    'import at this size',
    `${Math.round(perSecond).toLocaleString('en-US')} resources/s`,
    outcome.p50.toFixed(1),
    outcome.p99.toFixed(1),
    String(outcome.errors),
  ]);
  if (outcome.error !== undefined) rig.terminal.note(`  ${outcome.error.slice(0, 200)}`);
  return outcome.errors === 0 ? perSecond : undefined;
}

async function countAll(base: URL): Promise<number> {
  const response = await fetch(`${base}${TOTALS[0].replace('_count=1&_total=accurate', '_summary=count')}`);
  const { total } = (await response.json()) as { total?: number };
  return total ?? 0;
}
