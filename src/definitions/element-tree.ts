/**
 * The elements of a StructureDefinition as a tree: children by name, and under each the slices of it. Ids say
 * where an element belongs; where they are missing or wrong, paths and slice names do.
 * https://hl7.org/fhir/R4/elementdefinition.html#id
 */
import type { ElementDefinition } from '@medplum/fhirtypes';

export interface ElementNode {
  /** Last part of the path: `coding`, `value[x]`; the type at the root. */
  readonly name: string;
  element: ElementDefinition;
  readonly children: Map<string, ElementNode>;
  /** By slice name; a reslice is among the slices of the slice that it divides. */
  readonly slices: Map<string, ElementNode>;
  /** The node that this one was copied from, as it was before any constraint was laid over it. */
  readonly origin?: ElementNode;
}

export interface Segment {
  readonly name: string;
  /** `a`, or `a/b` for the reslice b of a. */
  readonly slice?: string;
}

export function createNode(name: string, element: ElementDefinition, origin?: ElementNode): ElementNode {
  return { name, element, children: new Map(), slices: new Map(), origin };
}

/** The elements of a snapshot; undefined when there is none, or one has no place. */
export function buildTree(elements: readonly ElementDefinition[]): ElementNode | undefined {
  const [first] = elements;
  if (first?.path === undefined || first.path.includes('.')) return undefined;
  const root = createNode(first.path, { ...first });
  const ids = elementIds(elements);
  for (let i = 1; i < elements.length; i++) {
    const element = elements[i] as ElementDefinition;
    const segments = parseId(ids[i] as string);
    const parent = findNode(root, segments.slice(1, -1));
    const last = segments.at(-1);
    if (parent === undefined || last === undefined || segments.length < 2) return undefined;
    attach(parent, last, { ...element });
  }
  return root;
}

/** Undefined when a segment has no node. The segments start below the node. */
export function findNode(node: ElementNode, segments: readonly Segment[]): ElementNode | undefined {
  let here: ElementNode | undefined = node;
  for (const { name, slice } of segments) {
    here = here?.children.get(name);
    if (slice !== undefined) here = here && findSlice(here, slice);
    if (here === undefined) return undefined;
  }
  return here;
}

/** The slice `a`, or the reslice `a/b` below `a`. */
export function findSlice(node: ElementNode, slice: string): ElementNode | undefined {
  const whole = node.slices.get(slice);
  if (whole !== undefined) return whole;
  const bar = slice.lastIndexOf('/');
  return bar < 0 ? undefined : findSlice(node, slice.slice(0, bar))?.slices.get(slice);
}

function attach(parent: ElementNode, { name, slice }: Segment, element: ElementDefinition): void {
  if (slice === undefined) {
    parent.children.set(name, createNode(name, element));
    return;
  }
  const sliced = parent.children.get(name) ?? createNode(name, element);
  parent.children.set(name, sliced);
  const bar = slice.lastIndexOf('/');
  const owner = (bar < 0 ? undefined : findSlice(sliced, slice.slice(0, bar))) ?? sliced;
  owner.slices.set(slice, createNode(name, element));
}

/** A copy that shares nothing that a merge changes: elements are replaced, never written to. */
export function cloneNode(node: ElementNode, withSlices = true): ElementNode {
  const copy = createNode(node.name, node.element, node.origin ?? node);
  for (const [name, child] of node.children) copy.children.set(name, cloneNode(child));
  if (withSlices) for (const [name, slice] of node.slices) copy.slices.set(name, cloneNode(slice));
  return copy;
}

/** The descendants of the node, slices left out. */
export function countNodes(node: ElementNode): number {
  let count = node.children.size;
  for (const child of node.children.values()) count += countNodes(child);
  return count;
}

/** In the order of a snapshot, with ids and paths set anew. */
export function flattenTree(root: ElementNode): ElementDefinition[] {
  const elements: ElementDefinition[] = [];
  const visit = (node: ElementNode, id: string, path: string): void => {
    const { id: _id, path: _path, ...rest } = node.element;
    elements.push({ id, path, ...rest });
    for (const child of node.children.values()) visitSliced(child, id, path);
  };
  const visitSliced = (node: ElementNode, parentId: string, parentPath: string): void => {
    const id = `${parentId}.${node.name}`;
    const path = `${parentPath}.${node.name}`;
    visit(node, id, path);
    visitSlices(node, id, path);
  };
  const visitSlices = (node: ElementNode, id: string, path: string): void => {
    for (const [name, slice] of node.slices) {
      visit(slice, `${id}:${name}`, path);
      visitSlices(slice, id, path);
    }
  };
  visit(root, root.name, root.name);
  return elements;
}

export function parseId(id: string): readonly Segment[] {
  return id.split('.').map((part) => {
    const colon = part.indexOf(':');
    return colon < 0 ? { name: part } : { name: part.slice(0, colon), slice: part.slice(colon + 1) };
  });
}

/** One id per element: its own when it fits its path, else one made from paths and slice names. */
export function elementIds(elements: readonly ElementDefinition[]): readonly string[] {
  const latest = new Map<string, string>();
  return elements.map((element) => {
    const path = element.path ?? '';
    const id = idFits(element) ? (element.id as string) : derivedId(element, latest);
    latest.set(path, id);
    return id;
  });
}

function idFits({ id, path, sliceName }: ElementDefinition): boolean {
  if (id === undefined || path === undefined) return false;
  const segments = parseId(id);
  if (segments.map((one) => one.name).join('.') !== path) return false;
  return sliceName === undefined || segments.at(-1)?.slice === sliceName;
}

function derivedId({ path = '', sliceName }: ElementDefinition, latest: ReadonlyMap<string, string>): string {
  const dot = path.lastIndexOf('.');
  const parentPath = path.slice(0, Math.max(dot, 0));
  const parent = latest.get(parentPath) ?? parentPath;
  const name = path.slice(dot + 1);
  const own = sliceName === undefined ? name : `${name}:${sliceName}`;
  return parent === '' ? own : `${parent}.${own}`;
}
