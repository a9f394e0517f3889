/**
 * How fast resources are validated, as ratios within one run: to JSON.parse of the same text, and to
 * @medplum/core on the same objects. CPU time, so that other work on the machine counts less.
 *
 *   node scripts/bench/validate.ts [seconds]
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import type { Resource as MedplumResource, StructureDefinition } from '@medplum/fhirtypes';
import { openArchive } from '../../src/definitions/archive.ts';
import { loadCoreDefinitions, withEntries } from '../../src/definitions/registry.ts';
import { createTypeModel } from '../../src/definitions/types.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createTerminology } from '../../src/terminology/create.ts';
import { loadCompiledTypes } from '../../src/validation/load-types.ts';
import { createValidator } from '../../src/validation/validator.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const EXAMPLES = join(ROOT, 'node_modules', 'hl7.fhir.r4.examples');
const CONFORMANCE =
  /^(StructureDefinition|ValueSet|CodeSystem|SearchParameter|ConceptMap|OperationDefinition|CapabilityStatement|ImplementationGuide|NamingSystem|CompartmentDefinition|StructureMap|MessageDefinition|GraphDefinition|TerminologyCapabilities|ExampleScenario|TestScript|TestReport)-/;
const BYTES_MAX = 1_000_000;

const seconds = Number(process.argv[2] ?? 6);
const core = loadCoreDefinitions();
const model = createTypeModel(core);
const definitions = withEntries(core, openArchive(join(ROOT, 'build', 'iom-archive')));
const validator = createValidator({
  definitions,
  model,
  terminology: createTerminology(definitions),
  types: loadCompiledTypes(),
});

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

/** Validates new objects in every round: their hidden classes and memory are cold, as on a server. */
function measure(name: string, texts: readonly string[]): void {
  const until = performance.now() + seconds * 1000;
  const sums = { parse: 0, validate: 0, rounds: 0 };
  for (let round = 0; performance.now() < until || round < 4; round++) {
    let resources: Resource[] = [];
    const parse = cpuMs(() => {
      resources = texts.map((text) => JSON.parse(text));
    });
    const validate = cpuMs(() => {
      for (const resource of resources) validator.validate(resource, { errorsOnly: true });
    });
    // the first half warms up
    if (performance.now() < until - seconds * 500) continue;
    sums.parse += parse;
    sums.validate += validate;
    sums.rounds++;
  }
  const perSecond = Math.round((texts.length * sums.rounds * 1000) / sums.validate);
  const ratio = (sums.validate / sums.parse).toFixed(2);
  console.log(`${name}: ${texts.length} resources, ${ratio} x JSON.parse, ${perSecond}/s on one core`);
}

function compare(texts: readonly string[]): void {
  // profiles are left out: it cannot read all of R4's
  const entry = [...core.all('StructureDefinition')]
    .map((resource) => resource as unknown as StructureDefinition)
    .filter((structure) => structure.derivation !== 'constraint')
    .map((resource) => ({ resource }));
  indexStructureDefinitionBundle({ resourceType: 'Bundle', type: 'collection', entry });
  let ours = 0;
  let theirs = 0;
  for (let round = 0; round < 8; round++) {
    const resources = texts.map((text) => JSON.parse(text) as Resource);
    const own = cpuMs(() => {
      for (const resource of resources) validator.validate(resource, { errorsOnly: true });
    });
    const other = cpuMs(() => {
      for (const resource of resources) {
        try {
          validateResource(resource as unknown as MedplumResource);
        } catch {
          // it throws what it finds
        }
      }
    });
    if (round < 3) continue;
    ours += own;
    theirs += other;
  }
  console.log(`@medplum/core takes ${(theirs / ours).toFixed(1)} x as long on the clinical examples`);
}

const clinical = read(EXAMPLES, (file) => !CONFORMANCE.test(file));
measure('clinical', clinical);
measure(
  'Patient and Observation',
  read(EXAMPLES, (file) => /^(Patient|Observation)-/.test(file)),
);
measure(
  'with IOM profiles',
  read(join(ROOT, 'build', 'iom', 'examples', 'good'), () => true),
);
compare(clinical);
