/** The small parts of search: dates, numbers, folds, references, hashes, page tokens. */
import t from 'tap';
import { parseDateRange } from '../../src/search/date-range.ts';
import { fold, indexText } from '../../src/search/fold.ts';
import { distanceM, latitudeBand } from '../../src/search/near.ts';
import { nextUp, parseDecimal } from '../../src/search/number-range.ts';
import { createPageTokens } from '../../src/search/page-token.ts';
import { parseName, splitEscaped, unescapeValue } from '../../src/search/parse.ts';
import { canonicalForms, referencedType, referenceForms } from '../../src/search/reference-forms.ts';
import { contactValue } from '../../src/search/term-forms.ts';
import { hashCode, hashPair, hashParam, hashTerm } from '../../src/search/term-hash.ts';
import { createTimeZone } from '../../src/search/time-zone.ts';

const at = (text: string): number => Date.parse(text);

t.test('a date is the interval that it leaves open, in the zone that applies', async (t) => {
  const cases: readonly (readonly [value: string, zone: string, from: string, to: string])[] = [
    ['2024', 'UTC', '2024-01-01T00:00:00Z', '2025-01-01T00:00:00Z'],
    ['0001', 'UTC', '0001-01-01T00:00:00Z', '0002-01-01T00:00:00Z'],
    ['9999-12-31', 'UTC', '9999-12-31T00:00:00Z', '+010000-01-01T00:00:00Z'],
    ['2023-12', 'UTC', '2023-12-01T00:00:00Z', '2024-01-01T00:00:00Z'],
    ['2024-02-29', '+05:45', '2024-02-28T18:15:00Z', '2024-02-29T18:15:00Z'],
    ['2024-02-29', 'Asia/Kathmandu', '2024-02-28T18:15:00Z', '2024-02-29T18:15:00Z'],
    ['2024-02-29T10:00', '-03:30', '2024-02-29T13:30:00Z', '2024-02-29T13:31:00Z'],
    ['2024-02-29T10:00:00+14:00', '-03:30', '2024-02-28T20:00:00Z', '2024-02-28T20:00:01Z'],
    ['2024-02-29T10:00:00.1Z', 'UTC', '2024-02-29T10:00:00.100Z', '2024-02-29T10:00:00.200Z'],
    ['2024-02-29T10:00:00.123456Z', 'UTC', '2024-02-29T10:00:00.123Z', '2024-02-29T10:00:00.124Z'],
    // in the day, month and year that it is written with
    ['2016-12-31T23:59:60Z', 'UTC', '2016-12-31T23:59:59Z', '2017-01-01T00:00:00Z'],
    ['2016-12-31T23:59:60.5Z', 'UTC', '2016-12-31T23:59:59.500Z', '2016-12-31T23:59:59.600Z'],
    // summer time begins: the day has 23 hours, half past two does not exist
    ['2024-03-31', 'Europe/Berlin', '2024-03-30T23:00:00Z', '2024-03-31T22:00:00Z'],
    ['2024-03-31T02:30', 'Europe/Berlin', '2024-03-31T01:30:00Z', '2024-03-31T01:31:00Z'],
    // it ends: half past two comes twice, the first time counts
    ['2024-10-27', 'Europe/Berlin', '2024-10-26T22:00:00Z', '2024-10-27T23:00:00Z'],
    ['2024-10-27T02:30', 'Europe/Berlin', '2024-10-27T00:30:00Z', '2024-10-27T00:31:00Z'],
    ['2024-10-27T03:30', 'Europe/Berlin', '2024-10-27T02:30:00Z', '2024-10-27T02:31:00Z'],
    // it begins at midnight, so that the day has no midnight, west and east of UTC
    ['2024-03-09', 'America/Havana', '2024-03-09T05:00:00Z', '2024-03-10T05:00:00Z'],
    ['2024-03-10', 'America/Havana', '2024-03-10T05:00:00Z', '2024-03-11T04:00:00Z'],
    ['2018-11-04T00:30', 'America/Sao_Paulo', '2018-11-04T03:30:00Z', '2018-11-04T03:31:00Z'],
    ['2024-04-26', 'Africa/Cairo', '2024-04-25T22:00:00Z', '2024-04-26T21:00:00Z'],
    ['2024-11-03', 'America/Havana', '2024-11-03T04:00:00Z', '2024-11-04T05:00:00Z'],
    // the day after it was left out
    ['2011-12-29', 'Pacific/Apia', '2011-12-29T10:00:00Z', '2011-12-30T10:00:00Z'],
    ['2011-12-31', 'Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-31T10:00:00Z'],
    // a clock that changes by half an hour
    ['2024-10-06T02:15', 'Australia/Lord_Howe', '2024-10-05T15:45:00Z', '2024-10-05T15:46:00Z'],
    ['2024-10-06T02:45', 'Australia/Lord_Howe', '2024-10-05T15:45:00Z', '2024-10-05T15:46:00Z'],
    ['2024-04-07T01:45', 'Australia/Lord_Howe', '2024-04-06T14:45:00Z', '2024-04-06T14:46:00Z'],
    ['2024-07-01', 'Australia/Lord_Howe', '2024-06-30T13:30:00Z', '2024-07-01T13:30:00Z'],
    ['2024-07-01', 'Pacific/Kiritimati', '2024-06-30T10:00:00Z', '2024-07-01T10:00:00Z'],
  ];
  for (const [value, zone, from, to] of cases) {
    t.same(parseDateRange(value, createTimeZone(zone)), { lo: at(from), hi: at(to) }, `${value} ${zone}`);
  }
});

t.test('what is no date is none', async (t) => {
  const utc = createTimeZone('UTC');
  const bad = [
    '',
    '24',
    '202',
    '20240',
    '0000',
    '0000-01-01',
    '2024-',
    '2024-0',
    '2024-00',
    '2024-13',
    '2024-1-1',
    '2024-01-',
    '2024-02-30',
    '2023-02-29',
    '1900-02-29',
    '2024-01-00',
    '2024-01-01T',
    '2024-01-01T10',
    '2024-01-01T10:',
    '2024-01-01T24:00',
    '2024-01-01T10:60',
    '2024-01-01T10:00:61',
    '2024-01-01T10:00:00.',
    '2024-01-01T10:00:00.1.2',
    '2024-01-01T10:00:00z',
    '2024-01-01T10:00:00+1:00',
    '2024-01-01T10:00:00+14:01',
    '2024-01-01T10:00:00+05:60',
    '2024-01-01 10:00',
    '2024-01-01T10:00:00ZZ',
    '2024-01-01Z',
    ' 2024',
    '٢٠٢٤',
  ];
  for (const value of bad) t.equal(parseDateRange(value, utc), undefined, value);
  t.throws(() => createTimeZone('Mars/Olympus'), RangeError);
  t.throws(() => createTimeZone('+15:00'), RangeError);
});

t.test('a decimal spans half a unit of its last digit on both sides', async (t) => {
  const cases: readonly (readonly [text: string, value: number, lo: number, hi: number])[] = [
    ['100', 100, 99.5, 100.5],
    ['100.00', 100, 99.995, 100.005],
    ['0.1', 0.1, 0.05, 0.15],
    ['-5.4', -5.4, -5.45, -5.35],
    ['+2', 2, 1.5, 2.5],
    ['0', 0, -0.5, 0.5],
    ['1e2', 100, 95, 105],
    ['1E2', 100, 95, 105],
    ['10e1', 100, 95, 105],
    ['1.00e2', 100, 99.5, 100.5],
    ['5.40e-3', 0.0054, 0.005395, 0.005405],
    ['1.0e-3', 0.001, 0.00095, 0.00105],
    ['100000000000000000000', 1e20, 1e20, nextUp(1e20)],
  ];
  for (const [text, value, lo, hi] of cases) t.same(parseDecimal(text), { value, lo, hi }, text);
  for (const text of [
    '',
    '.',
    '1.',
    '.5',
    '1e',
    'e5',
    '1e999',
    '1e1000',
    '0x10',
    'NaN',
    'Infinity',
    '1,5',
    '--1',
    '1 ',
  ]) {
    t.equal(parseDecimal(text), undefined, text);
  }
});

t.test('the next double is the nearest one above', async (t) => {
  for (const x of [1, -1, 0.1, -0.1, 1e300, -1e300, 4294967295, 2 ** -1022, -(2 ** -1022), 123.456]) {
    const next = nextUp(x);
    t.ok(next > x, `${x}`);
    t.ok((x + next) / 2 === x || (x + next) / 2 === next, `nothing between ${x} and ${next}`);
  }
  t.equal(nextUp(0), Number.MIN_VALUE);
  t.equal(nextUp(-Number.MIN_VALUE), -0);
});

t.test('folding forgets case, accents, punctuation and spacing, in any script', async (t) => {
  const cases: readonly (readonly [text: string, folded: string])[] = [
    ['  O’Brien--Łukasz ', 'o brien lukasz'],
    ['Ñuñez', 'nunez'],
    ['STRASSE', 'strasse'],
    ['Straße', 'strasse'],
    ['ﬁancé', 'fiance'],
    ['Nguyễn Thị Đào', 'nguyen thi dao'],
    ['محمد', 'محمد'],
    ['မောင်', fold('မောင်')],
    ['İstanbul', 'istanbul'],
    ['Ærø', 'aero'],
    ['a\u0000b', 'a b'],
    ['\u0301', ''],
    ['😀', ''],
  ];
  for (const [text, folded] of cases) t.equal(fold(text), folded, text);
  for (const [, folded] of cases) t.equal(fold(folded), folded, `folding ${folded} again changes nothing`);
  t.equal(indexText('Saw'), 'saw\u0000Saw');
  t.equal(indexText(''), undefined);
  t.equal(indexText('!'), '\u0000!');
});

t.test('a long string is indexed by its start and told from others by a digest', async (t) => {
  const long = 'ab '.repeat(2000);
  const texts = [long, `${long}c`, `${long}d`].map((text) => indexText(text) as string);
  t.equal(new Set(texts).size, 3);
  for (const text of texts) t.ok(text.length < 2200, `${text.length}`);
});

t.test('contact points are compared without what people vary', async (t) => {
  t.equal(contactValue('+66 (0)81-234.5678'), '+660812345678');
  t.equal(contactValue(' Htoo@Example.ORG '), 'htoo@example.org');
});

t.test('references are found by every way to write them', async (t) => {
  const base = 'https://c.example/fhir';
  const cases: readonly (readonly [reference: string, forms: readonly string[]])[] = [
    ['Patient/1', ['Patient/1']],
    ['https://c.example/fhir/Patient/1', ['Patient/1']],
    ['https://c.example/fhirPatient/1', ['https://c.example/fhirPatient/1']],
    ['Patient/1/_history/2', ['Patient/1', 'Patient/1/_history/2']],
    [
      'http://o.example/Patient/1/_history/2',
      ['http://o.example/Patient/1', 'http://o.example/Patient/1/_history/2'],
    ],
    ['Patient/1#part', ['Patient/1']],
    ['urn:uuid:0c3151bd', ['urn:uuid:0c3151bd']],
    ['#inside', []],
    ['', []],
  ];
  for (const [reference, forms] of cases) t.same(referenceForms(reference, base), forms, reference);
  t.same(canonicalForms('http://x/V|1.0#f'), ['http://x/V', 'http://x/V|1.0']);
  t.same(canonicalForms('http://x/V'), ['http://x/V']);
  t.equal(referencedType('https://c.example/fhir/Patient/1/_history/2'), 'Patient');
  t.equal(referencedType('Patient/1'), 'Patient');
  for (const none of ['urn:uuid:x', '#p', 'patient/1', 'Patient', ''])
    t.equal(referencedType(none), undefined, none);
});

t.test('stored hashes never change', async (t) => {
  t.equal(hashTerm('Patient/1'), 2056237070074734);
  t.equal(hashTerm(''), 3801377343134505);
  t.equal(hashParam('Patient', 'name'), 998988754);
  t.equal(hashPair(1, 2), 3329339240102997);
  t.equal(hashCode('http://loinc.org', '8480-6'), hashTerm('http://loinc.org|8480-6'));
  t.equal(hashCode('', 'male'), hashTerm('|male'));
  t.not(hashPair(1, 2), hashPair(2, 1));
});

t.test('names and values are taken apart at what is not escaped', async (t) => {
  t.same(parseName('subject:Patient.name:exact'), [
    { kind: 'plain', code: 'subject', modifier: 'Patient' },
    { kind: 'plain', code: 'name', modifier: 'exact' },
  ]);
  t.same(parseName('_has:Group:member:_has:List:item:_id'), [
    { kind: 'has', source: 'Group', code: 'member' },
    { kind: 'has', source: 'List', code: 'item' },
    { kind: 'plain', code: '_id' },
  ]);
  for (const name of ['_has:', '_has:A', '_has:A:b', 'x._has:A']) t.equal(parseName(name), undefined, name);
  t.same(splitEscaped('a\\,b,c\\\\,d', ','), ['a\\,b', 'c\\\\', 'd']);
  t.same(splitEscaped('a,', ','), ['a', '']);
  t.same(splitEscaped('a\\', ','), ['a\\']);
  t.equal(unescapeValue('a\\,b\\|c\\$d\\\\e\\f'), 'a,b|c$d\\e\\f');
});

t.test('distances are measured on the globe, and the band never misses a place in the circle', async (t) => {
  // Yangon to Bangkok
  t.ok(Math.abs(distanceM(16.8661, 96.1951, 13.7563, 100.5018) - 576_000) < 3_000);
  t.ok(Math.abs(distanceM(0, 179.9, 0, -179.9) - 22_239) < 10, 'across the date line');
  t.equal(distanceM(10, 20, 10, 20), 0);
  for (let bearing = 0; bearing < 360; bearing += 15) {
    const radians = (bearing * Math.PI) / 180;
    const latitude = 17 + Math.cos(radians) * 0.1;
    const longitude = 98 + Math.sin(radians) * 0.1;
    const radius = distanceM(17, 98, latitude, longitude);
    const { lo, hi } = latitudeBand(17, radius);
    t.ok(latitude >= lo && latitude <= hi, `${bearing} degrees`);
  }
});

t.test('a page token is good for its search and its server only', async (t) => {
  const tokens = createPageTokens(Buffer.alloc(32, 1));
  const token = tokens.encode('cursor ☃', 'Patient?name=x');
  t.equal(tokens.decode(token, 'Patient?name=x'), 'cursor ☃');
  t.match(token, /^[A-Za-z0-9_-]+$/);
  t.equal(tokens.encode('cursor ☃', 'Patient?name=x'), token, 'the same page has the same link');
  // none is taken for another that was made before, however its parts are cut
  const parts = [...'ab1:'].flatMap(
    (one) =>
      [
        [one, 'c'],
        ['', `${one}c`],
        [`${one}c`, ''],
      ] as const,
  );
  const many = Array.from({ length: 1_200 }, (_, at) => [`c${at % 600}`, `b${at % 600}`] as const);
  for (const [cursor, binding] of [...parts, ...many, ['x'.repeat(400), 'y'.repeat(400)] as const]) {
    const made = tokens.encode(cursor, binding);
    if (tokens.decode(made, binding) !== cursor) t.fail(`${cursor} of ${binding}`);
    if (createPageTokens(Buffer.alloc(32, 1)).encode(cursor, binding) !== made) t.fail(`${binding} differs`);
  }
  t.throws(() => tokens.decode(token, 'Patient?name=y'), /not valid for this search/);
  t.throws(() => createPageTokens(Buffer.alloc(32, 2)).decode(token, 'Patient?name=x'), /not valid/);
  const forged = [
    '',
    'a',
    token.slice(1),
    token.slice(0, -1),
    `${token}A`,
    `${token}=`,
    ` ${token}`,
    token.toUpperCase(),
    Buffer.from('x'.repeat(40)).toString('base64url'),
  ];
  for (const one of forged) t.throws(() => tokens.decode(one, 'Patient?name=x'), /not valid/, one);
  t.equal(tokens.decode(tokens.encode('', 'q'), 'q'), '');
});
