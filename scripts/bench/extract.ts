/**
 * Time of index extraction per resource, beside JSON.parse of the same text on the same machine: the ratio is
 * what can be compared. `node scripts/bench/extract.ts [seconds]`
 */
import { performance } from 'node:perf_hooks';
import { loadCoreDefinitions } from '../../src/definitions/registry.ts';
import { createTypeModel } from '../../src/definitions/types.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { compileExpression } from '../../src/fhirpath/compile.ts';
import { createExtractor } from '../../src/search/extract.ts';
import { createSearchParameters } from '../../src/search/parameters.ts';

const LOINC = 'http://loinc.org';
const UCUM = 'http://unitsofmeasure.org';
const pressure = { unit: 'mmHg', system: UCUM, code: 'mm[Hg]' };

const samples: readonly Resource[] = [
  {
    resourceType: 'Patient',
    id: 'p1',
    meta: { profile: ['https://fhir.iom.int/mhd/StructureDefinition/mhd-patient'] },
    identifier: [
      { system: 'https://fhir.iom.int/mhd/sid/case-number/TH-BKK', value: 'TH-0012345' },
      {
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PPN' }] },
        system: 'http://hl7.org/fhir/sid/passport-NPL',
        value: '07654321',
      },
    ],
    active: true,
    name: [{ family: 'Tamang', given: ['Ram', 'Bahadur'] }],
    gender: 'male',
    birthDate: '1999-04-12',
    telecom: [{ system: 'phone', value: '+977 980-1234567' }],
    address: [{ city: 'Kathmandu', country: 'NP' }],
  },
  {
    resourceType: 'Observation',
    id: 'o1',
    meta: { profile: ['https://fhir.iom.int/mhd/StructureDefinition/mhd-vital-signs'] },
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: 'vital-signs',
            display: 'Vital Signs',
          },
        ],
      },
    ],
    code: { coding: [{ system: LOINC, code: '29463-7', display: 'Body weight' }], text: 'Body weight' },
    subject: { reference: 'Patient/p1' },
    encounter: { reference: 'Encounter/e1' },
    effectiveDateTime: '2026-01-10T09:30:00+07:00',
    performer: [{ reference: 'Practitioner/d1' }],
    valueQuantity: { value: 61.5, unit: 'kg', system: UCUM, code: 'kg' },
  },
  {
    resourceType: 'Observation',
    id: 'o2',
    status: 'final',
    code: { coding: [{ system: LOINC, code: '85354-9', display: 'Blood pressure panel' }] },
    subject: { reference: 'Patient/p1' },
    effectiveDateTime: '2026-01-10T09:30:00+07:00',
    component: [
      {
        code: { coding: [{ system: LOINC, code: '8480-6', display: 'Systolic blood pressure' }] },
        valueQuantity: { value: 120, ...pressure },
      },
      {
        code: { coding: [{ system: LOINC, code: '8462-4', display: 'Diastolic blood pressure' }] },
        valueQuantity: { value: 80, ...pressure },
      },
    ],
  },
  {
    resourceType: 'Immunization',
    id: 'i1',
    status: 'completed',
    vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03', display: 'MMR' }] },
    patient: { reference: 'Patient/p1' },
    encounter: { reference: 'Encounter/e1' },
    occurrenceDateTime: '2026-01-11',
    lotNumber: 'A123',
    performer: [{ actor: { reference: 'Practitioner/d1' } }],
    protocolApplied: [{ doseNumberPositiveInt: 1 }],
  },
  {
    resourceType: 'Encounter',
    id: 'e1',
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    type: [
      {
        coding: [{ system: 'https://fhir.iom.int/mhd/CodeSystem/encounter-type', code: 'health-assessment' }],
      },
    ],
    subject: { reference: 'Patient/p1' },
    period: { start: '2026-01-10T08:00:00+07:00', end: '2026-01-10T11:00:00+07:00' },
    location: [{ location: { reference: 'Location/l1' } }],
    serviceProvider: { reference: 'Organization/iom' },
  },
];

const definitions = loadCoreDefinitions();
const model = createTypeModel(definitions);
const parameters = createSearchParameters(definitions, model, {
  compile: (expression, type) => compileExpression(expression, type, model),
});
const seconds = Number(process.argv[2] ?? 0.5);
const canonicalQuantity = (value: number, code: string): { value: number; unit: string } | undefined => {
  if (code === 'mm[Hg]') return { value: value * 133322.387415, unit: 'g.m-1.s-2' };
  return code === 'kg' ? { value: value * 1000, unit: 'g' } : undefined;
};

function microseconds(act: () => unknown): number {
  const until = performance.now() + seconds * 1000;
  for (let at = 0; at < 2000; at++) act();
  let best = Number.POSITIVE_INFINITY;
  while (performance.now() < until) {
    // short runs, so that some of them are not interrupted
    const start = performance.now();
    for (let at = 0; at < 50; at++) act();
    best = Math.min(best, ((performance.now() - start) * 1000) / 50);
  }
  return best;
}

console.log('type           terms texts numbers  parse us  extract us (x parse)  with words us (x parse)');
for (const resource of samples) {
  const text = JSON.stringify(resource);
  const [plain, words] = [false, true].map((fullText) => {
    return createExtractor(parameters, {
      base: 'https://x/fhir',
      timeZone: 'UTC',
      fullText,
      canonicalQuantity,
    });
  }) as [ReturnType<typeof createExtractor>, ReturnType<typeof createExtractor>];
  const parse = microseconds(() => JSON.parse(text));
  const each = [plain, words].map((extract) => microseconds(() => extract(resource)));
  const { terms, texts, numbers } = words(resource);
  const shown = each.map((one) => `${one.toFixed(2)} (${(one / parse).toFixed(2)})`.padStart(20));
  console.log(
    `${resource.resourceType.padEnd(14)} ${String(terms.length).padStart(5)} ${String(texts.length).padStart(5)} ${String(numbers.length).padStart(7)} ${parse.toFixed(2).padStart(9)}${shown.join('')}`,
  );
}
