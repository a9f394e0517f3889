/**
 * Observations that say by their LOINC code that they are vital signs, held to R4's vital signs profiles even
 * when they do not claim them. Strict validation only: a write is held to what it claims.
 * https://hl7.org/fhir/R4/observation-vitalsigns.html
 */
import type { Resource } from '../fhir/types.ts';
import type { Collector } from './collector.ts';
import { isObject } from './items.ts';

const BASE = 'http://hl7.org/fhir/StructureDefinition/';

/** LOINC code -> profile. */
const PROFILES: ReadonlyMap<string, string> = new Map([
  ['85353-1', 'vitalspanel'],
  ['9279-1', 'resprate'],
  ['8867-4', 'heartrate'],
  ['2708-6', 'oxygensat'],
  ['59408-5', 'oxygensat'],
  ['8310-5', 'bodytemp'],
  ['8302-2', 'bodyheight'],
  ['9843-4', 'headcircum'],
  ['29463-7', 'bodyweight'],
  ['39156-5', 'bmi'],
  ['85354-9', 'bp'],
]);

export function checkVitalSigns(observation: Resource, c: Collector): void {
  if (!c.strict || !isObject(observation.code) || !Array.isArray(observation.code.coding)) return;
  for (const coding of observation.code.coding) {
    if (!isObject(coding) || coding.system !== 'http://loinc.org') continue;
    const profile = PROFILES.get(String(coding.code));
    const overlay = profile === undefined ? undefined : c.env.overlay(BASE + profile);
    if (overlay === undefined) continue;
    c.env.check(overlay, { value: observation, twin: undefined, type: 'Observation', at: [] }, c);
    return;
  }
}
