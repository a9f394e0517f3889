/**
 * Invented patients for the bench of the stores: 17 resources of about 1 KB each, with the postings that their
 * search parameters would give, so that the bench measures the store and nothing before it.
 */
import { createIdGenerator } from '../../src/fhir/ids.ts';
import { nextUp } from '../../src/search/number-range.ts';
import type { Postings, TermPosting } from '../../src/search/postings.ts';
import { NO_DATE } from '../../src/search/postings.ts';
import { hashParam, hashTerm } from '../../src/search/term-hash.ts';
import type { WriteCommand } from '../../src/storage/store.ts';

export const PER_PATIENT = 17;
const DAY_MS = 86_400_000;
const FIRST_MADE = Date.UTC(2026, 0);
const FILL = 'Seen at the site; no complaint; advised to return with the vaccination card. '.repeat(11);

export interface Data {
  /** The transaction of one more patient. */
  next(): WriteCommand[];
  /** Ids of patients that were made, some of them. */
  readonly patients: readonly string[];
  random(below: number): number;
}

/** `LOINC` codes by how often they occur: the first is on a fifth of the Observations. */
export const CODES = Array.from(
  { length: 60 },
  (_, index) => `http://loinc.org|${1000 + index}-${index % 10}`,
);
const FAMILIES = Array.from({ length: 3_000 }, (_, index) => `${syllables(index * 7)}${syllables(index)}`);

export function createData(seed: number): Data {
  const random = createRandom(seed);
  const patients: string[] = [];
  let made = 0;
  const id = createIdGenerator(
    // a thousand to the second
    () => FIRST_MADE + made++,
    (bytes) =>
      bytes.forEach((_, at) => {
        bytes[at] = random(256);
      }),
  );
  return { patients, random, next: () => patientTransaction(random, id, patients) };
}

type Random = (below: number) => number;

function patientTransaction(random: Random, id: () => string, patients: string[]): WriteCommand[] {
  const patient = id();
  if (patients.length < 10_000) patients.push(patient);
  const subject = `Patient/${patient}`;
  const encounters = [id(), id()];
  const commands = [patientPut(random, patient)];
  for (const encounter of encounters) commands.push(encounterPut(random, encounter, subject));
  for (let count = 0; count < 3; count++) commands.push(immunizationPut(random, id(), subject));
  for (let count = 0; count < 10; count++) {
    commands.push(observationPut(random, id(), subject, `Encounter/${encounters[count % 2]}`));
  }
  commands.push(requestPut(random, id(), subject));
  return commands;
}

interface Shape {
  readonly date?: number;
  /** Length of the primary date in ms. */
  readonly spanMs?: number;
  readonly dateCode?: string;
  readonly coded?: Readonly<Record<string, string>>;
  readonly exact?: Readonly<Record<string, string | readonly string[]>>;
  readonly texts?: Readonly<Record<string, string>>;
  readonly number?: number;
}

function observationPut(random: Random, id: string, subject: string, encounter: string): WriteCommand {
  const code = CODES[random(5) === 0 ? 0 : Math.min(random(60), random(60))] as string;
  return put('Observation', id, {
    date: someDate(random),
    spanMs: 1_000,
    coded: {
      code,
      'combo-code': code,
      category: `http://terminology.hl7.org/CodeSystem/observation-category|${['vital-signs', 'laboratory', 'exam', 'survey'][random(4)]}`,
      status:
        random(33) === 0
          ? 'http://hl7.org/fhir/observation-status|amended'
          : 'http://hl7.org/fhir/observation-status|final',
    },
    exact: {
      subject,
      patient: subject,
      encounter,
      performer: `Practitioner/${random(200)}`,
      _profile: 'https://example.org/obs',
    },
    number: random(1000) / 10,
  });
}

function patientPut(random: Random, id: string): WriteCommand {
  const family = FAMILIES[random(FAMILIES.length)] as string;
  const given = FAMILIES[random(400)] as string;
  return put('Patient', id, {
    date: Date.UTC(1940 + random(80), random(12), 1 + random(28)),
    spanMs: DAY_MS,
    dateCode: 'birthdate',
    coded: {
      gender: `http://hl7.org/fhir/administrative-gender|${random(2) === 0 ? 'male' : 'female'}`,
      active: 'http://hl7.org/fhir/special-values|true',
      language: `urn:ietf:bcp:47|${['en', 'fr', 'ar', 'ne', 'my', 'es'][random(6)]}`,
    },
    exact: {
      identifier: [`https://example.org/mhd|${id}`, id],
      phone: `+${random(1_000_000_000)}`,
      _profile: 'https://example.org/pat',
    },
    texts: { family, given, name: `${family} ${given}` },
  });
}

function encounterPut(random: Random, id: string, subject: string): WriteCommand {
  return put('Encounter', id, {
    date: someDate(random),
    spanMs: random(10) === 0 ? DAY_MS * (2 + random(20)) : 3_600_000,
    coded: {
      status: 'http://hl7.org/fhir/encounter-status|finished',
      class: `http://terminology.hl7.org/CodeSystem/v3-ActCode|${['AMB', 'FLD', 'IMP'][random(3)]}`,
      type: `https://example.org/encounter-type|t${random(12)}`,
    },
    exact: {
      subject,
      patient: subject,
      'service-provider': `Organization/${random(50)}`,
      location: `Location/${random(80)}`,
      _profile: 'https://example.org/enc',
    },
  });
}

function immunizationPut(random: Random, id: string, subject: string): WriteCommand {
  return put('Immunization', id, {
    date: someDate(random),
    spanMs: DAY_MS,
    coded: {
      status: 'http://hl7.org/fhir/event-status|completed',
      'vaccine-code': `http://hl7.org/fhir/sid/cvx|${random(40)}`,
    },
    exact: { patient: subject, location: `Location/${random(80)}`, _profile: 'https://example.org/imm' },
    texts: { 'lot-number': `L${random(1000)}` },
  });
}

function requestPut(random: Random, id: string, subject: string): WriteCommand {
  return put('ServiceRequest', id, {
    date: someDate(random),
    spanMs: 1_000,
    dateCode: 'authored',
    coded: {
      status: 'http://hl7.org/fhir/request-status|active',
      intent: 'http://hl7.org/fhir/request-intent|order',
      code: CODES[random(60)] as string,
    },
    exact: {
      subject,
      patient: subject,
      requester: `Practitioner/${random(200)}`,
      _profile: 'https://example.org/req',
    },
  });
}

function put(type: string, id: string, shape: Shape): WriteCommand {
  const key = (code: string): number => hashParam(type, code);
  const terms: TermPosting[] = [];
  for (const [code, value] of Object.entries(shape.coded ?? {})) {
    const bar = value.indexOf('|');
    terms.push({ k: key(code), h: hashTerm(value), system: value.slice(0, bar), code: value.slice(bar + 1) });
  }
  for (const [code, values] of Object.entries(shape.exact ?? {})) {
    for (const value of typeof values === 'string' ? [values] : values)
      terms.push({ k: key(code), h: hashTerm(value) });
  }
  const texts = Object.entries(shape.texts ?? {}).map(([code, value]) => ({
    k: key(code),
    text: `${value.toLowerCase()}\u0000${value}`,
  }));
  const lo = shape.date ?? 0;
  const dates =
    shape.date === undefined ? [] : [{ k: key(shape.dateCode ?? 'date'), lo, hi: lo + (shape.spanMs ?? 1) }];
  const value = shape.number;
  const numbers =
    value === undefined
      ? []
      : [{ k: key('value-quantity'), u: hashTerm('mm[Hg]'), lo: value, hi: nextUp(value) }];
  const present = [...new Set([...terms, ...texts, ...dates, ...numbers].map((posting) => posting.k))].sort(
    (a, b) => a - b,
  );
  const postings: Postings = { date: shape.date ?? NO_DATE, terms, texts, dates, numbers, present };
  const text = {
    before: `{"resourceType":"${type}","id":"${id}","meta":{`,
    after: `},"text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">${FILL}</div>"}}`,
  };
  return { kind: 'put', type, id, method: 'POST', text, postings, expected: 'absent' };
}

/** A time within eleven years, as when old records are loaded: the worst order for lists by date. */
function someDate(random: Random): number {
  return Date.UTC(2015 + random(11), random(12), 1 + random(28), random(24), random(60));
}

function syllables(index: number): string {
  const parts = ['ka', 'mo', 'ri', 'sa', 'te', 'nu', 'ba', 'li', 'do', 'wa', 'ji', 'pe'];
  const word = `${parts[index % 12]}${parts[Math.floor(index / 12) % 12]}`;
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function createRandom(seed: number): Random {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % below;
  };
}
