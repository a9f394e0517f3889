/**
 * A profile as a sparse overlay: only what it asks beyond R4's own definition of the type, as closures. What
 * the profile merely repeats costs nothing.
 * https://hl7.org/fhir/R4/profiling.html
 */
import type { StructureDefinition } from '@medplum/fhirtypes';
import type { Collector, ItemCheck, Overlay, OverlayContext, OverlayEnvironment } from './collector.ts';
import {
  type ConstraintSchema,
  type ElementSchema,
  readConstraints,
  type TypeSchema,
} from './element-schema.ts';
import { type Item, isObject, itemsOfProperty, type Json, makeItem } from './items.ts';
import { compileMembers, type Member, type MemberCheck } from './members.ts';
import type { Segment } from './path.ts';
import type { ProfileNode } from './profile-tree.ts';
import { atItem, atResource } from './resource-scope.ts';
import { compileSlicing, type ItemsCheck } from './slicing.ts';
import { compileTypes } from './type-narrowing.ts';
import { compileValueChecks, REMARKS_ONLY } from './value-checks.ts';

/** Inherited by everything, and checked with the base types. */
const BASE_KEYS = new Set([
  'ele-1',
  'ext-1',
  'dom-2',
  'dom-3',
  'dom-4',
  'dom-5',
  'dom-6',
  'ref-1',
  'txt-1',
  'txt-2',
  'csd-1',
  'que-2',
]);

/** `part` is `#` and the id of the element that `root` is, empty for the whole profile. */
export function compileOverlay(
  structure: StructureDefinition,
  root: ProfileNode | undefined,
  part: string,
  env: OverlayEnvironment,
): Overlay {
  const source = structure.url as string;
  const type = part === '' ? (structure.type as string) : (root?.element.path ?? 'Element');
  const context: OverlayContext = { env, source, profileName: structure.name ?? source, type, problems: [] };
  if (root === undefined) context.problems.push(`${source}${part} has no snapshot.`);
  const check = root === undefined ? undefined : compileItem(root, undefined, type, context);
  return {
    url: source + part,
    name: context.profileName,
    type,
    problems: context.problems,
    check: check ?? (() => undefined),
  };
}

/** `type` is the type of the value, `Element` when it can have several. */
function compileItem(
  node: ProfileNode,
  base: ElementSchema | undefined,
  type: string,
  context: OverlayContext,
): ItemCheck | undefined {
  const checks: ItemCheck[] = [];
  const add = (check: ItemCheck | undefined): void => {
    if (check !== undefined) checks.push(check);
  };
  if (base !== undefined) for (const check of compileTypes(node, base, context)) add(check);
  for (const check of compileValueChecks(node, base, context)) add(check);
  // a resource in an element of another: %resource is not of its type, so nothing may be assumed
  const contextType = base?.properties[0]?.kind === 'resource' ? 'Resource' : type;
  for (const constraint of newConstraints(node, base, type, context)) {
    add(constraintCheck(constraint, contextType, context));
  }
  const members = compileChildren(node, type, context);
  if (members.length > 0) {
    const children = compileMembers(members);
    // rules of the element itself see the container as %resource, rules inside see the resource
    const isResource = base?.properties[0]?.kind === 'resource';
    const inside: ItemCheck = (item, c) => {
      if (isResource) atResource(item, () => children(item.value as Json, c), c);
      else if (isObject(item.value)) children(item.value, c);
      else if (item.twin !== undefined) children(item.twin, c);
      else if (item.value !== undefined) children(NO_TWIN, c);
    };
    if (members.every((one) => one.isRemark)) REMARKS_ONLY.add(inside);
    checks.push(inside);
  }
  if (checks.length === 0) return undefined;
  if (checks.length === 1) return checks[0];
  const strict = checks.filter((check) => !REMARKS_ONLY.has(check));
  const all: ItemCheck = (item, c) => {
    const list = c.errorsOnly ? strict : checks;
    for (let i = 0; i < list.length; i++) {
      (list[i] as ItemCheck)(item, c);
      if (c.isSettled()) return;
    }
  };
  if (strict.length === 0) REMARKS_ONLY.add(all);
  return all;
}

/** What a primitive without `_` twin looks like to constraints on its id and extensions. */
const NO_TWIN: Json = {};

function compileChildren(node: ProfileNode, type: string, context: OverlayContext): Member[] {
  const members: Member[] = [];
  for (const child of node.children.values()) {
    const base = context.env.schemas.element(type, child.name);
    if (base === undefined) {
      if (child.name !== 'value' || context.env.schemas.type(type) !== undefined) {
        context.problems.push(`${child.id} is not an element of ${type}.`);
      }
      continue;
    }
    const member = compileElement(child, base, context);
    if (member !== undefined) members.push(member);
  }
  return members;
}

interface Limits {
  readonly min: number;
  readonly max: number;
}

function compileElement(node: ProfileNode, base: ElementSchema, context: OverlayContext): Member | undefined {
  const min = Math.max(node.element.min ?? 0, 0);
  const max =
    node.element.max === undefined || node.element.max === '*'
      ? Number.POSITIVE_INFINITY
      : Number(node.element.max);
  const needsMin = min > base.min;
  const needsMax = max < (base.isArray ? Number.POSITIVE_INFINITY : 1);
  const itemType = typeOfItems(node, base);
  const check = compileItem(node, base, itemType, context);
  const slicing = compileSlicing(node, {
    env: context.env,
    source: context.source,
    profileName: context.profileName,
    isExtensionPart: context.type === 'Extension' && node.id === 'Extension.extension',
    compileItem: (slice) => {
      const sliceBase = narrowedBase(slice, base);
      return compileItem(slice, sliceBase, typeOfItems(slice, sliceBase), context);
    },
    reportProblem: (text) => context.problems.push(text),
  });
  if (!needsMin && !needsMax && check === undefined && slicing === undefined) return undefined;
  const limits = { min: needsMin ? min : 0, max: needsMax ? max : Number.POSITIVE_INFINITY };
  const isRemark =
    check !== undefined && REMARKS_ONLY.has(check) && !needsMin && !needsMax && slicing === undefined;
  const ofOne = singleCheck(node, limits, check, context);
  if (slicing === undefined && !base.isArray) return { element: base, check: ofOne, isRemark };
  return {
    element: base,
    isRemark,
    check:
      slicing === undefined
        ? listCheck(node, limits, check, ofOne, context)
        : slicedCheck(node, base, limits, check, slicing, context),
  };
}

const HERE: readonly Segment[] = [];

/** An element that has at most one value. */
function singleCheck(
  node: ProfileNode,
  limits: Limits,
  check: ItemCheck | undefined,
  context: OverlayContext,
): MemberCheck {
  return (value, twin, property, c) => {
    if (property === undefined || (value === undefined && twin === undefined)) {
      if (limits.min > 0) reportMin(node, 0, limits.min, context, c);
      return;
    }
    if (limits.max < 1) reportMax(node, property.segment, 1, limits.max, context, c);
    if (check === undefined) return;
    c.path[c.depth++] = property.segment;
    check(makeItem(value, twin, property, HERE), c);
    c.depth--;
  };
}

/** An element that repeats. */
function listCheck(
  node: ProfileNode,
  limits: Limits,
  check: ItemCheck | undefined,
  ofOne: MemberCheck,
  context: OverlayContext,
): MemberCheck {
  return (value, twin, property, c) => {
    const values = Array.isArray(value) ? value : undefined;
    const twins = Array.isArray(twin) ? twin : undefined;
    if (property === undefined || (values === undefined && twins === undefined)) {
      ofOne(value, twin, property, c);
      return;
    }
    const count = Math.max(values?.length ?? 0, twins?.length ?? 0);
    if (count < limits.min) reportMin(node, count, limits.min, context, c);
    if (count > limits.max) reportMax(node, property.segment, count, limits.max, context, c);
    if (check === undefined) return;
    c.path[c.depth++] = property.segment;
    const slot = c.depth++;
    for (let i = 0; i < count; i++) {
      c.path[slot] = i;
      check(makeItem(values?.[i] ?? undefined, twins?.[i] ?? undefined, property, HERE), c);
    }
    c.depth = slot - 1;
  };
}

function slicedCheck(
  node: ProfileNode,
  base: ElementSchema,
  limits: Limits,
  check: ItemCheck | undefined,
  slicing: ItemsCheck,
  context: OverlayContext,
): MemberCheck {
  return (value, twin, property, c) => {
    const items = property === undefined ? NOTHING : itemsOfProperty(value, twin, property, base.isArray);
    if (items.length < limits.min) reportMin(node, items.length, limits.min, context, c);
    if (items.length > limits.max) {
      reportMax(node, property?.segment, items.length, limits.max, context, c);
    }
    if (check !== undefined) for (const item of items) atItem(item, check, c);
    slicing(items, c);
  };
}

const NOTHING: readonly Item[] = [];

/** A slice of a choice may leave one type only. */
function narrowedBase(slice: ProfileNode, base: ElementSchema): ElementSchema {
  if (!base.isChoice || slice.element.type === undefined) return base;
  const codes = new Set(slice.element.type.map((type) => type.code));
  const properties = base.properties.filter((property) => codes.has(property.type));
  return properties.length === 0 ? base : { ...base, properties };
}

function typeOfItems(node: ProfileNode, base: ElementSchema): string {
  if (base.properties.length === 1) return resourceTypeOf(node, base);
  const codes = (node.element.type ?? []).map((type) => type.code as string);
  return codes.length === 1 ? (codes[0] as string) : 'Element';
}

/** `Bundle.entry.resource` narrowed to one type. */
function resourceTypeOf(node: ProfileNode, base: ElementSchema): string {
  const property = base.properties[0];
  if (property?.kind !== 'resource') return property?.type ?? 'Element';
  const code = node.element.type?.length === 1 ? node.element.type[0]?.code : undefined;
  return code === undefined || code === 'Resource' ? 'Resource' : code;
}

function newConstraints(
  node: ProfileNode,
  base: ElementSchema | undefined,
  type: string,
  context: OverlayContext,
): ConstraintSchema[] {
  const schema: TypeSchema | undefined = context.env.schemas.type(type);
  const known = new Set([...(schema?.constraints ?? []), ...(base?.constraints ?? [])].map(identity));
  return readConstraints(node.element, context.source).filter(
    (one) => !BASE_KEYS.has(one.key) && !known.has(identity(one)),
  );
}

function identity(one: ConstraintSchema): string {
  return `${one.key}\n${one.expression.replace(/\s+/g, '')}`;
}

function constraintCheck(
  constraint: ConstraintSchema,
  type: string,
  context: OverlayContext,
): ItemCheck | undefined {
  return context.env.constraintCheck(constraint, type);
}

function reportMin(
  node: ProfileNode,
  found: number,
  min: number,
  context: OverlayContext,
  c: Collector,
): void {
  if (c.isCounted()) return;
  const text = `${node.element.path} is required: found ${found}, expected at least ${min} (${context.profileName}).`;
  c.report('min-cardinality', text, { source: context.source, subject: node.name });
}

function reportMax(
  node: ProfileNode,
  at: Segment | undefined,
  found: number,
  max: number,
  context: OverlayContext,
  c: Collector,
): void {
  if (c.isCounted()) return;
  const expected = max === 0 ? 'it is not allowed' : `at most ${max} is allowed`;
  const text = `${node.element.path}: found ${found}, ${expected} (${context.profileName}).`;
  c.report('max-cardinality', text, { at, source: context.source });
}
