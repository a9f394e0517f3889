/** S-1: an MHD number names one person, a case number one case. */
import { CANONICAL_BASE } from '../../fhir/canonical.ts';
import type { Resource } from '../../fhir/types.ts';
import { identifiers } from './elements.ts';
import { type ExchangeRule, NOTHING, type RuleFinding, type RuleScope, violation } from './rule.ts';

const UNIQUE: Readonly<Record<string, (system: string) => boolean>> = {
  Patient: (system) => system === `${CANONICAL_BASE}/sid/mhd-id`,
  Group: (system) => system.startsWith(`${CANONICAL_BASE}/sid/case-number/`),
};

function uniqueIdentifiers(resource: Resource): readonly { index: number; token: string; value: string }[] {
  const isUnique = UNIQUE[resource.resourceType];
  return identifiers(resource).flatMap(({ system, value }, index) =>
    system !== undefined && value !== undefined && isUnique?.(system)
      ? [{ index, token: `${escapeToken(system)}|${escapeToken(value)}`, value }]
      : [],
  );
}

/** https://hl7.org/fhir/R4/search.html#escaping */
function escapeToken(text: string): string {
  return text.replace(/[\\$,|]/g, '\\$&');
}

export const identityIsUnique: ExchangeRule = {
  key: 'S-1',
  types: Object.keys(UNIQUE),
  concerns: (resource) => uniqueIdentifiers(resource).length > 0,
  async check(resource: Resource, previous: Resource | undefined, scope: RuleScope): Promise<RuleFinding> {
    const { resourceType: type } = resource;
    const preconditions = [];
    const kept = new Set(previous === undefined ? [] : uniqueIdentifiers(previous).map((one) => one.token));
    for (const { index, token } of uniqueIdentifiers(resource)) {
      if (kept.has(token)) continue;
      const { resources, precondition } = await scope.findSeldom(type, [['identifier', token]]);
      const beside = scope
        .beside(type)
        .filter((one) => uniqueIdentifiers(one).some((other) => other.token === token));
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
