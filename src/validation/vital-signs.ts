/**
 * Observations that say by their code that they are vital signs, held to R4's vital signs profiles even
 * when they do not claim them. Strict validation only: a write is held to what it claims.
 * https://hl7.org/fhir/R4/observation-vitalsigns.html
 */
import type { Resource } from '../fhir/types.ts';
import type { Collector } from './collector.ts';
import { isObject } from './items.ts';

const BASE = 'http://hl7.org/fhir/StructureDefinition/';

/** Codes of LOINC, and those of SNOMED CT with the same meaning, by profile. */
const CODES: Readonly<Record<string, { loinc: string; snomed: string }>> = {
  vitalspanel: { loinc: '85353-1', snomed: '' },
  resprate: { loinc: '9279-1', snomed: '86290005' },
  heartrate: { loinc: '8867-4', snomed: '364075005' },
  oxygensat: { loinc: '2708-6 59408-5', snomed: '103228002 431314004' },
  bodytemp: { loinc: '8310-5', snomed: '386725007 276885007' },
  bodyheight: { loinc: '8302-2', snomed: '50373000 1153637007' },
  headcircum: { loinc: '9843-4', snomed: '363812007' },
  bodyweight: { loinc: '29463-7', snomed: '27113001' },
  bmi: { loinc: '39156-5', snomed: '60621009' },
  bp: { loinc: '85354-9', snomed: '75367002' },
};

const PROFILES: ReadonlyMap<string, string> = new Map(
  Object.entries(CODES).flatMap(([profile, { loinc, snomed }]) => [
    ...loinc.split(' ').map((code): [string, string] => [`http://loinc.org ${code}`, profile]),
    ...snomed.split(' ').map((code): [string, string] => [`http://snomed.info/sct ${code}`, profile]),
  ]),
);

export function checkVitalSigns(observation: Resource, c: Collector): void {
  if (!c.strict || !isObject(observation.code) || !Array.isArray(observation.code.coding)) return;
  for (const coding of observation.code.coding) {
    if (!isObject(coding)) continue;
    const profile = PROFILES.get(`${coding.system} ${coding.code}`);
    const overlay = profile === undefined ? undefined : c.env.overlay(BASE + profile);
    if (overlay === undefined) continue;
    c.env.check(overlay, { value: observation, twin: undefined, type: 'Observation', at: [] }, c);
    return;
  }
}
