/** The record of one person while it is made: what later steps need of earlier ones, and the resources so far. */
import type { Resource } from '../fhir/types.ts';
import { staffOf } from './directory.ts';
import { compact, extension, type Json, type Label, meta, reference, sid, tho, timeOf } from './elements.ts';
import type { Family, Person } from './family.ts';
import type { Random } from './random.ts';

export interface Chart {
  readonly family: Family;
  readonly person: Person;
  readonly random: Random;
  readonly subject: Json;
  readonly episode: Json;
  readonly consent: Json | undefined;
  /** The encounter of the assessment and its day. */
  readonly assessment: Json;
  readonly assessedOn: number;
  readonly isPregnant: boolean;
  /** Adds and gives a reference to it. */
  add(resource: Resource): Json;
  /** A number for `identifier`, unique over the population. */
  number(prefix: string): Json;
}

export interface ChartParts {
  readonly episodeId: string;
  readonly consentId: string | undefined;
  readonly assessmentId: string;
  readonly assessedOn: number;
  readonly resources: Resource[];
}

export function createChart(family: Family, person: Person, parts: ChartParts): Chart {
  const { random } = family;
  let count = 0;
  return {
    family,
    person,
    random,
    subject: reference('Patient', person.id),
    episode: reference('EpisodeOfCare', parts.episodeId),
    consent: parts.consentId === undefined ? undefined : reference('Consent', parts.consentId),
    assessment: reference('Encounter', parts.assessmentId),
    assessedOn: parts.assessedOn,
    isPregnant: person.gender === 'female' && person.age >= 17 && person.age <= 44 && random.chance(0.09),
    add(resource) {
      resource.id ??= family.newId();
      parts.resources.push(resource);
      return reference(resource.resourceType, resource.id);
    },
    number: (prefix) => ({
      system: sid('document'),
      value: `${prefix}-${family.caseNumber}-${person.number}-${++count}`,
    }),
  };
}

export interface Finding {
  readonly profile: string;
  readonly category: 'laboratory' | 'imaging' | 'exam' | 'vital-signs';
  readonly code: Json;
  readonly by: 'physician' | 'radiologist' | 'nurse' | 'laboratory';
  readonly labels?: readonly Label[];
  /** Day and minute; the assessment in the morning when absent. */
  readonly day?: number;
  readonly minute?: number;
  /** Days until the result was there. */
  readonly afterDays?: number;
  /** False for findings outside the assessment. */
  readonly inAssessment?: boolean;
  /** `valueQuantity`, `component`, `specimen`, `derivedFrom` and so on. */
  readonly rest: Json;
}

const MORNING = 8 * 60;

/** An Observation of the chart. https://hl7.org/fhir/R4/observation.html */
export function observe(chart: Chart, finding: Finding): Json {
  const { family, random } = chart;
  const { offset } = family.site;
  const day = finding.day ?? chart.assessedOn;
  const minute = finding.minute ?? MORNING + random.between(10, 130);
  const { extension: extra, ...rest } = finding.rest;
  const isVital = finding.category === 'vital-signs';
  return chart.add(
    compact({
      resourceType: 'Observation',
      id: family.newId(),
      meta: meta(finding.profile, finding.labels),
      extension: isVital ? undefined : [...((extra as Json[]) ?? []), episodeExtension(chart)],
      status: 'final',
      category: [tho('observation-category', finding.category)],
      code: finding.code,
      subject: chart.subject,
      encounter: finding.inAssessment === false ? undefined : chart.assessment,
      effectiveDateTime: timeOf(day, minute, offset),
      issued: isVital
        ? undefined
        : timeOf(day + (finding.afterDays ?? 0), minute + (finding.afterDays === undefined ? 40 : 0), offset),
      performer: [staffOf(family.site, finding.by)],
      ...rest,
    }) as unknown as Resource,
  );
}

function episodeExtension(chart: Chart): Json {
  return {
    url: 'http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare',
    valueReference: chart.episode,
  };
}

export function consentExtension(consent: Json): Json {
  return extension('consent-reference', { valueReference: consent });
}
