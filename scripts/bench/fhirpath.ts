/**
 * Evaluations per second of R4's invariants and search expressions over R4's examples, in one run with
 * fhirpath.js and @medplum/core: the ratios are the thing to keep.
 *
 *     node scripts/bench/fhirpath.ts [--every N]
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  evalFhirPathTyped,
  indexStructureDefinitionBundle,
  parseFhirPath,
  type TypedValue,
} from '@medplum/core';
import type { StructureDefinition } from '@medplum/fhirtypes';
import { type Compile, compile as compilePeer } from 'fhirpath';
import peerModel from 'fhirpath/fhir-context/r4';
import { loadCoreDefinitions } from '../../src/definitions/registry.ts';
import type { TypeModel } from '../../src/definitions/type-model.ts';
import { createTypeModel } from '../../src/definitions/types.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { compileExpression } from '../../src/fhirpath/compile.ts';
import { correctedExpression } from '../../src/fhirpath/corrections.ts';
import type { CompiledExpression, EvaluationContext } from '../../src/fhirpath/expression.ts';
import { readInvariants, readSearchExpressions } from '../fhirpath/r4-expressions.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'node_modules', 'hl7.fhir.r4.examples');
const CONFORMANCE =
  /^(StructureDefinition|ValueSet|CodeSystem|SearchParameter|OperationDefinition|CapabilityStatement|ConceptMap|CompartmentDefinition|ImplementationGuide|Bundle|StructureMap|NamingSystem|Questionnaire)-/;
const SECONDS_MS = 1_500;

interface Job {
  readonly expression: string;
  readonly type: string;
  readonly node: object;
  readonly context: EvaluationContext;
}

const definitions = loadCoreDefinitions();
const model = createTypeModel(definitions);
const invariants = groupByType(
  readInvariants(definitions, model)
    .filter(({ key, type }) => key !== 'ele-1' && key !== 'dom-3' && model.type(type)?.kind !== 'primitive')
    .map(({ expression, type }) => ({ expression: correctedExpression(expression), type })),
);
const searches = groupByType(
  readSearchExpressions(definitions).map(({ expression, base }) => ({ expression, type: base })),
);

function groupByType(
  rows: readonly { readonly expression: string; readonly type: string }[],
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, Set<string>>();
  for (const { expression, type } of rows) {
    const set = groups.get(type) ?? new Set();
    set.add(expression);
    groups.set(type, set);
  }
  return new Map([...groups].map(([type, set]) => [type, [...set]]));
}

function jobsOf(resource: Resource, root: Resource, jobs: Job[]): void {
  const context: EvaluationContext = { model, resource, rootResource: root, now: 0 };
  const visit = (node: unknown, type: string): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const expression of invariants.get(type) ?? []) jobs.push({ expression, type, node, context });
    for (const [key, value] of Object.entries(node)) {
      const child = model.type(type)?.byProperty.get(key)?.type;
      if (child === undefined) continue;
      for (const one of Array.isArray(value) ? value : [value]) {
        if (child === 'Resource')
          jobsOf(one as Resource, key === 'contained' ? root : (one as Resource), jobs);
        else visit(one, child);
      }
    }
  };
  visit(resource, resource.resourceType);
}

function searchJobs(resource: Resource): Job[] {
  const context: EvaluationContext = { model, resource, rootResource: resource, now: 0 };
  const type = resource.resourceType;
  return (searches.get(type) ?? [])
    .filter((expression) => !expression.includes('resolve()'))
    .map((expression) => ({ expression, type, node: resource, context }));
}

function readResources(every: number, isConformance: boolean): readonly Resource[] {
  return readdirSync(EXAMPLES)
    .filter(
      (name) => name.endsWith('.json') && name !== 'package.json' && CONFORMANCE.test(name) === isConformance,
    )
    .sort()
    .filter((_, i) => i % every === 0)
    .filter((name) => statSync(join(EXAMPLES, name)).size <= 300_000)
    .map((name) => JSON.parse(readFileSync(join(EXAMPLES, name), 'utf8')) as Resource)
    .filter((resource) => typeof resource.resourceType === 'string');
}

/** Runs passes over the jobs for about a second and a half; evaluations per second of the best pass. */
function measure<T>(jobs: readonly T[], run: (job: T) => void): number {
  let best = Number.POSITIVE_INFINITY;
  const endMs = performance.now() + SECONDS_MS;
  do {
    const startMs = performance.now();
    for (let i = 0; i < jobs.length; i++) run(jobs[i]!);
    best = Math.min(best, performance.now() - startMs);
  } while (performance.now() < endMs);
  return (jobs.length / best) * 1000;
}

function quietly(run: () => void): void {
  try {
    run();
  } catch {
    // The peers refuse some of R4's expressions; the attempt is counted.
  }
}

function compare(name: string, jobs: readonly Job[], how: 'test' | 'each'): void {
  const own = jobs.map((job) => ({ ...job, compiled: compileExpression(job.expression, job.type, model) }));
  const visit = (): void => undefined;
  const run =
    how === 'test'
      ? (job: { compiled: CompiledExpression } & Job) => job.compiled.test(job.node, job.context)
      : (job: { compiled: CompiledExpression } & Job) => job.compiled.each(job.node, job.context, visit);
  const ours = measure(own, (job) => quietly(() => run(job)));
  const sample = jobs.filter((_, i) => i % Math.ceil(jobs.length / 4_000) === 0);
  const fhirpathJs = measure(peerJobs(sample), ({ peer, node, environment }) =>
    quietly(() => peer(structuredCloneOnce(node), environment)),
  );
  const medplum = measure(medplumJobs(sample), ({ atom, input, variables }) =>
    quietly(() => evalFhirPathTyped(atom, [input], variables)),
  );
  const format = (value: number): string => `${(value / 1e6).toFixed(3)} M/s`;
  console.log(
    `${name}: ${jobs.length} evaluations; ours ${format(ours)}, fhirpath.js ${format(fhirpathJs)} (${(ours / fhirpathJs).toFixed(0)} x), @medplum/core ${format(medplum)} (${(ours / medplum).toFixed(0)} x)`,
  );
}

/** fhirpath.js writes into what it evaluates: the copy is made before the clock starts to matter. */
const copies = new WeakMap<object, object>();
function structuredCloneOnce(node: object): object {
  let copy = copies.get(node);
  if (copy === undefined) {
    copy = structuredClone(node);
    copies.set(node, copy);
  }
  return copy;
}

function peerJobs(jobs: readonly Job[]) {
  const peers = new Map<string, Compile<object>>();
  return jobs.map(({ expression, type, node, context }) => {
    const key = `${type}\n${expression}`;
    let peer = peers.get(key);
    if (peer === undefined) {
      const path = model.type(type)?.kind === 'resource' ? expression : { base: type, expression };
      peer = compilePeer(path, peerModel, { traceFn: () => undefined });
      peers.set(key, peer);
    }
    return { peer, node, environment: { resource: context.resource, rootResource: context.rootResource } };
  });
}

function medplumJobs(jobs: readonly Job[]) {
  const atoms = new Map<string, ReturnType<typeof parseFhirPath>>();
  return jobs.flatMap(({ expression, type, node, context }) => {
    let atom = atoms.get(expression);
    if (atom === undefined) {
      try {
        atom = parseFhirPath(expression);
      } catch {
        return [];
      }
      atoms.set(expression, atom);
    }
    const input: TypedValue = { type: medplumType(type, model), value: node };
    const variables: Record<string, TypedValue> = {
      '%resource': { type: context.resource.resourceType, value: context.resource },
      '%rootResource': { type: context.rootResource.resourceType, value: context.rootResource },
    };
    return [{ atom, input, variables }];
  });
}

/** Its names of backbones have no dots: `PatientContact`. */
function medplumType(type: string, types: TypeModel): string {
  if (types.type(type)?.kind !== 'backbone') return type;
  return type
    .split('.')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}

const argument = process.argv.indexOf('--every');
const every = argument < 0 ? 1 : Number(process.argv[argument + 1]);
indexStructureDefinitionBundle(
  definitions
    .entries('StructureDefinition')
    .filter((one) => one.derivation !== 'constraint')
    .map((one) => one.loadOriginal() as unknown as StructureDefinition),
);
for (const [name, isConformance] of [
  ['clinical', false],
  ['conformance', true],
] as const) {
  const resources = readResources(isConformance ? every * 20 : every, isConformance);
  const jobs: Job[] = [];
  for (const resource of resources) jobsOf(resource, resource, jobs);
  compare(`invariants, ${name}`, jobs, 'test');
  compare(`search, ${name}`, resources.flatMap(searchJobs), 'each');
}
