/** S-3: an evacuation rests on a recent decision on fitness. S-9: its task moves along the allowed phases. */
import type { Resource } from '../../fhir/types.ts';
import { codeIn, codesIn, componentCodes, ownSystem, referenceOf, startOf } from './elements.ts';
import { type ExchangeRule, NOTHING, type RuleScope, violation } from './rule.ts';

const FITNESS_AGE_MAX_MS = 72 * 3_600_000;
const FIT_TO_TRAVEL = '171371008';

export const evacuationRestsOnFitness: ExchangeRule = {
  key: 'S-3',
  types: ['ServiceRequest'],
  concerns: (resource) => codeIn(resource.code, ownSystem('mhd-service')) === 'medical-evacuation',
  lookups: (resource) =>
    supporting(resource).flatMap((info) => {
      const reference = referenceOf(info);
      return reference === undefined ? [] : { kind: 'read', reference };
    }),
  async check(resource, _previous, scope) {
    const at = startOf(resource.authoredOn) ?? scope.now;
    const escorts = codesIn(resource.orderDetail, ownSystem('escort-type'));
    let reason = 'supportingInfo must refer to an Observation of fitness to travel.';
    for (const info of supporting(resource)) {
      const found = await readFitness(referenceOf(info), scope);
      if (found === undefined) continue;
      const why = whyUnusable(found, referenceOf(resource.subject), at, escorts);
      if (why === undefined) return NOTHING;
      reason = why;
    }
    return violation('S-3', reason, 'ServiceRequest.supportingInfo');
  },
};

function supporting(resource: Resource): readonly unknown[] {
  return Array.isArray(resource.supportingInfo) ? resource.supportingInfo : [];
}

async function readFitness(reference: string | undefined, scope: RuleScope): Promise<Resource | undefined> {
  const found = reference === undefined ? undefined : await scope.read(reference);
  return found?.resourceType === 'Observation' &&
    codeIn(found.code, 'http://snomed.info/sct') === FIT_TO_TRAVEL
    ? found
    : undefined;
}

function whyUnusable(
  fitness: Resource,
  subject: string | undefined,
  at: number,
  escorts: readonly string[],
): string | undefined {
  if (referenceOf(fitness.subject) !== subject) return 'The decision on fitness is about another patient.';
  const decided = startOf(fitness.effectiveDateTime);
  if (decided === undefined || at - decided > FITNESS_AGE_MAX_MS) {
    return 'The decision on fitness is older than 72 hours. Examine again and refer to the new Observation.';
  }
  const decision = codeIn(fitness.valueCodeableConcept, ownSystem('fitness-decision'));
  const isEscorted = escorts.some((code) => code !== 'none');
  const needs = componentCodes(fitness, 'travel-requirement', ownSystem('travel-requirement'));
  if (decision === 'fit' && needs.length === 0 && isEscorted) {
    return 'A patient who is fit without conditions needs no escort: correct the decision on fitness or the escort.';
  }
  return undefined;
}

/** Phase -> phases that may follow. Every phase before the handover may end in death. */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  requested: ['medical-review', 'declined', 'cancelled', 'died'],
  'medical-review': ['accepted-by-facility', 'declined', 'cancelled', 'died'],
  'accepted-by-facility': ['consent-obtained', 'declined', 'cancelled', 'died'],
  'consent-obtained': ['documents-cleared', 'transport-booked', 'cancelled', 'died'],
  'documents-cleared': ['transport-booked', 'cancelled', 'died'],
  'transport-booked': ['departed', 'in-transit', 'cancelled', 'died'],
  departed: ['in-transit', 'died'],
  'in-transit': ['handed-over', 'died'],
  'handed-over': ['closed'],
  closed: [],
  declined: [],
  cancelled: [],
  died: [],
};

function phaseOf(task: Resource | undefined): string | undefined {
  return task === undefined ? undefined : codeIn(task.businessStatus, ownSystem('medevac-phase'));
}

export const evacuationMovesAlong: ExchangeRule = {
  key: 'S-9',
  types: ['Task'],
  /** A part of an evacuation (partOf) stands for one phase and stays in it; the whole moves along. */
  concerns: (resource) => phaseOf(resource) !== undefined && resource.partOf === undefined,
  async check(resource, previous) {
    const phase = phaseOf(resource) as string;
    const before = phaseOf(previous);
    if (before === phase) return NOTHING;
    const allowed = before === undefined ? ['requested'] : (NEXT[before] ?? []);
    if (allowed.includes(phase)) return NOTHING;
    const from = before === undefined ? 'A new evacuation task' : `An evacuation in phase "${before}"`;
    const to = allowed.length === 0 ? 'is over' : `can only go to ${allowed.join(', ')}`;
    return violation('S-9', `${from} ${to}, not to "${phase}".`, 'Task.businessStatus');
  },
};
