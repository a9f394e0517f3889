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
import { createFittingTargets } from './fitting-targets.ts';
import { type Item, isObject, type Json } from './items.ts';
import type { Lineage } from './lineage.ts';
import { compileOverlay } from './overlay.ts';
import { findNode, type ProfileNode, readProfileTree } from './profile-tree.ts';
import { withRecent } from './recent.ts';
import { atResource } from './resource-scope.ts';
import { list } from './suggestion.ts';

export interface EnvironmentParts {
  readonly definitions: Definitions;
  readonly model: TypeModel;
  readonly terminology: Terminology;
  readonly lineage: Lineage;
  readonly now: () => number;
  /** R4's own definition of a type. */
  readonly validateType: (type: string, value: object, c: Collector) => void;
  readonly offsetMinutes: (instantMs: number) => number;
  readonly resource: (canonical: string) => Resource | undefined;
}

/** Resources that are tried because of one another: each takes a part of the stack. */
export const UNDERWAY_MAX = 100;
/** Canonicals come with requests too, so what is remembered is bounded. */
const CANONICALS_MAX = 10_000;
const BASE = 'http://hl7.org/fhir/StructureDefinition/';

export function createProfileEnvironment(parts: EnvironmentParts): ProfileEnvironment {
  const { definitions, model, terminology, lineage } = parts;
  const overlays = new Map<string, Overlay | null>();
  const canonicals = new Map<string, StructureDefinition | null>();

  function structure(profile: string): StructureDefinition | undefined {
    let found = canonicals.get(profile);
    if (found === undefined) {
      found = snapshotOf(profile);
      if (canonicals.size >= CANONICALS_MAX) canonicals.clear();
      canonicals.set(profile, found);
    }
    return found ?? undefined;
  }

  function snapshotOf(profile: string): StructureDefinition | null {
    return lineage.structures.get(profile, definitions, () => {
      const found = lineage.ask(profile, definitions);
      if (found === undefined) return null;
      return ensureSnapshot((canonical) => lineage.ask(canonical, definitions), found).structure;
    });
  }

  /** Asked for while overlays are compiled, which depend on the profile from then on. */
  function tree(profile: string): ProfileNode | undefined {
    const found = snapshotOf(profile);
    if (found === null) return undefined;
    let known = lineage.trees.get(found);
    if (known === undefined) {
      known = { root: readProfileTree(found) };
      lineage.trees.set(found, known);
      if (known.root !== undefined) lineage.roots.set(known.root, found.url as string);
    }
    const hash = profile.indexOf('#');
    if (known.root === undefined || hash < 0) return known.root;
    return findNode(known.root, profile.slice(hash + 1));
  }

  const overlay = withRecent((profile): Overlay | undefined => {
    let known = overlays.get(profile);
    if (known === undefined) {
      known = compile(profile) ?? null;
      if (overlays.size >= CANONICALS_MAX) overlays.clear();
      overlays.set(profile, known);
    }
    return known ?? undefined;
  });

  /** Every way to write the canonical of a profile leads to one overlay. */
  function compile(profile: string): Overlay | undefined {
    const found = structure(profile);
    if (found === undefined) return undefined;
    const hash = profile.indexOf('#');
    const part = hash < 0 ? '' : profile.slice(hash);
    const name = found.version === undefined ? found.url : `${found.url}|${found.version}`;
    return lineage.overlays.get(`${name}${part}`, definitions, () => {
      lineage.treeOf = tree;
      const root = tree(profile);
      const compiled = compileOverlay(found, root, part, lineage.overlayEnv);
      lineage.treeOf = () => undefined;
      return compiled;
    });
  }

  function check(one: Overlay, item: Item, c: Collector): void {
    if (++c.checks > c.limits.checksMax) {
      c.isExhausted = true;
      return;
    }
    if (c.trying > 0 || !isResource(item.value, c)) {
      one.check(item, c);
      return;
    }
    const { errors, assumptions } = c;
    if (c.errorsOnly && recall(item.value, one, c) === true) return;
    one.check(item, c);
    if (c.errors === errors && c.assumptions === assumptions) remember(item.value, one, true, c);
  }

  function recall(value: object, one: Overlay, c: Collector): boolean | undefined {
    if (c.firstMet?.value === value && c.firstMet.one === one) return true;
    return c.met?.get(value)?.get(one.url);
  }

  function remember(value: object, one: Overlay, answer: boolean, c: Collector): void {
    if (answer && c.firstMet === undefined) {
      c.firstMet = { value, one };
      return;
    }
    c.met ??= new Map();
    let answers = c.met.get(value);
    if (answers === undefined) {
      answers = new Map();
      c.met.set(value, answers);
    }
    answers.set(one.url, answer);
  }

  function conforms(profile: string, item: Item, c: Collector): boolean {
    if (profile === BASE + item.type) return true;
    const one = overlay(profile);
    if (one === undefined || !fits(one, item)) return false;
    if (!isObject(item.value)) return isMet(one, item, c);
    if (++c.questions > c.limits.questionsMax || c.underway > UNDERWAY_MAX) {
      c.isExhausted = true;
      return true;
    }
    const known = recall(item.value, one, c);
    if (known !== undefined) return known;
    c.visiting ??= new Map();
    let tried = c.visiting.get(item.value);
    if (tried === undefined) {
      tried = new Set();
      c.visiting.set(item.value, tried);
    } else if (tried.has(one.url)) {
      c.assumptions++;
      return true;
    }
    return tryOut(one, item, item.value, tried, c);
  }

  /**
   * A resource that is being tried counts as meeting the profile meanwhile, as do those that meet theirs on
   * that ground: their answers stand once the first one is found to meet its profile.
   */
  function tryOut(one: Overlay, item: Item, value: object, tried: Set<string>, c: Collector): boolean {
    const { assumptions } = c;
    c.provisional ??= [];
    const { provisional } = c;
    const { length } = provisional;
    const isFirst = c.underway === 0;
    tried.add(one.url);
    c.underway++;
    const answer = isMet(one, item, c);
    c.underway--;
    const isSure = c.assumptions === assumptions;
    if (isSure) tried.delete(one.url);
    if (isSure) remember(value, one, answer, c);
    else if (answer && !isFirst) provisional.push({ value, one });
    else {
      tried.delete(one.url);
      for (const made of provisional.splice(length)) {
        c.visiting?.get(made.value)?.delete(made.one.url);
        if (answer) remember(made.value, made.one, true, c);
      }
      if (answer) remember(value, one, true, c);
    }
    return answer;
  }

  /** For `conformsTo()`: R4's own definitions count too, though the value is held to them anyway. */
  function meetsType(item: Item, c: Collector): boolean {
    if (!isObject(item.value)) return true;
    const { value } = item;
    const { errors, triedFrom } = c;
    c.triedFrom = errors;
    c.trying++;
    parts.validateType(item.type, value, c);
    c.trying--;
    c.triedFrom = triedFrom;
    const answer = c.errors === errors;
    c.errors = errors;
    return answer;
  }

  function isMet(one: Overlay, item: Item, c: Collector): boolean {
    const { errors, triedFrom } = c;
    c.triedFrom = errors;
    c.trying++;
    atResource(item, () => check(one, item, c), c);
    c.trying--;
    c.triedFrom = triedFrom;
    const answer = c.errors === errors;
    c.errors = errors;
    return answer;
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
    if (c.isCounted()) return;
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
    if (known.some((profile) => conforms(profile, item, c))) return;
    if (c.isCounted()) return;
    if (known.length < profiles.length) {
      const missing = profiles.filter((profile) => !known.includes(profile));
      const text = `The target must meet ${list(missing)}, which is not loaded, so it cannot be judged.`;
      c.report('profile-unknown', text, { source, severity: 'error', subject: missing.join(' ') });
      return;
    }
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

  function typeOfProfile(profile: string): string | undefined {
    return (
      structure(profile)?.type ??
      (profile.startsWith(BASE) ? profile.slice(BASE.length).split('|', 1)[0] : undefined)
    );
  }

  let globals: ReadonlyMap<string, readonly string[]> | undefined;
  const env: ProfileEnvironment = {
    schemas: lineage.schemas,
    model,
    now: parts.now,
    offsetMinutes: parts.offsetMinutes,
    isResourceType: (type) => definitions.isResourceType(type),
    isTypeName: (name) => model.type(name) !== undefined,
    resource: (canonical) => parts.resource(canonical),
    codeSystem: (system) => terminology.codeSystem(system),
    codeExists: (system, code) => terminology.codeExists(system, code),
    subsumes: (system, code, other) => terminology.closure(system, code, 'down')?.has(other),
    ...lineage.rules,
    trySnapshot: (structure) => ({
      issues: generateSnapshot((canonical) => definitions.structure(canonical), structure).issues,
      isBaseKnown: definitions.structure(structure.baseDefinition as string) !== undefined,
    }),
    isA: (type, ancestor) => model.isA(type, ancestor),
    tree,
    profileOfRoot: (node) => lineage.roots.get(node),
    globalProfiles: (type) => {
      globals ??= readGlobals(definitions);
      return globals.get(type) ?? [];
    },
    typeOfProfile,
    fittingTargets: createFittingTargets(model, typeOfProfile),
    valueSet: (canonical) => terminology.valueSet(canonical),
    overlay,
    ...{ meetsType, conforms, check, checkAny, checkTargetProfiles },
  };
  return env;
}

/** The current resource is one: to ask any other for its type costs more. */
function isResource(value: unknown, c: Collector): value is Json {
  return value === c.resource || (isObject(value) && value.resourceType !== undefined);
}

/** `global` of every loaded ImplementationGuide: profiles by type. */
function readGlobals(definitions: Definitions): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { url } of definitions.entries('ImplementationGuide')) {
    const guide = definitions.resource(url);
    const globals = Array.isArray(guide?.global) ? guide.global : [];
    for (const one of globals as ({ type?: unknown; profile?: unknown } | null)[]) {
      if (typeof one?.type !== 'string' || typeof one.profile !== 'string') continue;
      const profiles = found.get(one.type);
      if (profiles === undefined) found.set(one.type, [one.profile]);
      else if (!profiles.includes(one.profile)) profiles.push(one.profile);
    }
  }
  return found;
}
