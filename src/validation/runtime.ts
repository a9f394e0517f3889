/**
 * Everything the generated code calls, put together, and the way into a resource: which function validates
 * it, what it is contained in, and what comes after its structure.
 */
import type { StructureDefinition } from '@medplum/fhirtypes';
import type { Definitions } from '../definitions/definitions.ts';
import type { TypeModel } from '../definitions/type-model.ts';
import type { Resource } from '../fhir/types.ts';
import type { Terminology } from '../terminology/terminology.ts';
import { createBindingRules } from './binding-rules.ts';
import { indexBundle } from './bundle-index.ts';
import { createCanonicalRule } from './canonical-rules.ts';
import type { Collector } from './collector.ts';
import { createConstraintRules } from './constraint-rules.ts';
import { domain } from './contained-rules.ts';
import { elementId } from './element-ids.ts';
import type { GeneratedTables } from './emitter.ts';
import { createExtensionRules } from './extension-rules.ts';
import { distinctLabels } from './meta-rules.ts';
import { findNarrativeProblem } from './narrative.ts';
import { sharesCode } from './observation-rules.ts';
import type { Segment } from './path.ts';
import { comparable } from './period-rules.ts';
import { PRIMITIVES } from './primitives.ts';
import { withRecent } from './recent.ts';
import { createReferenceRules, targets } from './reference-rules.ts';
import { RESOURCE_RULES, type ResourceRule } from './resource-rules.ts';
import * as structure from './structure-issues.ts';
import { nearest, show } from './suggestion.ts';
import type { Steps } from './turns.ts';
import { createTypeRules } from './type-rules.ts';

type Json = Record<string, unknown>;
/** Of a resource it returns `meta`. */
export type TypeFunction = (value: Json, c: Collector) => unknown;
/** The generated module: given what it calls, it returns the functions by type name. */
export type TypeFunctions = Readonly<Record<string, TypeFunction>>;
export type TypeModule = (h: Record<string, unknown>) => TypeFunctions;

export interface RuntimeParts {
  readonly definitions: Definitions;
  readonly model: TypeModel;
  readonly terminology: Terminology;
  readonly tables: GeneratedTables;
  readonly module: TypeModule;
  /** After the structure of a resource, to hold it to its profiles. */
  readonly checkProfiles: (resource: Resource, meta: unknown, c: Collector) => void;
  readonly checkProfile: (definition: StructureDefinition, value: Readonly<Json>, c: Collector) => void;
}

export interface Runtime {
  readonly types: TypeFunctions;
  /** The type of what may be a resource, as the first segment of its path. */
  rootName(resource: Resource | null | undefined): string;
  /** Validates a resource at the current place. */
  enter(resource: Resource, c: Collector, isContained: boolean): void;
  /** The same for a resource of a large Bundle: with a pause before the rules of its type, and before its profiles. */
  enterInSteps(resource: Resource, c: Collector): Steps<void>;
}

interface ResourceKind {
  readonly type: string;
  readonly validate: TypeFunction;
  readonly rule: ResourceRule | undefined;
}

const NAME = /^[A-Za-z]{1,64}$/;
/** Of `Bundle.entry[0]` when the Bundle is the root. */
const ENTRY_DEPTH = 3;

export function createRuntime(parts: RuntimeParts): Runtime {
  let types: TypeFunctions = {};
  const kinds = new Map<string, ResourceKind>();
  const kindOf = withRecent((type) => kinds.get(type));
  const resourceTypes = new Set(parts.definitions.resourceTypes);
  const references = createReferenceRules(resourceTypes);
  const typeRules = createTypeRules({
    terminology: parts.terminology,
    isValueSet: (url) => parts.definitions.entry(url, 'ValueSet') !== undefined,
    isSupplement: (system) => parts.definitions.codeSystem(system)?.supplements !== undefined,
  });

  function rootName(resource: Resource | null | undefined): string {
    const type = typeOfResource(resource);
    if (typeof type !== 'string') return 'Resource';
    return kindOf(type)?.type ?? (NAME.test(type) ? type : 'Resource');
  }

  function enter(resource: Resource, c: Collector, isContained: boolean): void {
    const kind = kindOrReport(resource, c);
    if (kind === undefined) return;
    const outer = placeOf(c);
    place(resource, kind, c, isContained);
    const meta = kind.validate(resource, c);
    kind.rule?.(resource, c);
    parts.checkProfiles(resource, meta, c);
    putBack(c, outer);
  }

  function* enterInSteps(resource: Resource, c: Collector): Steps<void> {
    const kind = kindOrReport(resource, c);
    if (kind === undefined) return;
    const outer = placeOf(c);
    place(resource, kind, c, false);
    const meta = kind.validate(resource, c);
    if (kind.rule !== undefined) {
      yield;
      kind.rule(resource, c);
    }
    if (meta !== undefined) yield;
    parts.checkProfiles(resource, meta, c);
    putBack(c, outer);
  }

  function kindOrReport(resource: Resource, c: Collector): ResourceKind | undefined {
    const type = typeOfResource(resource);
    const kind = typeof type === 'string' ? kindOf(type) : undefined;
    if (kind === undefined) reportUnknownResource(type, resourceTypes, c);
    return kind;
  }

  function place(resource: Resource, kind: ResourceKind, c: Collector, isContained: boolean): void {
    c.resource = resource;
    c.resourceType = kind.type;
    c.resourceDepth = c.depth;
    if (!isContained) c.rootResource = resource;
    if (kind.type === 'Bundle') {
      c.bundle = c.rootIndex?.bundle === resource ? c.rootIndex : indexBundle(resource);
    }
  }

  function resource(at: Segment, value: unknown, c: Collector): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      structure.notObject(at, value, c);
      return;
    }
    if (c.depth > c.depthMax) {
      structure.tooDeep(c);
      return;
    }
    if (c.skipsEntries && c.depth === ENTRY_DEPTH) return;
    c.path[c.depth++] = at;
    enter(value as Resource, c, false);
    c.depth--;
  }

  /** The only repeating element of type Resource is `contained`. */
  function resources(at: Segment, value: unknown, c: Collector): void {
    if (!Array.isArray(value) || value.length === 0) {
      structure.badArray(at, value, c);
      return;
    }
    if (c.depth > c.depthMax) {
      structure.tooDeep(c);
      return;
    }
    c.path[c.depth++] = at;
    const slot = c.depth++;
    for (let i = 0; i < value.length; i++) {
      c.path[slot] = i;
      const one = value[i];
      if (typeof one === 'object' && one !== null && !Array.isArray(one)) enter(one, c, true);
      else structure.badItem(one, c);
    }
    c.depth = slot - 1;
  }

  function extra(at: Segment, json: string, value: unknown, owner: Json, c: Collector): void {
    twin(at, value, owner[json] !== undefined, c);
  }

  function twin(at: Segment, value: unknown, hasValue: boolean, c: Collector): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const text = `_${at} holds id and extensions in one object, not ${show(value)}.`;
      c.report('primitive-alignment', text, { at });
      return;
    }
    if (c.depth > c.depthMax) {
      structure.tooDeep(c);
      return;
    }
    c.path[c.depth++] = at;
    types.Element?.(value as Json, c);
    let says = hasValue;
    let isEmpty = true;
    for (const key in value) {
      isEmpty = false;
      if (key !== 'id') says = true;
    }
    if (isEmpty || !says) structure.empty(c);
    c.depth--;
  }

  function extras(at: Segment, json: string, value: unknown, owner: Json, c: Collector): void {
    const values = owner[json];
    if (!Array.isArray(value) || value.length === 0) {
      const text = `_${at} must be an array with as many entries as ${at}.`;
      c.report('primitive-alignment', text, { at });
      return;
    }
    if (Array.isArray(values) && values.length !== value.length) {
      const text = `_${at} has ${value.length} entries, ${at} has ${values.length}: pad the shorter one with null.`;
      c.report('primitive-alignment', text, { at });
    }
    for (let i = 0; i < value.length; i++) {
      if (value[i] !== null) {
        const hasValue = Array.isArray(values) && values[i] !== undefined && values[i] !== null;
        c.path[c.depth++] = at;
        twin(i, value[i], hasValue, c);
        c.depth--;
      } else if (values === undefined) {
        const text = `null in _${at} needs a value at the same place of ${at}.`;
        c.report('empty-element', text, { at: [at, i] });
      }
    }
  }

  const extensionRules = createExtensionRules({
    definitions: parts.definitions,
    model: parts.model,
    validateExtension: (extension, c) => types.Extension?.(extension, c),
    checkProfile: parts.checkProfile,
  });

  const { coding, quantity, identifier, attachment } = typeRules;
  const after = {
    Coding: coding,
    Quantity: quantity,
    Age: quantity,
    Count: quantity,
    Distance: quantity,
    Duration: quantity,
    Identifier: identifier,
    Reference: references.reference,
    Extension: extensionContent,
    Attachment: attachment,
  };
  const { notObject, badArray, badItem, badPrimitive, conflict, missing, empty, tooDeep, nullItem } =
    structure;
  types = parts.module({
    primitives: PRIMITIVES,
    unknown: structure.createUnknown(parts.model),
    ...{ notObject, badArray, badItem, badPrimitive, conflict, missing, empty, tooDeep, nullItem },
    ...createBindingRules(parts.tables.bindings, parts.terminology),
    ...extensionRules,
    ...{
      extra,
      extras,
      resource,
      resources,
      domain,
      narrative,
      after,
      simple,
      inOrder,
      comparable,
      sharesCode,
      elementId,
    },
    distinctLabels,
    canonical: createCanonicalRule(parts.definitions),
    wrongTarget: references.wrongTarget,
    targets,
    ...createConstraintRules(parts.tables.constraints),
  });
  for (const name of resourceTypes) {
    const validate = types[name];
    if (validate !== undefined) kinds.set(name, { type: name, validate, rule: RESOURCE_RULES.get(name) });
  }
  return { types, rootName, enter, enterInSteps };
}

/** What `place` changes, and has to be put back when a resource is left. */
type Place = Pick<Collector, 'resource' | 'resourceType' | 'rootResource' | 'resourceDepth' | 'bundle'>;

function placeOf({ resource, resourceType, rootResource, resourceDepth, bundle }: Collector): Place {
  return { resource, resourceType, rootResource, resourceDepth, bundle };
}

function putBack(c: Collector, { resource, resourceType, rootResource, resourceDepth, bundle }: Place): void {
  c.resource = resource;
  c.resourceType = resourceType;
  c.rootResource = rootResource;
  c.resourceDepth = resourceDepth;
  c.bundle = bundle;
}

/**
 * `resourceType`, which nearly always comes first. To load a property by name takes V8 a microsecond where objects
 * come in more shapes than it keeps apart; a loop over the properties does not mind.
 */
function typeOfResource(resource: Resource | null | undefined): unknown {
  for (const key in resource) {
    if (key === 'resourceType') return resource[key];
    break;
  }
  return resource?.resourceType;
}

const LOWER_V = 118;
const UNDERSCORE = 95;

/** ext-1: a value or parts, never both. A value that R4 does not know was reported, and counts as one here. */
function extensionContent(isKnownValue: boolean, parts: unknown, o: Readonly<Json>, c: Collector): void {
  const hasParts = parts !== undefined;
  if (isKnownValue !== hasParts) return;
  let hasValue = isKnownValue;
  for (const key in o) {
    const first = key.charCodeAt(0);
    if (first === LOWER_V ? key.startsWith('value') : first === UNDERSCORE && key.startsWith('_value'))
      hasValue = true;
  }
  if (hasValue !== hasParts) return;
  const text = hasValue ? 'has both a value and extensions' : 'has neither a value nor extensions';
  c.report('invariant-failed', `An extension must have either a value or extensions; this one ${text}.`, {
    constraint: 'ext-1',
    source: 'http://hl7.org/fhir/StructureDefinition/Extension',
  });
}

function narrative(at: Segment, value: unknown, c: Collector): void {
  if (PRIMITIVES.xhtml?.check(value) !== true) {
    structure.badPrimitive('xhtml', at, value, c);
    return;
  }
  const problem = findNarrativeProblem(value as string);
  if (problem === undefined) return;
  c.report('narrative', `The narrative ${problem.text}.`, { at, constraint: problem.constraint });
}

/** Whether a period is in order for certain: what is written alike orders like its text. */
function inOrder(start: unknown, end: unknown): boolean {
  if (start === undefined || end === undefined) return true;
  if (typeof start !== 'string' || typeof end !== 'string' || start.length !== end.length) return false;
  return (start.length <= 10 || (start.endsWith('Z') && end.endsWith('Z'))) && start <= end;
}

/** SimpleQuantity: sqty-1. */
function simple(at: Segment, value: unknown, c: Collector): void {
  const values = Array.isArray(value) ? value : [value];
  for (const one of values as (Json | null)[]) {
    if (one?.comparator === undefined && one?._comparator === undefined) continue;
    c.report('invariant-failed', 'A comparator (<, >, ...) is not allowed on this quantity.', {
      at,
      constraint: 'sqty-1',
      source: 'http://hl7.org/fhir/StructureDefinition/SimpleQuantity',
    });
  }
}

function reportUnknownResource(type: unknown, resourceTypes: ReadonlySet<string>, c: Collector): void {
  if (typeof type !== 'string') {
    const text =
      type === undefined ? 'resourceType is missing.' : `resourceType must be a name, not ${show(type)}.`;
    c.report('unknown-element', text, { subject: 'resourceType' });
    return;
  }
  const near = nearest(type, resourceTypes);
  const hint = near === undefined ? '.' : `: did you mean ${near}?`;
  c.report('unknown-element', `${show(type)} is not a resource type of R4${hint}`, {
    subject: 'resourceType',
  });
}
