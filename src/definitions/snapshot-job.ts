/**
 * What the steps of making one snapshot share: the structures they look up and the problems they find.
 */
import type { StructureDefinition } from '@medplum/fhirtypes';
import { type Issue, issue, type Severity } from '../fhir/issues.ts';
import { buildTree, type ElementNode } from './element-tree.ts';

/** Finds a structure by canonical, as published or compact: the snapshot has what the bases have. */
export type StructureLookup = (canonical: string) => StructureDefinition | undefined;

export interface SnapshotResult {
  /** With a snapshot; the given one when it has one already, or when there are errors. */
  readonly structure: StructureDefinition;
  readonly issues: readonly Issue[];
}

export const R4_TYPES = 'http://hl7.org/fhir/StructureDefinition/';
/** Longest chain of profiles on profiles. */
const DEPTH_MAX = 32;
const ISSUES_MAX = 50;
/** Ids and canonicals of an upload are repeated in the text. */
const TEXT_LENGTH_MAX = 500;

export interface SnapshotJob {
  readonly lookup: StructureLookup;
  readonly structure: StructureDefinition;
  /** Canonicals whose snapshots wait for this one, and its own. */
  readonly below: readonly string[];
  /** What was made on the way, so that nothing is made twice. */
  readonly made: Map<StructureDefinition, SnapshotResult>;
  readonly generate: (job: SnapshotJob) => SnapshotResult;
  readonly issues: Issue[];
  /** Elements opened and added so far. */
  elements: number;
}

export function report(
  job: SnapshotJob,
  key: 'definition-broken' | 'definition-missing' | 'definition-cycle',
  text: string,
  { at, severity = 'error' }: { at?: number; severity?: Severity } = {},
): void {
  if (job.issues.length >= ISSUES_MAX) return;
  const expression = at === undefined ? '' : `.differential.element[${at}]`;
  job.issues.push(
    issue(
      key,
      `${job.structure.url}: ${text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}...` : text}.`,
      {
        severity,
        source: job.structure.url,
        expression: `StructureDefinition${expression}`,
      },
    ),
  );
}

export function hasSnapshot(structure: StructureDefinition): boolean {
  return Number(structure.snapshot?.element?.length) > 0;
}

/** The snapshot of another structure, made first when it is missing. The tree is shared: copy before changing. */
export function openStructure(
  job: SnapshotJob,
  canonical: string,
  role: string,
  severity: Severity = 'error',
): ElementNode | undefined {
  const found = job.lookup(canonical);
  if (found === undefined) {
    report(job, 'definition-missing', `the ${role} ${canonical} is not loaded`, { severity });
    return undefined;
  }
  const complete = hasSnapshot(found) ? found : makeSnapshot(job, found);
  if (complete === undefined) return undefined;
  const tree = TREES.get(complete) ?? buildTree(complete.snapshot?.element ?? []);
  if (tree === undefined) {
    report(job, 'definition-broken', `the snapshot of the ${role} ${canonical} has an element out of place`);
    return undefined;
  }
  TREES.set(complete, tree);
  return tree;
}

/** Structures are immutable, so their trees are kept with them. */
const TREES = new WeakMap<StructureDefinition, ElementNode>();

function makeSnapshot(job: SnapshotJob, structure: StructureDefinition): StructureDefinition | undefined {
  const { url = '' } = structure;
  let result = job.made.get(structure);
  if (result === undefined) {
    if (job.below.includes(url) || job.below.length >= DEPTH_MAX) {
      const chain = [...job.below, url].join(' -> ');
      report(job, 'definition-cycle', `the definition is based on itself, or too deep: ${chain}`);
      return undefined;
    }
    result = job.generate({ ...job, structure, below: [...job.below, url], issues: [], elements: 0 });
    job.made.set(structure, result);
  }
  job.issues.push(...result.issues.slice(0, ISSUES_MAX - job.issues.length));
  return hasSnapshot(result.structure) ? result.structure : undefined;
}

export function isSubtype({ lookup }: SnapshotJob, code: string, ancestor: string): boolean {
  let name: string | undefined = code;
  for (let depth = 0; name !== undefined && depth < DEPTH_MAX; depth++) {
    if (name === ancestor) return true;
    const canonical: string = name.includes(':') ? name : R4_TYPES + name;
    name = lookup(canonical)?.baseDefinition?.split('|', 1)[0]?.replace(R4_TYPES, '');
  }
  return false;
}
