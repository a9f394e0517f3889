/** Code systems with a grammar: units, languages, media types, countries, currencies, time zones, URIs. */
import t from 'tap';
import { loadCoreDefinitions } from '../../src/definitions/registry.ts';
import { ratioOf, toNumber } from '../../src/fhir/ratio.ts';
import { canonicalQuantity, convertQuantity, isUcum } from '../../src/fhir/ucum.ts';
import { loincFault, snomedFault } from '../../src/terminology/check-digits.ts';
import { createTerminology } from '../../src/terminology/create.ts';
import { eclFault } from '../../src/terminology/ecl.ts';
import type { Membership } from '../../src/terminology/terminology.ts';

const core = loadCoreDefinitions();
const terminology = createTerminology(core);

t.test('codes of systems with a grammar', async (t) => {
  const cases: Record<string, [Membership, string[]][]> = {
    'urn:ietf:bcp:47': [
      [
        'yes',
        ['en', 'EN', 'fr-CA', 'zh-Hant-TW', 'sr-Latn', 'de-CH-1996', 'es-419', 'zh-yue', 'zh-cmn-Hans-CN'],
      ],
      [
        'yes',
        ['ar-x-camp', 'x-camp-4', 'en-u-ca-buddhist', 'qaa', 'i-klingon', 'ne', 'rhg', 'my', 'prs', 'sw'],
      ],
      [
        'no',
        [
          '',
          'xx',
          'english',
          'en_US',
          'en-',
          '-en',
          'en--US',
          'en-ZZZ',
          'en-1996-1996',
          'en-u',
          'x',
          'fr-yue',
          'de-1996-DE',
        ],
      ],
    ],
    'urn:ietf:bcp:13': [
      [
        'yes',
        [
          'text/plain',
          'application/fhir+json',
          'application/dicom',
          'image/JPEG',
          'text/plain; charset=utf-8',
        ],
      ],
      ['yes', ['application/fhir+json;fhirVersion=4.0', 'multipart/related; type="a;b"; boundary=x']],
      ['unknown', ['json', 'xml', 'ttl', 'chemical/x-pdb']],
      [
        'no',
        [
          '',
          'pdf',
          'text',
          'text/',
          '/plain',
          'text/plain;',
          'text/pl ain',
          'text/plain; charset',
          '*/*',
          `text/${'x'.repeat(128)}`,
        ],
      ],
    ],
    'urn:iso:std:iso:3166': [
      ['yes', ['NP', 'NPL', '524', 'US', 'GBR', 'XK']],
      ['no', ['np', 'UK', 'XX', '999', 'Nepal', '']],
    ],
    'urn:iso:std:iso:3166:-2': [
      ['unknown', ['US-CA', 'NP-BA', 'GB-ENG']],
      ['no', ['US', 'US-', 'XX-YY', 'us-ca', 'US-CALI']],
    ],
    'urn:iso:std:iso:4217': [
      ['yes', ['USD', 'EUR', 'NPR', 'XXX', 'HRK', 'DEM', 'SLE']],
      ['no', ['usd', 'US$', 'ABC', '840', '']],
    ],
    'urn:ietf:rfc:3986': [
      [
        'yes',
        [
          'http://example.org/x',
          'urn:oid:1.2.3',
          'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
          'mailto:a@b',
        ],
      ],
      ['no', ['', 'abc', '/relative', 'http:// x', 'http:', 'http://x/<y>']],
    ],
    'https://www.iana.org/time-zones': [
      ['yes', ['Asia/Kathmandu', 'UTC', 'America/Argentina/Buenos_Aires']],
      ['no', ['', 'Nepal/Kathmandu', '+05:45', 'asia', 'Asia/']],
    ],
    'http://unitsofmeasure.org': [
      [
        'yes',
        [
          'kg',
          'mm[Hg]',
          '10*3/uL',
          '/100{WBCs}',
          'g/(8.h){shift}',
          "[anti'Xa'U]",
          '{score}',
          '1',
          '%',
          '[m/s2/Hz^(1/2)]',
        ],
      ],
      [
        'yes',
        [
          'm2',
          'm+2',
          's-1',
          'Cel',
          'mg/dL',
          '10^9/L',
          '[in_i]',
          'mmol/mol{creat}',
          'L/min/(173.10*-2.m2)',
          'daL',
          'KiBy',
        ],
      ],
      [
        'no',
        [
          '',
          'KG',
          'Kg.',
          'mg/dl/',
          '.m',
          'm..s',
          'lb',
          'k[in_i]',
          '(m',
          'm)',
          'm{',
          '{a\tb}',
          'm 2',
          '()',
          '0',
          'm2.5x',
          'ug/mL/',
        ],
      ],
      [
        'no',
        [
          'm100',
          `${'('.repeat(11)}m${')'.repeat(11)}`,
          `m${'.m'.repeat(100)}`,
          '__proto__',
          'constructor',
          '9'.repeat(19),
        ],
      ],
    ],
  };
  for (const [system, rows] of Object.entries(cases)) {
    for (const [expected, codes] of rows) {
      for (const code of codes) t.equal(terminology.codeExists(system, code), expected, `${system} ${code}`);
    }
  }
});

t.test('value sets of such systems decide in the same way', async (t) => {
  const R4 = 'http://hl7.org/fhir/ValueSet/';
  const cases: [string, string, string | undefined, Membership][] = [
    ['mimetypes', 'text/plain', undefined, 'yes'],
    ['mimetypes', 'text', undefined, 'no'],
    ['currencies', 'USD', undefined, 'yes'],
    ['currencies', 'dollar', undefined, 'no'],
    ['ucum-units', 'mg', 'http://unitsofmeasure.org', 'yes'],
    ['ucum-units', 'mgs', 'http://unitsofmeasure.org', 'no'],
    ['ucum-bodyweight', 'kg', 'http://unitsofmeasure.org', 'yes'],
    ['ucum-bodyweight', 't', 'http://unitsofmeasure.org', 'no'],
    ['all-languages', 'ne-NP', undefined, 'yes'],
    ['iso3166-1-3', 'NPL', 'urn:iso:std:iso:3166', 'yes'],
    ['iso3166-1-3', 'NP', 'urn:iso:std:iso:3166', 'no'],
    ['iso3166-1-N', '524', 'urn:iso:std:iso:3166', 'yes'],
    ['timezones', 'Asia/Kathmandu', undefined, 'yes'],
  ];
  for (const [name, code, system, expected] of cases) {
    t.equal(terminology.valueSet(R4 + name)?.contains(system, code), expected, `${name} ${code}`);
  }
  t.equal(terminology.valueSet(`${R4}iso3166-1-3`)?.codes?.get('urn:iso:std:iso:3166')?.size, 250);
  t.equal(terminology.valueSet('http://unitsofmeasure.org/vs')?.contains(undefined, 'mg'), 'yes');
});

t.test('every unit that R4 lists is one', async (t) => {
  const wrong: string[] = [];
  for (const { url } of core.entries('ValueSet')) {
    for (const code of terminology.valueSet(url)?.codes?.get('http://unitsofmeasure.org') ?? []) {
      if (!isUcum(code)) wrong.push(code);
    }
  }
  t.same(wrong, []);
});

t.test('quantities in base units', async (t) => {
  const cases: [number, string, number, string][] = [
    [70, 'kg', 70_000, 'g'],
    [0.1, 'g', 0.1, 'g'],
    [100, 'mg', 0.1, 'g'],
    [1, '[lb_av]', 453.59237, 'g'],
    [37, 'Cel', 310.15, 'K'],
    [98.6, '[degF]', 310.15, 'K'],
    [0, '[degRe]', 273.15, 'K'],
    [120, 'mm[Hg]', 15_998_640, 'g.m-1.s-2'],
    [5.4, 'mmol/L', 3.2519560104e24, 'm-3'],
    [3, '10*3/uL', 3e12, 'm-3'],
    [1, '{RBC}/uL', 1e9, 'm-3'],
    [50, '%', 0.5, '1'],
    [1, '[iU]/mL', 1e6, '[iU].m-3'],
    [1, '[IU]/mL', 1e6, '[iU].m-3'],
    [60, '/min', 1, 's-1'],
    [1, '/m.s', 1, 'm-1.s'],
    [180, 'deg', Math.PI, 'rad'],
    [1, 'h', 3_600, 's'],
    [1, 'a', 31_557_600, 's'],
    [-5, 'Cel', 268.15, 'K'],
  ];
  for (const [value, code, expected, unit] of cases) {
    t.same(canonicalQuantity(value, code), { value: expected, unit }, `${value} ${code}`);
  }
  for (const code of ['[pH]', 'B', 'Cel/h', 'mCel', 'nonsense', ''])
    t.equal(canonicalQuantity(7, code), undefined, code);
  t.equal(canonicalQuantity(Number.NaN, 'kg'), undefined);
});

t.test('conversions are exact and only between what measures the same', async (t) => {
  const cases: [number, string, string, number | undefined][] = [
    [1, '[in_i]', 'cm', 2.54],
    [1, 'L', 'dm3', 1],
    [212, '[degF]', 'Cel', 100],
    [36.6, 'Cel', '[degF]', 97.88],
    [7, 'g', 'kg', 0.007],
    [1, 'kcal_th', 'J', 4_184],
    [0.3, 'm', 'cm', 30],
    [1, 'kg', 'm', undefined],
    [1, '[iU]', "[arb'U]", undefined],
    [1, '[pH]', '[pH]', undefined],
    [1, 'x', 'kg', undefined],
  ];
  for (const [value, from, to, expected] of cases) {
    t.equal(convertQuantity(value, from, to), expected, `${value} ${from} in ${to}`);
  }
});

t.test('ratios round to the nearest double once', async (t) => {
  for (const text of [
    '0',
    '1',
    '-1.50',
    '0.1',
    '1e-7',
    '123456789012345678901234567890',
    '4.9e-324',
    '1.7976931348623157e308',
  ]) {
    t.equal(toNumber(ratioOf(text)), Number(text), text);
  }
  t.equal(toNumber({ num: 1n, den: 3n, exp: 0 }), 1 / 3);
  t.equal(toNumber({ num: -2n, den: 3n, exp: 5 }), -200_000 / 3);
});

t.test('check digits of SNOMED CT and LOINC', async (t) => {
  const faults = (codes: string[], test: (code: string) => string | undefined): unknown[] => codes.map(test);
  t.same(faults(['73211009', '100000000000102', '73211009:363698007=113331007'], snomedFault), [
    undefined,
    undefined,
    undefined,
  ]);
  t.same(faults(['73211008', '73212009', '12345', '073211009', 'T-15460', ''], snomedFault), [
    'digit',
    'digit',
    'form',
    'form',
    'form',
    'form',
  ]);
  t.same(faults(['8302-2', '85354-9', '104922-0', 'LA4489-6', 'LP7839-6', 'MTHU000998'], loincFault), [
    ...Array(6).fill(undefined),
  ]);
  t.same(faults(['8302-3', '8032-2', 'body height', '8302'], loincFault), ['digit', 'digit', 'form', 'form']);
});

const ECL = [
  '<< 73211009 |Diabetes mellitus|',
  '*',
  '^ 700043003',
  '< 404684003: 363698007 |Finding site| = << 39057004',
  '<< 19829001 AND << 301867009',
  '(<< 123037004 OR << 64572001) : { 363698007 = *, 116676008 = << 1234567 }',
  '< 373873005: [1..3] 127489000 = < 105590001',
  '<< 404684003: R 246075003 = << 387517004 OR 1142135004 >= #200',
  '<< 91723000 . 363698007',
  '< 64572001 {{ term = "heart" }} MINUS >! 40541001',
];
const NO_ECL: readonly (readonly [string, number])[] = [
  ['234234 << 234234', 7],
  ['73211009 AND', 12],
  ['<<', 2],
  ['heart', 0],
  ['(<< 73211009', 12],
  ['<< 73211009)', 11],
  ['<< 73211009: 363698007', 22],
  [`<< 123456: ${'((123456: '.repeat(2000)}`, 260],
];

t.test('expressions of ECL', async (t) => {
  for (const text of ECL) t.equal(eclFault(text), undefined, text);
  for (const [text, at] of NO_ECL) {
    const fault = eclFault(text);
    t.ok(fault !== undefined && (text.length > 1000 || fault.at === at), `${text.slice(0, 40)} ${fault?.at}`);
  }
  t.same(eclFault(`*${' '.repeat(20_000)}`), { at: 20_000 }, 'longer than is read');
  t.equal(eclFault(`*${' '.repeat(19_999)}`), undefined);
});
