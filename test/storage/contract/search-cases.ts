/**
 * Questions about the world in dataset.ts with their complete answers, in order. One case per line: it runs
 * once as a whole, once in pages of two, and once for an accurate total.
 * https://hl7.org/fhir/R4/search.html
 */
import type { SearchQuery } from '../../../src/search/query.ts';
import {
  all,
  any,
  by,
  byDesc,
  chain,
  code,
  date,
  has,
  id,
  near,
  nextUp,
  not,
  number,
  present,
  primary,
  query,
  system,
  term,
  text,
  type,
  words,
} from './build.ts';

export type SearchCase = readonly [name: string, query: SearchQuery, answer: string];

const GENDER = 'http://hl7.org/fhir/administrative-gender';
const female = term('Patient.gender', `${GENDER}|female`);
const heartRate = term('Observation.code', 'loinc|hr');
const of = (kind: 'Patient' | 'Observation' | 'Encounter', where = all()) => query(kind, where);

export const SEARCH_CASES: readonly SearchCase[] = [
  // everything, types, deleted resources
  ['all of a type: primary date descending, then newest', of('Patient'), 'p2 p1 p6 p5 p4 p7 p3'],
  ['all observations', of('Observation'), 'b4 b7 b2 b3 b1 b5 b8 b6'],
  ['a type without resources', query('Device', all()), ''],
  [
    'several types are merged in one order',
    query('Encounter,Basic,Organization', all()),
    'e2 e1 x1 org2 org1',
  ],
  [
    'no types mean all',
    query('', any(term('Patient.identifier', 'case|77'), heartRate)),
    'b4 b2 b1 p2 p1 b8',
  ],
  ['an empty OR matches nothing', of('Patient', any()), ''],
  ['an empty AND in an OR matches everything', of('Encounter', any(all(), any())), 'e2 e1'],

  // tokens
  ['token with system', of('Observation', heartRate), 'b4 b2 b1 b8'],
  ['token of another system', of('Observation', term('Observation.code', 'other|hr')), 'b5'],
  ['token without system', of('Observation', code('Observation.code', 'hr')), 'b4 b2 b1 b5 b8'],
  ['a token without system is case-sensitive here', of('Observation', code('Observation.code', 'HR')), ''],
  ['token with system only', of('Observation', system('Observation.code', 'loinc')), 'b4 b7 b2 b3 b1 b8 b6'],
  ['system only, of a second coding', of('Observation', system('Observation.code', 'local')), 'b1'],
  [
    'system only, the empty system',
    of('Observation', system('Observation.status', '')),
    'b4 b7 b2 b3 b1 b5 b8 b6',
  ],
  ['an unknown code', of('Observation', code('Observation.code', 'nope')), ''],
  ['an unknown system', of('Observation', system('Observation.code', 'nope')), ''],
  ['a code of another parameter', of('Observation', code('Observation.code', 'final')), ''],
  ['a parameter of another type', of('Patient', heartRate), ''],
  [
    'several terms are an OR without duplicates',
    of('Observation', term('Observation.code', 'loinc|hr', 'local|pulse', 'loinc|bw')),
    'b4 b2 b3 b1 b8',
  ],
  ['no terms match nothing', of('Observation', term('Observation.code')), ''],
  ['identifier with system', of('Patient', term('Patient.identifier', 'case|77')), 'p2 p1'],
  ['identifier without system', of('Patient', term('Patient.identifier', '78')), 'p3'],
  ['identifier that nobody has', of('Patient', term('Patient.identifier', 'case|79')), ''],

  // boolean structure
  ['AND of two', of('Observation', all(heartRate, code('Observation.status', 'amended'))), 'b4'],
  ['AND with nothing in common', of('Observation', all(heartRate, term('Observation.code', 'loinc|bw'))), ''],
  [
    'AND of two codes of one resource',
    of('Observation', all(heartRate, term('Observation.code', 'local|pulse'))),
    'b1',
  ],
  [
    'OR across parameters',
    of('Observation', any(term('Observation.code', 'loinc|bw'), term('Observation.subject', 'Patient/p2'))),
    'b2 b3 b6',
  ],
  ['NOT includes those without the parameter', of('Patient', not(female)), 'p2 p6 p5 p4'],
  ['NOT of a code without system', of('Observation', not(code('Observation.code', 'hr'))), 'b7 b3 b6'],
  ['double NOT', of('Patient', not(not(female))), 'p1 p7 p3'],
  ['NOT of an OR', of('Observation', not(any(heartRate, code('Observation.code', 'temp')))), 'b3 b5'],
  ['NOT of everything', of('Patient', not(all())), ''],
  ['NOT of nothing', of('Encounter', not(any())), 'e2 e1'],
  [
    'AND of a NOT',
    of('Observation', all(heartRate, not(term('Observation.subject', 'Patient/p1', 'Patient/p2')))),
    'b4 b8',
  ],
  [
    'OR of ANDs',
    of(
      'Observation',
      any(
        all(heartRate, term('Observation.subject', 'Patient/p1')),
        all(code('Observation.code', 'temp'), not(present('Observation.subject'))),
      ),
    ),
    'b7 b1',
  ],

  // presence
  ['present', of('Observation', present('Observation.value')), 'b4 b7 b2 b3 b1 b8 b6'],
  ['absent', of('Observation', not(present('Observation.value'))), 'b5'],
  ['a string is present', of('Observation', present('Observation.note')), 'b1'],
  ['a date is present', of('Observation', present('Observation.date')), 'b4 b7 b2 b3 b1 b5 b8'],
  ['a reference is absent', of('Observation', not(present('Observation.subject'))), 'b7'],
  ['nobody has it', of('Observation', present('Observation.nothing')), ''],
  ['everybody lacks it', of('Encounter', not(present('Encounter.nothing'))), 'e2 e1'],

  ['present without a posting', query('Location', present('Location.operational-status')), 'l2'],
  ['present of a parameter with postings too', query('Location', not(present('Location.near'))), ''],

  // words of codes
  ['a word at the start', query('Location', words('Location.type', 'ten')), 'l1'],
  ['a word after a space', query('Location', words('Location.type', 'clinic')), 'l2 l1'],
  ['two words', query('Location', words('Location.type', 'mobile x')), 'l2'],
  ['no word starts inside another', query('Location', words('Location.type', 'ray')), ''],
  ['words with wildcards in them', query('Location', words('Location.type', '%')), ''],
  ['words of another parameter', query('Location', words('Location.status', 'clinic')), ''],

  // positions
  ['near', query('Location', near('Location.near', 46.2, 6.2, 5_000)), 'l1'],
  ['near, just too far', query('Location', near('Location.near', 46.2, 6.2, 4_600)), ''],
  ['near across the date line', query('Location', near('Location.near', -17.8, -179.9, 30_000)), 'l2'],
  ['near everything', query('Location', near('Location.near', 0, 0, 21_000_000)), 'l2 l1'],

  // types
  ['a type', query('', all(type('Encounter', 'Basic'), not(id('e1')))), 'e2 x1'],
  ['another type', of('Patient', type('Group')), ''],
  ['not a type', query('Encounter,Basic', not(type('Encounter'))), 'x1'],

  // strings
  ['prefix', of('Patient', text('Patient.name', 'prefix', 'ann')), 'p2 p3'],
  ['prefix folds marks and case', of('Patient', text('Patient.name', 'prefix', 'MUL')), 'p1 p5'],
  ['prefix of one letter', of('Patient', text('Patient.name', 'prefix', 'z')), 'p4 p7'],
  ['prefix that is the whole', of('Patient', text('Patient.name', 'prefix', 'ana')), 'p1 p5 p7'],
  ['prefix longer than the value', of('Patient', text('Patient.name', 'prefix', 'anastasia')), ''],
  ['the empty prefix matches every value', of('Observation', text('Observation.note', 'prefix', '')), 'b1'],
  ['prefix in another script', of('Patient', text('Patient.name', 'prefix', '李')), 'p6'],
  ['prefix outside the basic plane', of('Patient', text('Patient.name', 'prefix', '😀')), 'p6'],
  ['prefix with a quote', of('Patient', text('Patient.name', 'prefix', "o'n")), 'p4'],
  ['a percent sign is itself', of('Patient', text('Patient.name', 'prefix', '%')), ''],
  ['contains', of('Patient', text('Patient.name', 'contains', 'mi')), 'p2 p6 p3'],
  ['contains at the start', of('Patient', text('Patient.name', 'contains', 'smith')), 'p2 p3'],
  ['the end of a string', query('Organization', text('Organization.name', 'suffix', 'hospital')), 'org2'],
  ['the end is not the middle', query('Organization', text('Organization.name', 'suffix', 'hosp')), ''],
  ['all of a string', query('Organization', text('Organization.name', 'whole', 'field hospital')), 'org2'],
  ['all is not the start', query('Organization', text('Organization.name', 'whole', 'field')), ''],
  ['contains with wildcards in it', of('Patient', text('Patient.name', 'contains', '_')), ''],
  ['contains never sees the original', of('Patient', text('Patient.name', 'contains', 'ü')), 'p1 p5'],
  ['exact', of('Patient', text('Patient.name', 'exact', 'Müller')), 'p1'],
  ['exact differs in case', of('Patient', text('Patient.name', 'exact', 'ana')), ''],
  ['exact in capitals', of('Patient', text('Patient.name', 'exact', 'MULLER')), 'p5'],
  ['exact is not a prefix', of('Patient', text('Patient.name', 'exact', 'Ann')), 'p2'],

  // dates: the interval of the resource against that of the query
  ['date eq: within', of('Observation', date('Observation.date', 'eq', '2024-01-01', '2024-02-01')), 'b3 b1'],
  [
    'date eq: the day',
    of('Observation', date('Observation.date', 'eq', '2024-01-10', '2024-01-11')),
    'b3 b1',
  ],
  [
    'date eq: a period must be inside',
    of('Observation', date('Observation.date', 'eq', '2024-03-01', '2024-03-30')),
    '',
  ],
  [
    'date eq: a period just inside',
    of('Observation', date('Observation.date', 'eq', '2024-03-01', '2024-03-31')),
    'b4',
  ],
  [
    'date ne',
    of('Observation', date('Observation.date', 'ne', '2024-02-10', '2024-02-11')),
    'b4 b3 b1 b5 b8',
  ],
  ['date gt', of('Observation', date('Observation.date', 'gt', '2024-02-10', '2024-02-11')), 'b4 b5'],
  [
    'date gt: a period that ends later',
    of('Observation', date('Observation.date', 'gt', '2024-03-10', '2024-03-11')),
    'b4 b5',
  ],
  ['date ge', of('Observation', date('Observation.date', 'ge', '2024-02-10', '2024-02-11')), 'b4 b7 b2 b5'],
  ['date lt', of('Observation', date('Observation.date', 'lt', '2024-01-10', '2024-01-11')), 'b5 b8'],
  ['date le', of('Observation', date('Observation.date', 'le', '2024-01-10', '2024-01-11')), 'b3 b1 b5 b8'],
  ['date sa', of('Observation', date('Observation.date', 'sa', '2024-02-10', '2024-02-11')), 'b4'],
  [
    'date sa: the boundary is included',
    of('Observation', date('Observation.date', 'sa', '2024-02-09', '2024-02-10')),
    'b4 b7 b2',
  ],
  ['date eb', of('Observation', date('Observation.date', 'eb', '2024-01-11', '2024-01-12')), 'b3 b1 b8'],
  [
    'date eb: never an open end',
    of('Observation', date('Observation.date', 'eb', '2030-01-01', '2031-01-01')),
    'b4 b7 b2 b3 b1 b8',
  ],
  [
    'date ap: any overlap',
    of('Observation', date('Observation.date', 'ap', '2024-02-25', '2024-03-02')),
    'b4 b5',
  ],
  ['date before 1970', of('Observation', date('Observation.date', 'lt', '1970-01-01', '1970-01-02')), 'b8'],
  [
    'birth date at the epoch',
    of('Patient', date('Patient.birthdate', 'eq', '1970-01-01', '1970-01-02')),
    'p6 p5',
  ],
  [
    'birth date before the epoch',
    of('Patient', date('Patient.birthdate', 'le', '1965-05-05', '1965-05-06')),
    'p4',
  ],
  [
    'the primary date ge',
    of('Observation', primary('Observation.date', 'ge', '2024-02-10', '2024-02-11')),
    'b4 b7 b2 b5',
  ],
  [
    'the primary date lt',
    of('Observation', primary('Observation.date', 'lt', '2024-01-10', '2024-01-11')),
    'b5 b8',
  ],
  [
    'the primary date eq',
    of('Observation', all(heartRate, primary('Observation.date', 'eq', '2024-01-10', '2024-02-11'))),
    'b2 b1',
  ],
  [
    'the primary date ne',
    of('Observation', primary('Observation.date', 'ne', '2024-02-10', '2024-02-11')),
    'b4 b3 b1 b5 b8',
  ],
  [
    'the primary date of one before the epoch',
    of('Patient', primary('Patient.birthdate', 'lt', '1966-01-01', '1967-01-01')),
    'p4',
  ],
  ['an unbounded date range', of('Patient', date('Patient.birthdate', 'eq', '', '')), 'p2 p1 p6 p5 p4'],
  [
    'several dates: one is enough',
    of('Encounter', date('Encounter.date', 'ge', '2024-04-01', '2024-04-02')),
    'e2',
  ],
  [
    'several dates: each AND may use another',
    of(
      'Encounter',
      all(
        date('Encounter.date', 'eq', '2024-02-01', '2024-02-02'),
        date('Encounter.date', 'eq', '2024-05-01', '2024-05-02'),
      ),
    ),
    'e2',
  ],
  [
    'a range of two predicates',
    of(
      'Observation',
      all(
        heartRate,
        date('Observation.date', 'ge', '2024-01-01', '2024-01-02'),
        date('Observation.date', 'lt', '2024-02-01', '2024-02-02'),
      ),
    ),
    'b1',
  ],
  [
    'NOT of a date includes the undated',
    of('Observation', not(date('Observation.date', 'ge', '2000-01-01', '2000-01-02'))),
    'b8 b6',
  ],

  // numbers and quantities
  ['number eq: any unit', of('Observation', number('Observation.value', 'eq', 71.5, 72.5)), 'b7 b3 b1'],
  ['number eq: one unit', of('Observation', number('Observation.value', 'eq', 71.5, 72.5, '/min')), 'b1'],
  [
    'number eq: two units',
    of('Observation', number('Observation.value', 'eq', 71.5, 72.5, '/min', 'kg')),
    'b3 b1',
  ],
  ['number eq: the plain number', of('Observation', number('Observation.value', 'eq', 71.5, 72.5, '')), 'b7'],
  [
    'number eq: unknown unit',
    of('Observation', number('Observation.value', 'eq', 71.5, 72.5, 'furlong')),
    '',
  ],
  ['number eq: the upper end is open', of('Observation', number('Observation.value', 'eq', 71, 72)), ''],
  ['number eq: exactly', of('Observation', number('Observation.value', 'eq', 72, nextUp(72))), 'b7 b3 b1'],
  ['number gt', of('Observation', number('Observation.value', 'gt', 72, nextUp(72))), 'b8'],
  ['number ge', of('Observation', number('Observation.value', 'ge', 72, nextUp(72), '/min')), 'b1 b8'],
  ['number lt', of('Observation', number('Observation.value', 'lt', 60, nextUp(60))), 'b4 b6'],
  ['number le', of('Observation', number('Observation.value', 'le', 60, nextUp(60), '/min')), 'b4 b2'],
  ['number ne', of('Observation', number('Observation.value', 'ne', 72, nextUp(72), '/min')), 'b4 b2 b8'],
  ['number sa', of('Observation', number('Observation.value', 'sa', 72, nextUp(72))), 'b8'],
  ['number eb', of('Observation', number('Observation.value', 'eb', 60, nextUp(60))), 'b4 b6'],
  ['number ap', of('Observation', number('Observation.value', 'ap', 66, 79.2, '/min')), 'b1'],
  ['a negative number', of('Observation', number('Observation.value', 'lt', 0, nextUp(0))), 'b4'],
  ['a fraction', of('Observation', number('Observation.value', 'eq', 36.55, 36.65, 'Cel')), 'b6'],
  [
    'an unbounded range',
    of('Observation', number('Observation.value', 'eq', -Infinity, Infinity, '/min')),
    'b4 b2 b1 b8',
  ],

  // ids
  ['one id', of('Patient', id('p3')), 'p3'],
  ['several ids, once each', of('Patient', id('p3', 'p1', 'p3', 'nope')), 'p1 p3'],
  ['no ids', of('Patient', id()), ''],
  ['an id of another type', of('Patient', id('b1')), ''],
  ['an id of a deleted resource', of('Patient', id('gone1')), ''],
  ['an id and a term', of('Patient', all(id('p1', 'p2'), female)), 'p1'],
  ['not an id', of('Encounter', not(id('e1'))), 'e2'],
  ['an id that is no id', of('Patient', id("' OR 1=1 --")), ''],

  // chains
  ['chain', of('Observation', chain('Observation.subject', 'Patient', female)), 'b4 b3 b1 b5'],
  [
    'chain over a deleted target finds nothing',
    of('Observation', chain('Observation.subject', 'Patient', text('Patient.name', 'prefix', 'gone'))),
    '',
  ],
  [
    'chain to a target of another type',
    of('Observation', chain('Observation.subject', 'Organization', all())),
    '',
  ],
  [
    'chain to any live target',
    of('Observation', chain('Observation.subject', 'Patient', all())),
    'b4 b2 b3 b1 b5 b6',
  ],
  [
    'chain of two',
    of(
      'Observation',
      chain(
        'Observation.subject',
        'Patient',
        chain('Patient.organization', 'Organization', text('Organization.name', 'prefix', 'border')),
      ),
    ),
    'b4 b3 b1 b5',
  ],
  [
    'chain AND term',
    of(
      'Observation',
      all(heartRate, chain('Observation.subject', 'Patient', text('Patient.name', 'exact', 'Ana'))),
    ),
    'b1',
  ],
  [
    'two chains may meet in two targets',
    of(
      'Observation',
      all(
        chain('Observation.subject', 'Patient', female),
        chain('Observation.subject', 'Patient', term('Patient.identifier', 'case|77')),
      ),
    ),
    'b3 b1 b5',
  ],
  ['NOT of a chain', of('Observation', not(chain('Observation.subject', 'Patient', female))), 'b7 b2 b8 b6'],
  ['chain by id', of('Observation', chain('Observation.subject', 'Patient', id('p2'))), 'b2 b6'],
  [
    'chain with an absent parameter',
    of('Observation', chain('Observation.subject', 'Patient', not(present('Patient.birthdate')))),
    'b4',
  ],

  // reverse chains
  ['_has', of('Patient', has('Observation.subject', heartRate)), 'p2 p1 p3'],
  ['_has of nothing', of('Patient', has('Observation.subject', term('Observation.code', 'none'))), ''],
  ['_has anything', of('Patient', has('Encounter.subject', all())), 'p1 p4'],
  [
    '_has never sees a deleted source',
    of(
      'Patient',
      has('Observation.subject', all(heartRate, number('Observation.value', 'eq', 72, 73, '/min'))),
    ),
    'p1',
  ],
  ['NOT of _has', of('Patient', not(has('Observation.subject', all()))), 'p6 p5 p4 p7'],
  [
    '_has AND _has',
    of(
      'Patient',
      all(has('Observation.subject', code('Observation.code', 'bw')), has('Encounter.subject', all())),
    ),
    'p1',
  ],
  [
    '_has of a _has',
    query(
      'Organization',
      has('Patient.organization', has('Observation.subject', code('Observation.status', 'amended'))),
    ),
    'org1',
  ],
  [
    'a chain into a _has',
    of('Encounter', chain('Encounter.subject', 'Patient', has('Observation.subject', heartRate))),
    'e1',
  ],
  [
    'a _has with a chain back',
    of('Patient', has('Observation.subject', chain('Observation.subject', 'Patient', female))),
    'p1 p3',
  ],

  // order
  [
    'primary ascending: undated last, oldest first',
    query('Patient', all(), { by: 'primary', descending: false }),
    'p4 p5 p6 p1 p2 p3 p7',
  ],
  [
    'primary descending',
    query('Patient', all(), { by: 'primary', descending: true }),
    'p2 p1 p6 p5 p4 p7 p3',
  ],
  [
    'primary ascending with a term',
    query('Observation', heartRate, { by: 'primary', descending: false }),
    'b8 b1 b2 b4',
  ],
  ['by id', query('Patient', all(), { by: 'id', descending: false }), 'p1 p2 p3 p4 p5 p6 p7'],
  ['by id descending', query('Observation', heartRate, { by: 'id', descending: true }), 'b8 b4 b2 b1'],
  ['by last update', query('Patient', all(), { by: 'updated', descending: false }), 'p1 p2 p3 p4 p5 p6 p7'],
  [
    'by last update descending',
    query('Observation', heartRate, { by: 'updated', descending: true }),
    'b8 b4 b2 b1',
  ],
  ['by a date', query('Encounter', all(), by('Encounter.date', 'date')), 'e1 e2'],
  [
    'by a date descending: the greatest counts',
    query('Encounter', all(), byDesc('Encounter.date', 'date')),
    'e2 e1',
  ],
  [
    'by a date, the undated last',
    query('Observation', all(), by('Observation.date', 'date')),
    'b8 b5 b1 b3 b2 b7 b4 b6',
  ],
  [
    'by a date descending, the undated still last',
    query('Observation', all(), byDesc('Observation.date', 'date')),
    'b4 b7 b2 b3 b1 b5 b8 b6',
  ],
  ['by a number', query('Observation', all(), by('Observation.value', 'number')), 'b4 b6 b2 b1 b3 b7 b8 b5'],
  [
    'by a number descending',
    query('Observation', all(), byDesc('Observation.value', 'number')),
    'b8 b7 b3 b1 b2 b6 b4 b5',
  ],
  [
    'by a string: the least counts',
    query('Patient', all(), by('Patient.name', 'text')),
    'p1 p5 p7 p2 p3 p4 p6',
  ],
  [
    'by a string descending: the greatest counts',
    query('Patient', all(), byDesc('Patient.name', 'text')),
    'p6 p4 p7 p3 p2 p1 p5',
  ],
  ['by a code', query('Patient', all(), by('Patient.gender', 'term')), 'p1 p3 p7 p2 p5 p6 p4'],
  ['by a code descending', query('Patient', all(), byDesc('Patient.gender', 'term')), 'p6 p5 p2 p7 p3 p1 p4'],
  [
    'by two keys',
    query('Observation', all(), byDesc('Observation.status', 'term'), by('Observation.value', 'number')),
    'b7 b6 b2 b3 b1 b8 b5 b4',
  ],
  [
    'by two keys with a filter',
    query('Observation', heartRate, by('Observation.status', 'term'), { by: 'primary', descending: true }),
    'b4 b2 b1 b8',
  ],
  ['by a key that nobody has', query('Encounter', all(), by('Encounter.nothing', 'text')), 'e1 e2'],
  [
    'across types by a key of one',
    query('Encounter,Organization', all(), by('Organization.name', 'text')),
    'org1 org2 e1 e2',
  ],
];
