// Made-up families: the same for the same seed, valid against the profiles they claim, accepted by the server.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { createProgress } from '../../src/commands/progress.ts';
import { readSeedOptions, type SeedParts, seed } from '../../src/commands/seed.ts';
import { loadBuiltDefinitions } from '../../src/definitions/built.ts';
import { isError } from '../../src/fhir/issues.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createGenerations } from '../../src/interactions/generations.ts';
import { populate } from '../../src/seed/population.ts';
import { createRandom } from '../../src/seed/random.ts';
import { StoreUnavailableError } from '../../src/storage/store.ts';
import { startServer } from '../http/start.ts';

const SEEDS = [1, 20_260_101, 4_294_967_295];

function all(patients: number, seedNumber: number): Resource[] {
  return [...populate({ patients, seed: seedNumber })].flatMap((batch) => batch.resources);
}

function sha256(resources: readonly Resource[]): string {
  return createHash('sha256').update(JSON.stringify(resources)).digest('hex');
}

function countTypes(resources: readonly Resource[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { resourceType } of resources) counts[resourceType] = (counts[resourceType] ?? 0) + 1;
  return counts;
}

const parts = (said: string[]): SeedParts => ({
  openStore: () => Promise.reject(new Error('no store here')),
  print: (text) => said.push(text),
  isTerminal: false,
  now: () => 0,
  wait: async () => {},
});

t.test('the same seed gives the same bytes, another seed others', async (t) => {
  t.equal(sha256(all(40, 7)), sha256(all(40, 7)));
  t.not(sha256(all(40, 7)), sha256(all(40, 8)));
  const random = createRandom(7, 3);
  t.same(
    [random.below(1000), random.below(1000), random.between(5, 9), random.id(77)],
    [88, 950, 5, '00000000-004d-8e87-8015-3c43e426d1e0'],
    'the generator itself never changes, or old seeds would give new data',
  );
});

t.test('a large population begins with the families of a small one', async (t) => {
  const small = [...populate({ patients: 30, seed: 5 })];
  const large = [...populate({ patients: 60, seed: 5 })];
  t.strictSame(large.slice(0, small.length - 1), small.slice(0, -1));
});

t.test('exactly as many patients as asked for, about 17 resources each', async (t) => {
  for (const patients of [1, 2, 137]) t.equal(countTypes(all(patients, 3)).Patient, patients);
  const resources = all(400, 3);
  const { Organization = 0, Location = 0, Practitioner = 0, ...records } = countTypes(resources);
  const perPatient = (resources.length - Organization - Location - Practitioner) / 400;
  t.ok(perPatient > 15 && perPatient < 19, `${perPatient} resources per patient`);
  t.same(Object.keys(records).sort(), [
    'Condition',
    'Consent',
    'Encounter',
    'EpisodeOfCare',
    'Group',
    'Immunization',
    'MedicationAdministration',
    'Observation',
    'Patient',
    'ServiceRequest',
    'Specimen',
    'Task',
  ]);
});

t.test('three of four people assessed are labour migrants, one is a refugee', async (t) => {
  const areas: Record<string, number> = {};
  for (const resource of all(2_000, 3)) {
    if (resource.resourceType !== 'EpisodeOfCare') continue;
    const { type } = resource as unknown as { type: { coding: { code: string }[] }[] };
    const area = type[0]?.coding[0]?.code ?? 'none';
    areas[area] = (areas[area] ?? 0) + 1;
  }
  const { 'H1-1': refugees = 0, 'H1-2': labour = 0 } = areas;
  const share = labour / (labour + refugees);
  t.ok(share > 0.72 && share < 0.79, `${share} of the people assessed, IOM 2018: 0.755`);
  t.same(Object.keys(areas).sort(), ['H1-1', 'H1-2', 'H1-4', 'H3-2', 'H3-3']);
});

t.test('ids and numbers are unique, also between seeds, and references lead somewhere', async (t) => {
  const resources = SEEDS.flatMap((one) => all(60, one));
  const keys = resources.map((one) => `${one.resourceType}/${one.id}`);
  const known = new Set(keys);
  const sites = new Set(
    all(1, 1)
      .slice(0, 131)
      .map((one) => `${one.resourceType}/${one.id}`),
  );
  t.equal(keys.filter((key) => !sites.has(key)).length, known.size - sites.size);
  const dangling = [...JSON.stringify(resources).matchAll(/"reference":"([^"]+)"/g)].filter(
    ([, target]) => !known.has(target as string),
  );
  t.same(dangling, []);
});

t.test('names in several scripts, birth dates as precise as known, and gaps', async (t) => {
  const patients = all(300, 11).filter((one) => one.resourceType === 'Patient');
  const text = JSON.stringify(patients.map((one) => one.name));
  for (const script of ['Latin', 'Arabic', 'Devanagari', 'Myanmar', 'Bengali', 'Ethiopic', 'Cyrillic']) {
    t.match(text, new RegExp(`\\p{Script=${script}}`, 'u'), script);
  }
  const lengths = new Set(patients.map((one) => String(one.birthDate ?? '').length));
  t.same([...lengths].sort(), [0, 10, 4, 7]);
  for (const element of ['telecom', 'address', 'communication']) {
    t.ok(
      patients.some((one) => one[element] === undefined),
      `${element} is missing somewhere`,
    );
  }
});

t.test('every resource is valid against the profile it claims, without an error', async (t) => {
  const extraction = { base: '', timeZone: 'UTC', fullText: false };
  const { validator } = createGenerations(loadBuiltDefinitions(), extraction).current();
  const unclaimed = new Set<string>();
  const wrong: unknown[] = [];
  for (const one of SEEDS) {
    for (const resource of all(100, one)) {
      const issues = validator.validate(structuredClone(resource), {}).filter(isError);
      if (issues.length > 0) wrong.push({ seed: one, resource, issues });
      if (resource.meta?.profile === undefined) unclaimed.add(resource.resourceType);
    }
  }
  t.same(wrong, []);
  t.same([...unclaimed].sort(), ['Practitioner', 'Task'], 'all but these claim a profile of the IOM package');
});

t.test('a store that is away for a while is waited for, one that stays away is told of', async (t) => {
  const server = await startServer(t);
  const { context } = server.app;
  const pauses: number[] = [];
  const run = (failures: number): Promise<boolean> => {
    let left = failures;
    const transact: typeof context.store.transact = async (...args) => {
      if (left-- > 0) throw new StoreUnavailableError('the file is locked');
      return await context.store.transact(...args);
    };
    const store = { ...context.store, transact };
    const openStore = async () => ({ context: { ...context, store }, close: async () => {} });
    const wait = async (ms: number): Promise<void> => {
      pauses.push(ms);
    };
    return seed({ patients: 3, seed: 9, to: 'store' }, { ...parts([]), openStore, wait });
  };
  await t.rejects(run(1_000), { name: 'StoreUnavailableError' });
  pauses.length = 0;
  t.equal(await run(3), true);
  t.same(pauses, [1_000, 2_000, 4_000]);
  t.equal((await server.ask('GET Patient?_summary=count')).body.total, countTypes(all(3, 9)).Patient);
});

t.test(
  'into the store: a transaction a family, stopped, gone on with, and again without doubles',
  async (t) => {
    const server = await startServer(t);
    // more families than are under way at once
    const patients = 240;
    const said: string[] = [];
    const openStore = async () => ({ context: server.app.context, close: async () => {} });
    const count = async (): Promise<Record<string, number>> => {
      const stored: Record<string, number> = {};
      for (const type of Object.keys(expected)) {
        stored[type] = (await server.ask(`GET ${type}?_summary=count`)).body.total;
      }
      return stored;
    };
    const expected = countTypes(all(patients, 9));
    const options = { patients, seed: 9, to: 'store' };
    const stop = new AbortController();
    let readings = 0;
    const watched = {
      ...parts(said),
      openStore,
      signal: stop.signal,
      // the clock is read when a family is done
      now: () => {
        if (++readings > 5) stop.abort();
        return 0;
      },
    };
    t.equal(await seed(options, watched), false, 'stopped');
    t.match(said.at(-1), /^Stopped\. What was written stays, in whole families\. The same command again/);
    const { Patient = 0, Group = 0 } = await count();
    t.ok(Patient > 0 && Patient < patients, `${Patient} patients of ${Group} families so far`);
    const families = new Map(
      [...populate({ patients, seed: 9 })].slice(1).map(({ resources }) => [resources.at(-1)?.id, resources]),
    );
    for (const { resource } of (await server.ask('GET Group?_count=100')).body.entry) {
      const members = families.get(resource.id) as Resource[];
      t.equal((await server.ask(`GET Patient/${members[0]?.id}`)).status, 200, 'whole');
    }

    t.equal(await seed(options, { ...parts(said), openStore }), true);
    t.same(await count(), expected);
    t.match(
      said.at(-1),
      new RegExp(
        `^${patients} patients, [\\d,]+ resources in the store, seed 9 \\(${Patient} patients were there before\\)`,
      ),
    );

    await seed(options, { ...parts(said), openStore });
    t.match(
      said.at(-1),
      new RegExp(
        `^${patients} patients, 0 resources in the store, seed 9 \\(${patients} patients were there before\\), 0:00, `,
      ),
    );
    t.equal(
      (await server.ask('GET Patient?_summary=count&_lastUpdated=ge2000')).body.total,
      expected.Patient,
    );
    const [changed] = (await server.ask('GET Group?_count=1')).body.entry;
    const { id } = changed.resource;
    await server.ask(`PUT Group/${id}`, { body: { ...changed.resource, name: 'Changed' } });
    await seed(options, { ...parts(said), openStore });
    const mended = (await server.ask(`GET Group/${id}`)).body;
    t.not(mended.name, 'Changed', 'a family that was changed is written again');
    t.equal(mended.meta.versionId, String(Number(changed.resource.meta.versionId) + 2));
    t.same(await count(), expected);
  },
);

t.test('over HTTP and into a file', async (t) => {
  const server = await startServer(t);
  const address = await server.app.http.listen('127.0.0.1', 0);
  await seed({ patients: 5, seed: 2, to: `${address}/fhir/` }, parts([]));
  t.equal((await server.ask('GET Patient?_summary=count')).body.total, 5);
  await t.rejects(
    seed({ patients: 5, seed: 2, to: `${address}/nowhere` }, parts([])),
    /^The server answered 404 to a family\./,
  );

  const folder = mkdtempSync(join(tmpdir(), 'passerelle-seed-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'families.ndjson');
  await seed({ patients: 25, seed: 2, to: file }, parts([]));
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  t.strictSame(
    lines.map((line) => JSON.parse(line)),
    all(25, 2),
  );
  await t.rejects(seed({ patients: 5, seed: 2, to: file }, parts([])), /families\.ndjson is there already/);
  t.equal(readFileSync(file, 'utf8').trimEnd().split('\n').length, lines.length, 'and is left as it was');
  await t.rejects(seed({ patients: 5, seed: 2, to: join(folder, 'no', 'x.ndjson') }, parts([])), {
    code: 'ENOENT',
  });
});

t.test('arguments are read, and what is wrong with them is told', async (t) => {
  t.same(readSeedOptions([]), { patients: 100, seed: 1, to: 'store' });
  t.same(readSeedOptions(['--patients=3', '--seed', '0', '--to', 'a.ndjson']), {
    patients: 3,
    seed: 0,
    to: 'a.ndjson',
  });
  t.same(readSeedOptions(['--to', 'http://127.0.0.1:8080/fhir']), {
    patients: 100,
    seed: 1,
    to: 'http://127.0.0.1:8080/fhir',
  });
  for (const [args, problem] of [
    [['--patients', '0'], /^--patients is a number/],
    [['--patients', '10000001'], /^--patients is a number/],
    [['--seed', '-1'], /^--seed is a number/],
    [['--seed', '4294967296'], /^--seed is a number/],
    [['--to', 'a.json'], /^--to is/],
    [['--patients'], /^--patients needs a value/],
    [['--help'], /is not an option/],
  ] as const) {
    t.match(readSeedOptions(args), problem, args.join(' '));
  }
});

t.test('progress tells rate and time left: a bar on a terminal, lines elsewhere', async (t) => {
  for (const isTerminal of [true, false]) {
    let ms = 0;
    const said: string[] = [];
    const progress = createProgress(200, { print: (text) => said.push(text), isTerminal, now: () => ms });
    ms = 10_000;
    progress.count({ patients: 50, resources: new Array(850) });
    progress.count({ patients: 1, resources: [] });
    ms = 4_000_000;
    progress.end('somewhere');
    const line = '50 of 200 patients, 850 resources, 85/s, 0:30 left';
    t.same(
      said,
      isTerminal
        ? [
            `\r\u001b[K[########......................] ${line}`,
            '\r\u001b[K51 patients, 850 resources somewhere, 1:06:40, 0/s\n',
          ]
        : [`${line}\n`, '51 patients, 850 resources somewhere, 1:06:40, 0/s\n'],
    );
  }
});
