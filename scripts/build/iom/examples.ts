/**
 * The examples of the guide: good ones and scenarios as they are written, bad ones made from a good one by a
 * JSON Patch, so that the table shows the one thing that is wrong with each.
 * https://datatracker.ietf.org/doc/html/rfc6902
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FhirJson } from './sushi.ts';

/** An issue that a validator must find, and where. */
export interface ExpectedIssue {
  /** Key of the issue table, such as `invariant-failed`. */
  readonly key: string;
  /** Key of the invariant, such as `mhd-cxr-1`. */
  readonly constraint?: string;
  readonly expression: string;
}

export interface BadExample {
  readonly file: string;
  /** The good example that it is made from. */
  readonly from: string;
  /** One sentence for a person. */
  readonly why: string;
  readonly patch: readonly PatchOperation[];
  readonly expect: readonly ExpectedIssue[];
}

interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

export interface Examples {
  /** File name without `.json` -> resource. */
  readonly good: ReadonlyMap<string, FhirJson>;
  readonly bad: ReadonlyMap<string, FhirJson>;
  readonly scenarios: ReadonlyMap<string, FhirJson>;
  readonly table: readonly BadExample[];
}

/** `{C}` in the sources stands for the canonical base. */
export function readExamples(folder: string, canonical: string): Examples {
  const parse = (path: string): unknown =>
    JSON.parse(readFileSync(path, 'utf8').replaceAll('{C}', canonical)) as unknown;
  const filesOf = (name: string): string[] =>
    existsSync(join(folder, name)) ? readdirSync(join(folder, name)) : [];
  const readAll = (name: string): Map<string, FhirJson> =>
    new Map(
      filesOf(name)
        .filter((file) => file.endsWith('.json'))
        .sort()
        .map((file) => [file.slice(0, -'.json'.length), parse(join(folder, name, file)) as FhirJson]),
    );
  const good = readAll('good');
  const table = parse(join(folder, 'bad.json')) as readonly BadExample[];
  return { good, bad: makeBad(table, good), scenarios: readAll('scenarios'), table };
}

function makeBad(
  table: readonly BadExample[],
  good: ReadonlyMap<string, FhirJson>,
): ReadonlyMap<string, FhirJson> {
  const bad = new Map<string, FhirJson>();
  for (const { file, from, patch } of table) {
    const source = good.get(from);
    if (source === undefined) throw new Error(`bad example ${file}: no good example ${from}`);
    if (bad.has(file)) throw new Error(`bad example ${file} is there twice`);
    const copy = structuredClone(source);
    for (const operation of patch) applyPatch(copy, operation, file);
    bad.set(file, { ...copy, id: file.replaceAll('_', '-') });
  }
  return bad;
}

function applyPatch(resource: FhirJson, { op, path, value }: PatchOperation, file: string): void {
  const steps = path.slice(1).split('/');
  const last = steps.pop() ?? '';
  let parent: unknown = resource;
  for (const step of steps) parent = (parent as Record<string, unknown> | undefined)?.[step];
  if (typeof parent !== 'object' || parent === null) throw new Error(`bad example ${file}: no ${path}`);
  if (op !== 'add' && !(last in parent)) throw new Error(`bad example ${file}: no ${path} to ${op}`);
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : Number(last);
    if (op === 'remove') parent.splice(index, 1);
    else parent.splice(index, op === 'replace' ? 1 : 0, value);
  } else if (op === 'remove') delete (parent as Record<string, unknown>)[last];
  else (parent as Record<string, unknown>)[last] = value;
}
