/**
 * The iteration of 36 requests that a public comparison of FHIR servers uses: nine types created, read, updated and
 * deleted, in application/json, with extensions that no server knows. A create is answered with 201 and a body, a
 * delete with 200; anything else is an error.
 */
import { locationOf } from './connection.ts';
import type { User } from './load.ts';

type Body = Record<string, unknown>;

const FILL = 'Seen at the site; no complaint; advised to come back with the vaccination card. ';
const TYPES = [
  'Patient',
  'Location',
  'Organization',
  'Practitioner',
  'Encounter',
  'Observation',
  'MedicationRequest',
  'Claim',
  'ExplanationOfBenefit',
] as const;

/** 36 requests. */
export async function crudIteration(user: User): Promise<undefined> {
  const root = user.base.pathname;
  const paths = new Map<string, string>();
  const ids = new Map<string, string>();
  for (const type of TYPES) {
    const reply = await user.ask('POST', `${root}/${type}`, fill(CREATES.get(type), ids), 201);
    if (reply.body.length === 0) throw new Error(`POST ${type} was answered without a body`);
    const path = locationOf(reply, user.base, type);
    paths.set(type, path);
    ids.set(type, path.slice(path.lastIndexOf('/') + 1));
  }
  for (const type of TYPES) await user.ask('GET', paths.get(type) as string);
  for (const type of TYPES) await user.ask('PUT', paths.get(type) as string, fill(UPDATES.get(type), ids));
  for (const type of TYPES.toReversed()) await user.ask('DELETE', paths.get(type) as string);
}

/** JSON text cut where the id of another resource belongs: text, type, text, type, ... text. */
type Template = readonly string[];

/** Made once, so that the load generator only joins texts. */
function templatesOf(change: (body: Body, type: string) => Body): ReadonlyMap<string, Template> {
  const ref = (type: string): Body => ({ reference: `${type}/<${type}>` });
  return new Map(
    TYPES.map((type) => [type, JSON.stringify(change(bodyOf(type, ref), type)).split(/<([A-Z][A-Za-z]+)>/)]),
  );
}

function fill(template: Template | undefined, ids: ReadonlyMap<string, string>): Buffer {
  let text = '';
  for (const [index, part] of (template ?? []).entries()) text += index % 2 === 0 ? part : ids.get(part);
  return Buffer.from(text);
}

function unknownExtensions(count: number): Body[] {
  return Array.from({ length: count }, (_, index) => ({
    url: `http://bench.example.org/extension-${index}`,
    valueString: FILL,
  }));
}

function concept(system: string, code: string, display: string): Body {
  return { coding: [{ system, code, display }], text: display };
}

const LOINC = 'http://loinc.org';
const SCT = 'http://snomed.info/sct';
const THO = 'http://terminology.hl7.org/CodeSystem';

function bodyOf(type: (typeof TYPES)[number], ref: (type: string) => Body): Body {
  const shared = { resourceType: type, extension: unknownExtensions(4) };
  switch (type) {
    case 'Patient':
      return { ...shared, ...PATIENT };
    case 'Location':
      return {
        ...shared,
        status: 'active',
        name: 'Ward 7',
        address: ADDRESS,
        position: { longitude: 98.5, latitude: 16.7 },
      };
    case 'Organization':
      return { ...shared, active: true, name: 'Panel clinic', telecom: TELECOM, address: [ADDRESS] };
    case 'Practitioner':
      return {
        ...shared,
        active: true,
        name: [{ family: 'Castillo', given: ['Niran'], prefix: ['Dr.'] }],
        gender: 'female',
      };
    case 'Encounter':
      return {
        ...shared,
        status: 'finished',
        class: { system: `${THO}/v3-ActCode`, code: 'AMB' },
        type: [concept(SCT, '162673000', 'General examination of patient (procedure)')],
        subject: ref('Patient'),
        participant: [{ individual: ref('Practitioner') }],
        period: { start: '2024-02-01T08:00:00+07:00', end: '2024-02-01T09:00:00+07:00' },
        location: [{ location: ref('Location') }],
        serviceProvider: ref('Organization'),
      };
    case 'Observation':
      return {
        ...shared,
        status: 'final',
        category: [concept(`${THO}/observation-category`, 'laboratory', 'Laboratory')],
        code: concept(LOINC, '718-7', 'Hemoglobin [Mass/volume] in Blood'),
        subject: ref('Patient'),
        encounter: ref('Encounter'),
        effectiveDateTime: '2024-02-01T08:30:00+07:00',
        valueQuantity: { value: 13.2, unit: 'g/dL', system: 'http://unitsofmeasure.org', code: 'g/dL' },
      };
    case 'MedicationRequest':
      return {
        ...shared,
        status: 'active',
        intent: 'order',
        medicationCodeableConcept: concept(
          'http://www.nlm.nih.gov/research/umls/rxnorm',
          '860975',
          'Metformin 500 MG',
        ),
        subject: ref('Patient'),
        encounter: ref('Encounter'),
        authoredOn: '2024-02-01T08:40:00+07:00',
        requester: ref('Practitioner'),
        dosageInstruction: [{ sequence: 1, text: 'One tablet in the morning', asNeededBoolean: false }],
      };
    case 'Claim':
    case 'ExplanationOfBenefit':
      return { ...shared, ...bill(type, ref) };
  }
}

const ADDRESS = { line: ['12 Market Road'], city: 'Boston', state: 'MA', postalCode: '02118', country: 'US' };
const TELECOM = [{ system: 'phone', value: '+1 555 0100', use: 'work' }];
const PATIENT = {
  identifier: [{ system: 'http://hospital.example.org', value: 'MRN-20117' }],
  active: true,
  name: [{ use: 'official', family: 'Smith', given: ['John', 'Adam'], prefix: ['Mr.'] }],
  telecom: TELECOM,
  gender: 'male',
  birthDate: '1984-05-12',
  address: [ADDRESS],
  maritalStatus: concept(`${THO}/v3-MaritalStatus`, 'M', 'Married'),
  multipleBirthBoolean: false,
  communication: [{ language: concept('urn:ietf:bcp:47', 'en-US', 'English') }],
};

const ITEMS = 12;

function bill(type: 'Claim' | 'ExplanationOfBenefit', ref: (type: string) => Body): Body {
  const item = Array.from({ length: ITEMS }, (_, index) => ({
    sequence: index + 1,
    productOrService: concept(SCT, '162673000', 'General examination of patient (procedure)'),
    servicedPeriod: { start: '2024-02-01T08:00:00+07:00', end: '2024-02-01T09:00:00+07:00' },
    net: { value: 12.5 + index, currency: 'USD' },
    encounter: [ref('Encounter')],
  }));
  return {
    status: 'active',
    type: concept(`${THO}/claim-type`, 'institutional', 'Institutional'),
    use: 'claim',
    patient: ref('Patient'),
    billablePeriod: { start: '2024-02-01', end: '2024-02-02' },
    created: '2024-02-03',
    provider: ref('Organization'),
    insurer: ref('Organization'),
    ...(type === 'Claim'
      ? { priority: concept(`${THO}/processpriority`, 'normal', 'Normal') }
      : { outcome: 'complete' }),
    insurance: [
      type === 'Claim'
        ? { sequence: 1, focal: true, coverage: { display: 'Cover' } }
        : { focal: true, coverage: { display: 'Cover' } },
    ],
    item,
    total:
      type === 'Claim'
        ? { value: 216, currency: 'USD' }
        : [
            {
              category: concept(`${THO}/adjudication`, 'submitted', 'Submitted Amount'),
              amount: { value: 216, currency: 'USD' },
            },
          ],
  };
}

const CREATES = templatesOf((body) => body);
const UPDATES = templatesOf((body, type) => ({ ...body, id: `<${type}>`, language: 'en' }));
