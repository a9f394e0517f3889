/** S-1: an MHD number names one person, a case number one case. */
import { CANONICAL_BASE } from '../../fhir/canonical.ts';
import type { Resource } from '../../fhir/types.ts';
import { identifiers } from './elements.ts';
import { type ExchangeRule, NOTHING, type RuleFinding, type RuleScope, violation } from './rule.ts';

const UNIQUE: Readonly<Record<string, (system: string) => boolean>> = {
  Patient: (system) => system === `${CANONICAL_BASE}/sid/mhd-id`,
  Group: (system) => system.startsWith(`${CANONICAL_BASE}/sid/case-number/`),
};

interface UniqueIdentifier {
  readonly index: number;
  readonly system: string;
  readonly value: string;
}

function uniqueIdentifiers(resource: Resource): readonly UniqueIdentifier[] {
  const isUnique = UNIQUE[resource.resourceType];
  return identifiers(resource).flatMap(({ system, value }, index) =>
    system !== undefined && value !== undefined && isUnique?.(system) ? [{ index, system, value }] : [],
  );
}

export const identityIsUnique: ExchangeRule = {
  key: 'S-1',
  types: Object.keys(UNIQUE),
  concerns: (resource) => uniqueIdentifiers(resource).length > 0,
  lookups: (resource) =>
    uniqueIdentifiers(resource).map(({ system, value }) => ({
      kind: 'holders',
      type: resource.resourceType,
      system,
      value,
    })),
  async check(resource: Resource, previous: Resource | undefined, scope: RuleScope): Promise<RuleFinding> {
    const { resourceType: type } = resource;
    const preconditions = [];
    const kept = previous === undefined ? [] : uniqueIdentifiers(previous);
    for (const identifier of uniqueIdentifiers(resource)) {
      const { index, system, value } = identifier;
      if (isAmong(kept, identifier)) continue;
      const { resources, precondition } = await scope.findHolders(type, system, value);
      const beside = scope.beside(type).filter((one) => isAmong(uniqueIdentifiers(one), identifier));
      if ([...resources, ...beside].some((one) => one.id !== resource.id)) {
        return violation(
          'S-1',
          `Another ${type} already has this number. Search by it and update that record, or correct the number.`,
          `${type}.identifier[${index}]`,
        );
      }
      preconditions.push(precondition);
    }
    return preconditions.length === 0 ? NOTHING : { issues: [], preconditions };
  },
};

function isAmong(list: readonly UniqueIdentifier[], { system, value }: UniqueIdentifier): boolean {
  return list.some((one) => one.system === system && one.value === value);
}
