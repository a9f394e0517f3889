/**
 * Compares compiled FHIRPath with fhirpath.js, an engine of other authors, over R4's examples: every
 * invariant at every node that it applies to, every search expression at every resource. Differences that
 * are meant are listed with their reason; any other one is a fault of ours or news about theirs.
 *
 *     node scripts/fhirpath/differential.ts [--every N] [--bytes-max N] [--show N]
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Compile, compile as compilePeer } from 'fhirpath';
import peerModel from 'fhirpath/fhir-context/r4';
import { loadCoreDefinitions } from '../../src/definitions/registry.ts';
import type { TypeModel } from '../../src/definitions/type-model.ts';
import { createTypeModel } from '../../src/definitions/types.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { compileExpression } from '../../src/fhirpath/compile.ts';
import type { EvaluationContext } from '../../src/fhirpath/expression.ts';
import { deepEqual } from '../../src/fhirpath/values.ts';
import { KNOWN_DIFFERENCES } from './known-differences.ts';
import { readInvariants, readSearchExpressions } from './r4-expressions.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'node_modules', 'hl7.fhir.r4.examples');

export interface DifferentialOptions {
  /** Takes one file of this many, in order of names. */
  readonly every: number;
  readonly offset?: number;
  readonly bytesMax: number;
  /** Stops taking files after this many ms. */
  readonly budgetMs?: number;
}

export interface Difference {
  readonly key: string;
  readonly expression: string;
  readonly file: string;
  readonly path: string;
  readonly ours: string;
  readonly theirs: string;
}

export interface DifferentialResult {
  readonly files: number;
  /** Results that both engines gave. */
  readonly compared: number;
  /** Evaluations that fhirpath.js refuses, by its message. */
  readonly refused: ReadonlyMap<string, number>;
  /** Not in the list of known ones. */
  readonly differences: readonly Difference[];
  /** How often each known difference was met. */
  readonly known: ReadonlyMap<string, number>;
}

interface Check {
  readonly key: string;
  readonly expression: string;
  readonly kind: 'invariant' | 'search';
}

interface Run {
  readonly model: TypeModel;
  readonly checks: ReadonlyMap<string, readonly Check[]>;
  readonly peers: Map<string, Compile<object>>;
  readonly refused: Map<string, number>;
  readonly known: Map<string, number>;
  readonly differences: Difference[];
  compared: number;
}

export function runDifferential(options: DifferentialOptions): DifferentialResult {
  const definitions = loadCoreDefinitions();
  const model = createTypeModel(definitions);
  const checks = new Map<string, Check[]>();
  const add = (type: string, check: Check): void => {
    const list = checks.get(type);
    if (list === undefined) checks.set(type, [check]);
    else list.push(check);
  };
  for (const { key, expression, type } of readInvariants(definitions, model)) {
    // ele-1 stands on every element; the validator checks it as a rule of JSON.
    if (key !== 'ele-1') add(type, { key, expression, kind: 'invariant' });
  }
  for (const { code, expression, base } of readSearchExpressions(definitions)) {
    add(base, { key: code, expression, kind: 'search' });
  }
  const run: Run = {
    model,
    checks,
    peers: new Map(),
    refused: new Map(),
    known: new Map(),
    differences: [],
    compared: 0,
  };
  const files = readdirSync(EXAMPLES)
    .filter((name) => name.endsWith('.json') && name !== 'package.json')
    .sort()
    .filter((_, i) => i % options.every === (options.offset ?? 0))
    .filter((name) => statSync(join(EXAMPLES, name)).size <= options.bytesMax);
  const endMs = performance.now() + (options.budgetMs ?? Number.POSITIVE_INFINITY);
  let taken = 0;
  for (const file of files) {
    if (performance.now() > endMs) break;
    taken++;
    compareFile(run, file);
  }
  const { compared, refused, differences, known } = run;
  return { files: taken, compared, refused, differences, known };
}

function compareFile(run: Run, file: string): void {
  const text = readFileSync(join(EXAMPLES, file), 'utf8');
  // fhirpath.js may write into what it evaluates, so each engine gets its own copy.
  const ours = JSON.parse(text) as Resource;
  const theirs = JSON.parse(text) as Resource;
  if (typeof ours.resourceType !== 'string') return;
  visitResource(run, file, ours, theirs, ours, theirs, ours.resourceType);
}

function visitResource(
  run: Run,
  file: string,
  ours: Resource,
  theirs: Resource,
  ourRoot: Resource,
  theirRoot: Resource,
  path: string,
): void {
  const context: EvaluationContext = {
    model: run.model,
    resource: ours,
    rootResource: ourRoot,
    now: Date.UTC(2026, 0, 1),
  };
  const environment = { resource: theirs, rootResource: theirRoot };
  const visit = (a: unknown, b: unknown, type: string, at: string): void => {
    if (typeof a !== 'object' || a === null || Array.isArray(a)) return;
    const node = run.model.type(type);
    for (const name of [type, ...ancestorsOf(run.model, type)]) {
      for (const check of run.checks.get(name) ?? []) {
        compareOne(run, check, type, a, b as object, context, environment, file, at);
      }
    }
    for (const [key, value] of Object.entries(a)) {
      const child = node?.byProperty.get(key)?.type;
      if (child === undefined) continue;
      const other = (b as Record<string, unknown>)[key];
      const pairs = Array.isArray(value)
        ? value.map((one, i) => [one, (other as unknown[])[i], `${at}.${key}[${i}]`] as const)
        : [[value, other, `${at}.${key}`] as const];
      for (const [one, two, where] of pairs) {
        if (child === 'Resource') {
          const inner = one as Resource;
          const isContained = key === 'contained';
          const root = isContained ? ourRoot : inner;
          visitResource(
            run,
            file,
            inner,
            two as Resource,
            root,
            isContained ? theirRoot : (two as Resource),
            where,
          );
        } else visit(one, two, child, where);
      }
    }
  };
  visit(ours, theirs, ours.resourceType, path);
}

/** Search parameters of abstract bases; invariants are inherited in snapshots already. */
function ancestorsOf(model: TypeModel, type: string): readonly string[] {
  const node = model.type(type);
  if (node?.kind !== 'resource') return [];
  return ['Resource', 'DomainResource'].filter((name) => name !== type && model.isA(type, name));
}

function compareOne(
  run: Run,
  check: Check,
  type: string,
  a: object,
  b: object,
  context: EvaluationContext,
  environment: Record<string, unknown>,
  file: string,
  path: string,
): void {
  let theirs: readonly unknown[];
  try {
    theirs = peerOf(run, check.expression, type)(b, environment) as unknown as unknown[];
    if (!Array.isArray(theirs)) throw new Error('asynchronous');
  } catch (error) {
    const message = `${check.key}: ${String((error as Error).message ?? error).slice(0, 60)}`;
    run.refused.set(message, (run.refused.get(message) ?? 0) + 1);
    // What they refuse, ours must still answer or refuse in its own way.
    try {
      compileExpression(check.expression, type, run.model).evaluate(a, context);
    } catch (own) {
      if ((own as Error).name !== 'FhirPathError') throw own;
    }
    return;
  }
  let ours: readonly unknown[];
  try {
    ours = compileExpression(check.expression, type, run.model)
      .evaluate(a, context)
      .map((node) => node.value ?? null);
  } catch (error) {
    ours = [`error: ${(error as Error).message}`];
  }
  run.compared++;
  if (same(ours, theirs)) return;
  const known = KNOWN_DIFFERENCES.find(
    (one) => one.key === check.key && (one.file === undefined || one.file === file),
  );
  if (known !== undefined) {
    run.known.set(known.key, (run.known.get(known.key) ?? 0) + 1);
    return;
  }
  const { key, expression } = check;
  run.differences.push({ key, expression, file, path, ours: shorten(ours), theirs: shorten(theirs) });
}

function peerOf(run: Run, expression: string, type: string): Compile<object> {
  const key = `${type}\n${expression}`;
  let peer = run.peers.get(key);
  if (peer === undefined) {
    const isResource = run.model.type(type)?.kind === 'resource';
    const text = withOfType(expression);
    const path = isResource ? text : { base: type, expression: text };
    peer = compilePeer(path, peerModel, { traceFn: () => undefined });
    run.peers.set(key, peer);
  }
  return peer;
}

/** They refuse `as` on several nodes, which R4's own expressions do; `ofType` is what is meant. */
function withOfType(expression: string): string {
  return expression
    .replaceAll(/\(([\w.]+) as (\w+)\)/g, '($1.ofType($2))')
    .replaceAll(/\bas\((\w+)\)/g, 'ofType($1)');
}

function same(ours: readonly unknown[], theirs: readonly unknown[]): boolean {
  const plain = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? stripPrivate(value) : value;
  return deepEqual(ours.map(plain), theirs.map(plain));
}

/** Their results carry marks of their own, and decimals that are objects. */
function stripPrivate(value: object): unknown {
  return JSON.parse(JSON.stringify(value, (key, one) => (key.startsWith('__') ? undefined : one)));
}

function shorten(values: readonly unknown[]): string {
  return JSON.stringify(values).slice(0, 200);
}

function main(): void {
  const argument = (name: string, fallback: number): number => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? fallback : Number(process.argv[at + 1]);
  };
  const startMs = performance.now();
  const result = runDifferential({
    every: argument('every', 1),
    bytesMax: argument('bytes-max', 200_000),
    budgetMs: argument('budget-s', 540) * 1000,
  });
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  console.log(`${result.files} files, ${result.compared} results compared in ${seconds} s`);
  for (const [message, count] of result.refused) console.log(`refused by fhirpath.js: ${count} x ${message}`);
  for (const [key, count] of result.known) console.log(`known difference: ${count} x ${key}`);
  for (const one of result.differences.slice(0, argument('show', 50))) console.log(JSON.stringify(one));
  console.log(`${result.differences.length} unexplained differences`);
  if (result.differences.length > 0) process.exitCode = 1;
}

if (import.meta.main) main();
