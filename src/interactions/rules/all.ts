/** The exchange rules in force, by resource type. */
import type { Resource } from '../../fhir/types.ts';
import { evacuationMovesAlong, evacuationRestsOnFitness } from './evacuation.ts';
import { identityIsUnique } from './identity.ts';
import { liveVaccineInTime, noFitnessUnderHold } from './movement.ts';
import type { ExchangeRule, Lookup, RuleFinding, RuleScope } from './rule.ts';

const ALL: readonly ExchangeRule[] = [
  identityIsUnique,
  evacuationRestsOnFitness,
  liveVaccineInTime,
  noFitnessUnderHold,
  evacuationMovesAlong,
];

const BY_TYPE: ReadonlyMap<string, readonly ExchangeRule[]> = new Map(
  ALL.flatMap((rule) => rule.types).map((type) => [type, ALL.filter((rule) => rule.types.includes(type))]),
);

const NONE: readonly ExchangeRule[] = [];

/** Rules that concern a resource; almost always none. `errorsOnly`: nobody reads warnings. */
export function rulesFor(resource: Resource, errorsOnly: boolean): readonly ExchangeRule[] {
  const rules = BY_TYPE.get(resource.resourceType);
  if (rules === undefined) return NONE;
  return rules.filter((rule) => !(errorsOnly && rule.warns === true) && rule.concerns(resource));
}

/** What the rules of a resource will look at. It need not be valid. */
export function lookupsOf(resource: Resource, errorsOnly: boolean): readonly Lookup[] {
  return rulesFor(resource, errorsOnly).flatMap((rule) => rule.lookups?.(resource) ?? []);
}

export async function checkRules(
  rules: readonly ExchangeRule[],
  resource: Resource,
  previous: Resource | undefined,
  scope: RuleScope,
): Promise<RuleFinding> {
  const issues = [];
  const preconditions = [];
  for (const rule of rules) {
    const found = await rule.check(resource, previous, scope);
    issues.push(...found.issues);
    preconditions.push(...found.preconditions);
  }
  return { issues, preconditions };
}
