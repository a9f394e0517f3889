/**
 * What overlays need of the world around them: other profiles, value sets, constraints, types. One
 * environment belongs to one generation of definitions; overlays reach it through the collector.
 */
import type { StructureDefinition } from '@medplum/fhirtypes';
import type { Definitions } from '../definitions/definitions.ts';
import { ensureSnapshot, generateSnapshot } from '../definitions/snapshot.ts';
import type { TypeModel } from '../definitions/type-model.ts';
import type { Resource } from '../fhir/types.ts';
import type { Terminology } from '../terminology/terminology.ts';
import type { Collector, Overlay, ProfileEnvironment } from './collector.ts';
import { createExpressionRules } from './expression-rules.ts';
import { type Item, isObject } from './items.ts';
import { compileOverlay } from './overlay.ts';
import { findNode, type ProfileNode, readProfileTree } from './profile-tree.ts';
import { atResource } from './resource-scope.ts';
import type { Schemas } from './schemas.ts';
import { list } from './suggestion.ts';

export interface EnvironmentParts {
  readonly definitions: Definitions;
  readonly model: TypeModel;
  readonly terminology: Terminology;
  readonly schemas: Schemas;
  readonly now: () => number;
  readonly offsetMinutes: (instantMs: number) => number;
  readonly resource: (canonical: string) => Resource | undefined;
}

/** Profile checks that one validation may start: profiles can multiply along references. */
const CHECKS_MAX = 100_000;
const BASE = 'http://hl7.org/fhir/StructureDefinition/';

export function createProfileEnvironment(parts: EnvironmentParts): ProfileEnvironment {
  const { definitions, model, terminology, schemas } = parts;
  const overlays = new Map<StructureDefinition, Map<string, Overlay>>();
  const trees = new Map<StructureDefinition, ProfileNode | null>();
  const roots = new Map<ProfileNode, string>();
  const canonicals = new Map<string, StructureDefinition | null>();

  function structure(profile: string): StructureDefinition | undefined {
    let found = canonicals.get(profile);
    if (found === undefined) {
      found = withSnapshot(definitions.structure(profile)) ?? null;
      if (canonicals.size > 10_000) canonicals.clear();
      canonicals.set(profile, found);
    }
    return found ?? undefined;
  }

  function withSnapshot(found: StructureDefinition | undefined): StructureDefinition | undefined {
    return found && ensureSnapshot((canonical) => definitions.structure(canonical), found).structure;
  }

  function tree(profile: string): ProfileNode | undefined {
    const found = structure(profile);
    if (found === undefined) return undefined;
    let root = trees.get(found);
    if (root === undefined) {
      root = readProfileTree(found) ?? null;
      trees.set(found, root);
      if (root !== null) roots.set(root, found.url as string);
    }
    const hash = profile.indexOf('#');
    if (root === null || hash < 0) return root ?? undefined;
    return findNode(root, profile.slice(hash + 1));
  }

  function overlay(profile: string): Overlay | undefined {
    const found = structure(profile);
    if (found === undefined) return undefined;
    const hash = profile.indexOf('#');
    const key = hash < 0 ? '' : profile.slice(hash);
    let parts = overlays.get(found);
    if (parts === undefined) {
      parts = new Map();
      overlays.set(found, parts);
    }
    let compiled = parts.get(key);
    if (compiled === undefined) {
      compiled = compileOverlay(found, tree(profile), key, env);
      parts.set(key, compiled);
    }
    return compiled;
  }

  function check(one: Overlay, item: Item, c: Collector): void {
    if (++c.checks > CHECKS_MAX) c.truncated = true;
    else one.check(item, c);
  }

  function conforms(profile: string, item: Item, c: Collector): boolean {
    if (profile === BASE + item.type) return true;
    const one = overlay(profile);
    if (one === undefined || !fits(one, item)) return false;
    const key = isObject(item.value) ? item.value : one;
    c.visiting ??= new Map();
    let tried = c.visiting.get(key);
    if (tried === undefined) {
      tried = new Set();
      c.visiting.set(key, tried);
    } else if (tried.has(one.url)) return true;
    tried.add(one.url);
    const errors = c.errors;
    c.trying++;
    atResource(item, () => check(one, item, c), c);
    c.trying--;
    const isMet = c.errors === errors;
    c.errors = errors;
    tried.delete(one.url);
    return isMet;
  }

  function fits(one: Overlay, item: Item): boolean {
    return one.type === item.type || model.isA(item.type, one.type);
  }

  function checkAny(profiles: readonly string[], item: Item, source: string, c: Collector): void {
    const known = profiles.filter((profile) => structure(profile) !== undefined);
    if (known.length === 0) {
      const text = `Must meet ${list(profiles)}, which is not loaded, so it cannot be judged.`;
      c.report('profile-unknown', text, { source, severity: 'error', subject: profiles.join(' ') });
      return;
    }
    const fitting = known.filter((profile) => fits(overlay(profile) as Overlay, item));
    if (fitting.length === 1 && known.length === profiles.length) {
      const one = overlay(fitting[0] as string) as Overlay;
      atResource(item, () => check(one, item, c), c);
      return;
    }
    if (fitting.some((profile) => conforms(profile, item, c))) return;
    const text = `Meets none of ${list(profiles)}.${reasons(fitting, item, c)}`;
    c.report('type-not-allowed', text, { source, subject: 'profiles' });
  }

  function checkTargetProfiles(
    profiles: readonly string[],
    target: Resource,
    source: string,
    c: Collector,
  ): void {
    const item: Item = { value: target, twin: undefined, type: target.resourceType, at: [] };
    const known = profiles.filter((profile) => structure(profile) !== undefined);
    if (known.length < profiles.length) return;
    if (known.some((profile) => conforms(profile, item, c))) return;
    const text = `The target does not meet ${list(profiles)}.${reasons(known, item, c)}`;
    c.report('reference-target', text, { source, subject: 'profile' });
  }

  /** The first fault against each candidate, for the message. */
  function reasons(profiles: readonly string[], item: Item, c: Collector): string {
    if (c.trying > 0) return '';
    const texts = profiles.slice(0, 3).flatMap((profile) => {
      const one = overlay(profile);
      if (one === undefined || !fits(one, item)) return [];
      const { length } = c.found;
      const { errors, trying } = c;
      c.trying = 0;
      atResource(item, () => check(one, item, c), c);
      c.trying = trying;
      const first = c.found[length]?.issue.text;
      c.rollback(length, errors);
      return first === undefined ? [] : [`${one.name}: ${first}`];
    });
    return texts.length === 0 ? '' : ` ${texts.join(' ')}`;
  }

  const env: ProfileEnvironment = {
    schemas,
    model,
    now: parts.now,
    offsetMinutes: parts.offsetMinutes,
    isResourceType: (type) => definitions.isResourceType(type),
    isTypeName: (name) => model.type(name) !== undefined,
    resource: (canonical) => parts.resource(canonical),
    codeSystem: (system) => terminology.codeSystem(system),
    codeExists: (system, code) => terminology.codeExists(system, code),
    subsumes: (system, code, other) => terminology.closure(system, code, 'down')?.has(other),
    ...createExpressionRules(model),
    trySnapshot: (structure) => ({
      issues: generateSnapshot((canonical) => definitions.structure(canonical), structure).issues,
      isBaseKnown: definitions.structure(structure.baseDefinition as string) !== undefined,
    }),
    isA: (type, ancestor) => model.isA(type, ancestor),
    tree,
    profileOfRoot: (node) => roots.get(node),
    typeOfProfile: (profile) =>
      structure(profile)?.type ??
      (profile.startsWith(BASE) ? profile.slice(BASE.length).split('|', 1)[0] : undefined),
    valueSet: (canonical) => terminology.valueSet(canonical),
    overlay,
    ...{ conforms, check, checkAny, checkTargetProfiles },
  };
  return env;
}
