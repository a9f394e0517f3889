/**
 * Resource to postings: the hot path of every write. All paths of a type are merged into one tree that is walked
 * once per resource; expressions that are no plain paths run compiled FHIRPath.
 * https://hl7.org/fhir/R4/search.html
 */

import type { Resource } from '../fhir/types.ts';
import type { TypedNode } from '../fhirpath/expression.ts';
import { type CompiledParameter, isFamilyName, subKey } from './compiled-parameter.ts';
import { createContentWalk } from './content-words.ts';
import {
  type CanonicalQuantity,
  type Emit,
  type EmitContext,
  isObject,
  type Json,
  objectsOf,
} from './emit.ts';
import { compositeEmitter } from './emit-composite.ts';
import { dateEmitter, numberEmitter, quantityEmitter } from './emit-range.ts';
import { referenceEmitter } from './emit-reference.ts';
import { sourceEmitter, stringEmitter, uriEmitter } from './emit-text.ts';
import { tokenEmitter } from './emit-token.ts';
import { CONTAINED, HAS_INSIDE, INSIDE_TERM, insideBase, type SearchParameters } from './parameters.ts';
import { hasValue, refersTo, valuesAt } from './path-values.ts';
import { phoneticEmitter } from './phonetic.ts';
import { NO_POSTINGS, type ParamKey, type Postings } from './postings.ts';
import { PostingsBuilder } from './postings-builder.ts';
import { primaryDate } from './primary-date.ts';
import { referencedType } from './reference-forms.ts';
import { hashTerm } from './term-hash.ts';
import { createTimeZone } from './time-zone.ts';
import type { TypedPath, TypedStep } from './typed-paths.ts';

export interface ExtractOptions {
  /** Our own address, such as `https://example.org/fhir`: references to it are relative ones. */
  readonly base: string;
  /** Zone of dates without one: `UTC`, an offset such as `+05:45`, or an IANA name. */
  readonly timeZone: string;
  /** Index words for `_text` and `_content`. */
  readonly fullText: boolean;
  readonly canonicalQuantity?: CanonicalQuantity;
}

export type { CanonicalQuantity };

export type Extract = (resource: Resource) => Postings;

export function createExtractor(parameters: SearchParameters, options: ExtractOptions): Extract {
  const context: EmitContext = {
    base: options.base,
    zone: createTimeZone(options.timeZone),
    canonicalQuantity: options.canonicalQuantity ?? (() => undefined),
  };
  const byType = new Map<string, Extract>();
  return (resource) => {
    const type = resource.resourceType;
    let extract = byType.get(type);
    if (extract === undefined) {
      extract = createTypeExtractor(type, parameters, context, options.fullText);
      byType.set(type, extract);
    }
    return extract(resource);
  };
}

function createTypeExtractor(
  type: string,
  parameters: SearchParameters,
  context: EmitContext,
  fullText: boolean,
): Extract {
  const all = parameters.of(type);
  if (all.length === 0) return () => NO_POSTINGS;
  const tree = buildTree(all, context);
  const evaluated = all.filter((parameter) => parameter.evaluate !== undefined);
  const primary = primaryDate(parameters, type)?.k ?? -1;
  const trees = new Map<string, ContainedTree | undefined>();
  const containedTree = (base: string): ContainedTree | undefined => {
    if (!trees.has(base)) {
      if (trees.size >= TREES_MAX) trees.clear();
      trees.set(base, createContainedTree(base, parameters, context));
    }
    return trees.get(base);
  };
  const references = all.filter(
    ({ type, answeredBy, code }) => type === 'reference' && answeredBy[0]?.code === code,
  );
  const nesting = references.filter(({ paths }) => paths.some((path) => path.type === 'Resource'));
  const addWords = fullText ? createContentWalk(type, parameters.model) : undefined;
  return (resource) => {
    const builder = new PostingsBuilder(primary);
    walk(tree, resource, builder, resource);
    if (resource.contained !== undefined) {
      addContained(resource, containedTree, builder);
      addInside(resource, references, containedTree, builder);
    } else if (nesting.length > 0) addInside(resource, nesting, containedTree, builder);
    for (const parameter of evaluated) evaluate(parameter, resource, builder, context);
    addWords?.(resource, builder);
    return builder.build();
  };
}

/** Kinds of contained resources of one type of container whose trees are kept. */
const TREES_MAX = 300;

/** Adds what a contained resource says of the parameters of one base. */
type ContainedTree = (contained: Json, builder: PostingsBuilder, container: Resource) => void;

function createContainedTree(
  base: string,
  parameters: SearchParameters,
  context: EmitContext,
): ContainedTree | undefined {
  const all = parameters.of(base);
  const id = all.find(({ code }) => code === '_id');
  if (id === undefined) return undefined;
  const tree = buildTree(all, context);
  const evaluated = all.filter((parameter) => parameter.evaluate !== undefined);
  return (contained, builder, container) => {
    builder.addPresent(id.k);
    if (typeof contained.id === 'string') builder.addTerm(id.k, hashTerm(contained.id));
    walk(tree, contained, builder, container);
    for (const parameter of evaluated) evaluate(parameter, contained as Resource, builder, context);
  };
}

/** Contained resources that are indexed with their container. */
const CONTAINED_MAX = 100;

type TreeOf = (base: string) => ContainedTree | undefined;

function addContained(container: Resource, treeOf: TreeOf, builder: PostingsBuilder): void {
  for (const contained of objectsOf(container.contained).slice(0, CONTAINED_MAX)) {
    if (typeof contained.resourceType !== 'string') continue;
    treeOf(CONTAINED + contained.resourceType)?.(contained, builder, container);
  }
}

/**
 * What references lead to within the resource, so that chains find it.
 * https://hl7.org/fhir/R4/search.html#contained
 */
function addInside(
  container: Resource,
  references: readonly CompiledParameter[],
  treeOf: TreeOf,
  builder: PostingsBuilder,
): void {
  const contained = objectsOf(container.contained).slice(0, CONTAINED_MAX);
  for (const parameter of references) {
    const seen = new Set<unknown>();
    for (const path of parameter.paths) {
      for (const value of valuesAt(path, container)) {
        const target = path.type === 'Resource' ? value : containedTarget(value, contained);
        if (!isObject(target) || typeof target.resourceType !== 'string' || seen.has(target)) continue;
        if (seen.size >= CONTAINED_MAX || !parameter.targets.includes(target.resourceType)) continue;
        seen.add(target);
        builder.addTerm(HAS_INSIDE, INSIDE_TERM);
        treeOf(insideBase(parameter, target.resourceType))?.(target, builder, container);
      }
    }
  }
}

function containedTarget(value: unknown, contained: readonly Json[]): Json | undefined {
  const reference = isObject(value) ? value.reference : value;
  if (typeof reference !== 'string' || !reference.startsWith('#')) return undefined;
  return contained.find(({ id }) => id === reference.slice(1));
}

interface Branch {
  readonly present: ParamKey[];
  readonly emits: Emit[];
  readonly children: Child[];
  readonly filters: { readonly step: TypedStep; readonly accepts: Accepts; readonly branch: Branch }[];
}

interface Child {
  readonly json: string;
  readonly branch: Branch;
  /** Branches for one position of the list. */
  readonly indexed: { readonly at: number; readonly branch: Branch }[];
}

type Accepts = (node: unknown, root: Resource) => boolean;

function newBranch(): Branch {
  return { present: [], emits: [], children: [], filters: [] };
}

function buildTree(parameters: readonly CompiledParameter[], context: EmitContext): Branch {
  const tree = newBranch();
  for (const parameter of parameters) {
    const isStored = parameter.answeredBy[0] === parameter;
    // a union of other parameters has nothing of its own; a narrowed one notes that it is present
    if (!isStored && parameter.answeredBy.length > 1) continue;
    for (const path of parameter.paths) {
      const branch = branchAt(tree, path.steps);
      const emit = isStored ? emitterOf(parameter, path, context) : undefined;
      // composites are present only when all their parts are
      if (parameter.type !== 'composite') branch.present.push(parameter.k);
      if (emit !== undefined) branch.emits.push(emit);
    }
  }
  return tree;
}

function branchAt(tree: Branch, steps: readonly TypedStep[]): Branch {
  let branch = tree;
  let child: Child | undefined;
  for (const step of steps) {
    if (step.kind === 'property') {
      child = branch.children.find(({ json }) => json === step.json);
      if (child === undefined) {
        child = { json: step.json, branch: newBranch(), indexed: [] };
        branch.children.push(child);
      }
      branch = child.branch;
    } else if (step.kind === 'index') {
      const at = step.at;
      const known = child?.indexed.find((one) => one.at === at);
      branch = known?.branch ?? newBranch();
      if (known === undefined) child?.indexed.push({ at, branch });
    } else {
      const key = JSON.stringify(step);
      const known = branch.filters.find((filter) => JSON.stringify(filter.step) === key);
      const next = known?.branch ?? newBranch();
      if (known === undefined) branch.filters.push({ step, accepts: acceptsOf(step), branch: next });
      branch = next;
    }
  }
  return branch;
}

function acceptsOf(step: TypedStep): Accepts {
  if (step.kind === 'where') return (node) => hasValue(node, step.name, step.value);
  if (step.kind === 'refersTo') return (node, root) => refersTo(node, step.type, root);
  return () => true;
}

function walk(branch: Branch, node: unknown, builder: PostingsBuilder, root: Resource): void {
  const { present, emits, filters, children } = branch;
  for (let at = 0; at < present.length; at++) builder.addPresent(present[at] as ParamKey);
  for (let at = 0; at < emits.length; at++) (emits[at] as Emit)(node, builder, root);
  for (const filter of filters) if (filter.accepts(node, root)) walk(filter.branch, node, builder, root);
  if (children.length === 0 || !isObject(node)) return;
  for (let at = 0; at < children.length; at++) {
    const child = children[at] as Child;
    const value = node[child.json];
    if (value === undefined || value === null) continue;
    if (Array.isArray(value)) {
      for (const one of value) if (one !== null) walk(child.branch, one, builder, root);
    } else {
      walk(child.branch, value, builder, root);
    }
    for (const indexed of child.indexed) {
      const one = Array.isArray(value) ? value[indexed.at] : indexed.at === 0 ? value : undefined;
      if (one !== undefined && one !== null) walk(indexed.branch, one, builder, root);
    }
  }
}

/** Of values at a path, or of a type that the result of an expression has. */
function emitterOf(
  parameter: CompiledParameter,
  path: TypedPath | { readonly type: string },
  context: EmitContext,
): Emit | undefined {
  const { k } = parameter;
  const { type } = path;
  switch (parameter.type) {
    case 'token':
      return tokenEmitter(type, { k, text: subKey(parameter, 'text'), ofType: subKey(parameter, 'of-type') });
    case 'string':
      if (parameter.code === 'phonetic') return phoneticEmitter(type, k);
      return stringEmitter(
        type,
        { k, part: subKey(parameter, 'part') },
        'steps' in path && isFamilyName(path),
      );
    case 'reference':
      return referenceEmitter(type, { k, identifier: subKey(parameter, 'identifier') }, context);
    case 'date':
      return dateEmitter(type, k, context);
    case 'number':
      return numberEmitter(type, k);
    case 'quantity':
      return quantityEmitter(type, { k, ucum: subKey(parameter, 'ucum') }, context);
    case 'uri':
      return parameter.code === '_source' ? sourceEmitter(k) : uriEmitter(type, k);
    case 'composite':
      return compositeEmitter(parameter, context);
    case 'special':
      return parameter.code === 'near' ? positionEmitter(k) : undefined;
  }
}

function positionEmitter(k: number): Emit {
  return (value, builder) => {
    if (!isObject(value)) return;
    const { latitude, longitude } = value;
    if (typeof latitude !== 'number' || typeof longitude !== 'number') return;
    const isPosition = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
    if (isPosition) builder.addNumber(k, 0, latitude, longitude);
  };
}

/** Emitters of expressions whose types are only known from their results. */
const emittersOf = new WeakMap<CompiledParameter, Map<string, Emit | undefined>>();

function evaluate(
  parameter: CompiledParameter,
  resource: Resource,
  builder: PostingsBuilder,
  context: EmitContext,
): void {
  for (const node of evaluateNodes(parameter, resource)) {
    let byType = emittersOf.get(parameter);
    if (byType === undefined) {
      byType = new Map();
      emittersOf.set(parameter, byType);
    }
    if (!byType.has(node.type))
      byType.set(node.type, emitterOf(parameter, { type: fhirTypeOf(node.type) }, context));
    builder.addPresent(parameter.k);
    byType.get(node.type)?.(node.value, builder, resource);
  }
}

/** FHIRPath's own types, which results of operators have, as the FHIR types that hold the same. */
function fhirTypeOf(type: string): string {
  if (!type.startsWith('System.')) return type;
  const name = type.slice('System.'.length);
  return name === 'Quantity' ? name : name.charAt(0).toLowerCase() + name.slice(1);
}

/** Data on which the expression fails has no value for it: search must not refuse what validation let pass. */
export function evaluateNodes(parameter: CompiledParameter, resource: Resource): readonly TypedNode[] {
  const resolve = (reference: string): Resource | undefined => resolveStub(reference, resource);
  try {
    return (
      parameter.evaluate?.evaluate(resource, { resource, rootResource: resource, now: 0, resolve }) ?? []
    );
  } catch {
    return [];
  }
}

/** A contained resource, or as much of another one as its reference tells. */
function resolveStub(reference: string, resource: Resource): Resource | undefined {
  if (reference.startsWith('#')) {
    const contained = Array.isArray(resource.contained) ? (resource.contained as Resource[]) : [];
    return contained.find(({ id }) => id === reference.slice(1));
  }
  const resourceType = referencedType(reference);
  return resourceType === undefined ? undefined : { resourceType };
}
