/**
 * Generations: the definitions in force and what is compiled from them, swapped as one when a definition is
 * written, so that no request sees half of a change.
 * https://hl7.org/fhir/R4/conformance-module.html
 */
import type { Definitions } from '../definitions/definitions.ts';
import { loadPackages } from '../definitions/load-package.ts';
import type { FhirPackage } from '../definitions/package.ts';
import { withoutResource, withResource } from '../definitions/registry.ts';
import type { TypeModel } from '../definitions/type-model.ts';
import { createTypeModel } from '../definitions/types.ts';
import { FhirError, type Issue, isError } from '../fhir/issues.ts';
import type { Resource } from '../fhir/types.ts';
import { compileExpression } from '../fhirpath/compile.ts';
import { createExtractor, type ExtractOptions } from '../search/extract.ts';
import { includePlans } from '../search/include.ts';
import { createSearchParameters } from '../search/parameters.ts';
import { createZoneOffset } from '../search/time-zone.ts';
import { createTerminology } from '../terminology/create.ts';
import { type CompiledTypes, compileTypes } from '../validation/compiled-types.ts';
import { loadCompiledTypes } from '../validation/load-types.ts';
import { createValidator, type Validator } from '../validation/validator.ts';
import type { DefinitionChange, Generation } from './context.ts';
import type { IndexedFor } from './indexed-for.ts';

export interface Generations {
  readonly current: () => Generation;
  /**
   * Puts changes into force at once.
   * @returns the resource types whose search parameters changed, so that what is stored must be indexed again
   */
  apply(changes: readonly DefinitionChange[]): readonly string[];
  /** Whether packages can be put into force. @throws FhirError naming file, canonical and element of every fault */
  check(packages: readonly FhirPackage[]): void;
  /**
   * Puts packages into force, in the order of their dependencies, all or none.
   * @throws FhirError naming file, canonical and element of every fault
   */
  load(packages: readonly FhirPackage[]): {
    readonly issues: readonly Issue[];
    readonly stale: readonly string[];
  };
  /** What resources are indexed for has changed: what can be searched is looked at anew. */
  settle(): void;
}

/** `indexed` tells which search parameters stored resources are indexed for; without it, for all. */
export function createGenerations(
  base: Definitions,
  extraction: ExtractOptions,
  indexed?: IndexedFor,
): Generations {
  const options = { ...extraction, indexed };
  const { model, types } = baseOf(base);
  const offsetMinutes = createZoneOffset(options.timeZone);
  /** Canonical of each definition that came through REST, by `Type/id`. */
  const written = new Map<string, string>();
  /** The version of each that was seen last: a change may be told more than once, also after later ones. */
  const applied = new Map<string, number>();
  let generation = compile(base, model, types, offsetMinutes, compileSearch(base, model, options, 0));
  const searchOf = (definitions: Definitions, stale: ReadonlySet<string>): CompiledSearch => {
    // search parameters are the larger part, and seldom change
    if (stale.size === 0) return generation;
    indexed?.change([...stale], generation.definitions, definitions);
    return compileSearch(definitions, model, options, generation.indexing + 1);
  };
  return {
    current: () => generation,
    apply(changes) {
      const stale = new Set<string>();
      let { definitions } = generation;
      for (const { type, id, versionId, resource } of changes) {
        const key = `${type}/${id}`;
        if (Number(versionId) <= (applied.get(key) ?? 0)) continue;
        applied.set(key, Number(versionId));
        const before = written.get(key);
        if (before !== undefined) {
          if (type === 'SearchParameter') addBases(definitions.resource(before), definitions, stale);
          definitions = withoutResource(definitions, before);
          written.delete(key);
        }
        if (resource === undefined || !canTakeForce(resource, definitions)) continue;
        definitions = withResource(definitions, resource);
        written.set(key, canonicalOf(resource));
        if (type === 'SearchParameter') {
          addBases(resource, definitions, stale);
        }
      }
      if (definitions !== generation.definitions) {
        const search = searchOf(definitions, stale);
        generation = compile(definitions, model, types, offsetMinutes, search, generation.validator);
        // who writes a profile uses it next: the first to be held to it should not wait for its compilation
        const [only] = changes.length === 1 ? changes : [];
        if (only?.type === 'StructureDefinition' && only.resource !== undefined) {
          generation.validator.prepare(String(only.resource.url));
        }
      }
      return [...stale];
    },
    check(packages) {
      const { issues } = loadPackages(generation.definitions, packages);
      if (issues.some(isError)) throw new FhirError(issues.filter(isError));
    },
    load(packages) {
      const { definitions, issues } = loadPackages(generation.definitions, packages);
      if (issues.some(isError)) throw new FhirError(issues.filter(isError));
      const stale = new Set<string>();
      for (const { resource } of packages.flatMap((one) => one.files)) {
        if (resource.resourceType !== 'SearchParameter') continue;
        addBases(resource, definitions, stale);
      }
      const search = searchOf(definitions, stale);
      generation = compile(definitions, model, types, offsetMinutes, search, generation.validator);
      return { issues, stale: [...stale] };
    },
    settle() {
      const { definitions, indexing } = generation;
      generation = { ...generation, ...compileSearch(definitions, model, options, indexing) };
    },
  };
}

interface Base {
  readonly model: TypeModel;
  readonly types: CompiledTypes;
}

/** R4's types never change, so all servers of a process share what is compiled from them. */
const BASES = new WeakMap<Definitions, Base>();

function baseOf(definitions: Definitions): Base {
  let base = BASES.get(definitions);
  if (base === undefined) {
    const model = createTypeModel(definitions);
    base = {
      model,
      types: loadCompiledTypes() ?? compileTypes(definitions, model, createTerminology(definitions)),
    };
    BASES.set(definitions, base);
  }
  return base;
}

type CompiledSearch = Pick<
  Generation,
  'parameters' | 'extract' | 'createIncludePlan' | 'canonicalQuantity' | 'indexing'
>;

function compileSearch(
  definitions: Definitions,
  model: TypeModel,
  { indexed, ...options }: ExtractOptions & { readonly indexed: IndexedFor | undefined },
  indexing: number,
): CompiledSearch {
  const parameters = createSearchParameters(definitions, model, {
    compile: (expression, type) => compileExpression(expression, type, model),
    fullText: options.fullText,
    pendingOf: (type, parameters) => indexed?.pendingOf(definitions, type, parameters) ?? new Set(),
  });
  return {
    parameters,
    extract: createExtractor(parameters, options),
    createIncludePlan: includePlans(parameters, options.base),
    canonicalQuantity: options.canonicalQuantity,
    indexing,
  };
}

function compile(
  definitions: Definitions,
  model: TypeModel,
  types: CompiledTypes,
  offsetMinutes: (instantMs: number) => number,
  search: CompiledSearch,
  previous?: Validator,
): Generation {
  const terminology = createTerminology(definitions);
  const validator = createValidator({ definitions, model, terminology, types, offsetMinutes, previous });
  const { parameters, extract, createIncludePlan: plan, canonicalQuantity, indexing } = search;
  return {
    definitions,
    model,
    terminology,
    validator,
    parameters,
    extract,
    createIncludePlan: plan,
    canonicalQuantity,
    indexing,
  };
}

/** A package keeps its canonicals: what a client writes under one of them is stored, not put into force. */
function canTakeForce(resource: Resource, definitions: Definitions): boolean {
  const { url } = resource;
  return (
    typeof url === 'string' && definitions.entry(url, resource.resourceType)?.source.packageId === undefined
  );
}

function canonicalOf(resource: Resource): string {
  return typeof resource.version === 'string' ? `${resource.url}|${resource.version}` : String(resource.url);
}

function addBases(parameter: Resource | undefined, definitions: Definitions, types: Set<string>): void {
  for (const base of Array.isArray(parameter?.base) ? parameter.base : []) {
    const concrete = base === 'Resource' || base === 'DomainResource' ? definitions.resourceTypes : [base];
    for (const type of concrete) types.add(type);
  }
}
