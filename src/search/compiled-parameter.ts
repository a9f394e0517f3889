/**
 * A SearchParameter bound to one resource type, ready to be extracted and asked for.
 * https://hl7.org/fhir/R4/searchparameter.html
 */
import type { CompiledExpression } from '../fhirpath/expression.ts';
import type { ParamKey } from './postings.ts';
import { hashParam } from './term-hash.ts';
import type { TypedPath } from './typed-paths.ts';

export type ParameterType =
  | 'number'
  | 'date'
  | 'string'
  | 'token'
  | 'reference'
  | 'composite'
  | 'quantity'
  | 'uri'
  | 'special';

/** One part of a composite, relative to the element that the composite selects. */
export interface CompositeComponent {
  /** Canonical of the parameter that defines it. */
  readonly definition: string;
  readonly type: ParameterType;
  readonly targets: readonly string[];
  readonly paths: readonly TypedPath[];
}

export interface CompiledParameter {
  /** The resource type it is bound to, never `Resource` or `DomainResource`. */
  readonly base: string;
  readonly code: string;
  readonly type: ParameterType;
  /** Canonical of the SearchParameter. */
  readonly url: string;
  readonly expression: string;
  readonly documentation: string;
  /** Types that a reference may point to. */
  readonly targets: readonly string[];
  readonly k: ParamKey;
  /** Where its values are; empty when `evaluate` finds them, or when there is nothing to find. */
  readonly paths: readonly TypedPath[];
  /** Whether all paths lead to one element that occurs once at most. */
  readonly isSingle?: boolean;
  /** For expressions that are no plain paths. */
  readonly evaluate?: CompiledExpression;
  readonly components: readonly CompositeComponent[];
  /** The parameters whose postings answer this one: itself, unless it is an alias. */
  readonly answeredBy: readonly CompiledParameter[];
  /** `ContactPoint.system` that an alias such as `email` of `telecom` is narrowed to. */
  readonly contactSystem?: string;
  /** True while older resources are still being indexed for it: it is written, and not yet searched. */
  readonly pending: boolean;
}

/** Whether all it holds are URLs that name their target, and no references to resources. */
export function isByUrl({ type, paths, evaluate }: CompiledParameter): boolean {
  return type === 'reference' && evaluate === undefined && paths.length > 0 && paths.every(holdsUrl);
}

function holdsUrl({ type }: TypedPath): boolean {
  return type === 'canonical' || type === 'uri' || type === 'url';
}

/** Whether its strings are family names or whole names, whose further words are found by themselves. */
export function hasNameParts({ type, paths }: CompiledParameter): boolean {
  return type === 'string' && paths.some((path) => path.type === 'HumanName' || isFamilyName(path));
}

export function isFamilyName({ steps }: TypedPath): boolean {
  const last = steps.at(-1);
  // no other type of R4 has an element of this name
  return last?.kind === 'property' && last.json === 'family';
}

/** Keys of what a parameter posts beside its plain values. */
export const SUB_KEYS = ['text', 'identifier', 'of-type', 'ucum', 'part'] as const;
export type SubKey = (typeof SUB_KEYS)[number];

export function subKey(parameter: { readonly base: string; readonly code: string }, sub: SubKey): ParamKey {
  return hashParam(parameter.base, `${parameter.code}:${sub}`);
}
