/**
 * What the rest of the server asks of validation. The implementation compiles StructureDefinitions to
 * functions; callers see only this.
 * https://hl7.org/fhir/R4/validation.html
 */
import type { Definitions } from '../definitions/definitions.ts';
import type { TypeModel } from '../definitions/type-model.ts';
import type { Issue } from '../fhir/issues.ts';
import type { Resource } from '../fhir/types.ts';
import type { Terminology } from '../terminology/terminology.ts';
import { type BundleIndex, indexInSteps } from './bundle-index.ts';
import { Collector, type CollectorLimits, NO_PROFILES } from './collector.ts';
import { type CompiledTypes, compileTypes } from './compiled-types.ts';
import { finish } from './finish.ts';
import { findDuplicateKeys } from './json-positions.ts';
import { createLineage, type Lineage } from './lineage.ts';
import type { Segment } from './path.ts';
import { checkProfiles } from './profile-claims.ts';
import { createProfileEnvironment } from './profile-environment.ts';
import { createRuntime } from './runtime.ts';
import { show } from './suggestion.ts';
import { checkTexts } from './text-rules.ts';
import { atOnce, inTurns, type Steps } from './turns.ts';

export interface ValidationOptions {
  /** Canonicals to hold the resource to, besides those in meta.profile. */
  readonly profiles?: readonly string[];
  /** Leaves out warnings and information: ordinary writes need errors only. */
  readonly errorsOnly?: boolean;
  /**
   * Also what a write tolerates: a JSON property that occurs twice, displays that are not those of the code,
   * vital signs that do not meet R4's profiles. For `$validate`.
   */
  readonly strict?: boolean;
  /** Resources elsewhere that references lead to, as far as they are at hand: profiles may speak of them. */
  readonly elsewhere?: (reference: string) => Resource | undefined;
  /** Raw text of the resource, for line and column and for duplicate keys. */
  readonly text?: string;
}

export interface Validator {
  /** Issues in document order, deduplicated; empty when there is nothing to say. Never throws on input. */
  validate(resource: Resource, options?: ValidationOptions): readonly Issue[];
  /** The same for large Bundles: gives way to other work after every few milliseconds. */
  validateYielding(resource: Resource, options?: ValidationOptions): Promise<readonly Issue[]>;
  /** Compiles a profile that is about to be used; nothing for one that is not loaded. */
  prepare(profile: string): void;
}

export interface ValidatorParts {
  readonly definitions: Definitions;
  readonly model: TypeModel;
  readonly terminology: Terminology;
  /** The base types, built ahead of time or compiled once per process; compiled now when absent. */
  readonly types?: CompiledTypes;
  /** That of the generation before: profiles that a change does not touch need no compiling again. */
  readonly previous?: Validator;
  readonly limits?: Partial<CollectorLimits>;
  /** ms since the epoch, for rules that ask for the time. */
  readonly now?: () => number;
  /** Minutes east of UTC at an instant, of the place whose day it is; UTC when absent. */
  readonly offsetMinutes?: (instantMs: number) => number;
  /** Questionnaires and Measures by canonical; those that the definitions hold when absent. */
  readonly resource?: (canonical: string) => Resource | undefined;
}

export const VALIDATION_LIMITS: CollectorLimits = {
  depthMax: 200,
  issuesMax: 500,
  checksMax: 100_000,
  questionsMax: 1_000_000,
};

export function createValidator(parts: ValidatorParts): Validator {
  const { definitions, model, terminology } = parts;
  const types = parts.types ?? compileTypes(definitions, model, terminology);
  const limits = { ...VALIDATION_LIMITS, ...parts.limits };
  const lineage = lineageOf(parts);
  const env = createProfileEnvironment({
    definitions,
    model,
    terminology,
    lineage,
    now: parts.now ?? Date.now,
    validateType: (type, value, c) => runtime.types[type]?.(value as Record<string, unknown>, c),
    offsetMinutes: parts.offsetMinutes ?? (() => 0),
    resource: parts.resource ?? ((canonical) => definitions.resource(canonical)),
  });
  const runtime = createRuntime({
    ...{ definitions, model, terminology },
    tables: types.tables,
    module: types.module,
    checkProfiles,
    checkProfile: (structure, value, c) => {
      const overlay = env.overlay(structure.url as string);
      if (overlay !== undefined) env.check(overlay, { value, twin: undefined, type: 'Extension', at: [] }, c);
    },
  });

  function start(resource: Resource, options: ValidationOptions, path: Segment[]): Collector {
    const mode = { errorsOnly: options.errorsOnly ?? false, strict: options.strict ?? false };
    const c = new Collector(resource, env, limits, mode, path);
    path[0] = runtime.rootName(resource);
    c.depth = 1;
    c.resourceDepth = 1;
    c.asked = options.profiles ?? NO_PROFILES;
    c.elsewhere = options.elsewhere;
    return c;
  }

  function isClean(c: Collector): boolean {
    return c.found.length === 0 && !c.isExhausted && !c.strict;
  }

  function* end(c: Collector, resource: Resource, options: ValidationOptions): Steps<Issues> {
    if (c.strict) {
      c.depth = 1;
      if (definitions.isResourceType(resource?.resourceType)) checkTexts(resource, c);
      if (options.text !== undefined) yield* reportDuplicateKeys(options.text, c);
    }
    return c.found.length === 0 && !c.isExhausted ? NOTHING : yield* finish(c, resource, options.text);
  }

  function* bundleSteps(bundle: Resource, options: ValidationOptions): Steps<Issues> {
    const c = start(bundle, options, []);
    c.skipsEntries = true;
    c.rootIndex = yield* indexInSteps(bundle);
    yield* readTypes(c.rootIndex);
    runtime.enter(bundle, c, false);
    yield* enterEntries(c.rootIndex, c);
    return isClean(c) ? NOTHING : yield* end(c, bundle, options);
  }

  /** Expressions in definitions lead into resources of any type: to read all of R4's at once takes 40 ms. */
  function* readTypes(index: BundleIndex): Steps<void> {
    if (!index.entries.some(({ resource }) => WITH_EXPRESSIONS.has(resource.resourceType))) return;
    for (const type of definitions.resourceTypes) {
      model.type(type);
      yield;
    }
  }

  function* enterEntries(index: BundleIndex, c: Collector): Steps<void> {
    for (const entry of index.entries) {
      c.path[1] = 'entry';
      c.path[2] = entry.index;
      c.path[3] = 'resource';
      c.depth = 4;
      c.bundle = index;
      yield* runtime.enterInSteps(entry.resource, c);
      if (c.strict) checkTexts(entry.resource, c);
      yield;
    }
    c.depth = 1;
  }

  const validator: Validator = {
    prepare: (profile) => void env.overlay(profile),
    validate(resource, options = {}) {
      const c = start(resource, options, SHARED_PATH);
      runtime.enter(resource, c, false);
      return isClean(c) ? NOTHING : atOnce(end(c, resource, options));
    },
    async validateYielding(resource, options = {}) {
      if (resource?.resourceType === 'Bundle') return inTurns(bundleSteps(resource, options));
      const c = start(resource, options, SHARED_PATH);
      runtime.enter(resource, c, false);
      return isClean(c) ? NOTHING : inTurns(end(c, resource, options));
    },
  };
  LINEAGES.set(validator, lineage);
  return validator;
}

const LINEAGES = new WeakMap<Validator, Lineage>();

function lineageOf({ previous, definitions, model, types }: ValidatorParts): Lineage {
  const lineage = previous && LINEAGES.get(previous);
  return lineage?.model === model ? lineage : createLineage(definitions, model, types?.predicates);
}

type Issues = readonly Issue[];
const NOTHING: Issues = [];
const WITH_EXPRESSIONS = new Set(['StructureDefinition', 'SearchParameter']);
/** Where validations that run at once keep their place: one at a time, so that none has to grow its own. */
const SHARED_PATH: Segment[] = [];
const DUPLICATE_KEYS_MAX = 50;

function* reportDuplicateKeys(text: string, c: Collector): Steps<void> {
  const duplicates = yield* findDuplicateKeys(text, c.path[0] as string, DUPLICATE_KEYS_MAX);
  for (const { segments, position } of duplicates) {
    c.depth = 0;
    const text = `The property ${show(segments[segments.length - 1])} occurs twice in its object: only the last was read.`;
    c.report('duplicate-key', text, { at: segments, ...position });
  }
}
