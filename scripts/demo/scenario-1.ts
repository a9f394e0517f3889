/**
 * Scenario 1: a Karen refugee is examined in Thailand, treated for tuberculosis, travels to the USA, and a
 * clinician there reads what was found. Class A becomes class B0.
 */
import { CANONICAL_BASE } from '../../src/fhir/canonical.ts';
import {
  category,
  coded,
  codedSnomed,
  component,
  concept,
  country,
  extensionUrl,
  hoursAfter,
  type JsonObject,
  locations,
  loinc,
  matches,
  own,
  post,
  profile,
  reference,
  sid,
  snomed,
  transaction,
  urn,
} from './resources.ts';
import type { Stage } from './stage.ts';

const CLINIC = 'IOM clinic, Mae Sot';
const OHIO = 'clinician, Ohio';
const CASE_SYSTEM = sid('case-number/TH-BKK');

interface Cast {
  readonly run: string;
  readonly patient: string;
  readonly episode: string;
  readonly organization: string;
  readonly practitioner: string;
}

/** `run` makes the identifiers of one play its own, so that the demo can be repeated on one server. */
export async function playScenario1(stage: Stage, run: string): Promise<void> {
  stage.scenario('Scenario 1: Saw Htoo Wah, Thailand to USA, tuberculosis treated');
  const cast = await register(stage, run);
  const encounter = await examine(stage, cast);
  const evidence = await testSputum(stage, cast, encounter);
  await classify(stage, cast, evidence);
  await treatAndReclassify(stage, cast, evidence);
  await checkBeforeEmbarkation(stage, cast);
  await arriveAndRead(stage, cast);
}

async function register(stage: Stage, run: string): Promise<Cast> {
  const [organization, practitioner, group, consent, episode] = [urn(), urn(), urn(), urn(), urn()];
  const people = ['Saw Htoo Wah', 'Naw Eh Paw', 'Naw Paw', 'Saw Ler Htoo'].map((name, i) => ({
    name,
    i,
    url: urn(),
  }));
  const caseNumber = `TH-${run}`;
  const answer = await stage.step(
    CLINIC,
    'registers the case: a household of four, the consent, the episode (one transaction)',
    (client) =>
      client.transaction({
        body: transaction([
          post(organization, {
            resourceType: 'Organization',
            name: 'IOM Migration Health Assessment Centre Mae Sot',
          }),
          post(practitioner, {
            resourceType: 'Practitioner',
            name: [{ family: 'Srisai', given: ['Malee'] }],
          }),
          ...people.map(({ name, i, url }) => post(url, migrant(run, name, i, organization, caseNumber))),
          post(
            group,
            household(
              people.map((one) => one.url),
              organization,
              caseNumber,
            ),
          ),
          post(consent, permitForUsa(people[0]?.url as string, organization)),
          post(episode, episodeToUsa(people[0]?.url as string, organization)),
        ]) as never,
      }),
    (answer) => (locations(answer.body).length === 9 ? undefined : 'expected nine resources'),
  );
  const made = locations(answer.body);
  return {
    run,
    organization: made[0] as string,
    practitioner: made[1] as string,
    patient: made[2] as string,
    episode: made[8] as string,
  };
}

function migrant(run: string, name: string, i: number, organization: string, caseNumber: string): JsonObject {
  const [title = '', ...given] = name.split(' ');
  return {
    resourceType: 'Patient',
    meta: profile('migrant-patient'),
    identifier: [
      { system: sid('mhd-id'), value: `TH-${run}-0${i + 1}` },
      { system: CASE_SYSTEM, value: caseNumber },
      ...(i === 0
        ? [
            {
              type: concept('http://terminology.hl7.org/CodeSystem/v2-0203', 'PPN'),
              system: 'http://hl7.org/fhir/sid/passport-MMR',
              value: `MB${run}`,
            },
          ]
        : []),
    ],
    name: [{ use: 'official', text: name, given: [title, ...given] }],
    gender: title === 'Saw' ? 'male' : 'female',
    birthDate: ['1984', '1987-05', '2020-02-11', '2016'][i],
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/patient-nationality',
        extension: [{ url: 'code', valueCodeableConcept: country('MMR') }],
      },
    ],
    managingOrganization: reference(organization),
  };
}

function household(members: readonly string[], organization: string, caseNumber: string): JsonObject {
  const roles = ['principal-applicant', 'spouse', 'child', 'child'];
  return {
    resourceType: 'Group',
    meta: profile('migrant-case'),
    identifier: [{ system: CASE_SYSTEM, value: caseNumber }],
    type: 'person',
    actual: true,
    code: own('mhd-kind', 'case'),
    managingEntity: reference(organization),
    member: members.map((url, i) => ({
      extension: [
        {
          url: extensionUrl('case-role'),
          valueCoding: { system: `${CANONICAL_BASE}/CodeSystem/mhd-case-role`, code: roles[i] },
        },
      ],
      entity: reference(url),
    })),
  };
}

function permitForUsa(patient: string, organization: string): JsonObject {
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: concept('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
    category: [loinc('59284-0')],
    patient: reference(patient),
    dateTime: '2026-01-12',
    performer: [reference(patient)],
    organization: [reference(organization)],
    policyRule: concept('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTIN'),
    provision: {
      type: 'deny',
      provision: [
        {
          type: 'permit',
          period: { start: '2026-01-12', end: '2027-06-30' },
          actor: [
            {
              role: concept('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP'),
              reference: { display: 'CDC and state health departments, USA' },
            },
          ],
          purpose: ['TREAT', 'PUBHLTH'].map((code) => ({
            system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
            code,
          })),
        },
      ],
    },
  };
}

function episodeToUsa(patient: string, organization: string): JsonObject {
  return {
    resourceType: 'EpisodeOfCare',
    meta: profile('migration-episode'),
    extension: [
      { url: extensionUrl('migrant-category'), valueCodeableConcept: own('migrant-category', 'refugee') },
      { url: extensionUrl('country-of-departure'), valueCodeableConcept: country('THA') },
      { url: extensionUrl('country-of-destination'), valueCodeableConcept: country('USA') },
    ],
    status: 'active',
    type: [own('programme-area', 'H1-1')],
    patient: reference(patient),
    managingOrganization: reference(organization),
    period: { start: '2026-01-12' },
  };
}

function encounterOf(cast: Cast, type: string, start: string, more: JsonObject = {}): JsonObject {
  const { extension, ...rest } = more;
  return {
    resourceType: 'Encounter',
    meta: profile('migration-encounter'),
    extension: [
      { url: extensionUrl('programme-area'), valueCodeableConcept: own('programme-area', 'H1-1') },
      ...((extension as JsonObject[] | undefined) ?? []),
    ],
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    type: [own('mhd-encounter-type', type)],
    subject: reference(cast.patient),
    episodeOfCare: [reference(cast.episode)],
    period: { start, end: hoursAfter(start, 1) },
    serviceProvider: reference(cast.organization),
    ...rest,
  };
}

function observationOf(
  cast: Cast,
  profileId: string,
  kind: string,
  code: JsonObject,
  more: JsonObject,
): JsonObject {
  return {
    resourceType: 'Observation',
    meta: profile(profileId),
    status: 'final',
    category: category(kind),
    code,
    subject: reference(cast.patient),
    performer: [reference(cast.practitioner)],
    ...more,
  };
}

function chestFilm(cast: Cast, encounter: string, result: string): JsonObject {
  return observationOf(cast, 'tb-chest-xray', 'imaging', loinc('24648-8'), {
    encounter: reference(encounter),
    effectiveDateTime: '2026-01-14T09:30:00+07:00',
    valueCodeableConcept: snomed(result),
    component: [
      coded('cxr-indication', 'cxr-indication', 'age-15-or-older'),
      coded('cxr-finding', 'cxr-finding', 'cavitary-lesion'),
      component('suggests-tb', { valueBoolean: true }),
    ],
  });
}

async function examine(stage: Stage, cast: Cast): Promise<string> {
  const encounter = await stage.step(CLINIC, 'records the health assessment', (client) =>
    client.create({
      resourceType: 'Encounter',
      body: encounterOf(cast, 'health-assessment', '2026-01-14T08:00:00+07:00') as never,
    }),
  );
  const id = `Encounter/${String(encounter.body.id)}`;
  await stage.step(CLINIC, 'records the chest film: abnormal, a cavity', (client) =>
    client.create({ resourceType: 'Observation', body: chestFilm(cast, id, '707307002') as never }),
  );
  await stage.refused(
    CLINIC,
    'by mistake codes the same film as normal, with a finding',
    { status: 422, names: 'mhd-cxr-1' },
    (client) =>
      client.create({ resourceType: 'Observation', body: chestFilm(cast, id, '707308007') as never }),
  );
  return id;
}

interface Evidence {
  readonly culture: string;
  readonly xpert: string;
}

function cultureOf(
  cast: Cast,
  specimen: string,
  number: number,
  result: string,
  organism?: string,
): JsonObject {
  return observationOf(cast, 'tb-culture', 'laboratory', loinc('539-7'), {
    effectiveDateTime: `2026-01-${14 + number}T07:00:00+07:00`,
    issued: '2026-03-20T10:00:00+07:00',
    specimen: reference(specimen),
    valueCodeableConcept: snomed(result),
    component: [
      component('specimen-number', { valueInteger: number }),
      ...(organism === undefined ? [] : [codedSnomed('culture-organism', organism)]),
    ],
  });
}

async function testSputum(stage: Stage, cast: Cast, encounter: string): Promise<Evidence> {
  const numbers = [1, 2, 3];
  const specimens = numbers.map(() => urn());
  const [xpert, culture] = [urn(), urn()];
  const answer = await stage.step(
    CLINIC,
    'sends in three sputum specimens: smears, Xpert and cultures (one transaction)',
    (client) =>
      client.transaction({
        body: transaction([
          ...numbers.map((n, i) =>
            post(specimens[i] as string, {
              resourceType: 'Specimen',
              type: snomed('119334006'),
              subject: reference(cast.patient),
              collection: { collectedDateTime: `2026-01-${14 + n}T07:00:00+07:00` },
            }),
          ),
          ...numbers.map((n, i) =>
            post(
              urn(),
              observationOf(cast, 'tb-smear', 'laboratory', loinc('11477-7'), {
                encounter: reference(encounter),
                effectiveDateTime: `2026-01-${14 + n}T07:00:00+07:00`,
                specimen: reference(specimens[i] as string),
                valueCodeableConcept: snomed('260385009'),
                component: [component('specimen-number', { valueInteger: n })],
              }),
            ),
          ),
          post(
            xpert,
            observationOf(cast, 'tb-xpert', 'laboratory', loinc('89371-9'), {
              effectiveDateTime: '2026-01-15T07:00:00+07:00',
              specimen: reference(specimens[0] as string),
              component: [
                { code: loinc('85362-2'), valueCodeableConcept: snomed('260373001') },
                { code: loinc('89372-7'), valueCodeableConcept: snomed('260415000') },
              ],
            }),
          ),
          post(culture, cultureOf(cast, specimens[1] as string, 2, '10828004', '113861009')),
        ]) as never,
      }),
  );
  const made = locations(answer.body);
  await stage.refused(
    CLINIC,
    'reports a positive culture and forgets the organism',
    { status: 422, names: 'mhd-cul-1' },
    (client) =>
      client.create({
        resourceType: 'Observation',
        body: cultureOf(cast, made[2] as string, 3, '10828004') as never,
      }),
  );
  return { xpert: made[6] as string, culture: made[7] as string };
}

function classification(
  cast: Cast,
  evidence: Evidence,
  tbClass: string,
  at: string,
  more: readonly JsonObject[],
  validUntil?: string,
): JsonObject {
  return observationOf(cast, 'tb-classification', 'exam', own('mhd-observation', 'tb-classification'), {
    ...(validUntil === undefined
      ? {}
      : { extension: [{ url: extensionUrl('valid-until'), valueDate: validUntil }] }),
    effectiveDateTime: at,
    valueCodeableConcept: own('tb-immigration-class', tbClass),
    derivedFrom: [reference(evidence.culture), reference(evidence.xpert)],
    component: [
      coded('cxr-summary', 'tb-evidence', 'suggestive'),
      coded('smear-summary', 'tb-evidence', 'all-negative'),
      coded('culture-summary', 'tb-evidence', 'mtb'),
      ...more,
    ],
  });
}

async function classify(stage: Stage, cast: Cast, evidence: Evidence): Promise<void> {
  const at = '2026-03-22T10:00:00+07:00';
  const notCleared = [coded('travel-clearance', 'tb-evidence', 'not-cleared')];
  await stage.step(CLINIC, 'classifies: A, not cleared for travel', (client) =>
    client.create({
      resourceType: 'Observation',
      body: classification(cast, evidence, 'A', at, notCleared) as never,
    }),
  );
  await stage.refused(
    CLINIC,
    'tries B1 although a culture grew M. tuberculosis',
    { status: 422, names: 'mhd-tbc-3' },
    (client) =>
      client.create({
        resourceType: 'Observation',
        body: classification(cast, evidence, 'B1-pulmonary', at, notCleared) as never,
      }),
  );
  await stage.step(CLINIC, 'reports drug susceptibility: all susceptible', (client) =>
    client.create({ resourceType: 'Observation', body: susceptible(cast, evidence) as never }),
  );
}

function susceptible(cast: Cast, evidence: Evidence): JsonObject {
  const susceptibleCode = concept('http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', 'S');
  return observationOf(cast, 'tb-drug-susceptibility', 'laboratory', loinc('29579-0'), {
    effectiveDateTime: '2026-03-25T10:00:00+07:00',
    method: own('mhd-result', 'phenotypic'),
    derivedFrom: [reference(evidence.culture)],
    component: ['18974-6', '18934-0', '18973-8', '18921-7'].map((drug) => ({
      code: loinc(drug),
      valueCodeableConcept: susceptibleCode,
    })),
  });
}

async function treatAndReclassify(stage: Stage, cast: Cast, evidence: Evidence): Promise<void> {
  await stage.step(CLINIC, 'starts directly observed treatment', (client) =>
    client.create({
      resourceType: 'CarePlan',
      body: {
        resourceType: 'CarePlan',
        status: 'completed',
        intent: 'plan',
        title: 'Directly observed treatment, 6 months',
        subject: reference(cast.patient),
        period: { start: '2026-03-26', end: '2026-09-26' },
      } as never,
    }),
  );
  await stage.step(CLINIC, 'after treatment classifies: B0, cleared, valid for three months', (client) =>
    client.create({
      resourceType: 'Observation',
      body: classification(
        cast,
        evidence,
        'B0-pulmonary',
        '2026-10-05T10:00:00+07:00',
        [
          coded('treatment-status', 'tb-evidence', 'completed'),
          coded('travel-clearance', 'tb-evidence', 'cleared'),
        ],
        '2027-01-05',
      ) as never,
    }),
  );
}

async function checkBeforeEmbarkation(stage: Stage, cast: Cast): Promise<void> {
  const departure = '2026-11-20T22:00:00+07:00';
  const planned: JsonObject = {
    extension: [{ url: extensionUrl('planned-departure'), valueDateTime: departure }] as never,
  };
  await stage.refused(
    CLINIC,
    'records a pre-embarkation check six days before departure',
    { status: 422, names: 'mhd-enc-2' },
    (client) =>
      client.create({
        resourceType: 'Encounter',
        body: encounterOf(cast, 'pre-embarkation-check', hoursAfter(departure, -144), planned) as never,
      }),
  );
  await stage.step(CLINIC, 'records the pre-embarkation check 40 hours before departure', (client) =>
    client.create({
      resourceType: 'Encounter',
      body: encounterOf(cast, 'pre-embarkation-check', hoursAfter(departure, -40), planned) as never,
    }),
  );
  await stage.step(CLINIC, 'decides: fit to travel', (client) =>
    client.create({
      resourceType: 'Observation',
      body: observationOf(cast, 'fit-to-travel', 'exam', snomed('171371008'), {
        extension: [{ url: extensionUrl('valid-until'), valueDate: '2026-11-21' }],
        effectiveDateTime: hoursAfter(departure, -39),
        valueCodeableConcept: own('fitness-decision', 'fit'),
        component: [coded('check-kind', 'check-kind', 'pec')],
      }) as never,
    }),
  );
}

async function arriveAndRead(stage: Stage, cast: Cast): Promise<void> {
  await stage.step(OHIO, 'records the arrival', (client) =>
    client.create({
      resourceType: 'Encounter',
      body: encounterOf(cast, 'arrival-check', '2026-11-22T15:00:00-05:00') as never,
    }),
  );
  const found = await stage.step(
    OHIO,
    `finds the family by its case number TH-${cast.run}`,
    (client) =>
      client.search({
        resourceType: 'Patient',
        searchParams: { identifier: `${CASE_SYSTEM}|TH-${cast.run}` },
      }),
    (answer) => (matches(answer.body).length === 4 ? undefined : 'expected four patients'),
  );
  await stage.step(
    OHIO,
    'finds the man by his passport',
    (client) =>
      client.search({
        resourceType: 'Patient',
        searchParams: { identifier: `http://hl7.org/fhir/sid/passport-MMR|MB${cast.run}` },
      }),
    (answer) =>
      `Patient/${String(matches(answer.body)[0]?.id)}` === cast.patient
        ? undefined
        : 'expected the principal applicant',
  );
  await stage.step(
    OHIO,
    'reads the latest TB class',
    (client) =>
      client.search({
        resourceType: 'Observation',
        searchParams: {
          patient: cast.patient,
          code: `${CANONICAL_BASE}/CodeSystem/mhd-observation|tb-classification`,
          _sort: '-date',
          _count: 1,
        },
      }),
    (answer) => expectClass(answer.body, 'B0-pulmonary'),
  );
  await readEverything(stage, cast, found.body);
}

function expectClass(bundle: JsonObject, wanted: string): string | undefined {
  const value = matches(bundle)[0]?.valueCodeableConcept as JsonObject | undefined;
  const code = ((value?.coding as JsonObject[] | undefined) ?? [])[0]?.code;
  return code === wanted ? undefined : `expected ${wanted}, found ${String(code)}`;
}

async function readEverything(stage: Stage, cast: Cast, family: JsonObject): Promise<void> {
  await stage.step(
    OHIO,
    'fetches everything that is known of the man',
    (client) =>
      client.operation({
        name: 'everything',
        resourceType: 'Patient',
        id: cast.patient.split('/')[1] as string,
        method: 'GET',
        input: { _count: 100 },
      }),
    (answer) => {
      const types = new Set(
        ((answer.body.entry ?? []) as JsonObject[]).map((one) => (one.resource as JsonObject).resourceType),
      );
      const wanted = [
        'Patient',
        'Encounter',
        'Observation',
        'Specimen',
        'Consent',
        'EpisodeOfCare',
        'CarePlan',
      ];
      const missing = wanted.filter((type) => !types.has(type));
      return missing.length === 0 ? undefined : `expected also ${missing.join(', ')}`;
    },
  );
  const child = matches(family).find((one) => one.birthDate === '2020-02-11');
  await stage.step(
    OHIO,
    'sees that nothing of the father is filed under the child',
    (client) =>
      client.search({
        resourceType: 'Observation',
        searchParams: { patient: `Patient/${String(child?.id)}` },
      }),
    (answer) => (matches(answer.body).length === 0 ? undefined : 'expected nothing'),
  );
}
