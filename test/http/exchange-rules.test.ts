/** Exchange rules S-1, S-3, S-6, S-7 and S-9: each holds alone, inside a transaction, and against a race. */
import t from 'tap';
import { CANONICAL_BASE } from '../../src/fhir/canonical.ts';
import { type Answer, startServer, type TestServer } from './start.ts';

const own = (system: string, code: string) => ({
  coding: [{ system: `${CANONICAL_BASE}/CodeSystem/${system}`, code }],
});
const person = (mhdId: string) => ({
  resourceType: 'Patient',
  identifier: [{ system: `${CANONICAL_BASE}/sid/mhd-id`, value: mhdId }],
});
const fitness = (patient: string, at: string, decision: string) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://snomed.info/sct', code: '171371008' }] },
  subject: { reference: patient },
  effectiveDateTime: at,
  valueCodeableConcept: own('fitness-decision', decision),
});
const evacuation = (patient: string, supporting: string, escort: string) => ({
  resourceType: 'ServiceRequest',
  status: 'active',
  intent: 'proposal',
  code: own('mhd-service', 'medical-evacuation'),
  subject: { reference: patient },
  authoredOn: '2026-03-10T08:00:00Z',
  orderDetail: [own('escort-type', escort)],
  supportingInfo: [{ reference: supporting }],
});
const task = (phase: string, id?: string) => ({
  resourceType: 'Task',
  ...(id === undefined ? {} : { id }),
  status: 'in-progress',
  intent: 'order',
  businessStatus: own('medevac-phase', phase),
});

async function create(server: TestServer, resource: { resourceType: string }): Promise<string> {
  const answer = await server.ask(`POST ${resource.resourceType}`, { body: resource });
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
  return `${resource.resourceType}/${answer.body.id}`;
}

/** The rules that an OperationOutcome names. */
function rulesNamed(answer: Answer): string[] {
  const issues = (answer.body?.issue ?? []) as { details?: { coding?: { code: string }[] } }[];
  return issues
    .flatMap((one) => one.details?.coding?.map((coding) => coding.code) ?? [])
    .filter((c) => /^S-/.test(c));
}

t.test('S-1: an MHD number names one person', async (t) => {
  const server = await startServer(t);
  const first = await create(server, person('TH-1'));
  const again = await server.ask('POST Patient', { body: person('TH-1') });
  t.equal(again.status, 422);
  t.same(rulesNamed(again), ['S-1']);
  t.equal(again.body.issue[0].expression[0], 'Patient.identifier[0]');
  const id = first.split('/')[1];
  const update = await server.ask(`PUT ${first}`, { body: { ...person('TH-1'), id, gender: 'female' } });
  t.equal(update.status, 200, 'the owner of a number may be updated');
  await create(server, person('TH-2'));
  const taken = await server.ask(`PUT ${first}`, { body: { ...person('TH-2'), id } });
  t.same(rulesNamed(taken), ['S-1'], 'an update cannot take the number of another');
});

t.test('S-1: two entries of one transaction cannot share a number', async (t) => {
  const server = await startServer(t);
  const entry = [0, 1].map(() => ({ resource: person('TH-3'), request: { method: 'POST', url: 'Patient' } }));
  const answer = await server.ask('POST ', { body: { resourceType: 'Bundle', type: 'transaction', entry } });
  t.equal(answer.status, 422);
  t.ok(rulesNamed(answer).includes('S-1'));
});

t.test('S-1: of many creates at once with the same number one succeeds', async (t) => {
  const server = await startServer(t);
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => server.ask('POST Patient', { body: person('TH-4') })),
  );
  const statuses = Map.groupBy(answers, (one) => one.status);
  t.same([...statuses.keys()].sort(), [201, 422]);
  t.equal(statuses.get(201)?.length, 1);
  const found = await server.ask(`GET Patient?identifier=${CANONICAL_BASE}/sid/mhd-id|TH-4`);
  t.equal(found.body.entry.length, 1);
});

const transaction = (entry: readonly object[]) => ({ resourceType: 'Bundle', type: 'transaction', entry });

t.test('S-1: of many transactions at once with the same number one succeeds', async (t) => {
  const server = await startServer(t);
  const body = (index: number) =>
    transaction(
      [person(`TH-6-${index}`), person('TH-6')].map((resource) => ({
        resource,
        request: { method: 'POST', url: 'Patient' },
      })),
    );
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => server.ask('POST ', { body: body(index) })),
  );
  t.same(
    answers.map(({ status }) => status).sort(),
    [200, ...Array.from({ length: 19 }, () => 422)],
    'the others name the number that is taken',
  );
  const found = await server.ask('GET Patient?_summary=count');
  t.equal(found.body.total, 2, 'nothing of them is left');
});

t.test('S-1: a number can go from one person to another within a transaction', async (t) => {
  const server = await startServer(t);
  const first = await create(server, person('TH-7'));
  const [, id] = first.split('/');
  const give = { resource: { ...person('TH-8'), id }, request: { method: 'PUT', url: first } };
  const take = { resource: person('TH-7'), request: { method: 'POST', url: 'Patient' } };
  t.equal((await server.ask('POST ', { body: transaction([take, give]) })).status, 200);
  t.equal((await server.ask('POST ', { body: transaction([take]) })).status, 422);
});

t.test('S-1: entries that are not valid do not keep the others from being told', async (t) => {
  const server = await startServer(t);
  for (const identifier of ['x', [null], [{ system: 1, value: {} }], {}]) {
    const entry = [person('TH-9'), { resourceType: 'Patient', identifier }].map((resource) => ({
      resource,
      request: { method: 'POST', url: 'Patient' },
    }));
    const answer = await server.ask('POST ', { body: transaction(entry) });
    t.ok([400, 422].includes(answer.status), `${answer.status} ${JSON.stringify(identifier)}`);
    t.same(rulesNamed(answer), []);
  }
});

t.test(
  'S-3: an evacuation rests on a decision on fitness of the same patient, at most 72 hours old',
  async (t) => {
    const server = await startServer(t);
    const patient = await create(server, person('SS-1'));
    const other = await create(server, person('SS-2'));
    const recent = await create(server, fitness(patient, '2026-03-09T08:00:00Z', 'fit-with-conditions'));
    const old = await create(server, fitness(patient, '2026-03-01T08:00:00Z', 'fit-with-conditions'));
    const stranger = await create(server, fitness(other, '2026-03-09T08:00:00Z', 'fit-with-conditions'));
    const fit = await create(server, fitness(patient, '2026-03-09T08:00:00Z', 'fit'));
    const cases: readonly [why: string, supporting: string, escort: string, status: number][] = [
      ['recent', recent, 'nurse', 201],
      ['too old', old, 'nurse', 422],
      ['another patient', stranger, 'nurse', 422],
      ['missing', 'Observation/none', 'nurse', 422],
      ['fit without conditions, escorted', fit, 'nurse', 422],
      ['fit without conditions, alone', fit, 'none', 201],
    ];
    for (const [why, supporting, escort, status] of cases) {
      const answer = await server.ask('POST ServiceRequest', {
        body: evacuation(patient, supporting, escort),
      });
      t.equal(answer.status, status, why);
      t.same(rulesNamed(answer), status === 201 ? [] : ['S-3'], why);
    }
  },
);

t.test('S-3: the decision may be in the same transaction', async (t) => {
  const server = await startServer(t);
  const patient = await create(server, person('SS-3'));
  const fullUrl = 'urn:uuid:0c3201bd-1cbf-4d64-b04d-cd9187a4c6e0';
  const answer = await server.ask('POST ', {
    body: {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          resource: evacuation(patient, fullUrl, 'nurse'),
          request: { method: 'POST', url: 'ServiceRequest' },
        },
        {
          fullUrl,
          resource: fitness(patient, '2026-03-10T07:00:00Z', 'fit-with-conditions'),
          request: { method: 'POST', url: 'Observation' },
        },
      ],
    },
  });
  t.equal(answer.status, 200, answer.text);
});

t.test('S-6: a live vaccine shortly before departure is a warning', async (t) => {
  const server = await startServer(t);
  const patient = await create(server, person('TH-5'));
  await create(server, {
    resourceType: 'EpisodeOfCare',
    status: 'active',
    patient: { reference: patient },
    extension: [
      {
        url: `${CANONICAL_BASE}/StructureDefinition/planned-departure`,
        valueDateTime: '2026-04-15T10:00:00Z',
      },
    ],
  } as { resourceType: string });
  const dose = (at: string, code: string) => ({
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code }] },
    patient: { reference: patient },
    occurrenceDateTime: at,
  });
  const ask = (body: object) =>
    server.ask('POST Immunization', { body, headers: { prefer: 'return=OperationOutcome' } });
  const late = await ask(dose('2026-04-01', '03'));
  t.equal(late.status, 201);
  t.same(rulesNamed(late), ['S-6']);
  t.same(rulesNamed(await ask(dose('2026-03-01', '03'))), [], 'in time');
  t.same(rulesNamed(await ask(dose('2026-04-01', '10'))), [], 'not a live vaccine');
});

t.test('S-7: nobody is fit while a movement hold is active', async (t) => {
  const server = await startServer(t);
  const patient = await create(server, person('UG-1'));
  const flag = {
    resourceType: 'Flag',
    status: 'active',
    code: own('mhd-kind', 'movement-hold'),
    subject: { reference: patient },
  };
  const hold = await create(server, flag);
  const decide = (decision: string) =>
    server.ask('POST Observation', { body: fitness(patient, '2026-03-10T08:00:00Z', decision) });
  const refused = await decide('fit');
  t.equal(refused.status, 422);
  t.same(rulesNamed(refused), ['S-7']);
  t.equal((await decide('deferred')).status, 201);
  const id = hold.split('/')[1];
  await server.ask(`PUT ${hold}`, { body: { ...flag, id, status: 'inactive' } });
  t.equal((await decide('fit')).status, 201, 'after the hold is lifted');
});

t.test('S-7: a hold that comes with the person counts', async (t) => {
  const server = await startServer(t);
  const fullUrl = 'urn:uuid:0c3201bd-1cbf-4d64-b04d-cd9187a4c6e1';
  const ask = (status: string) => {
    const flag = { resourceType: 'Flag', status, code: own('mhd-kind', 'movement-hold') };
    const resources = [
      { ...flag, subject: { reference: fullUrl } },
      fitness(fullUrl, '2026-03-10T08:00:00Z', 'fit'),
      person(`UG-2-${status}`),
    ];
    const entry = resources.map((resource) => ({
      ...(resource.resourceType === 'Patient' ? { fullUrl } : {}),
      resource,
      request: { method: 'POST', url: resource.resourceType },
    }));
    return server.ask('POST ', { body: transaction(entry) });
  };
  t.same(rulesNamed(await ask('active')), ['S-7']);
  t.equal((await ask('inactive')).status, 200);
});

t.test('what the rules of a transaction look at is looked up together', async (t) => {
  const server = await startServer(t);
  const { store } = server.app;
  const patients: string[] = [];
  for (let at = 0; at < 6; at++) patients.push(await create(server, person(`UG-3-${at}`)));
  const hold = (subject: string, status: string) => ({
    resourceType: 'Flag',
    status,
    code: own('mhd-kind', 'movement-hold'),
    subject: { reference: subject },
  });
  await create(server, hold(patients[2]!, 'active'));
  await create(server, hold(patients[3]!, 'inactive'));
  const decided: string[] = [];
  for (const patient of patients) {
    decided.push(await create(server, fitness(patient, '2026-03-09T08:00:00Z', 'fit-with-conditions')));
  }
  const search = t.capture(store, 'search', store.search);
  const read = t.capture(store, 'read', store.read);
  const readMany = t.capture(store, 'readMany', store.readMany);
  const ask = (resources: readonly { resourceType: string }[]) =>
    server.ask('POST ', {
      body: transaction(
        resources.map((resource) => ({ resource, request: { method: 'POST', url: resource.resourceType } })),
      ),
    });
  const lookups = () => [search().length, read().length, readMany().length];
  const at = '2026-03-10T08:00:00Z';
  const fit = patients.map((patient) => fitness(patient, at, 'fit'));
  const refused = await ask(fit);
  t.same(rulesNamed(refused), ['S-7']);
  t.same(refused.body.issue[0].expression, ['Bundle.entry[2].resource.value'], 'the one with a hold');
  t.same(lookups(), [1, 0, 0], 'six persons, one search');
  t.equal((await ask(fit.filter((_, index) => index !== 2))).status, 200);
  lookups();
  const evacuations = patients.map((patient, index) => evacuation(patient, decided[index]!, 'nurse'));
  t.equal((await ask(evacuations)).status, 200);
  t.same(lookups(), [0, 0, 1], 'six decisions, one read');
  const stranger = await ask(evacuations.toSpliced(4, 1, evacuation(patients[4]!, decided[5]!, 'nurse')));
  t.same(stranger.body.issue[0].expression, ['Bundle.entry[4].resource.supportingInfo']);
  lookups();
  // somebody has the number: the second attempt asks who, for all of them
  const people = [0, 1, 2].map((index) => person(`UG-4-${index}`));
  await create(server, people[1]!);
  const taken = await ask(people);
  t.same(rulesNamed(taken), ['S-1']);
  t.same(taken.body.issue[0].expression, ['Bundle.entry[1].resource.identifier[0]']);
  t.same(lookups(), [1, 0, 0], 'three numbers, one search');
  // whatever else is there, all that is not valid is told and nothing breaks
  for (const odd of [null, 'x', 1, [], {}, [null], ['x'], [{ coding: 'x' }], { coding: [null, 'x', {}] }]) {
    const answer = await ask([
      { ...fit[0]!, valueCodeableConcept: odd, code: odd, subject: odd } as { resourceType: string },
      { ...fit[1]!, subject: { reference: odd } } as { resourceType: string },
      { ...evacuations[0]!, supportingInfo: odd, orderDetail: odd } as { resourceType: string },
      { ...evacuations[1]!, supportingInfo: [{ reference: odd }] } as { resourceType: string },
    ]);
    t.ok([400, 422].includes(answer.status), `${answer.status} ${JSON.stringify(odd)}`);
  }
});

t.test('S-9: an evacuation moves along its phases', async (t) => {
  const server = await startServer(t);
  const walk = async (phases: readonly string[]): Promise<Answer> => {
    const created = await server.ask('POST Task', { body: task(phases[0] as string) });
    let answer = created;
    for (const phase of phases.slice(1)) {
      answer = await server.ask(`PUT Task/${created.body.id}`, { body: task(phase, created.body.id) });
    }
    return answer;
  };
  const whole =
    'requested medical-review accepted-by-facility consent-obtained documents-cleared transport-booked';
  const cases: readonly [phases: string, status: number][] = [
    ['requested', 201],
    ['medical-review', 422],
    ['requested requested', 200],
    ['requested in-transit', 422],
    ['requested cancelled', 200],
    ['requested died transport-booked', 422],
    ['requested declined medical-review', 422],
    [`${whole} departed in-transit handed-over closed`, 200],
    [`${whole} in-transit died`, 200],
    [`${whole} departed in-transit handed-over died`, 422],
  ];
  for (const [phases, status] of cases) {
    const answer = await walk(phases.split(' '));
    t.equal(answer.status, status, phases);
    t.same(rulesNamed(answer), status === 422 ? ['S-9'] : [], phases);
  }
  const parent = await create(server, task('requested'));
  const part = { ...task('medical-review'), partOf: [{ reference: parent }] };
  t.equal((await server.ask('POST Task', { body: part })).status, 201, 'a part stands for its phase');
});
