/** S-7: nobody is fit to travel while a movement hold is active. S-6: a live vaccine needs 28 days before flight. */
import type { Resource } from '../../fhir/types.ts';
import { codeIn, codesIn, extensionValue, ownSystem, referenceOf, startOf } from './elements.ts';
import { type ExchangeRule, type Lookup, NOTHING, violation } from './rule.ts';

const CVX = 'http://hl7.org/fhir/sid/cvx';
const LIVE_VACCINES: ReadonlySet<string> = new Set([
  '02',
  '03',
  '04',
  '05',
  '06',
  '07',
  '21',
  '37',
  '94',
  '178',
]);
const LIVE_INTERVAL_MS = 28 * 86_400_000;

export const noFitnessUnderHold: ExchangeRule = {
  key: 'S-7',
  types: ['Observation'],
  concerns: (resource) =>
    codeIn(resource.code, 'http://snomed.info/sct') === '171371008' &&
    codeIn(resource.valueCodeableConcept, ownSystem('fitness-decision')) === 'fit',
  lookups: (resource) => ofPatient('Flag', resource.subject),
  async check(resource, _previous, scope) {
    const subject = referenceOf(resource.subject);
    if (subject === undefined) return NOTHING;
    const { resources: flags } = await scope.find('Flag', [['patient', subject]]);
    const at = startOf(resource.effectiveDateTime) ?? scope.now;
    if (!flags.some((flag) => isHolding(flag, at))) return NOTHING;
    return violation(
      'S-7',
      'A movement hold is active for this person. Lift the hold first, or decide "deferred".',
      'Observation.value',
    );
  },
};

function ofPatient(type: string, patient: unknown): readonly Lookup[] {
  const value = referenceOf(patient);
  return value === undefined ? [] : [{ kind: 'find', type, name: 'patient', value }];
}

function isHolding(flag: Resource, at: number): boolean {
  if (flag.status !== 'active') return false;
  const codes = [flag.code, ...((flag.category as readonly unknown[] | undefined) ?? [])];
  const isHold = codes.some((concept) => codesIn(concept, ownSystem('mhd-kind')).includes('movement-hold'));
  const end = startOf((flag.period as { end?: string } | undefined)?.end);
  return isHold && (end === undefined || end >= at);
}

export const liveVaccineInTime: ExchangeRule = {
  key: 'S-6',
  types: ['Immunization'],
  warns: true,
  concerns: (resource) =>
    resource.status === 'completed' &&
    codesIn(resource.vaccineCode, CVX).some((code) => LIVE_VACCINES.has(code)),
  lookups: (resource) => ofPatient('EpisodeOfCare', resource.patient),
  async check(resource, _previous, scope) {
    const patient = referenceOf(resource.patient);
    const given = startOf(resource.occurrenceDateTime);
    if (patient === undefined || given === undefined) return NOTHING;
    const { resources: episodes } = await scope.find('EpisodeOfCare', [['patient', patient]]);
    for (const episode of episodes) {
      const departure = startOf(extensionValue(episode, 'planned-departure'));
      if (departure === undefined || departure < given || departure - given >= LIVE_INTERVAL_MS) continue;
      const text = 'A live vaccine is given less than 28 days before the planned departure.';
      return violation('S-6', text, 'Immunization.occurrence', 'warning');
    }
    return NOTHING;
  },
};
