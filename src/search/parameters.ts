/**
 * The search parameters of every type, compiled from the SearchParameter resources: keys, targets, typed paths,
 * and which of them are answered by another one's postings (`patient` by `subject`, `combo-code` by two).
 * https://hl7.org/fhir/R4/searchparameter.html
 */
import type { SearchParameter } from '@medplum/fhirtypes';
import type { Definitions } from '../definitions/definitions.ts';
import type { TypeModel } from '../definitions/type-model.ts';
import type { CompiledExpression } from '../fhirpath/expression.ts';
import {
  type CompiledParameter,
  type CompositeComponent,
  type ParameterType,
  SUB_KEYS,
  subKey,
} from './compiled-parameter.ts';
import { WORD_CODES } from './content-words.ts';
import { parsePaths } from './expression-paths.ts';
import { linkAliases } from './parameter-aliases.ts';
import type { ParamKey } from './postings.ts';
import { hashParam, hashTerm } from './term-hash.ts';
import { bindPaths, bindRelativePaths, leadToOne, type TypedPath } from './typed-paths.ts';

/** Why a SearchParameter cannot be used. */
export interface ParameterProblem {
  readonly url: string;
  readonly reason: string;
}

export interface SearchParameters {
  /** That of the definitions it was compiled from. */
  readonly generation: number;
  readonly model: TypeModel;
  readonly definitions: Definitions;
  /**
   * `#Type` gives the parameters of resources of the type that are contained in others, `insideBase` those of
   * resources that a reference of their container leads to.
   */
  find(type: string, code: string): CompiledParameter | undefined;
  /** All parameters of a type that select by content (`_id` and `_lastUpdated` included), by code. */
  of(type: string): readonly CompiledParameter[];
  problems(): readonly ParameterProblem[];
  /** Why a type has no parameter of this code although a SearchParameter for it is here. */
  problemOf(type: string, code: string): string | undefined;
}

export interface ParameterOptions {
  /** The FHIRPath compiler; without it, parameters that are no plain paths are problems. */
  compile?(expression: string, type: string): CompiledExpression;
  /** False leaves out `_content` and `_text`, for whose words nothing is indexed then. */
  readonly fullText?: boolean;
  /** Codes of a type that stored resources are still being indexed for. */
  pendingOf?(type: string, parameters: ReadonlyMap<string, CompiledParameter>): ReadonlySet<string>;
}

/** Types are compiled when first asked for. */
export function createSearchParameters(
  definitions: Definitions,
  model: TypeModel,
  options: ParameterOptions = {},
): SearchParameters {
  const byType = new Map<string, ReadonlyMap<string, CompiledParameter>>();
  const inside = new Set<string>();
  const problems: ParameterProblem[] = [];
  const tableOf = (type: string): ReadonlyMap<string, CompiledParameter> => {
    let table = byType.get(type);
    if (table === undefined) {
      const inner = type.slice(type.lastIndexOf(CONTAINED) + 1);
      // there may be as many as references have targets
      if (inside.size >= INSIDE_MAX) for (const known of inside) byType.delete(known);
      if (inside.size >= INSIDE_MAX) inside.clear();
      if (type.lastIndexOf(CONTAINED) > 0) inside.add(type);
      table = definitions.isResourceType(inner)
        ? compileType({ base: type, type: inner, definitions, model, options, problems })
        : new Map();
      // contained resources are indexed with those that are not
      const known = inner === type ? table : tableOf(inner);
      if (inner === type) markPending(table, options.pendingOf?.(type, table));
      else
        markPending(table, new Set([...known.values()].filter((one) => one.pending).map(({ code }) => code)));
      byType.set(type, table);
    }
    return table;
  };
  return {
    generation: definitions.generation,
    model,
    definitions,
    find: (type, code) => tableOf(type).get(code),
    of: (type) => [...tableOf(type).values()],
    problems() {
      for (const type of definitions.resourceTypes) tableOf(type);
      return problems;
    },
    problemOf(type, code) {
      if (tableOf(type).has(code)) return undefined;
      const start = `${type}.${code}: `;
      return problems.find(({ reason }) => reason.startsWith(start))?.reason.slice(start.length);
    },
  };
}

function markPending(
  parameters: ReadonlyMap<string, CompiledParameter>,
  codes: ReadonlySet<string> | undefined,
): void {
  for (const code of codes ?? []) {
    const parameter = parameters.get(code);
    if (parameter !== undefined) (parameter as { pending: boolean }).pending = true;
  }
  for (const parameter of parameters.values()) {
    const isBehind = parameter.answeredBy.some(({ pending }) => pending);
    if (isBehind) (parameter as { pending: boolean }).pending = true;
  }
}

/** What goes before the type of contained resources: `#Medication` has keys of its own. */
export const CONTAINED = '#';

/** Tables of contained resources by the reference that leads to them, that are kept. */
const INSIDE_MAX = 300;

/**
 * What keys of a contained resource that `parameter` refers to are made of: `MedicationRequest.medication#Medication`.
 * https://hl7.org/fhir/R4/search.html#contained
 */
export function insideBase(
  parameter: { readonly base: string; readonly code: string },
  type: string,
): string {
  return `${parameter.base}.${parameter.code}${CONTAINED}${type}`;
}

/** On every resource that refers to one inside it. */
export const HAS_INSIDE: ParamKey = hashParam(CONTAINED, 'inside');
export const INSIDE_TERM = hashTerm('inside');

interface TypeCompilation {
  /** What keys are made of: the type, or the type as contained in others. */
  readonly base: string;
  readonly type: string;
  readonly definitions: Definitions;
  readonly model: TypeModel;
  readonly options: ParameterOptions;
  readonly problems: ParameterProblem[];
}

/** Not parameters of content: the search itself gives them meaning. */
const WITHOUT_INDEX: ReadonlySet<string> = new Set(['_query', '_filter', '_list', '_has', '_type']);

/** Words and times are those of the container. */
const NOT_CONTAINED: ReadonlySet<string> = new Set([...WORD_CODES, '_lastUpdated']);

function compileType(compilation: TypeCompilation): ReadonlyMap<string, CompiledParameter> {
  const parameters = new Map<string, CompiledParameter>();
  const keys = new Map<ParamKey, string>();
  const names = new Map<string, string>();
  for (const resource of compilation.definitions.searchParameters(compilation.type)) {
    const { code, status } = resource;
    if (code === undefined || WITHOUT_INDEX.has(code) || status === 'retired') continue;
    if (compilation.base !== compilation.type && NOT_CONTAINED.has(code)) continue;
    if (compilation.options.fullText === false && WORD_CODES.has(code)) continue;
    const refuse = (reason: string): void => {
      compilation.problems.push({
        url: resource.url ?? code,
        reason: `${compilation.type}.${code}: ${reason}`,
      });
    };
    const taken = names.get(code.toLowerCase());
    if (taken !== undefined) {
      // R4: no two names differ in case alone
      const how =
        taken === code ? 'has this code already' : `has the code '${taken}', which differs in case alone`;
      refuse(`another SearchParameter ${how}`);
      continue;
    }
    const compiled = compileParameter(resource, code, compilation);
    if (typeof compiled === 'string') {
      refuse(compiled);
      continue;
    }
    const other = keysOf(compiled)
      .map((key) => keys.get(key))
      .find((found) => found !== undefined);
    if (other !== undefined) {
      refuse(`its key collides with that of ${other}; give it another code`);
      continue;
    }
    for (const key of keysOf(compiled)) keys.set(key, code);
    parameters.set(code, compiled);
    names.set(code.toLowerCase(), code);
  }
  return linkAliases(new Map([...parameters].sort(([a], [b]) => (a < b ? -1 : 1))));
}

function keysOf(parameter: CompiledParameter): ParamKey[] {
  return [parameter.k, ...SUB_KEYS.map((sub) => subKey(parameter, sub))];
}

/** Parameters that are read from elsewhere than postings, or whose words are collected from everything. */
const WITHOUT_PATHS: ReadonlySet<string> = new Set(['_id', '_lastUpdated', ...WORD_CODES]);

/** The parameter, or the reason why it cannot be. */
function compileParameter(
  resource: SearchParameter,
  code: string,
  compilation: TypeCompilation,
): CompiledParameter | string {
  const { base, type, options } = compilation;
  const expression = resource.expression ?? '';
  const shared = {
    base,
    code,
    type: resource.type as ParameterType,
    url: resource.url ?? '',
    expression,
    documentation: resource.description ?? '',
    targets: targetsOf(resource, compilation),
    k: hashParam(base, code),
    answeredBy: [],
    pending: false,
  };
  if (WITHOUT_PATHS.has(code)) return { ...shared, paths: [], components: [] };
  if (expression === '') return 'it has no expression';
  const parsed = parsePaths(expression);
  const paths = parsed === undefined ? undefined : bindPaths(parsed, type, compilation);
  if (paths !== undefined) {
    if (paths.length === 0) return `its expression selects nothing of ${type}`;
    const components = compileComponents(resource, paths, compilation);
    if (typeof components === 'string') return components;
    const isSingle = base === type && leadToOne(paths, type, compilation);
    return { ...shared, targets: narrowTargets(shared.targets, paths), paths, components, isSingle };
  }
  if (resource.type === 'composite') return 'a composite whose expression is no plain path';
  if (options.compile === undefined) return 'its expression is no plain path';
  try {
    return { ...shared, paths: [], components: [], evaluate: options.compile(expression, type) };
  } catch (error) {
    return `its expression cannot be compiled: ${error instanceof Error ? error.message : 'unknown reason'}`;
  }
}

/** Resource types in `target`, or everything when the element allows any. */
function targetsOf(resource: SearchParameter, { definitions }: TypeCompilation): readonly string[] {
  const targets: readonly string[] = resource.target ?? [];
  if (resource.type !== 'reference') return [];
  if (targets.length === 0 || targets.includes('Resource')) return definitions.resourceTypes;
  return targets.filter((target) => definitions.isResourceType(target));
}

/** `where(resolve() is Patient)` says more than R4's shared definitions, whose targets are those of all their bases. */
function narrowTargets(targets: readonly string[], paths: readonly TypedPath[]): readonly string[] {
  const narrowed = new Set<string>();
  for (const { steps } of paths) {
    const last = steps.at(-1);
    if (last?.kind !== 'refersTo') return targets;
    narrowed.add(last.type);
  }
  return [...narrowed];
}

function compileComponents(
  resource: SearchParameter,
  contexts: readonly TypedPath[],
  { type, model, definitions }: TypeCompilation,
): CompositeComponent[] | string {
  const components: CompositeComponent[] = [];
  if (resource.type !== 'composite') return components;
  for (const component of resource.component ?? []) {
    const definition = definitions.resource(component.definition) as SearchParameter | undefined;
    if (definition === undefined) return `its component ${component.definition} is not loaded`;
    const parsed = parsePaths(component.expression);
    const paths: TypedPath[] = [];
    for (const context of contexts) {
      const bound =
        parsed === undefined
          ? undefined
          : bindRelativePaths(parsed, context.type, type, { model, definitions });
      if (bound === undefined) return `its component expression ${component.expression} is no plain path`;
      for (const path of bound) {
        if (!paths.some((known) => JSON.stringify(known) === JSON.stringify(path))) paths.push(path);
      }
    }
    components.push({
      definition: component.definition,
      type: definition.type as ParameterType,
      targets: (definition.target ?? []) as readonly string[],
      paths,
    });
  }
  straighten(components);
  if (components.length < 2) return 'a composite needs two components';
  if (components.slice(0, -1).some(({ type }) => isOrdered(type)) && components.length === 2) {
    return 'only the last component of a composite may be a range';
  }
  return components;
}

/** In R4's DocumentReference-relationship the expressions of its two components are exchanged. */
function straighten(components: CompositeComponent[]): void {
  const refers = ({ paths }: CompositeComponent): boolean => paths.some(({ type }) => type === 'Reference');
  const [first, second] = components;
  if (first?.type !== 'reference' || second?.type !== 'token' || refers(first) || !refers(second)) return;
  components[0] = { ...first, paths: second.paths };
  components[1] = { ...second, paths: first.paths };
}

export function isOrdered(type: ParameterType): boolean {
  return type === 'number' || type === 'quantity' || type === 'date' || type === 'string';
}
