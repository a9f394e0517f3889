/** Small worlds with searches and what each must find: asked of the matcher and of every engine. */
import type { Resource } from '../../src/fhir/types.ts';
import { restCases, restResources } from './rest-of-r4.ts';
import { richCases, richResources } from './rich-resources.ts';

const MHD = 'https://fhir.iom.int/mhd';
const LOINC = 'http://loinc.org';

function observation(id: string, patient: string, code: string, rest: Partial<Resource>): Resource {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: {
      coding: [{ system: `${MHD}/CodeSystem/mhd-observation`, code, display: code.replaceAll('-', ' ') }],
    },
    subject: { reference: `Patient/${patient}` },
    ...rest,
  };
}

/** Scenario 1 of the domain: a refugee family whose principal applicant is treated for tuberculosis. */
export const family: readonly Resource[] = [
  {
    resourceType: 'Patient',
    id: 'htoo',
    meta: {
      profile: [`${MHD}/StructureDefinition/mhd-patient|0.1.0`],
      security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }],
      lastUpdated: '2026-01-05T10:00:00Z',
    },
    identifier: [
      { system: `${MHD}/sid/case-number/TH-BKK`, value: 'TH-0012345' },
      {
        type: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PPN' }],
          text: 'Passport',
        },
        system: 'http://hl7.org/fhir/sid/passport-MMR',
        value: 'MA123456',
      },
    ],
    active: true,
    name: [{ text: 'Saw Htoo Wah', given: ['Saw Htoo'], family: 'Wah' }],
    telecom: [
      { system: 'phone', value: '+66 81-234-5678' },
      { system: 'email', value: 'Htoo@Example.org' },
    ],
    gender: 'male',
    birthDate: '1984',
    address: [{ line: ['Zone C, Mae La camp'], city: 'Tha Song Yang', country: 'TH' }],
    communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'ksw' }] } }],
  },
  {
    resourceType: 'Patient',
    id: 'paw',
    identifier: [{ system: `${MHD}/sid/case-number/TH-BKK`, value: 'TH-0012345' }],
    name: [{ family: 'Paw', given: ['Naw'] }],
    gender: 'female',
    birthDate: '2019-11-03',
    deceasedDateTime: '2026-03-01',
    generalPractitioner: [{ reference: 'Practitioner/dr' }],
  },
  { resourceType: 'Practitioner', id: 'dr', name: [{ family: 'Ñuñez', given: ['José'] }] },
  {
    resourceType: 'Group',
    id: 'case',
    type: 'person',
    actual: true,
    identifier: [{ system: `${MHD}/sid/case-number/TH-BKK`, value: 'TH-0012345' }],
    member: [{ entity: { reference: 'Patient/htoo' } }, { entity: { reference: 'Patient/paw' } }],
  },
  observation('class-a', 'htoo', 'tb-classification', {
    effectiveDateTime: '2026-01-10T09:00:00+07:00',
    valueCodeableConcept: { coding: [{ system: `${MHD}/CodeSystem/tb-class`, code: 'A' }] },
  }),
  observation('class-b0', 'htoo', 'tb-classification', {
    effectiveDateTime: '2026-07-20',
    valueCodeableConcept: {
      coding: [{ system: `${MHD}/CodeSystem/tb-class`, code: 'B0' }],
      text: 'Treated overseas',
    },
  }),
  observation('paw-class', 'paw', 'tb-classification', { effectivePeriod: { start: '2026-01-12' } }),
  {
    resourceType: 'Observation',
    id: 'bp',
    status: 'preliminary',
    category: [{ coding: [{ code: 'vital-signs' }] }],
    code: { coding: [{ system: LOINC, code: '85354-9', display: 'Blood pressure panel' }] },
    subject: { reference: 'https://clinic.example/fhir/Patient/htoo/_history/2' },
    effectiveInstant: '2026-01-10T02:00:00.500Z',
    component: [
      {
        code: { coding: [{ system: LOINC, code: '8480-6', display: 'Systolic' }] },
        valueQuantity: { value: 140, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
      },
      {
        code: { coding: [{ system: LOINC, code: '8462-4', display: 'Diastolic' }] },
        valueQuantity: { value: 90, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
      },
    ],
  },
  {
    resourceType: 'Observation',
    id: 'weight',
    status: 'final',
    code: { coding: [{ system: LOINC, code: '29463-7' }], text: 'Body weight' },
    subject: { identifier: { system: 'urn:x', value: '77' } },
    valueQuantity: { value: 61.5, unit: 'kilogram', system: 'http://unitsofmeasure.org', code: 'kg' },
    note: [{ text: 'Weighed with boots on' }],
  },
  {
    resourceType: 'Encounter',
    id: 'exam',
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: { reference: 'Patient/htoo' },
    period: { start: '2026-01-10', end: '2026-01-12' },
  },
  {
    resourceType: 'List',
    id: 'l1',
    status: 'current',
    mode: 'working',
    entry: [{ item: { reference: 'Patient/paw' } }],
  },
];

export const CASE = `${MHD}/sid/case-number/TH-BKK`;
const familyCases: readonly (readonly [url: string, found: string])[] = [
  // tokens
  [`Patient?identifier=${CASE}|TH-0012345`, 'htoo paw'],
  ['Patient?identifier=TH-0012345', 'htoo paw'],
  [`Patient?identifier=${CASE}|`, 'htoo paw'],
  ['Patient?identifier=|TH-0012345', ''],
  ['Patient?identifier=http://hl7.org/fhir/sid/passport-MMR|MA123456', 'htoo'],
  ['Patient?identifier=http://hl7.org/fhir/sid/passport-MMR|MA12345', ''],
  ['Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|PPN|MA123456', 'htoo'],
  ['Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|MA123456', ''],
  ['Patient?identifier:text=pass', 'htoo'],
  ['Patient?identifier:not=MA123456', 'paw'],
  ['Patient?gender=male', 'htoo'],
  ['Patient?gender=http://hl7.org/fhir/administrative-gender|male', 'htoo'],
  ['Patient?gender=http://other.example|male', ''],
  ['Patient?gender=male,female', 'htoo paw'],
  ['Patient?gender:not=male', 'paw'],
  ['Patient?active=true', 'htoo'],
  ['Patient?active:missing=true', 'paw'],
  ['Patient?active:not=true', 'paw'],
  ['Patient?telecom=%2B66812345678', 'htoo'],
  ['Patient?phone=%2B66 81 234 5678', 'htoo'],
  ['Patient?phone=htoo@example.org', ''],
  ['Patient?email=htoo@example.ORG', 'htoo'],
  ['Patient?email:missing=true', 'paw'],
  ['Patient?language=ksw', 'htoo'],
  [`Observation?code=${MHD}/CodeSystem/mhd-observation|tb-classification`, 'class-a class-b0 paw-class'],
  ['Observation?code=tb-classification', 'class-a class-b0 paw-class'],
  [`Observation?code=${LOINC}|`, 'bp weight'],
  ['Observation?category=|vital-signs', 'bp'],
  ['Observation?code:text=pressure', 'bp'],
  ['Observation?code:text=ressure', ''],
  ['Observation?code:text=TB class', 'class-a class-b0 paw-class'],
  [`Observation?combo-code=${LOINC}|8480-6`, 'bp'],
  [`Observation?component-code=${LOINC}|85354-9`, ''],
  ['Observation?status=final,preliminary&code=29463-7', 'weight'],
  ['Observation?value-concept=B0', 'class-b0'],
  ['Patient?deceased=true', 'paw'],
  ['Patient?deceased:missing=true', ''],
  ['Patient?deceased=false', 'htoo'],
  // strings
  ['Patient?name=saw', 'htoo'],
  ['Patient?name=htoo', ''],
  ['Patient?name:contains=HTOO', 'htoo'],
  ['Patient?name:exact=Saw Htoo Wah', 'htoo'],
  ['Patient?name:exact=saw htoo wah', ''],
  ['Patient?family=Wa,Paw', 'htoo paw'],
  ['Practitioner?name=nunez', 'dr'],
  ['Practitioner?name=José', 'dr'],
  ['Practitioner?phonetic=Hose Nunyes', ''],
  ['Practitioner?phonetic=Nunez', 'dr'],
  ['Practitioner?_filter=name eq "nunez"', 'dr'],
  ['Practitioner?_filter=name eq "nune"', ''],
  ['Practitioner?_filter=name ew "ñez"', 'dr'],
  ['Practitioner?_filter=name ew "nun"', ''],
  ['Observation?_filter=subject[given ew "wah" or family ew "wah"].gender eq male', 'class-a class-b0 bp'],
  ['Patient?address=zone c mae', 'htoo'],
  ['Patient?address-country=TH', 'htoo'],
  ['Patient?name=saw\\,', 'htoo'],
  // dates
  ['Patient?birthdate=1984', 'htoo'],
  ['Patient?birthdate=1984-06-01', ''],
  ['Patient?birthdate=ge2000', 'paw'],
  ['Patient?birthdate=lt2019-11-03', 'htoo'],
  ['Patient?birthdate=ne1984', 'paw'],
  ['Observation?date=2026-01-10', 'class-a bp'],
  ['Observation?date=ge2026-01-12', 'class-b0 paw-class'],
  ['Observation?date=2026-01', 'class-a bp'],
  ['Observation?date=sa2026-01-11', 'class-b0 paw-class'],
  ['Observation?date=eb2026-02', 'class-a bp'],
  ['Observation?date=2026-01-10T02:00', 'class-a bp'],
  ['Observation?date=2026-01-10T02:00:00.500Z', 'bp'],
  ['Observation?date:missing=true', 'weight'],
  ['Encounter?date=2026-01-11', ''],
  ['Encounter?date=ap2026-01-11', 'exam'],
  ['Encounter?date=ge2026-01-11&date=le2026-01-11', 'exam'],
  // references
  ['Observation?patient=htoo', 'class-a class-b0 bp'],
  ['Observation?patient=Patient/htoo', 'class-a class-b0 bp'],
  ['Observation?subject=https://clinic.example/fhir/Patient/htoo', 'class-a class-b0 bp'],
  ['Observation?subject:Patient=paw', 'paw-class'],
  ['Observation?subject=Group/htoo', ''],
  ['Observation?patient=Group/htoo', ''],
  ['Observation?subject:identifier=urn:x|77', 'weight'],
  ['Observation?subject:identifier=77', 'weight'],
  ['Observation?patient:missing=true', 'weight'],
  ['Group?member=Patient/paw', 'case'],
  // chains
  ['Observation?patient.name=paw', 'paw-class'],
  ['Observation?subject:Patient.identifier=MA123456', 'class-a class-b0 bp'],
  ['Observation?subject.general-practitioner.name=nunez', 'paw-class'],
  ['Observation?patient.gender=male&code=tb-classification', 'class-a class-b0'],
  ['Patient?_has:Observation:patient:code=tb-classification', 'htoo paw'],
  ['Patient?_has:Observation:patient:value-concept=A', 'htoo'],
  ['Patient?_has:Group:member:_id=case', 'htoo paw'],
  ['Observation?patient._has:Group:member:identifier=TH-0012345', 'class-a class-b0 paw-class bp'],
  ['Practitioner?_has:Patient:general-practitioner:_has:Observation:patient:code=tb-classification', 'dr'],
  // quantities and composites
  ['Observation?value-quantity=61.5', 'weight'],
  ['Observation?value-quantity=61', ''],
  ['Observation?value-quantity=gt61', 'weight'],
  ['Observation?value-quantity=61500|http://unitsofmeasure.org|g', 'weight'],
  ['Observation?value-quantity=61.5||kilogram', 'weight'],
  ['Observation?value-quantity=61.5||kg', 'weight'],
  ['Observation?value-quantity=61.5||lb', ''],
  ['Observation?value-quantity=ap60||kg', 'weight'],
  ['Observation?combo-value-quantity=ge140||mmHg', 'bp'],
  [`Observation?component-code-value-quantity=${LOINC}|8480-6$140`, 'bp'],
  [`Observation?component-code-value-quantity=${LOINC}|8480-6$90`, ''],
  ['Observation?combo-code-value-quantity=8480-6$gt139|http://unitsofmeasure.org|mm[Hg]', 'bp'],
  ['Observation?combo-code-value-quantity=8462-4$gt18||kPa', ''],
  ['Observation?combo-code-value-quantity=8480-6$gt18||kPa', 'bp'],
  ['Observation?combo-code-value-quantity=8480-6$140||mmHg', 'bp'],
  ['Observation?code-value-concept=tb-classification$A', 'class-a'],
  [`Observation?code-value-concept=tb-classification$${MHD}/CodeSystem/tb-class|B0`, 'class-b0'],
  // everything has these
  ['Patient?_id=htoo,nobody', 'htoo'],
  ['Patient?_lastUpdated=2026-01-05', 'htoo'],
  ['Patient?_lastUpdated=lt2026-01-05', 'paw'],
  [`Patient?_profile=${MHD}/StructureDefinition/mhd-patient`, 'htoo'],
  [`Patient?_profile=${MHD}/StructureDefinition/mhd-patient|0.1.0`, 'htoo'],
  [`Patient?_profile=${MHD}/StructureDefinition/mhd-patient|0.2.0`, ''],
  [`Patient?_profile:below=${MHD}`, 'htoo'],
  [`Patient?_profile:below=${MHD}x`, ''],
  ['Patient?_security=R', 'htoo'],
  ['Patient?_security:not=R', 'paw'],
  ['Patient?_list=l1', 'paw'],
  ['Observation?_content=boots', 'weight'],
  ['Observation?_content=blood pressure', 'bp'],
  ['Observation?_content=boot', ''],
  // an address is not for people to read
  ['Observation?_content=patient', ''],
  // several types
  ['?_type=Patient,Observation&_id=htoo,bp', 'htoo bp'],
  ['?_id=case,dr', 'dr case'],
  [`?_type=Patient,Group&identifier=TH-0012345`, 'htoo paw case'],
  ['?_security=R', 'htoo'],
  ['?_type=Patient,Group&_security:not=R', 'paw case'],
];

export interface Scenario {
  readonly name: string;
  readonly resources: readonly Resource[];
  /** Search, and the ids that it finds in the order of the resources. */
  readonly cases: readonly (readonly [url: string, found: string])[];
}

export const scenarios: readonly Scenario[] = [
  { name: 'scenario 1', resources: family, cases: familyCases },
  { name: 'the rest of R4', resources: restResources, cases: restCases },
  { name: 'more than there are lists for', resources: richResources, cases: richCases },
];
