/**
 * What validation costs: to load, beside JSON.parse of the same text, beside @medplum/core, and for everybody
 * else while a Bundle of 35 MB is looked at. CPU time, and all that is compared runs in turns, so that other
 * work on the machine counts less.
 *
 *   node scripts/bench/validate.ts [seconds for each kind of resource] [--v8-defaults]
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import type { Resource as MedplumResource, StructureDefinition } from '@medplum/fhirtypes';
import { openArchive } from '../../src/definitions/archive.ts';
import { loadCoreDefinitions, withEntries } from '../../src/definitions/registry.ts';
import { createTypeModel } from '../../src/definitions/types.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createTerminology } from '../../src/terminology/create.ts';
import { loadCompiledTypes } from '../../src/validation/load-types.ts';
import { createValidator, type Validator } from '../../src/validation/validator.ts';
import { runAsServer } from './as-server.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const EXAMPLES = join(ROOT, 'node_modules', 'hl7.fhir.r4.examples');
const IOM = join(ROOT, 'build', 'iom', 'examples', 'good');
const CONFORMANCE =
  /^(StructureDefinition|ValueSet|CodeSystem|SearchParameter|ConceptMap|OperationDefinition|CapabilityStatement|ImplementationGuide|NamingSystem|CompartmentDefinition|StructureMap|MessageDefinition|GraphDefinition|TerminologyCapabilities|ExampleScenario|TestScript|TestReport)-/;
/** Bundles of some twenty resources, each with its profile. */
const DOCUMENT = /document-bundle/;
const BYTES_MAX = 1_000_000;
/** Resources that are parsed, then validated: as on a server, they are still in the processor's caches. */
const TURN = 16;
const MEDPLUM_ROUNDS = 6;

runAsServer();
const seconds = Number(process.argv.slice(2).find((arg) => !arg.startsWith('-')) ?? 6);
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function read(folder: string, keep: (file: string) => boolean): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json') && file !== 'package.json' && keep(file))
    .filter((file) => statSync(join(folder, file)).size <= BYTES_MAX)
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .filter((text) => text.includes('"resourceType"'));
}

function cpuMs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function memoryMb(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

const core = loadCoreDefinitions();
const model = createTypeModel(core);

/** Loads the validators as a server does and uses every IOM profile once. */
function load(): Validator {
  const definitions = withEntries(core, openArchive(join(ROOT, 'build', 'iom-archive')));
  const texts = read(IOM, () => true);
  const memory = memoryMb();
  let types: ReturnType<typeof loadCompiledTypes>;
  const loadMs = cpuMs(() => {
    types = loadCompiledTypes();
  });
  let validator: Validator | undefined;
  const createMs = cpuMs(() => {
    const terminology = createTerminology(definitions);
    validator = createValidator({ definitions, model, terminology, types });
    validator.validate({ resourceType: 'Patient', active: true });
  });
  const loaded = memoryMb();
  const firstMs = cpuMs(() => {
    for (const text of texts) validator?.validate(JSON.parse(text), { errorsOnly: true });
  });
  const used = memoryMb();
  console.log(
    `load: generated code ${loadMs.toFixed(0)} ms, validator and first resource ${createMs.toFixed(0)} ms, ${(loaded - memory).toFixed(1)} MB`,
  );
  console.log(
    `first use of all IOM profiles: ${firstMs.toFixed(0)} ms, ${(used - memory).toFixed(1)} MB in all`,
  );
  return validator as Validator;
}

/** The longest stretch without a turn for others, in CPU time of this thread. */
async function measureBundle(validator: Validator, when: string): Promise<void> {
  const text = readFileSync(join(EXAMPLES, 'Bundle-resources.json'), 'utf8');
  const started = threadCpuMs();
  const bundle = JSON.parse(text);
  const parsed = threadCpuMs();
  let last = parsed;
  let longest = 0;
  let isDone = false;
  const turn = () => {
    const now = threadCpuMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  await validator.validateYielding(bundle, { errorsOnly: true });
  const ended = threadCpuMs();
  longest = Math.max(longest, ended - last);
  isDone = true;
  console.log(
    `Bundle of ${(text.length / 1e6).toFixed(0)} MB, ${when}: JSON.parse holds the event loop ${(parsed - started).toFixed(0)} ms, validation (${(ended - parsed).toFixed(0)} ms) at most ${longest.toFixed(1)} ms`,
  );
}

/** Parses and validates in turns, then validates the same objects again. The first half warms up. */
function measure(name: string, texts: readonly string[], validator: Validator): void {
  const until = performance.now() + seconds * 1000;
  const sums = { parse: 0, fresh: 0, again: 0, resources: 0 };
  for (let round = 0; performance.now() < until || round < 4; round++) {
    const isWarm = performance.now() > until - seconds * 500;
    for (let at = 0; at < texts.length; at += TURN) {
      let resources: Resource[] = [];
      const part = texts.slice(at, at + TURN);
      const validate = () => {
        for (const resource of resources) validator.validate(resource, { errorsOnly: true });
      };
      const parse = cpuMs(() => {
        resources = part.map((text) => JSON.parse(text));
      });
      const fresh = cpuMs(validate);
      const again = cpuMs(validate);
      if (!isWarm) continue;
      sums.parse += parse;
      sums.fresh += fresh;
      sums.again += again;
      sums.resources += part.length;
    }
  }
  const perSecond = (ms: number) => `${Math.round((sums.resources * 1000) / ms)}/s`;
  console.log(
    `${name}: ${texts.length} resources, ${(sums.fresh / sums.parse).toFixed(2)} x JSON.parse, ${perSecond(sums.fresh)} on one core, ${perSecond(sums.again)} once parsed, ${perSecond(sums.parse + sums.fresh)} with parsing`,
  );
}

function compare(texts: readonly string[], validator: Validator): void {
  // profiles are left out: it cannot read all of R4's
  const entry = [...core.all('StructureDefinition')]
    .map((resource) => resource as unknown as StructureDefinition)
    .filter((structure) => structure.derivation !== 'constraint')
    .map((resource) => ({ resource }));
  indexStructureDefinitionBundle({ resourceType: 'Bundle', type: 'collection', entry });
  const sums = { ours: 0, theirs: 0 };
  for (let round = 0; round < MEDPLUM_ROUNDS; round++) {
    for (let at = 0; at < texts.length; at += TURN) {
      const resources = texts.slice(at, at + TURN).map((text) => JSON.parse(text) as Resource);
      const ours = cpuMs(() => {
        for (const resource of resources) validator.validate(resource, { errorsOnly: true });
      });
      const theirs = cpuMs(() => {
        for (const resource of resources) validateWithMedplum(resource);
      });
      if (round < 2) continue;
      sums.ours += ours;
      sums.theirs += theirs;
    }
  }
  const ratio = (sums.theirs / sums.ours).toFixed(1);
  console.log(`@medplum/core takes ${ratio} x as long on the clinical examples`);
}

function validateWithMedplum(resource: Resource): void {
  try {
    validateResource(resource as unknown as MedplumResource);
  } catch {
    // it throws what it finds
  }
}

const validator = load();
await measureBundle(validator, 'first time');
await measureBundle(validator, 'second time');
const clinical = read(EXAMPLES, (file) => !CONFORMANCE.test(file));
measure('clinical', clinical, validator);
measure(
  'Patient and Observation',
  read(EXAMPLES, (file) => /^(Patient|Observation)-/.test(file)),
  validator,
);
measure(
  'with IOM profiles',
  read(IOM, (file) => !DOCUMENT.test(file)),
  validator,
);
measure(
  'IOM document Bundles',
  read(IOM, (file) => DOCUMENT.test(file)),
  validator,
);
compare(clinical, validator);
