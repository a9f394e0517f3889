/**
 * What a StructureDefinition must be before anything is compiled from it: complete, in place, and standing on
 * bases that exist and end.
 * https://hl7.org/fhir/R4/structuredefinition.html
 */
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import { type Issue, issue } from '../fhir/issues.ts';
import { ensureSnapshot } from './snapshot.ts';
import { hasSnapshot, type SnapshotResult, type StructureLookup } from './snapshot-job.ts';

const KINDS = ['primitive-type', 'complex-type', 'resource', 'logical'];
const DEPTH_MAX = 32;

/** The structure with a snapshot, or what is wrong with it. Its JSON has the shape of a StructureDefinition. */
export function checkStructure(lookup: StructureLookup, structure: StructureDefinition): SnapshotResult {
  const faults = [...checkHead(structure), ...checkBases(lookup, structure)];
  if (faults.length > 0) return { structure, issues: faults };
  if (!hasSnapshot(structure)) return ensureSnapshot(lookup, structure);
  const misplaced = checkElements(structure);
  return { structure, issues: misplaced === undefined ? [] : [misplaced] };
}

function fault(
  key: 'definition-broken' | 'definition-missing' | 'definition-cycle',
  { url }: StructureDefinition,
  element: string,
  text: string,
): Issue {
  return issue(key, `${url}: ${text}`, { source: url, expression: `StructureDefinition.${element}` });
}

function checkHead(structure: StructureDefinition): readonly Issue[] {
  const { kind, type, derivation, baseDefinition } = structure;
  const faults: Issue[] = [];
  const broken = (element: string, text: string): void => {
    faults.push(fault('definition-broken', structure, element, text));
  };
  if (kind === undefined || !KINDS.includes(kind))
    broken('kind', `the kind is not one of ${KINDS.join(', ')}.`);
  if (typeof type !== 'string' || type === '') broken('type', 'there is no type.');
  if (derivation === 'constraint' && baseDefinition === undefined) {
    broken('baseDefinition', 'a constraint needs a baseDefinition.');
  }
  if (derivation !== undefined && derivation !== 'constraint' && derivation !== 'specialization') {
    broken('derivation', 'the derivation is neither constraint nor specialization.');
  }
  for (const view of ['snapshot', 'differential'] as const) {
    const at = structure[view]?.element?.findIndex((one) => one.path === undefined || one.path === '') ?? -1;
    if (at >= 0) broken(`${view}.element[${at}]`, 'there is an element without a path.');
  }
  return faults;
}

/** Goes down to R4; a snapshot of its own does not excuse a structure from standing on something. */
function checkBases(lookup: StructureLookup, structure: StructureDefinition): readonly Issue[] {
  const chain = [structure.url ?? ''];
  let current = structure;
  while (current.baseDefinition !== undefined && current.derivation === 'constraint') {
    const base = lookup(current.baseDefinition);
    if (base === undefined) {
      const text = `the baseDefinition ${current.baseDefinition} is not loaded.`;
      return [fault('definition-missing', structure, 'baseDefinition', text)];
    }
    const seen = chain.includes(base.url ?? '');
    chain.push(base.url ?? '');
    if (seen || chain.length > DEPTH_MAX) {
      const text = `the definition is based on itself, or too deep: ${chain.join(' -> ')}.`;
      return [fault('definition-cycle', structure, 'baseDefinition', text)];
    }
    current = base;
  }
  return [];
}

/** Every element must come after its parent. */
function checkElements(structure: StructureDefinition): Issue | undefined {
  const elements = structure.snapshot?.element as readonly ElementDefinition[];
  const root = structure.type?.slice(structure.type.lastIndexOf('/') + 1);
  const paths = new Set<string>();
  for (const [i, { path = '', id }] of elements.entries()) {
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('.')));
    const isPlaced = i === 0 ? path === root || structure.kind === 'logical' : paths.has(parent);
    if (!isPlaced) {
      const where = i === 0 ? `does not start at ${root}` : `comes without its parent ${parent}`;
      return fault('definition-broken', structure, `snapshot.element[${i}]`, `${id ?? path} ${where}.`);
    }
    paths.add(path);
  }
  return undefined;
}
