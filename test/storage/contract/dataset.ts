/**
 * A small world that search cases ask questions about. Order of creation is the order of the list; every
 * search parameter of the world is spelled `Type.name` in search-cases.ts.
 */
import type { WriteCommand } from '../../../src/storage/store.ts';
import { nextUp, put, type Values } from './build.ts';

const GENDER = 'http://hl7.org/fhir/administrative-gender';

function patient(id: string, date: string, gender: string, names: readonly string[], more: Values = {}) {
  const values: Values = {
    date,
    codes: gender === '' ? {} : { gender: [`${GENDER}|${gender}`] },
    texts: { name: names },
    dates: date === '' ? {} : { birthdate: [[date, dayAfter(date)]] },
    ...more,
  };
  return put('Patient', id, { values, method: 'POST' });
}

interface ObservationValues {
  readonly codes: readonly string[];
  readonly subject?: string;
  readonly status?: string;
  readonly number?: readonly [unit: string, value: number];
  /** Exclusive end of a period that starts on the primary date; an empty string is an open end. */
  readonly until?: string;
  readonly note?: string;
}

function observation(id: string, date: string, is: ObservationValues): WriteCommand {
  const values: Values = {
    date,
    codes: { code: is.codes, status: [`|${is.status ?? 'final'}`] },
    terms: is.subject === undefined ? {} : { subject: [is.subject] },
    texts: is.note === undefined ? {} : { note: [is.note] },
    dates: date === '' ? {} : { date: [[date, is.until ?? dayAfter(date)]] },
    numbers: is.number === undefined ? {} : { value: [[is.number[0], is.number[1], nextUp(is.number[1])]] },
  };
  return put('Observation', id, { values, method: 'POST' });
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

/** Written one command per transaction, in this order; `gone` ones are deleted afterwards. */
export const WORLD: readonly WriteCommand[] = [
  put('Organization', 'org1', {
    values: { texts: { name: ['Border Clinic'] }, codes: { type: ['t|prov'] } },
  }),
  put('Organization', 'org2', {
    values: { texts: { name: ['Field Hospital'] }, codes: { type: ['t|govt'] } },
  }),
  patient('p1', '1980-03-01', 'female', ['Ana', 'Müller'], {
    terms: { identifier: ['case|77', '77', 'mhd|A1', 'A1'], organization: ['Organization/org1'] },
  }),
  patient('p2', '1990-07-15', 'male', ['Ann', 'Smith'], {
    terms: { identifier: ['case|77', '77', 'mhd|A2', 'A2'], organization: ['Organization/org2'] },
  }),
  patient('p3', '', 'female', ['Anna-Maria', 'Smithson'], {
    terms: { identifier: ['case|78', '78'], organization: ['Organization/org1'] },
  }),
  patient('p4', '1965-05-05', '', ['Zoë', "O'Neil"]),
  patient('p5', '1970-01-01', 'male', ['MULLER', 'Ana']),
  patient('p6', '1970-01-01', 'other', ['Đặng', '李雷', '😀 smile']),
  patient('p7', '', 'female', ['Zed', '\uff21\uff4e\uff41 wide']),
  patient('gone1', '1980-03-01', 'female', ['Ana', 'Gone'], {
    terms: { identifier: ['case|77', '77'], organization: ['Organization/org1'] },
  }),
  observation('b1', '2024-01-10', {
    codes: ['loinc|hr', 'local|pulse'],
    subject: 'Patient/p1',
    number: ['/min', 72],
    note: 'resting',
  }),
  observation('b2', '2024-02-10', { codes: ['loinc|hr'], subject: 'Patient/p2', number: ['/min', 60] }),
  observation('b3', '2024-01-10', { codes: ['loinc|bw'], subject: 'Patient/p1', number: ['kg', 72] }),
  observation('b4', '2024-03-01', {
    codes: ['loinc|hr'],
    subject: 'Patient/p3',
    status: 'amended',
    number: ['/min', -1.5],
    until: '2024-03-31',
  }),
  observation('b5', '2023-12-01', { codes: ['other|hr'], subject: 'Patient/p1', until: '' }),
  observation('b6', '', { codes: ['loinc|temp'], subject: 'Patient/p2', number: ['Cel', 36.6] }),
  observation('b7', '2024-02-10', { codes: ['loinc|temp'], status: 'preliminary', number: ['', 72] }),
  observation('b8', '1969-12-31', { codes: ['loinc|hr'], subject: 'Patient/gone1', number: ['/min', 90] }),
  observation('gone2', '2024-02-10', { codes: ['loinc|hr'], subject: 'Patient/p2', number: ['/min', 72] }),
  put('Encounter', 'e1', {
    values: {
      date: '2024-01-09',
      terms: { subject: ['Patient/p1'] },
      dates: { date: [['2024-01-09', '2024-01-12']] },
    },
  }),
  put('Encounter', 'e2', {
    values: {
      date: '2024-02-01',
      terms: { subject: ['Patient/p4'] },
      dates: {
        date: [
          ['2024-02-01', '2024-02-02'],
          ['2024-05-01', '2024-05-02'],
        ],
      },
    },
  }),
  put('Basic', 'x1'),
  put('Location', 'l1', {
    values: { codes: { type: ['text|tent clinic', 's|tc'] }, numbers: { near: [['', 46.2, 6.14]] } },
  }),
  put('Location', 'l2', {
    values: {
      codes: { type: ['text|mobile x-ray van', 'text|clinic'] },
      numbers: { near: [['', -17.8, 179.9]] },
      bare: ['operational-status'],
    },
  }),
];

export const GONE: readonly (readonly [type: string, id: string])[] = [
  ['Patient', 'gone1'],
  ['Observation', 'gone2'],
];
