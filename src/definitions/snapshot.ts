/**
 * Snapshots from differentials: the elements of the base with each constraint laid over the element that its
 * id names, opening datatypes, their profiles and slices where a constraint goes into them.
 * https://hl7.org/fhir/R4/profiling.html#snapshot
 */
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import { isError } from '../fhir/issues.ts';
import { findWidening, keepNarrower } from './element-checks.ts';
import { mergeElement } from './element-merge.ts';
import {
  cloneNode,
  countNodes,
  createNode,
  type ElementNode,
  elementIds,
  findSlice,
  flattenTree,
  parseId,
  type Segment,
} from './element-tree.ts';
import {
  hasSnapshot,
  isSubtype,
  openStructure,
  R4_TYPES,
  report,
  type SnapshotJob,
  type SnapshotResult,
  type StructureLookup,
} from './snapshot-job.ts';
import { addSlice, openShortcut } from './snapshot-slices.ts';

/** A differential can blow up a snapshot by walking into datatypes again and again. */
const ELEMENTS_MAX = 20_000;

/** The structure with a snapshot, made from its differential when it has none. */
export function ensureSnapshot(lookup: StructureLookup, structure: StructureDefinition): SnapshotResult {
  if (hasSnapshot(structure)) return { structure, issues: [] };
  return generateSnapshot(lookup, structure);
}

/** Makes the snapshot anew, even when there is one. */
export function generateSnapshot(lookup: StructureLookup, structure: StructureDefinition): SnapshotResult {
  const below = [structure.url ?? ''];
  return generate({ lookup, structure, below, made: new Map(), generate, issues: [], elements: 0 });
}

function generate(job: SnapshotJob): SnapshotResult {
  const { structure, issues } = job;
  const root = baseTree(job);
  if (root === undefined) return { structure, issues };
  const differential = structure.differential?.element ?? [];
  const ids = elementIds(differential);
  for (const [i, element] of differential.entries()) {
    applyElement(job, root, element, ids[i] as string, i);
    if (job.elements <= ELEMENTS_MAX) continue;
    report(job, 'definition-broken', `the snapshot would have more than ${ELEMENTS_MAX} elements`, { at: i });
    break;
  }
  if (issues.some(isError)) return { structure, issues };
  return { structure: { ...structure, snapshot: { element: flattenTree(root) } }, issues };
}

/** The snapshot of the base as a tree whose root has the name that the differential uses. */
function baseTree(job: SnapshotJob): ElementNode | undefined {
  const { baseDefinition, derivation, kind, type } = job.structure;
  const first = job.structure.differential?.element?.[0]?.path?.split('.', 1)[0];
  const isLogical = kind === 'logical' && derivation !== 'constraint';
  if (baseDefinition === undefined || (isLogical && baseDefinition === R5_BASE)) {
    if (first !== undefined) return createNode(first, { min: 0, max: '*' } as ElementDefinition);
    report(job, 'definition-broken', 'there is neither a baseDefinition nor an element');
    return undefined;
  }
  const tree = openStructure(job, baseDefinition, 'baseDefinition');
  if (tree === undefined) return undefined;
  if (derivation !== 'constraint') {
    const name = (isLogical ? first : type) ?? tree.name;
    return { ...cloneNode(tree), name, element: { ...tree.element, base: { path: name, min: 0, max: '*' } } };
  }
  if (type === undefined || type === tree.name || type.endsWith(`/${tree.name}`)) return cloneNode(tree);
  report(job, 'definition-broken', `the type is ${type}, but the base ${baseDefinition} is a ${tree.name}`);
  return undefined;
}

/** Logical models written with newer tools stand on a type that R4 does not have, and that has no elements. */
const R5_BASE = 'http://hl7.org/fhir/StructureDefinition/Base';

function applyElement(
  job: SnapshotJob,
  root: ElementNode,
  element: ElementDefinition,
  id: string,
  at: number,
): void {
  const { url = '' } = job.structure;
  const [first, ...segments] = parseId(id);
  if (first?.name !== root.name) {
    report(job, 'definition-broken', `the path ${element.path} does not start with ${root.name}`, { at });
    return;
  }
  let node: ElementNode | undefined = root;
  for (const [i, segment] of segments.entries()) {
    const parent: ElementNode = node;
    const isLast = i === segments.length - 1;
    node = findChild(job, parent, segment) ?? (isLast ? addChild(job, parent, segment, element) : undefined);
    if (node !== undefined && segment.slice !== undefined) {
      node =
        findSlice(node, segment.slice) ?? addSlice(job, node, segment.slice, isLast ? element : undefined);
    }
    if (node === undefined) {
      if (job.elements > ELEMENTS_MAX) return;
      report(job, 'definition-broken', `there is no place for ${id}: ${parent.name} has no ${segment.name}`, {
        at,
      });
      return;
    }
  }
  node.element = mergeElement(node.element, checkElement(job, node.element, element, id, at), url);
}

function checkElement(
  job: SnapshotJob,
  base: ElementDefinition,
  differential: ElementDefinition,
  id: string,
  at: number,
): ElementDefinition {
  if (job.structure.derivation !== 'constraint') return differential;
  const widening = findWidening(base, differential, (code, ancestor) => isSubtype(job, code, ancestor));
  if (widening === undefined) return differential;
  const severity = widening.isRepaired ? 'warning' : 'error';
  report(job, 'definition-broken', `${id} ${widening.text}`, { at, severity });
  return widening.isRepaired ? keepNarrower(base, differential) : differential;
}

/** Opens the children of the node when they are not there yet. */
function findChild(job: SnapshotJob, parent: ElementNode, { name }: Segment): ElementNode | undefined {
  if (parent.children.size === 0) openChildren(job, parent);
  return parent.children.get(name) ?? openShortcut(job, parent, name);
}

/** Only a specialisation, such as a resource or a logical model, brings new elements. */
function addChild(
  job: SnapshotJob,
  parent: ElementNode,
  { name }: Segment,
  element: ElementDefinition,
): ElementNode | undefined {
  if (job.structure.derivation === 'constraint') return undefined;
  const base = { path: element.path, min: element.min ?? 0, max: element.max ?? '1' };
  const child = createNode(name, { base } as ElementDefinition);
  parent.children.set(name, child);
  job.elements++;
  return child;
}

/** Gives the node the children of its type, of the profile of its type, or of the element it refers to. */
function openChildren(job: SnapshotJob, node: ElementNode): void {
  if (job.elements > ELEMENTS_MAX) return;
  const source = childrenSource(job, node);
  if (source === undefined) return;
  for (const [name, child] of source.children) node.children.set(name, cloneNode(child));
  job.elements += countNodes(node);
}

function childrenSource(job: SnapshotJob, node: ElementNode): ElementNode | undefined {
  const { contentReference, type = [] } = node.element;
  if (contentReference !== undefined) return openReference(job, node, contentReference);
  const codes = new Set(type.map((one) => one.code));
  if (codes.size === 0) return undefined;
  const [only] = type;
  const profile = type.length === 1 && only?.profile?.length === 1 ? only.profile[0] : undefined;
  if (profile !== undefined) {
    const opened = openStructure(job, profile, 'profile of a type', 'warning');
    if (opened !== undefined) return opened;
  }
  const code = codes.size === 1 ? only?.code : 'Element';
  if (code === undefined || code.startsWith('http://hl7.org/fhirpath/')) return undefined;
  const canonical = code.includes(':') ? code : R4_TYPES + code;
  return openStructure(job, canonical, 'type');
}

/** `#Questionnaire.item`: the children and the type of that element of the base type. */
function openReference(job: SnapshotJob, node: ElementNode, reference: string): ElementNode | undefined {
  const hash = reference.indexOf('#');
  const [first, ...segments] = parseId(reference.slice(hash + 1));
  const canonical = hash > 0 ? reference.slice(0, hash) : `${R4_TYPES}${first?.name}`;
  const root = openStructure(job, canonical, 'contentReference');
  let target: ElementNode | undefined = root;
  for (const { name } of segments) target = target?.children.get(name);
  if (target === undefined) return undefined;
  const { contentReference: _reference, ...rest } = node.element;
  node.element = { ...rest, type: target.element.type };
  return target;
}
