/**
 * Discriminators compiled to tests: does an item belong to a slice? The path is followed twice, through the
 * definition of the slice for what is demanded, and through the item for what is there.
 * https://hl7.org/fhir/R4/profiling.html#discriminator
 */
import { membershipOf } from './binding-rules.ts';
import type { Collector, ItemTest, OverlayEnvironment } from './collector.ts';
import { type Item, isObject, itemsOf, type Json } from './items.ts';
import { compilePattern, isEqual } from './pattern-match.ts';
import { choiceOf, type ProfileNode, profilesOf } from './profile-tree.ts';
import { targetResource } from './reference-target.ts';
import { compileTextTest } from './text-discriminator.ts';

export interface CompiledDiscriminator {
  readonly test: ItemTest;
  /** Whether the item is of a type that could meet the profiles; absent where no profile is tried. */
  readonly near?: ItemTest;
  /** Cheap ones are asked first; those that try a whole profile last. */
  readonly cost: number;
}

type Step =
  | { readonly kind: 'element'; readonly name: string }
  | { readonly kind: 'extension'; readonly url: string }
  | { readonly kind: 'type'; readonly type: string }
  | { readonly kind: 'resolve' };

const CHILD_DEPTH_MAX = 8;

/** Undefined when the slice says nothing at the path, so that no item could be told apart. */
export function compileDiscriminator(
  slice: ProfileNode,
  discriminator: { readonly type: string; readonly path: string },
  env: OverlayEnvironment,
): CompiledDiscriminator | undefined {
  const steps = parsePath(discriminator.path);
  if (steps === undefined) return undefined;
  const url = extensionUrl(slice, discriminator.path);
  if (url !== undefined) return { test: (item) => (item.value as Json | undefined)?.url === url, cost: 0 };
  const demanded = follow(slice, steps, env);
  const select = (item: Item, c: Collector): Item[] => selectItems(item, steps, env, c);
  if (discriminator.type === 'profile') {
    const tests = profileTests(demanded, steps, select, env);
    return tests && { ...tests, cost: steps.length + 100 };
  }
  const test = compileTest(discriminator.type, demanded, select, env);
  if (test === undefined) return undefined;
  const text =
    discriminator.type === 'exists' || discriminator.type === 'type' ? undefined : textOf(demanded);
  const names = steps.map((step) => (step.kind === 'element' ? step.name : ''));
  const isPlain = text !== undefined && names.length > 0 && !names.includes('');
  return { test: isPlain ? compileTextTest(names, text, env, test) : test, cost: steps.length + 1 };
}

/** The one text that is demanded; undefined where it is anything else. */
function textOf(demanded: readonly ProfileNode[]): string | undefined {
  const [node] = demanded;
  if (node === undefined || demanded.length !== 1 || node.element.max === '0') return undefined;
  const value = (choiceOf(node.element, 'fixed') ?? choiceOf(node.element, 'pattern'))?.value;
  return typeof value === 'string' ? value : undefined;
}

/** The values at the end of a path, as a discriminator sees them; undefined for a path that it cannot follow. */
export function compileSelector(path: string, env: OverlayEnvironment): Select | undefined {
  const steps = parsePath(path);
  return steps && ((item, c) => selectItems(item, steps, env, c));
}

function compileTest(
  type: string,
  demanded: readonly ProfileNode[],
  select: Select,
  env: OverlayEnvironment,
): ItemTest | undefined {
  switch (type) {
    case 'value':
    case 'pattern':
      return valueTest(demanded, select, env);
    case 'exists':
      return existsTest(demanded, select);
    case 'type':
      return typeTest(demanded, select, env);
    default:
      return undefined;
  }
}

/** Extensions are told apart by the URL of their definition, loaded or not. */
export function extensionUrl(slice: ProfileNode, path: string): string | undefined {
  if (path !== 'url' || slice.name.toLowerCase().endsWith('extension') === false) return undefined;
  const fixed = slice.children.get('url');
  const own = fixed === undefined ? undefined : choiceOf(fixed.element, 'fixed')?.value;
  if (typeof own === 'string') return own;
  const profile = profilesOf(slice.element)[0];
  return profile?.split('|', 1)[0];
}

type Select = (item: Item, c: Collector) => Item[];

function valueTest(
  demanded: readonly ProfileNode[],
  select: Select,
  env: OverlayEnvironment,
): ItemTest | undefined {
  const present = demanded.filter(({ element }) => element.max !== '0');
  const tests = present.map((node) => demandTest(node, env, 0)).filter((test) => test !== undefined);
  if (tests.length === 0) return existsTest(demanded, select);
  return (item, c) => {
    const found = select(item, c);
    return found.some((one) => tests.some((test) => test(one, c)));
  };
}

/** What an element definition demands of a value: fixed, pattern, binding, or the same of its children. */
function demandTest(node: ProfileNode, env: OverlayEnvironment, depth: number): ItemTest | undefined {
  const fixed = choiceOf(node.element, 'fixed');
  if (fixed !== undefined) return (item) => isEqual(item.value, fixed.value);
  const pattern = choiceOf(node.element, 'pattern');
  if (pattern !== undefined) {
    const matches = compilePattern(pattern.value);
    return (item) => matches(item.value);
  }
  const binding = node.element.binding;
  // below the path itself, only what must be there can tell slices apart
  const counts = depth === 0 || (node.element.min ?? 0) > 0;
  if (counts && binding?.strength === 'required' && binding.valueSet !== undefined) {
    const valueSet = binding.valueSet;
    return (item, c) => isMember(valueSet, item.value, c);
  }
  if (depth > CHILD_DEPTH_MAX) return undefined;
  const children: { child: ProfileNode; test: ItemTest }[] = [];
  for (const child of node.children.values()) {
    for (const part of [child, ...requiredSlices(child)]) {
      const test = demandTest(part, env, depth + 1);
      if (test !== undefined) children.push({ child: part, test });
    }
  }
  if (children.length > 0) {
    return (item, c) =>
      children.every(({ child, test }) => {
        const found = childItems(item, child.name, env);
        if (found.length === 0) return (child.element.min ?? 0) === 0;
        return found.some((one) => test(one, c));
      });
  }
  for (const profile of profilesOf(node.element)) {
    const root = env.tree(profile);
    const test = root === undefined ? undefined : demandTest(root, env, depth + 1);
    if (test !== undefined) return test;
  }
  return undefined;
}

function isMember(valueSet: string, value: unknown, c: Collector): boolean {
  const set = c.env.valueSet(valueSet);
  if (set === undefined) return false;
  if (typeof value === 'string') return set.contains(undefined, value) === 'yes';
  return isObject(value) && membershipOf(set, value) === 'yes';
}

function existsTest(demanded: readonly ProfileNode[], select: Select): ItemTest | undefined {
  for (const { element } of demanded) {
    if (element.max === '0') return (item, c) => select(item, c).length === 0;
    if ((element.min ?? 0) > 0) return (item, c) => select(item, c).length > 0;
  }
  return undefined;
}

function typeTest(
  demanded: readonly ProfileNode[],
  select: Select,
  env: OverlayEnvironment,
): ItemTest | undefined {
  const types = new Set<string>();
  for (const { element } of demanded.flatMap(variantsOf)) {
    // the root of a profile has its type as path
    if (element.path?.includes('.') === false) types.add(element.path);
    for (const type of element.type ?? []) types.add(typeName(type.code as string));
  }
  if (types.size === 0) return undefined;
  const known = new Map<string, boolean>();
  const fits = (type: string): boolean => {
    let answer = known.get(type);
    if (answer === undefined) {
      answer = types.has(type) || [...types].some((one) => env.isA(type, one));
      if (known.size < 500) known.set(type, answer);
    }
    return answer;
  };
  return (item, c) => {
    const found = select(item, c);
    return found.length > 0 && found.every((one) => fits(one.type));
  };
}

/** A choice whose variants are spoken of: those that must be there, else those that may, else all its types. */
function variantsOf(node: ProfileNode): readonly ProfileNode[] {
  if (!node.isChoice || node.slices.length === 0) return [node];
  const required = node.slices.filter(({ element }) => (element.min ?? 0) > 0);
  if (required.length > 0) return required;
  const possible = node.slices.filter(({ element }) => element.max !== '0');
  return possible.length > 0 ? possible : [node];
}

function typeName(code: string): string {
  return code.slice(code.lastIndexOf('/') + 1).replace(/^System\./, '');
}

function profileTests(
  demanded: readonly ProfileNode[],
  steps: readonly Step[],
  select: Select,
  env: OverlayEnvironment,
): { test: ItemTest; near: ItemTest } | undefined {
  const endsInResolve = steps[steps.length - 1]?.kind === 'resolve';
  const profiles = new Set<string>();
  for (const { element } of demanded) {
    for (const profile of profilesOf(element)) profiles.add(profile);
    if (!endsInResolve) continue;
    for (const type of element.type ?? []) for (const one of type.targetProfile ?? []) profiles.add(one);
  }
  // a path that goes through resolve() ends at the root of the target profile itself
  if (endsInResolve && profiles.size === 0)
    for (const node of demanded) profiles.add(env.profileOfRoot(node) ?? '');
  profiles.delete('');
  if (profiles.size === 0) return undefined;
  const each =
    (fits: (profile: string, one: Item, c: Collector) => boolean): ItemTest =>
    (item, c) => {
      const found = select(item, c);
      return found.length > 0 && found.every((one) => [...profiles].some((profile) => fits(profile, one, c)));
    };
  return {
    test: each((profile, one, c) => c.env.conforms(profile, one, c)),
    near: each((profile, one, c) => c.env.typeOfProfile(profile) === one.type),
  };
}

/** The definitions at the end of a path; several when a reference may point to several profiles. */
function follow(start: ProfileNode, steps: readonly Step[], env: OverlayEnvironment): ProfileNode[] {
  let nodes: ProfileNode[] = [start];
  for (const step of steps) nodes = nodes.flatMap((node) => followStep(node, step, env));
  return nodes;
}

function followStep(node: ProfileNode, step: Step, env: OverlayEnvironment): ProfileNode[] {
  switch (step.kind) {
    case 'type':
      return [node];
    case 'element':
      return findChild(node, step.name, env);
    case 'extension':
      return findChild(node, 'extension', env).flatMap((child) =>
        child.slices.filter((slice) => profilesOf(slice.element).includes(step.url)),
      );
    case 'resolve':
      return (node.element.type ?? [])
        .flatMap((type) => type.targetProfile ?? [])
        .flatMap((profile) => env.tree(profile) ?? []);
  }
}

/** A child that the profile mentions, or that a profile of the element's type mentions. */
function findChild(node: ProfileNode, name: string, env: OverlayEnvironment): ProfileNode[] {
  const child = node.children.get(name) ?? childByJson(node, name);
  const inSlices = requiredSlices(node).flatMap((slice) => slice.children.get(name) ?? []);
  const own = child === undefined ? inSlices : [child, ...inSlices];
  if (own.length > 0) return own;
  for (const profile of profilesOf(node.element)) {
    const root = env.tree(profile);
    const found = root === undefined ? [] : findChild(root, name, env);
    if (found.length > 0) return found;
  }
  if (node.element.type?.length === 1) {
    const base = env.tree(`http://hl7.org/fhir/StructureDefinition/${node.element.type[0]?.code}`);
    const found = base !== undefined && base !== node ? base.children.get(name) : undefined;
    if (found !== undefined) return [found];
  }
  return [];
}

/** What must be among the items of an element tells them apart as well as what all of them are. */
function requiredSlices(node: ProfileNode): readonly ProfileNode[] {
  return node.isChoice ? [] : node.slices.filter(({ element }) => (element.min ?? 0) > 0);
}

/** `valueQuantity` where the tree has `value[x]` with a slice of that name. */
function childByJson(node: ProfileNode, name: string): ProfileNode | undefined {
  for (const child of node.children.values()) {
    if (!child.isChoice || !name.startsWith(child.name)) continue;
    return child.slices.find((slice) => slice.sliceName === name) ?? child;
  }
  return undefined;
}

function selectItems(start: Item, steps: readonly Step[], env: OverlayEnvironment, c: Collector): Item[] {
  if (steps.length === 1) return selectStep(start, steps[0] as Step, env, c);
  let items: Item[] = [start];
  for (const step of steps) items = items.flatMap((item) => selectStep(item, step, env, c));
  return items;
}

function selectStep(item: Item, step: Step, env: OverlayEnvironment, c: Collector): Item[] {
  switch (step.kind) {
    case 'element':
      return childItems(item, step.name, env);
    case 'extension':
      return childItems(item, 'extension', env).filter((one) => (one.value as Json)?.url === step.url);
    case 'type':
      return env.isA(item.type, step.type) ? [item] : [];
    case 'resolve':
      return resolveItem(item, c);
  }
}

function childItems(item: Item, name: string, env: OverlayEnvironment): Item[] {
  const owner = isObject(item.value) ? item.value : item.twin;
  const element = env.schemas.element(isObject(item.value) ? item.type : 'Element', name);
  return owner === undefined || element === undefined ? [] : itemsOf(owner, element);
}

/** The resource behind a reference; a stub that knows only its type when it is elsewhere. */
function resolveItem(item: Item, c: Collector): Item[] {
  const target = isObject(item.value) ? targetResource(item.value, c) : undefined;
  if (target === undefined) return [];
  return [{ value: target.resource, twin: undefined, type: target.type, at: item.at }];
}

const TOKEN =
  /\s*(?:(\$this)|extension\(\s*'([^']*)'\s*\)|extension\(\s*"([^"]*)"\s*\)|resolve\(\)|(?:ofType|as)\(\s*([A-Za-z0-9_.]+)\s*\)|([A-Za-z_][A-Za-z0-9_]*)(?:\[x\])?)\s*/y;

/** The simple FHIRPath of discriminators; undefined for anything else. */
function parsePath(path: string): Step[] | undefined {
  const steps: Step[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < path.length; ) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(path);
    if (match === null) return undefined;
    const [text, self, url, otherUrl, type, name] = match;
    if (url !== undefined || otherUrl !== undefined)
      steps.push({ kind: 'extension', url: (url ?? otherUrl) as string });
    else if (type !== undefined) steps.push({ kind: 'type', type: type.replace(/^FHIR\./, '') });
    else if (name !== undefined) steps.push({ kind: 'element', name });
    else if (self === undefined) steps.push({ kind: 'resolve' });
    at += text.length;
    if (at >= path.length) break;
    if (path[at] !== '.') return undefined;
    at++;
  }
  return steps;
}
