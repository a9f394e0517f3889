/**
 * Rules of the exchange that need other resources, and so cannot be invariants of a profile: S-1 to S-12 of the
 * domain. Each is a file; a violation is a 422 whose OperationOutcome names the rule.
 */
import { type Issue, issue } from '../../fhir/issues.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Precondition } from '../../storage/store.ts';

/** Another write of the same transaction; without a resource it is a delete. */
export interface Sibling {
  readonly type: string;
  readonly id: string;
  /** POST: under an id that was made for it. */
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly resource?: Resource;
}

/** Resources found, and what must still hold when the write commits: that the store has no others. */
export interface Found {
  readonly resources: readonly Resource[];
  readonly precondition: Precondition;
}

/** Something that a rule will look at. */
export type Lookup =
  | { readonly kind: 'read'; readonly reference: string }
  | { readonly kind: 'find'; readonly type: string; readonly name: string; readonly value: string }
  | { readonly kind: 'holders'; readonly type: string; readonly system: string; readonly value: string };

/** What a rule may look at: the store as it will be when the writes beside this one are done. */
export interface RuleScope {
  /** `Type/id`; undefined when it does not exist. */
  read(reference: string): Promise<Resource | undefined>;
  /** Resources of a type by search parameters, one page. */
  find(type: string, query: readonly (readonly [name: string, value: string])[]): Promise<Found>;
  /** Resources of a type that are written beside. */
  beside(type: string): readonly Resource[];
  /**
   * Who has an identifier, without those beside. Seldom somebody has: the first attempt takes for granted that nobody
   * does, and the precondition makes the commit fail when it is not so.
   */
  findHolders(type: string, system: string, value: string): Promise<Found>;
  /**
   * What the rules of a transaction will look at, looked up together: one by one, each would be a round trip to a
   * distant database.
   */
  foresee(lookups: readonly Lookup[]): Promise<void>;
  /** ms since the epoch. */
  readonly now: number;
}

export interface RuleFinding {
  readonly issues: readonly Issue[];
  readonly preconditions: readonly Precondition[];
}

export interface ExchangeRule {
  readonly key: string;
  readonly types: readonly string[];
  /** It never refuses anything. */
  readonly warns?: boolean;
  /** Cheap test on the resource alone, valid or not, so that ordinary resources cost nothing. */
  concerns(resource: Resource): boolean;
  /** What `check` is going to look at in the store, as far as the resource alone tells. */
  lookups?(resource: Resource): readonly Lookup[];
  check(resource: Resource, previous: Resource | undefined, scope: RuleScope): Promise<RuleFinding>;
}

export const NOTHING: RuleFinding = { issues: [], preconditions: [] };

export function violation(
  key: string,
  text: string,
  expression: string,
  severity: 'error' | 'warning' = 'error',
): RuleFinding {
  return {
    issues: [issue('exchange-rule', text, { constraint: key, expression, severity })],
    preconditions: [],
  };
}
