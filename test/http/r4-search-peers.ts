/**
 * What users of other servers found wrong in their searches, as their trackers tell it, tried here: each row names the
 * repository and the issue.
 */
import type { Resource } from '../../src/fhir/types.ts';
import { LOINC, UCUM } from './r4-search-resources.ts';
import type { Statement } from './r4-search-statements.ts';

const patient = { reference: 'Patient/reported' };
const unset = { reference: 'Patient/unset' };

/** Longer than a pattern of some databases may be. */
const LONG_TEXT = Array.from({ length: 90 }, (_, at) => `Sector ${at}`).join('. ');
const LONG_PART = LONG_TEXT.slice(30, -30);

export const reportedResources: readonly Resource[] = [
  {
    resourceType: 'Patient',
    id: 'reported',
    contained: [{ resourceType: 'Organization', id: 'inner', name: 'Foo Contained' }],
    identifier: [
      { system: 'http://foo,123', value: 'ABC' },
      { system: 'urn:y', value: 'ends,' },
      { system: 'urn:y', value: 'NWPH\\\\TO' },
    ],
    name: [{ family: 'Keber MD, Barbara A', given: ['John%', '100%_sure'] }],
    birthDate: '1974-12-24',
    managingOrganization: { reference: '#inner' },
  },
  { resourceType: 'Patient', id: 'unset' },
  {
    resourceType: 'Location',
    id: 'one',
    name: 'Aut illum architect1, Consectetur nisi qua, M8 0YD',
  },
  {
    resourceType: 'Location',
    id: 'two',
    name: 'Aut illum architect123, Consectetur nisi qua, M8 0YD',
  },
  { resourceType: 'Location', id: 'long', name: LONG_TEXT },
  {
    resourceType: 'Encounter',
    id: 'open',
    identifier: [{ system: 'foo:x', value: 'bar' }],
    status: 'arrived',
    class: { code: 'AMB' },
    subject: patient,
    period: { start: '2020-05-25T14:28:00+05:30' },
  },
  {
    resourceType: 'Encounter',
    id: 'ended',
    status: 'finished',
    class: { code: 'AMB' },
    subject: patient,
    period: { end: '2020-01-01T00:00:00Z' },
  },
  {
    resourceType: 'ServiceRequest',
    id: 'bounded',
    status: 'draft',
    intent: 'order',
    subject: patient,
    occurrenceTiming: { repeat: { boundsPeriod: { end: '2024-09-16T16:00:00.000-06:00' } } },
  },
  {
    resourceType: 'Schedule',
    id: 'morning',
    actor: [{ reference: 'Location/one' }],
    planningHorizon: { start: '2021-06-01T09:00:00Z', end: '2021-06-01T12:00:00Z' },
  },
  {
    resourceType: 'Observation',
    id: 'of-contained',
    status: 'final',
    code: { coding: [{ system: LOINC, code: 'reported' }] },
    subject: patient,
    encounter: { reference: 'Encounter/open' },
    component: [
      { code: { coding: [{ system: LOINC, code: 'bare-number' }] }, valueQuantity: { value: 58.7 } },
      {
        code: { coding: [{ system: LOINC, code: 'two-units' }] },
        valueQuantity: { value: 58.7, system: UCUM, code: 'mg', unit: 'milligrams' },
      },
    ],
  },
  {
    resourceType: 'Task',
    id: 'logical',
    status: 'requested',
    intent: 'order',
    focus: { type: 'MedicationRequest', identifier: { system: 'urn:oid:2.16.124.10', value: 'A00000023' } },
    for: unset,
  },
  ...Array.from({ length: 12 }, (_, n) => ({
    resourceType: 'Flag',
    id: `flag${String(n).padStart(2, '0')}`,
    status: 'active',
    code: { text: 'Reported' },
    subject: unset,
  })),
];

const flags = reportedResources
  .filter(({ resourceType }) => resourceType === 'Flag')
  .map(({ id }) => id)
  .join(' ');

export const reported: readonly Statement[] = [
  [
    'hapi-fhir#4098',
    '_sort leaves nothing out',
    'Patient?_sort=gender&_id=eve,evelyn,unset',
    'evelyn eve unset',
  ],
  [
    'hapi-fhir#1061',
    '_sort by several leaves nothing out',
    'Location?_sort=status,name&_id=one,two,42',
    'one two 42',
  ],
  ['hapi-fhir#818', '_sort by what nothing has', 'Flag?_sort=date&_count=100', flags],
  [
    'hapi-fhir#5904',
    'a chained sort is refused',
    'Patient?_sort=Practitioner:general-practitioner.family',
    400,
  ],
  [
    'blaze#1588',
    'a long chain is a filter',
    'DiagnosticReport?subject:Patient.organization.partof.name=nobody',
    '',
  ],
  [
    'medplum#8852',
    'prefixes behind _has',
    'Patient?_has:Procedure:patient:date=ge2010-01-01T03:00:00.000Z&_has:Procedure:patient:date=le2011-04-24T03:00:00.000Z',
    'eve',
  ],
  ['spark#552', 'prefixes behind a chain', 'Procedure?subject:Patient.birthdate=ge1974-12-25', ''],
  [
    'spark#552',
    'prefixes behind a chain',
    'Procedure?subject:Patient.birthdate=lt1974-12-25',
    'in-hospital in-ward',
  ],
  ['hapi-fhir#8408', 'le of a Timing that only ends', 'ServiceRequest?occurrence=le2023', 'bounded'],
  ['hapi-fhir#8408', 'le of a Period that only ends', 'Encounter?date=le2019&_id=ended,open', 'ended'],
  [
    'hapi-fhir#1871',
    'a Period without an end goes on',
    'Encounter?status=arrived&date=ge2020-05-25T15:00:00%2B05:30&date=le2020-05-25T16:00:00%2B05:30',
    'open',
  ],
  ['spark#390', 'le of the end of a Period', 'Schedule?date=le2021-06-01T12:00:00Z', 'morning'],
  ['spark#390', 'ge of the day of a Period', 'Schedule?date=ge2021-06-01', 'morning'],
  [
    'aws fhir-works#138',
    'a chain that finds nobody finds nothing',
    'Procedure?patient:Patient.name=fdsafds',
    '',
  ],
  ['medplum#3217', ':missing of an alias', 'Patient?email:missing=true&_id=eve,evelyn,unset', 'evelyn unset'],
  [
    'medplum#5868',
    ':not-in',
    'Patient?gender:not-in=http://hl7.org/fhir/ValueSet/administrative-gender&_id=eve,unset',
    'unset',
  ],
  ['medplum#7170', ':not finds what has no value', 'Patient?gender:not=male&_id=eve,unset', 'unset'],
  ['LinuxForHealth#1926', ':not in a chain', 'Flag?patient.gender:not=male&_id=flag00', 'flag00'],
  [
    'LinuxForHealth#1926',
    ':not over several types',
    '?_type=Patient,Practitioner&_tag:not=bare&_id=severine,joe',
    'joe',
  ],
  ['LinuxForHealth#473', ':missing in a chain', 'Flag?patient.birthdate:missing=true&_id=flag00', 'flag00'],
  ['LinuxForHealth#473', ':missing over all types', '?_tag:missing=true&_id=eve,joe', 'joe'],
  [
    'LinuxForHealth#2305',
    '_total=none and an include of nothing',
    'Patient?_id=bad-id&_total=none&_include=Patient:organization',
    '',
  ],
  [
    'microsoft#1284',
    '_revinclude without a parameter is refused',
    'MedicationRequest?_revinclude=Provenance',
    400,
  ],
  [
    'aws fhir-works#154',
    '_revinclude of more than ten',
    'Patient?_id=unset&_revinclude=Flag:patient',
    `unset + ${flags}`,
  ],
  [
    'medplum#4440',
    'commas in :exact',
    'Location?name:exact=Aut illum architect1\\, Consectetur nisi qua\\, M8 0YD',
    'one',
  ],
  ['microsoft#1389', 'a comma in a name', 'Patient?name=KEBER MD\\,BARBARA A', 'reported'],
  ['hapi-fhir#192', 'a comma at the end of a token', 'Patient?identifier=urn:y|ends\\,', 'reported'],
  ['hapi-fhir#7177', 'a comma in a system', 'Patient?identifier=http://foo\\,123|ABC', 'reported'],
  ['LinuxForHealth#3820', 'two backslashes are four', 'Patient?identifier=NWPH\\\\\\\\TO', 'reported'],
  ['LinuxForHealth#3820', 'three are refused', 'Patient?identifier=NWPH\\\\\\TO', 400],
  ['LinuxForHealth#3820', 'and two are one', 'Patient?identifier=NWPH\\\\TO', ''],
  ['hapi-fhir#2935', 'a percent sign at the end', 'Patient?given=john%25', 'reported'],
  ['hapi-fhir#2935', 'it is no wildcard', 'Patient?given:exact=%25', ''],
  ['hapi-fhir#2935', 'nor is an underscore', 'Patient?given:contains=100%25_sur', 'reported'],
  ['hapi-fhir#2935', 'nor is an underscore', 'Patient?given:contains=e_e', ''],
  [
    'hapi-fhir#2915',
    'chains into contained resources beside others',
    'MedicationRequest?medication.ingredient-code=abc&status=active',
    'rx',
  ],
  [
    'hapi-fhir#2967',
    'a chain that ends in a contained resource',
    'Observation?subject:Patient.organization.name=Foo',
    'of-contained',
  ],
  [
    'hapi-fhir#1419',
    'a reference by its identifier is no chain',
    'Task?focus:MedicationRequest.identifier=urn:oid:2.16.124.10|A00000023',
    '',
  ],
  ['hapi-fhir#1419', 'it is found by it', 'Task?focus:identifier=urn:oid:2.16.124.10|A00000023', 'logical'],
  [
    'hapi-fhir#3374',
    'a chain of a parameter that many types have',
    'Observation?encounter.identifier=foo:x|bar',
    'of-contained',
  ],
  [
    'microsoft#23',
    'both of one component',
    `Observation?component-code-value-quantity=${LOINC}|8480-6$gt60`,
    '',
  ],
  [
    'hapi-fhir#7318',
    'combo: both of one component',
    `Observation?combo-code-value-quantity=${LOINC}|8462-4$90`,
    'pressure',
  ],
  [
    'hapi-fhir#7318',
    'combo: both of one component',
    `Observation?combo-code-value-quantity=${LOINC}|8480-6$90`,
    '',
  ],
  [
    'LinuxForHealth#2041',
    'a quantity without a unit',
    `Observation?component-code-value-quantity=${LOINC}|bare-number$58.7`,
    'of-contained',
  ],
  [
    'LinuxForHealth#2327',
    'by the unit beside the code',
    `Observation?component-code-value-quantity=${LOINC}|two-units$58.7||milligrams`,
    'of-contained',
  ],
  [
    'LinuxForHealth#2327',
    'by the code',
    `Observation?component-code-value-quantity=${LOINC}|two-units$58.7||mg`,
    'of-contained',
  ],
  [
    'microsoft StringSearchTests',
    'a part of hundreds of letters',
    `Location?name:contains=${LONG_PART}`,
    'long',
  ],
  ['microsoft StringSearchTests', 'all of them count', `Location?name:contains=${LONG_PART}0`, ''],
  ['microsoft StringSearchTests', 'at the end', `Location?_filter=name ew "${LONG_TEXT.slice(30)}"`, 'long'],
  ['microsoft StringSearchTests', 'not before it', `Location?_filter=name ew "${LONG_PART}"`, ''],
  ['hapi-fhir#6555', 'an update is found by what it is now', 'Task?status=ready&_id=moved', ''],
  ['hapi-fhir#6555', 'an update is found by what it is now', 'Task?status=completed&_id=moved', 'moved'],
];
