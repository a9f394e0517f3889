/**
 * Scenario 7: a boy with an open femur fracture is evacuated from Bentiu to Juba. The request, its review, the
 * phases of the journey, two devices at once, a link that is down, and a death before take-off.
 */
import {
  category,
  coded,
  component,
  hoursAfter,
  type JsonObject,
  locations,
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
import type { Answer, Stage } from './stage.ts';

const BENTIU = 'IOM clinic, Bentiu';
const JUBA = 'hospital, Juba';
const START = '2026-11-25T08:00:00+02:00';

interface Cast {
  readonly run: string;
  readonly patient: string;
  readonly clinic: string;
  readonly hospital: string;
  readonly reviewer: string;
}

export async function playScenario7(stage: Stage, run: string): Promise<void> {
  stage.scenario('Scenario 7: Nyakong T., 9, medical evacuation in South Sudan');
  const cast = await register(stage, run, 'Nyakong T.', '1');
  const request = await requestEvacuation(stage, cast);
  const task = await openTask(stage, cast, request);
  await walkPhases(stage, task);
  await replayAfterOutage(stage, cast);
  await dieBeforeTakeOff(stage, run);
  await reportTimes(stage, cast, task);
}

async function register(stage: Stage, run: string, name: string, number: string): Promise<Cast> {
  const [clinic, hospital, reviewer, patient] = [urn(), urn(), urn(), urn()];
  const answer = await stage.step(BENTIU, `registers ${name} and the two sites (one transaction)`, (client) =>
    client.transaction({
      body: transaction([
        post(clinic, { resourceType: 'Organization', name: 'IOM clinic Bentiu' }),
        post(hospital, { resourceType: 'Organization', name: 'Juba Teaching Hospital' }),
        post(reviewer, { resourceType: 'Practitioner', name: [{ family: 'Deng' }] }),
        post(patient, {
          resourceType: 'Patient',
          meta: profile('migrant-patient'),
          identifier: [{ system: sid('mhd-id'), value: `SS-${run}-${number}` }],
          name: [{ text: name }],
          gender: 'male',
          birthDate: '2017',
          contact: [
            {
              relationship: [
                { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'MTH' }] },
              ],
              name: { text: 'Nyalok T.' },
            },
          ],
          managingOrganization: reference(clinic),
        }),
      ]) as never,
    }),
  );
  const made = locations(answer.body);
  return {
    run,
    clinic: made[0] as string,
    hospital: made[1] as string,
    reviewer: made[2] as string,
    patient: made[3] as string,
  };
}

function evacuation(cast: Cast, more: JsonObject): JsonObject {
  return {
    resourceType: 'ServiceRequest',
    meta: profile('medevac-request'),
    status: 'active',
    intent: 'proposal',
    category: [own('referral-category', 'clinical')],
    priority: 'stat',
    code: own('mhd-service', 'medical-evacuation'),
    subject: reference(cast.patient),
    authoredOn: hoursAfter(START, 1),
    requester: reference(cast.clinic),
    performer: [reference(cast.hospital)],
    reasonCode: [{ text: 'Open fracture of the femur' }],
    ...more,
  };
}

async function requestEvacuation(stage: Stage, cast: Cast): Promise<string> {
  await stage.refused(
    BENTIU,
    'asks for evacuation without escort and without fitness to travel',
    { status: 422, names: 'mhd-mev-1' },
    (client) => client.create({ resourceType: 'ServiceRequest', body: evacuation(cast, {}) as never }),
  );
  const fitness = await stage.step(
    BENTIU,
    'decides fitness: fit with conditions, stretcher, nurse, oxygen 2 L/min',
    (client) => client.create({ resourceType: 'Observation', body: fitToTravel(cast) as never }),
  );
  const answer = await stage.step(BENTIU, 'asks for evacuation: stat, nurse escort, stretcher', (client) =>
    client.create({
      resourceType: 'ServiceRequest',
      body: evacuation(cast, {
        orderDetail: [own('escort-type', 'nurse'), own('travel-requirement', 'stretcher')],
        supportingInfo: [{ reference: `Observation/${String(fitness.body.id)}`, type: 'Observation' }],
      }) as never,
    }),
  );
  return `ServiceRequest/${String(answer.body.id)}`;
}

function fitToTravel(cast: Cast): JsonObject {
  return {
    resourceType: 'Observation',
    meta: profile('fit-to-travel'),
    extension: [{ url: `${profileBase}valid-until`, valueDateTime: hoursAfter(START, 72) }],
    status: 'final',
    category: category('exam'),
    code: snomed('171371008'),
    subject: reference(cast.patient),
    effectiveDateTime: START,
    performer: [reference(cast.reviewer)],
    valueCodeableConcept: own('fitness-decision', 'fit-with-conditions'),
    component: [
      coded('check-kind', 'check-kind', 'medevac'),
      coded('travel-requirement', 'travel-requirement', 'stretcher'),
      coded('travel-requirement', 'travel-requirement', 'oxygen'),
      coded('escort', 'escort-type', 'nurse'),
      component('oxygen-flow', {
        valueQuantity: { value: 2, unit: 'L/min', system: 'http://unitsofmeasure.org', code: 'L/min' },
      }),
    ],
  };
}

const profileBase = (profile('').profile as readonly string[])[0] as string;

interface OpenTask {
  readonly id: string;
  readonly body: JsonObject;
}

async function openTask(stage: Stage, cast: Cast, focus: string): Promise<OpenTask> {
  const body: JsonObject = {
    resourceType: 'Task',
    meta: profile('medevac-task'),
    status: 'requested',
    businessStatus: own('medevac-phase', 'requested'),
    intent: 'order',
    code: own('mhd-service', 'medical-evacuation'),
    focus: reference(focus),
    for: reference(cast.patient),
    authoredOn: START,
    requester: reference(cast.clinic),
    owner: reference(cast.reviewer),
  };
  const answer = await stage.step(BENTIU, 'opens the evacuation task: requested', (client) =>
    client.create({ resourceType: 'Task', body: body as never }),
  );
  return { id: String(answer.body.id), body: { ...body, id: String(answer.body.id) } };
}

function inPhase(task: OpenTask, phase: string, hours: number, more: JsonObject = {}): JsonObject {
  return {
    ...task.body,
    status: 'in-progress',
    businessStatus: own('medevac-phase', phase),
    lastModified: hoursAfter(START, hours),
    ...more,
  };
}

function advance(
  stage: Stage,
  who: string,
  task: OpenTask,
  phase: string,
  hours: number,
  more: JsonObject = {},
  etag?: string,
): Promise<Answer> {
  return stage.step(who, `moves the task to ${phase}`, (client) =>
    client.update({
      resourceType: 'Task',
      id: task.id,
      body: inPhase(task, phase, hours, more) as never,
      ...(etag === undefined ? {} : { options: { headers: { 'If-Match': etag } } }),
    }),
  );
}

async function walkPhases(stage: Stage, task: OpenTask): Promise<void> {
  await stage.refused(BENTIU, 'jumps from requested to in transit', { status: 422, names: 'S-9' }, (client) =>
    client.update({ resourceType: 'Task', id: task.id, body: inPhase(task, 'in-transit', 1) as never }),
  );
  const review = await advance(stage, 'medical reviewer', task, 'medical-review', 0.5);
  await advance(stage, JUBA, task, 'accepted-by-facility', 2, {}, review.etag ?? undefined);
  await stage.refused(
    'second device of the reviewer',
    'updates the task from what it had read before',
    { status: 412 },
    (client) =>
      client.update({
        resourceType: 'Task',
        id: task.id,
        body: inPhase(task, 'declined', 2.1) as never,
        options: { headers: { 'If-Match': review.etag ?? '' } },
      }),
  );
  await advance(stage, BENTIU, task, 'consent-obtained', 3);
  await advance(stage, BENTIU, task, 'transport-booked', 5);
  await advance(stage, 'UNHAS medical desk', task, 'in-transit', 8);
  await advance(stage, JUBA, task, 'handed-over', 11, {
    status: 'completed',
    output: [{ type: own('mhd-kind', 'handover'), valueReference: { display: 'Transfer summary, Juba' } }],
  });
  await stage.step(
    JUBA,
    'lists every phase with its time: the history of the task',
    (client) => client.resourceHistory({ resourceType: 'Task', id: task.id }),
    (answer) => (matches(answer.body).length === 7 ? undefined : 'expected seven versions'),
  );
}

/** The link was down: the clinic sends its queue again without knowing what arrived. */
async function replayAfterOutage(stage: Stage, cast: Cast): Promise<void> {
  const identifier = { system: `urn:iom:bentiu`, value: `note-${cast.run}` };
  const queued = transaction([
    post(
      urn(),
      {
        resourceType: 'Communication',
        identifier: [identifier],
        status: 'completed',
        subject: reference(cast.patient),
        sent: hoursAfter(START, 6),
        payload: [{ contentString: 'Traction splint changed, pulse present.' }],
      },
      `identifier=${identifier.system}|${identifier.value}`,
    ),
  ]);
  await stage.step(BENTIU, 'sends its queue after six hours without a link', (client) =>
    client.transaction({ body: queued as never }),
  );
  await stage.step(BENTIU, 'sends the same queue again, because no answer had come', (client) =>
    client.transaction({ body: queued as never }),
  );
  await stage.step(
    BENTIU,
    'finds the note once',
    (client) =>
      client.search({
        resourceType: 'Communication',
        searchParams: { identifier: `${identifier.system}|${identifier.value}` },
      }),
    (answer) => (matches(answer.body).length === 1 ? undefined : 'expected one'),
  );
}

async function dieBeforeTakeOff(stage: Stage, run: string): Promise<void> {
  const cast = await register(stage, run, 'Gatluak P.', '2');
  const fitness = await stage.step(BENTIU, 'decides fitness for him', (client) =>
    client.create({ resourceType: 'Observation', body: fitToTravel(cast) as never }),
  );
  const request = await stage.step(BENTIU, 'asks for his evacuation', (client) =>
    client.create({
      resourceType: 'ServiceRequest',
      body: evacuation(cast, {
        orderDetail: [own('escort-type', 'nurse')],
        supportingInfo: [{ reference: `Observation/${String(fitness.body.id)}`, type: 'Observation' }],
      }) as never,
    }),
  );
  const task = await openTask(stage, cast, `ServiceRequest/${String(request.body.id)}`);
  await stage.step(
    BENTIU,
    'records that he died before take-off: phase died, deceased (one transaction)',
    (client) =>
      client.transaction({
        body: {
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [
            {
              resource: {
                ...task.body,
                status: 'failed',
                statusReason: { text: 'Died before take-off' },
                businessStatus: own('medevac-phase', 'died'),
              },
              request: { method: 'PUT', url: `Task/${task.id}` },
            },
            {
              resource: {
                resourceType: 'Parameters',
                parameter: [
                  {
                    name: 'operation',
                    part: [
                      { name: 'type', valueCode: 'add' },
                      { name: 'path', valueString: 'Patient' },
                      { name: 'name', valueString: 'deceased' },
                      { name: 'value', valueDateTime: hoursAfter(START, 3) },
                    ],
                  },
                ],
              },
              request: { method: 'PATCH', url: cast.patient },
            },
          ],
        } as never,
      }),
  );
  await stage.refused(
    BENTIU,
    'a late message would book transport for him',
    { status: 422, names: 'S-9' },
    (client) =>
      client.update({
        resourceType: 'Task',
        id: task.id,
        body: inPhase(task, 'transport-booked', 5) as never,
      }),
  );
}

async function reportTimes(stage: Stage, cast: Cast, task: OpenTask): Promise<void> {
  const history = await stage.step('integrator', 'reads the times of the phases', (client) =>
    client.resourceHistory({ resourceType: 'Task', id: task.id }),
  );
  const versions = matches(history.body);
  const requested = Date.parse(String(versions.at(-1)?.authoredOn));
  const handedOver = Date.parse(String(versions[0]?.lastModified));
  const hours = (handedOver - requested) / 3_600_000;
  await stage.step(
    'integrator',
    `files the indicator: median request to handover ${hours} h`,
    (client) =>
      client.create({
        resourceType: 'MeasureReport',
        body: {
          resourceType: 'MeasureReport',
          status: 'complete',
          type: 'summary',
          measure: `${profileBase.replace('StructureDefinition/', 'Measure/')}M14`,
          reporter: reference(cast.clinic),
          period: { start: '2026-11-01', end: '2026-11-30' },
          group: [
            { measureScore: { value: hours, unit: 'h', system: 'http://unitsofmeasure.org', code: 'h' } },
          ],
        } as never,
      }),
    () => (hours === 11 ? undefined : 'expected 11 h'),
  );
}
