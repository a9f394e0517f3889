/** Episode, consent and encounters: the frame that all findings of a person hang in. */
import type { Resource } from '../fhir/types.ts';
import { type Chart, type ChartParts, createChart } from './chart.ts';
import { centreOf, healthAuthorityOf, missionOf, outreachOf, staffOf } from './directory.ts';
import { compact, country, dateOf, extension, type Json, loinc, meta, own, sct, timeOf } from './elements.ts';
import type { Family, Person } from './family.ts';

const CONSENTING_SHARE = 0.93;

/** Opens the chart with episode, consent (for those who gave one) and the encounter of the assessment. */
export function openChart(family: Family, person: Person, resources: Resource[]): Chart {
  const { random } = family;
  const parts: ChartParts = {
    resources,
    episodeId: family.newId(),
    consentId: random.chance(CONSENTING_SHARE) ? family.newId() : undefined,
    assessmentId: family.newId(),
    assessedOn: family.registeredOn + (family.route.kind === 'evacuation' ? 0 : random.between(1, 6)),
  };
  const chart = createChart(family, person, parts);
  chart.add(createEpisode(chart, parts.episodeId));
  if (parts.consentId !== undefined) chart.add(createConsent(chart, parts.consentId));
  chart.add(createAssessment(chart, parts.assessmentId));
  return chart;
}

/** The check in the last 72 hours before departure; gives its reference, day and minute. */
export function checkBeforeDeparture(chart: Chart): { encounter: Json; day: number; minute: number } {
  const { family, random } = chart;
  const day = family.departsOn - 2;
  const minute = random.between(9 * 60, 16 * 60);
  const encounter = chart.add({
    ...encounterFrame(chart, 'pre-embarkation-check', 'Pre-embarkation check', day, minute, 20),
    id: family.newId(),
    extension: [programmeExtension(family), departureExtension(family)],
  });
  return { encounter, day, minute };
}

/** A further visit, such as for vaccination. */
export function visit(chart: Chart, type: string, name: string, day: number): Json {
  const minute = chart.random.between(8 * 60, 15 * 60);
  return chart.add({
    ...encounterFrame(chart, type, name, day, minute, 25),
    id: chart.family.newId(),
    extension: [programmeExtension(chart.family)],
  });
}

function createEpisode(chart: Chart, id: string): Resource {
  const { family, random } = chart;
  const { programme, site, destination } = family;
  const extensions = [
    extension('migrant-category', {
      valueCodeableConcept: own('migrant-category', programme.category, programme.categoryName),
    }),
    extension('country-of-departure', { valueCodeableConcept: country(site.country) }),
  ];
  if (programme.travels) {
    extensions.push(
      extension('country-of-destination', { valueCodeableConcept: country(destination) }),
      departureExtension(family),
    );
  }
  const isOver = random.chance(0.6);
  return {
    resourceType: 'EpisodeOfCare',
    id,
    meta: meta('migration-episode'),
    extension: extensions,
    identifier: [chart.number('EP')],
    status: isOver ? 'finished' : 'active',
    type: [own('programme-area', programme.area)],
    patient: chart.subject,
    managingOrganization: missionOf(site),
    period: compact({
      start: dateOf(family.registeredOn),
      end: isOver ? dateOf(family.departsOn + 30) : undefined,
    }),
    careManager: staffOf(site, 'physician'),
  };
}

function createAssessment(chart: Chart, id: string): Resource {
  const { family } = chart;
  const isCamp = family.route.kind === 'camp';
  const [type, name] = isCamp
    ? ['phc-consultation', 'Primary care consultation']
    : ['health-assessment', 'Health assessment'];
  const frame = encounterFrame(chart, type, name, chart.assessedOn, 8 * 60, 150);
  const types = isCamp
    ? frame.type
    : [
        ...(frame.type as Json[]),
        sct('103738006', 'History and physical examination, immigration (procedure)'),
      ];
  return { ...frame, id, type: types, extension: [programmeExtension(family)] };
}

function encounterFrame(
  chart: Chart,
  type: string,
  name: string,
  day: number,
  minute: number,
  minutes: number,
): Resource {
  const { family, random } = chart;
  const { site, route } = family;
  const isField = route.kind === 'camp' || route.kind === 'evacuation' || random.chance(0.2);
  return {
    resourceType: 'Encounter',
    meta: meta('migration-encounter'),
    identifier: [chart.number('EN')],
    status: 'finished',
    class: {
      system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
      code: isField ? 'FLD' : 'AMB',
      display: isField ? 'field' : 'ambulatory',
    },
    type: [own('mhd-encounter-type', type, name)],
    subject: chart.subject,
    episodeOfCare: [chart.episode],
    participant: [{ individual: staffOf(site, 'physician') }],
    period: { start: timeOf(day, minute, site.offset), end: timeOf(day, minute + minutes, site.offset) },
    location: [{ location: isField ? outreachOf(site) : centreOf(site) }],
    serviceProvider: missionOf(site),
  };
}

function programmeExtension(family: Family): Json {
  return extension('programme-area', {
    valueCodeableConcept: own('programme-area', family.programme.area),
  });
}

function departureExtension(family: Family): Json {
  return extension('planned-departure', { valueDateTime: timeOf(family.departsOn, 405, family.site.offset) });
}

function createConsent(chart: Chart, id: string): Resource {
  const { family, random } = chart;
  const giver = chart.person.age >= 18 ? chart.subject : guardian(chart);
  const at = timeOf(family.registeredOn, 9 * 60, family.site.offset);
  return {
    resourceType: 'Consent',
    id,
    meta: meta('migration-consent'),
    identifier: [chart.number('CN')],
    status: random.chance(0.97) ? 'active' : 'inactive',
    scope: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/consentscope',
          code: 'patient-privacy',
          display: 'Privacy Consent',
        },
      ],
    },
    category: [loinc('64292-6', 'Release of information consent')],
    patient: chart.subject,
    dateTime: at,
    performer: [giver],
    organization: [missionOf(family.site)],
    policyRule: { text: 'IOM data protection principles' },
    verification: [{ verified: true, verifiedWith: giver, verificationDate: at }],
    provision: { type: 'deny', provision: [permit(family, random.chance(0.7))] },
  };
}

function guardian(chart: Chart): Json {
  const head = chart.family.people[0];
  return head === undefined || head.age < 18 ? chart.subject : { reference: `Patient/${head.id}` };
}

function permit(family: Family, coversHiv: boolean): Json {
  const labels = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }];
  if (coversHiv) labels.push({ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' });
  return {
    type: 'permit',
    period: { start: dateOf(family.registeredOn), end: dateOf(family.registeredOn + 540) },
    actor: [
      {
        role: {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
              code: 'IRCP',
              display: 'information recipient',
            },
          ],
        },
        reference: healthAuthorityOf(family.destination),
      },
    ],
    securityLabel: labels,
    purpose: [
      {
        system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
        code: 'TREAT',
        display: 'treatment',
      },
    ],
  };
}
