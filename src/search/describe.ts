/**
 * What of search the CapabilityStatement states: derived from the compiled parameters, never written by hand.
 * https://hl7.org/fhir/R4/capabilitystatement.html
 */
import type { SearchParameters } from './parameters.ts';

export interface SearchParamElement {
  readonly name: string;
  readonly definition?: string;
  readonly type: string;
  readonly documentation?: string;
}

export interface SearchDescription {
  /** `rest.resource.searchParam`. */
  readonly searchParam: readonly SearchParamElement[];
  /** `rest.resource.searchInclude`: `Observation:subject`. */
  readonly searchInclude: readonly string[];
  /** `rest.resource.searchRevInclude`. */
  readonly searchRevInclude: readonly string[];
}

export function describeType(parameters: SearchParameters, type: string): SearchDescription {
  const searchParam: SearchParamElement[] = [];
  const searchInclude: string[] = [];
  for (const parameter of parameters.of(type)) {
    if (parameter.pending) continue;
    const { code: name, url: definition, type: kind, documentation } = parameter;
    const element = { name, definition, type: kind };
    searchParam.push(documentation === '' ? element : { ...element, documentation });
    if (kind === 'reference') searchInclude.push(`${type}:${name}`);
  }
  if (searchInclude.length > 0) searchInclude.unshift('*');
  return { searchParam, searchInclude, searchRevInclude: reverseIncludes(parameters).get(type) ?? [] };
}

const reversed = new WeakMap<SearchParameters, ReadonlyMap<string, readonly string[]>>();

/** A parameter that may point to anything would be repeated under every type. */
const TARGETS_MAX = 30;

/** `Source:parameter` by the type that it refers to. */
function reverseIncludes(parameters: SearchParameters): ReadonlyMap<string, readonly string[]> {
  const known = reversed.get(parameters);
  if (known !== undefined) return known;
  const byTarget = new Map<string, string[]>();
  for (const source of parameters.definitions.resourceTypes) {
    for (const parameter of parameters.of(source)) {
      const isTold = parameter.type === 'reference' && parameter.targets.length <= TARGETS_MAX;
      if (!isTold || parameter.pending) continue;
      for (const target of parameter.targets) {
        const list = byTarget.get(target) ?? [];
        byTarget.set(target, list);
        list.push(`${source}:${parameter.code}`);
      }
    }
  }
  reversed.set(parameters, byTarget);
  return byTarget;
}

/** `rest.searchParam`: what every search may carry beside the parameters of its type. */
export const COMMON_SEARCH_PARAMS: readonly SearchParamElement[] = [
  { name: '_filter', type: 'special', documentation: 'Comparisons joined by and, or, not and parentheses.' },
  {
    name: '_has',
    type: 'special',
    documentation: 'Resources that others refer to: _has:Type:reference:parameter.',
  },
  { name: '_list', type: 'special', documentation: 'Members of a List, by its id.' },
  { name: '_type', type: 'special', documentation: 'Types of a search at system level.' },
];
