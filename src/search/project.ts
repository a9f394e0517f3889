/**
 * A resource as `_summary` and `_elements` ask for it, tagged SUBSETTED. Mandatory elements stay, so that what is
 * left is still readable as its type.
 * https://hl7.org/fhir/R4/search.html#summary, https://hl7.org/fhir/R4/search.html#elements
 */
import type { ElementModel, TypeModel } from '../definitions/type-model.ts';
import type { Coding, Resource } from '../fhir/types.ts';
import type { SummaryMode } from './search-request.ts';

export type Project = (resource: Resource) => Resource;

/** Undefined when the whole resource is asked for: its stored text can be sent as it is. */
export function createProjection(
  summary: SummaryMode,
  elements: readonly string[],
  model: TypeModel,
): Project | undefined {
  const choose = chooserOf(summary, elements);
  if (choose === undefined) return undefined;
  const byType = new Map<string, Mask>();
  return (resource) => {
    const type = resource.resourceType;
    let mask = byType.get(type);
    if (mask === undefined) {
      mask = choose(type, model);
      byType.set(type, mask);
    }
    const projected = project(resource, mask) as Resource;
    return tagSubsetted(projected);
  };
}

/** What to keep of an object: everything under a name, or some of it. */
type Mask = ReadonlyMap<string, 'whole' | Mask>;

type Choose = (type: string, model: TypeModel) => Mask;

function chooserOf(summary: SummaryMode, elements: readonly string[]): Choose | undefined {
  if (elements.length > 0) return (type, model) => elementsMask(type, elements, model);
  switch (summary) {
    case 'true':
      return (type, model) => elementMask(type, model, ({ isSummary }) => isSummary, new Set());
    case 'text':
      return (type, model) => topMask(type, model, ({ name, min }) => min > 0 || ALWAYS_WITH_TEXT.has(name));
    case 'data':
      return (type, model) => topMask(type, model, ({ name }) => name !== 'text');
    case 'count':
    case 'false':
      return undefined;
  }
}

const ALWAYS: readonly string[] = ['resourceType', 'id', 'meta'];
const ALWAYS_WITH_TEXT: ReadonlySet<string> = new Set(['text']);

function newMask(): Map<string, 'whole' | Mask> {
  return new Map(ALWAYS.map((name) => [name, 'whole']));
}

function keep(mask: Map<string, 'whole' | Mask>, element: ElementModel, part: 'whole' | Mask): void {
  for (const { json } of element.properties) {
    mask.set(json, part);
    // the twin holds id and extensions of a primitive
    mask.set(`_${json}`, 'whole');
  }
}

function topMask(type: string, model: TypeModel, wanted: (element: ElementModel) => boolean): Mask {
  const mask = newMask();
  for (const element of model.type(type)?.elements.values() ?? []) {
    if (wanted(element)) keep(mask, element, 'whole');
  }
  return mask;
}

/** Backbone elements are thinned too; data types stay whole. */
function elementMask(
  type: string,
  model: TypeModel,
  wanted: (element: ElementModel) => boolean,
  above: ReadonlySet<string>,
): Mask {
  const mask = newMask();
  const within = new Set(above).add(type);
  for (const element of model.type(type)?.elements.values() ?? []) {
    if (!wanted(element) && element.min === 0) continue;
    const inner = element.properties[0]?.type ?? '';
    const isBackbone = model.type(inner)?.kind === 'backbone' && !within.has(inner);
    keep(mask, element, isBackbone ? elementMask(inner, model, wanted, within) : 'whole');
  }
  return mask;
}

/** Names as asked for, `name` or `name.family`, and what the type cannot be without. */
function elementsMask(type: string, elements: readonly string[], model: TypeModel): Mask {
  const mask = newMask();
  const node = model.type(type);
  const inner = new Map<string, string[]>();
  for (const path of elements) {
    const [first, ...rest] = path.startsWith(`${type}.`)
      ? path.slice(type.length + 1).split('.')
      : path.split('.');
    const names = inner.get(first as string) ?? [];
    inner.set(first as string, names);
    if (rest.length > 0) names.push(rest.join('.'));
    else names.push('*');
  }
  for (const element of node?.elements.values() ?? []) {
    const names = inner.get(element.name) ?? element.properties.flatMap(({ json }) => inner.get(json) ?? []);
    const isMandatory = element.min > 0 || element.isModifier;
    if (names.length === 0 && !isMandatory) continue;
    const isWhole = names.length === 0 || names.includes('*');
    for (const property of element.properties) {
      mask.set(property.json, isWhole ? 'whole' : elementsMask(property.type, names, model));
      mask.set(`_${property.json}`, 'whole');
    }
  }
  return mask;
}

function project(node: Readonly<Record<string, unknown>>, mask: Mask): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name in node) {
    const part = mask.get(name);
    if (part === undefined) continue;
    const value = part === 'whole' ? node[name] : projectValue(node[name], part);
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

/** Undefined when nothing is left: FHIR has no empty objects. */
function projectValue(value: unknown, mask: Mask): unknown {
  if (Array.isArray(value)) {
    const kept = value.map((one) => projectValue(one, mask)).filter((one) => one !== undefined);
    return kept.length === 0 ? undefined : kept;
  }
  if (typeof value !== 'object' || value === null) return value;
  const kept = project(value as Record<string, unknown>, mask);
  return Object.keys(kept).length === 0 ? undefined : kept;
}

const SUBSETTED: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
};

function tagSubsetted(resource: Resource): Resource {
  const tags = resource.meta?.tag ?? [];
  if (tags.some(({ system, code }) => code === SUBSETTED.code && system === SUBSETTED.system))
    return resource;
  const tagged: Resource = { resourceType: resource.resourceType };
  if (resource.id !== undefined) tagged.id = resource.id;
  tagged.meta = { ...resource.meta, tag: [...tags, SUBSETTED] };
  for (const name in resource) if (!(name in tagged)) tagged[name] = resource[name];
  return tagged;
}
