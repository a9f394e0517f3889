/**
 * Values against what they find, as the end-to-end tests of Microsoft's FHIR server have them (its Rest/Search:
 * NumberSearchTests, QuantitySearchTests, TokenSearchTests, DateSearchTests, UriSearchTests): rows that R4 leaves no
 * choice about. Theirs read eq of dates as overlap, and take number|system; neither is R4's.
 */
import type { Resource } from '../../src/fhir/types.ts';
import type { Statement } from './r4-search-statements.ts';

const CODE = { coding: [{ system: 'http://table.example', code: 'table' }] };

interface Body {
  readonly resourceType: string;
  readonly [name: string]: unknown;
}

function tagged(tag: string, at: number, resource: Body): Resource {
  return { ...resource, id: `${tag}${at}`, meta: { tag: [{ system: 'http://table.example', code: tag }] } };
}

const measured: readonly (readonly [value: number, code: string, system: string])[] = [
  [0.002, 'unit1', 'http://system1'],
  [1, 'unit1', 'http://system1'],
  [3.12, 'unit1', 'http://system2'],
  [4, 'unit1', 'http://system1'],
  [5, 'unit1', 'http://system1'],
  [5, 'unit2', 'http://system2'],
  [6, 'unit2', 'http://system2'],
  [8.95, 'unit2', 'http://system1'],
  [10, 'unit1', 'http://system1'],
];

const concepts: readonly object[] = [
  { coding: [{ system: 'http://system1', code: 'code1' }] },
  { coding: [{ system: 'http://system2', code: 'code2' }] },
  { text: 'text' },
  { coding: [{ system: 'http://system1', code: 'code2', display: 'text2' }] },
  { coding: [{ system: 'http://system3', code: 'code3', display: 'text' }] },
  {
    text: 'text',
    coding: [
      { system: 'http://system1', code: 'code1' },
      { system: 'http://system3', code: 'code2' },
    ],
  },
  {
    coding: [
      { system: 'http://system2', code: 'code1' },
      { system: 'http://system3', code: 'code3', display: 'text2' },
    ],
  },
  { coding: [{ code: 'code3' }] },
];

const days = ['1979-12-31', '1980', '1980-05', '1980-05-11', '1980-05-11T16:32:15Z'];
const moments: readonly object[] = [
  ...[...days, '1980-05-11T16:32:15.500Z', '1981-01-01'].map((effectiveDateTime) => ({ effectiveDateTime })),
  { effectivePeriod: { start: '1980-05-16', end: '1980-05-17' } },
];

const observed = (value: object): Body => ({
  resourceType: 'Observation',
  status: 'final',
  code: CODE,
  ...value,
});

export const tableResources: readonly Resource[] = [
  ...[1, 4, 5, 6, 100].map((probabilityDecimal, at) =>
    tagged('chance', at, {
      resourceType: 'RiskAssessment',
      status: 'final',
      subject: { display: 'x' },
      prediction: [{ outcome: { text: 'x' }, probabilityDecimal }],
    }),
  ),
  ...measured.map(([value, code, system], at) =>
    tagged('amount', at, observed({ valueQuantity: { value, unit: code, code, system } })),
  ),
  ...concepts.map((one, at) => tagged('concept', at, observed({ valueCodeableConcept: one }))),
  ...moments.map((one, at) => tagged('moment', at, observed(one))),
  ...['http://somewhere.example/test/system', 'urn://localhost/test', 'http://example.org/rdf#1-9'].map(
    (url, at) => tagged('address', at, { resourceType: 'ValueSet', status: 'active', name: `T${at}`, url }),
  ),
];

type Rows = readonly (readonly [value: string, found: string])[];

/** Found are places in the table. */
function table(tag: string, type: string, parameter: string, rows: Rows): readonly Statement[] {
  return rows.map(([value, found]) => [
    'microsoft E2E',
    parameter,
    `${type}?_tag=${tag}&_count=100&${value.startsWith(':') ? parameter + value : `${parameter}=${value}`}`,
    [...found].map((at) => `${tag}${at}`).join(' '),
  ]);
}

export const tables: readonly Statement[] = [
  ...table('chance', 'RiskAssessment', 'probability', [
    ['3', ''],
    ['5', '2'],
    ['5.000', '2'],
    ['ne5.000', '0134'],
    ['lt4.9', '01'],
    ['lt5.01', '012'],
    ['gt5', '34'],
    ['le4.9', '01'],
    ['le5.0001', '012'],
    ['ge4.9999', '234'],
    ['ge5.001', '34'],
    ['sa4.9999', '234'],
    ['sa5', '34'],
    ['eb5', '01'],
    ['eb5.0001', '012'],
  ]),
  ...table('amount', 'Observation', 'value-quantity', [
    ['30', ''],
    ['2E-3', '0'],
    ['5', '45'],
    ['ne5.000', '0123678'],
    ['lt5.01', '012345'],
    ['gt4.9', '45678'],
    ['le4.9', '0123'],
    ['ge5.001', '678'],
    ['sa5', '678'],
    ['eb5.0001', '012345'],
    ['2.00e-3||unit1', '0'],
    ['2e-3||unit2', ''],
    ['5||unit2', '5'],
    ['ne5||unit2', '67'],
    ['lt5||unit2', ''],
    ['lt5.01||unit2', '5'],
    ['ge5.001||unit2', '67'],
    ['eb5.0001||unit2', '5'],
    ['2e-3|http://system1|unit1', '0'],
    ['2e-3|http://system2|unit1', ''],
    ['5|http://system1|unit2', ''],
    ['ne5|http://system1|unit2', '7'],
    ['gt5.1|http://system1|unit2', '7'],
    ['le5|http://system1|unit2', ''],
    ['eb5|http://system1|unit1', '013'],
  ]),
  ...table('concept', 'Observation', 'value-concept', [
    ['code1', '056'],
    ['code3', '467'],
    ['http://a|b', ''],
    ['http://system2|code2', '1'],
    ['|code2', ''],
    ['|code3', '7'],
    ['http://system3|', '456'],
    ['code1,http://system2|code2', '0156'],
    [':not=code1', '12347'],
    [':not=|code3', '0123456'],
    [':not=http://system3|', '01237'],
    [':not=code1,http://system2|code2', '2347'],
    [':text=code1', ''],
    [':text=text', '23456'],
    [':text=text2', '36'],
  ]),
  ...table('moment', 'Observation', 'date', [
    ['1980', '123457'],
    ['ne1980-05', '016'],
    ['lt1980-05-11', '012'],
    ['gt1980-05-11T16:32:15.500Z', '123467'],
    ['le1980-05-12', '012345'],
    ['ge1980-05-12', '1267'],
    ['ge1980-06', '16'],
    ['sa1980-05-10', '34567'],
    ['sa1980-05-11T16:32:14Z', '4567'],
    ['sa1980-06', '6'],
    ['eb1980-05-11T16:32:16Z', '045'],
    ['eb1980-06', '023457'],
    ['gt1980-05-10&date=lt1980-05-12', '12345'],
  ]),
  ...table('address', 'ValueSet', 'url', [
    ['http://somewhere.example/test/system', '0'],
    ['http://somewhere.EXAMPLE/test/system', ''],
    ['http://example.org/rdf%231-9', '2'],
    ['urn://localhost/test', '1'],
    [':above=http://somewhere.example/test/system/123', '0'],
    [':above=test', ''],
    [':below=http', '02'],
    [':below=test', ''],
  ]),
];
