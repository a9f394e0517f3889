/** What is done for people: vaccines, presumptive treatment, long-term conditions, fitness, referrals, evacuation. */
import { type Chart, consentExtension, observe } from './chart.ts';
import { centreOf, hospitalOf, staffOf } from './directory.ts';
import {
  compact,
  concept,
  country,
  dateOf,
  extension,
  type Json,
  meta,
  own,
  quantity,
  sct,
  tho,
  timeOf,
} from './elements.ts';
import { checkBeforeDeparture, visit } from './journey.ts';

interface Vaccine {
  readonly cvx: string;
  readonly name: string;
  readonly diseases: readonly string[];
  readonly ages: readonly [number, number];
  readonly series: number;
  readonly isLive: boolean;
}

const VACCINES: readonly Vaccine[] = [
  {
    cvx: '03',
    name: 'MMR',
    diseases: ['14189004', '36989005', '36653000'],
    ages: [1, 64],
    series: 2,
    isLive: true,
  },
  { cvx: '10', name: 'IPV', diseases: ['398102009'], ages: [0, 60], series: 3, isLive: false },
  {
    cvx: '198',
    name: 'DTP-hepB-Hib Pentavalent Non-US',
    diseases: ['397430003', '76902006', '27836007'],
    ages: [0, 5],
    series: 3,
    isLive: false,
  },
  {
    cvx: '08',
    name: 'Hep B, adolescent or pediatric',
    diseases: ['66071002'],
    ages: [6, 18],
    series: 3,
    isLive: false,
  },
  { cvx: '43', name: 'Hep B, adult', diseases: ['66071002'], ages: [19, 70], series: 3, isLive: false },
  {
    cvx: '113',
    name: 'Td (adult), 5 Lf tetanus toxoid, preservative free, adsorbed',
    diseases: ['76902006', '397430003'],
    ages: [7, 80],
    series: 3,
    isLive: false,
  },
  { cvx: '21', name: 'varicella', diseases: ['38907003'], ages: [1, 40], series: 2, isLive: true },
];

export function vaccinate(chart: Chart): void {
  const { random, person } = chart;
  if (random.chance(0.35)) recallDose(chart);
  const due = VACCINES.filter(({ ages: [lo, hi] }) => person.age >= lo && person.age <= hi);
  for (const vaccine of due) {
    if (random.chance(0.55)) continue;
    if ((vaccine.isLive && chart.isPregnant) || random.chance(0.04)) refuseDose(chart, vaccine);
    else giveDose(chart, vaccine, 1, chart.assessedOn, chart.assessment);
  }
  if (random.chance(0.3) && chart.family.route.kind !== 'evacuation') {
    const day = chart.assessedOn + 30;
    const encounter = visit(chart, 'vaccination', 'Vaccination', day);
    const vaccine = due.find((one) => !one.isLive);
    if (vaccine !== undefined) giveDose(chart, vaccine, 2, day, encounter);
  }
}

function vaccineCode({ cvx, name }: Pick<Vaccine, 'cvx' | 'name'>): Json {
  return concept('http://hl7.org/fhir/sid/cvx', cvx, name);
}

function giveDose(chart: Chart, vaccine: Vaccine, dose: number, day: number, encounter: Json): void {
  const { random, family } = chart;
  const isPrecise = random.chance(0.9);
  chart.add({
    resourceType: 'Immunization',
    id: family.newId(),
    meta: meta('migrant-immunization'),
    identifier: [chart.number('IM')],
    status: 'completed',
    vaccineCode: vaccineCode(vaccine),
    patient: chart.subject,
    encounter,
    occurrenceDateTime: isPrecise ? timeOf(day, 10 * 60 + random.below(90), family.site.offset) : dateOf(day),
    primarySource: true,
    location: centreOf(family.site),
    lotNumber: `${vaccine.cvx}-${random.between(1000, 9999)}`,
    expirationDate: dateOf(day + random.between(60, 600)),
    performer: [{ actor: staffOf(family.site, 'nurse') }],
    protocolApplied: [
      {
        targetDisease: vaccine.diseases.map((code) => sct(code)),
        doseNumberPositiveInt: dose,
        seriesDosesPositiveInt: vaccine.series,
      },
    ],
  });
}

function refuseDose(chart: Chart, vaccine: Vaccine): void {
  const reason =
    chart.isPregnant && vaccine.isLive ? ['MEDPREC', 'medical precaution'] : ['PATOBJ', 'patient objection'];
  chart.add({
    resourceType: 'Immunization',
    id: chart.family.newId(),
    meta: meta('migrant-immunization'),
    status: 'not-done',
    statusReason: tho('v3-ActReason', reason[0] as string, reason[1]),
    vaccineCode: vaccineCode(vaccine),
    patient: chart.subject,
    occurrenceDateTime: dateOf(chart.assessedOn),
    primarySource: true,
  });
}

function recallDose(chart: Chart): void {
  chart.add({
    resourceType: 'Immunization',
    id: chart.family.newId(),
    meta: meta('migrant-immunization'),
    status: 'completed',
    vaccineCode: vaccineCode({ cvx: '19', name: 'BCG' }),
    patient: chart.subject,
    occurrenceString: 'as a child',
    primarySource: false,
    reportOrigin: tho('immunization-origin', 'recall', 'Parent/Guardian/Patient Recall'),
  });
}

const CONDITIONS: readonly { code: string; display: string; weight: number; ageMin: number }[] = [
  {
    code: '38341003',
    display: 'Hypertensive disorder, systemic arterial (disorder)',
    weight: 38,
    ageMin: 35,
  },
  { code: '44054006', display: 'Diabetes mellitus type 2 (disorder)', weight: 22, ageMin: 35 },
  { code: '35489007', display: 'Depressive disorder (disorder)', weight: 12, ageMin: 15 },
  { code: '47505003', display: 'Posttraumatic stress disorder (disorder)', weight: 10, ageMin: 12 },
  { code: '84757009', display: 'Epilepsy (disorder)', weight: 8, ageMin: 2 },
  { code: '13213009', display: 'Congenital heart disease (disorder)', weight: 4, ageMin: 0 },
  { code: '127040003', display: 'Sickle cell-hemoglobin SS disease (disorder)', weight: 3, ageMin: 0 },
  { code: '46177005', display: 'End-stage renal disease (disorder)', weight: 3, ageMin: 18 },
];
const NEEDS_ARRANGEMENTS: ReadonlySet<string> = new Set(['46177005', '13213009', '84757009']);

/** Gives the condition, for those who have one. */
export function recordCondition(chart: Chart): Json | undefined {
  const { random, person, family } = chart;
  const share =
    family.route.kind === 'return' || family.route.kind === 'evacuation' ? 0.7 : 0.04 + person.age * 0.006;
  if (!random.chance(share)) return undefined;
  const possible = CONDITIONS.filter(({ ageMin }) => person.age >= ageMin);
  const { code, display } = random.weigh(possible);
  const category = [tho('condition-category', 'problem-list-item', 'Problem List Item')];
  if (NEEDS_ARRANGEMENTS.has(code)) {
    category.push(own('mhd-kind', 'smc', 'Significant medical condition'));
  }
  return chart.add(
    compact({
      resourceType: 'Condition',
      id: family.newId(),
      meta: meta('migrant-condition', ['R']),
      identifier: [chart.number('CO')],
      clinicalStatus: tho('condition-clinical', 'active', 'Active'),
      verificationStatus: tho('condition-ver-status', 'confirmed', 'Confirmed'),
      category,
      code: { ...sct(code, display), text: display.replace(/ \(.*/, '') },
      subject: chart.subject,
      encounter: chart.assessment,
      onsetDateTime: person.age > 20 && random.chance(0.6) ? String(2023 - random.between(1, 12)) : undefined,
      recordedDate: dateOf(chart.assessedOn),
      recorder: staffOf(family.site, 'physician'),
    }) as never,
  );
}

/** Check before departure with the decision on fitness, and presumptive treatment where it is due. */
export function clearForTravel(chart: Chart, condition: Json | undefined): void {
  if (!chart.family.programme.travels || chart.random.chance(0.12)) return;
  const { encounter, day, minute } = checkBeforeDeparture(chart);
  decideFitness(chart, condition, day, minute + 5);
  if (chart.family.route.kind === 'resettlement') treatPresumptively(chart, encounter, day, minute + 8);
}

function decideFitness(chart: Chart, condition: Json | undefined, day: number, minute: number): Json {
  const { random, family } = chart;
  const isEvacuation = family.route.kind === 'evacuation' && chart.person.number === 1;
  const fate = random.below(100);
  const coded = (name: string, system: string, code: string): Json => ({
    code: own('mhd-observation', name),
    valueCodeableConcept: own(system, code),
  });
  const kind = isEvacuation
    ? 'medevac'
    : family.route.kind === 'labour'
      ? 'employment'
      : family.route.kind === 'return'
        ? 'avrr'
        : 'pec';
  const component = [coded('check-kind', 'check-kind', kind)];
  let decision = 'fit';
  if (isEvacuation) {
    decision = 'fit-with-conditions';
    component.push(
      coded('travel-requirement', 'travel-requirement', 'stretcher'),
      coded('escort', 'escort-type', 'nurse'),
    );
  } else if (fate < 3) {
    decision = 'deferred';
    component.push(
      coded(
        'unfit-reason',
        'unfit-reason',
        random.pick(['fever-or-rash', 'treatment-incomplete', 'results-pending']),
      ),
    );
  } else if (condition !== undefined && fate < 40) {
    decision = 'fit-with-conditions';
    component.push(
      coded(
        'travel-requirement',
        'travel-requirement',
        random.pick(['WCHR', 'WCHS', 'medication-in-flight', 'aisle-seat']),
      ),
    );
  }
  return observe(chart, {
    profile: 'fit-to-travel',
    category: 'exam',
    code: sct('171371008', 'Fitness to travel examination (procedure)'),
    by: 'physician',
    labels: ['N'],
    day,
    minute,
    inAssessment: false,
    rest: {
      extension: [extension('valid-until', { valueDateTime: timeOf(day + 3, minute, family.site.offset) })],
      valueCodeableConcept: own('fitness-decision', decision),
      component,
    },
  });
}

function treatPresumptively(chart: Chart, encounter: Json, day: number, minute: number): void {
  const { random, person, family } = chart;
  if (person.age >= 1) {
    const check = chart.isPregnant ? undefined : sct('60001007', 'Not pregnant (finding)');
    const canBePregnant = person.gender === 'female' && person.age >= 12 && person.age <= 50;
    dose(chart, encounter, day, minute, {
      atc: 'P02CA03',
      name: 'albendazole',
      mg: person.age < 2 ? 200 : 400,
      notDone: chart.isPregnant ? 'Pregnant' : undefined,
      extension: extension('pregnancy-check', {
        valueCodeableConcept:
          canBePregnant && check !== undefined
            ? check
            : own('mhd-result', 'not-applicable', 'Not applicable'),
      }),
    });
  }
  if (person.age >= 5 && random.chance(0.8)) {
    const isExposed = family.route.culture === 'congolese' && random.chance(0.2);
    dose(chart, encounter, day, minute + 1, {
      atc: 'P02CF01',
      name: 'ivermectin',
      mg: 3 * random.between(2, 5),
      notDone: isExposed || chart.isPregnant ? 'Not safe for this person' : undefined,
      extension: extension('loa-loa-exposure', { valueBoolean: isExposed }),
    });
  }
  if (family.route.malaria && family.route.culture === 'congolese') {
    dose(chart, encounter, day, minute + 2, { atc: 'P01BF01', name: 'artemether and lumefantrine', mg: 80 });
  }
}

interface Dose {
  readonly atc: string;
  readonly name: string;
  readonly mg: number;
  readonly notDone?: string;
  readonly extension?: Json;
}

function dose(chart: Chart, encounter: Json, day: number, minute: number, given: Dose): void {
  const { family } = chart;
  const isGiven = given.notDone === undefined;
  chart.add(
    compact({
      resourceType: 'MedicationAdministration',
      id: family.newId(),
      meta: meta('presumptive-treatment'),
      extension: isGiven && given.extension !== undefined ? [given.extension] : undefined,
      status: isGiven ? 'completed' : 'not-done',
      statusReason: isGiven ? undefined : [{ text: given.notDone }],
      medicationCodeableConcept: concept('http://www.whocc.no/atc', given.atc, given.name),
      subject: chart.subject,
      context: encounter,
      effectiveDateTime: timeOf(day, minute, family.site.offset),
      performer: isGiven ? [{ actor: staffOf(family.site, 'nurse') }] : undefined,
      dosage: isGiven ? { dose: quantity(given.mg, 'mg') } : undefined,
    }) as never,
  );
}

/** Referral with its task, for some of those who have a condition; evacuation for whom the case is about. */
export function referOn(chart: Chart, condition: Json | undefined): void {
  const { family, random, person } = chart;
  if (family.route.kind === 'evacuation' && person.number === 1) evacuate(chart);
  else if (condition !== undefined && random.chance(0.55)) refer(chart, condition);
  else if (random.chance(0.02)) refer(chart, undefined);
}

function refer(chart: Chart, condition: Json | undefined): void {
  const { family, random } = chart;
  const crossesBorder = family.route.kind === 'return' && chart.consent !== undefined;
  const at = timeOf(chart.assessedOn + 1, 600, family.site.offset);
  const extensions = [
    extension('programme-area', { valueCodeableConcept: own('programme-area', family.programme.area) }),
  ];
  if (crossesBorder) {
    extensions.push(
      extension('receiving-country', { valueCodeableConcept: country(family.destination) }),
      consentExtension(chart.consent as Json),
    );
  }
  const priority = random.chance(0.8) ? 'routine' : 'urgent';
  const request = chart.add(
    compact({
      resourceType: 'ServiceRequest',
      id: family.newId(),
      meta: meta('referral-request', ['R']),
      extension: extensions,
      identifier: [chart.number('RF')],
      status: 'active',
      intent: 'order',
      category: [own('referral-category', 'clinical', 'Clinical')],
      priority,
      code: own('mhd-service', 'specialist-referral', 'Specialist referral'),
      subject: chart.subject,
      encounter: chart.assessment,
      occurrencePeriod: { start: dateOf(chart.assessedOn + 2), end: dateOf(chart.assessedOn + 40) },
      authoredOn: at,
      requester: staffOf(family.site, 'physician'),
      performer: [hospitalOf(family.destination)],
      reasonCode: condition === undefined ? [{ text: 'Second opinion' }] : undefined,
      reasonReference: condition === undefined ? undefined : [condition],
    }) as never,
  );
  const status = random.pick(['requested', 'accepted', 'in-progress', 'completed', 'rejected']);
  chart.add(
    compact({
      resourceType: 'Task',
      id: family.newId(),
      identifier: [chart.number('TK')],
      status,
      statusReason: status === 'rejected' ? { text: 'No place in the next weeks' } : undefined,
      intent: 'order',
      priority,
      code: own('mhd-service', 'specialist-referral', 'Specialist referral'),
      focus: request,
      for: chart.subject,
      authoredOn: at,
      lastModified: at,
      requester: staffOf(family.site, 'physician'),
      owner: hospitalOf(family.destination),
    }) as never,
  );
}

function evacuate(chart: Chart): void {
  const { family, random } = chart;
  const { offset } = family.site;
  const day = family.departsOn - 2;
  const fitness = decideFitness(chart, undefined, day, 500);
  const priority = random.pick(['asap', 'urgent', 'stat']);
  const at = timeOf(day, 560, offset);
  const request = chart.add({
    resourceType: 'ServiceRequest',
    id: family.newId(),
    meta: meta('medevac-request', ['R']),
    extension: [extension('programme-area', { valueCodeableConcept: own('programme-area', 'H3-2') })],
    identifier: [chart.number('MV')],
    status: 'active',
    intent: 'order',
    category: [own('referral-category', 'clinical', 'Clinical')],
    priority,
    code: own('mhd-service', 'medical-evacuation', 'Medical evacuation'),
    orderDetail: [own('escort-type', 'nurse', 'Nurse'), own('travel-requirement', 'stretcher', 'Stretcher')],
    subject: chart.subject,
    occurrencePeriod: { start: timeOf(day, 900, offset), end: timeOf(family.departsOn, 900, offset) },
    authoredOn: at,
    requester: staffOf(family.site, 'physician'),
    performer: [hospitalOf(family.destination)],
    reasonCode: [
      random.chance(0.5)
        ? sct('71620000', 'Fracture of femur (disorder)')
        : sct('91302008', 'Sepsis (disorder)'),
    ],
    supportingInfo: [{ ...fitness, type: 'Observation' }],
  });
  chart.add({
    resourceType: 'Task',
    id: family.newId(),
    meta: meta('medevac-task', ['R']),
    identifier: [chart.number('MVT')],
    status: 'requested',
    businessStatus: own('medevac-phase', 'requested', 'Requested'),
    intent: 'order',
    priority,
    code: own('mhd-service', 'medical-evacuation', 'Medical evacuation'),
    focus: request,
    for: chart.subject,
    authoredOn: at,
    lastModified: at,
    requester: staffOf(family.site, 'physician'),
    owner: hospitalOf(family.destination),
  });
}
