/** How search text is understood, refused, or ignored with a remark. */
import t from 'tap';
import { FhirError } from '../../src/fhir/issues.ts';
import { resolveConditional } from '../../src/search/conditional.ts';
import { SEARCH_LIMITS } from '../../src/search/limits.ts';
import { selfLink } from '../../src/search/self-link.ts';
import { hashParam } from '../../src/search/term-hash.ts';
import { createZoneOffset } from '../../src/search/time-zone.ts';
import { context, resolve } from './world.ts';

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return `${error.status} ${error.issues[0]?.key}: ${error.issues[0]?.text}`;
  }
  return 'not refused';
}

const many = (count: number, part: string): string => new Array(count).fill(part).join(',');
const bad = '400 bad-parameter:';

/** Refused whatever the handling. */
const refused: readonly (readonly [url: string, refusal: string])[] = [
  [
    'Patient?_list=$current-problems',
    `${bad} Parameter '_list': the functional list '$current-problems' is not kept here; name a List by its id.`,
  ],
  [
    'ValueSet?url:below=urn:oid:1.2',
    `${bad} Parameter 'url:below': :below is for URLs, and 'urn:oid:1.2' is a URN; ask for the whole of it.`,
  ],
  [
    'Patient?telecom=phone|555',
    `${bad} Parameter 'telecom': its values have no system, so write '555' without '|'.`,
  ],
  [
    'Group?_filter=characteristic[code co x].value eq y',
    `${bad} Parameter '_filter': 'characteristic' takes characteristic[code eq …].value eq …, or characteristic[value eq …].code eq …, eq alone.`,
  ],
  [
    'Patient?birthdate=31-12-1999',
    `${bad} Parameter 'birthdate': '31-12-1999' is no date; write 2024, 2024-02, 2024-02-29 or 2024-02-29T13:30:00Z, with a prefix such as ge before it.`,
  ],
  [
    'Patient?birthdate=2023-02-29',
    `${bad} Parameter 'birthdate': '2023-02-29' is no date; write 2024, 2024-02, 2024-02-29 or 2024-02-29T13:30:00Z, with a prefix such as ge before it.`,
  ],
  [
    'Observation?value-quantity=heavy',
    `${bad} Parameter 'value-quantity': 'heavy' is no number; write 5.4 or 1e3, with a prefix such as gt before it.`,
  ],
  [
    'Observation?value-quantity=5|mg',
    `${bad} Parameter 'value-quantity': '5|mg' must be number, number|system|code or number||code.`,
  ],
  [
    'Observation?value-quantity=5|http://unitsofmeasure.org|',
    `${bad} Parameter 'value-quantity': '5|http://unitsofmeasure.org|' names a system without a code.`,
  ],
  [
    'Observation?code=a|b|c',
    `${bad} Parameter 'code': 'a|b|c' has too many '|'; write system|code, a '|' inside as \\|.`,
  ],
  ['Observation?code=|', `${bad} Parameter 'code': '|' alone selects nothing; write code or system|code.`],
  [
    'Observation?subject=Patient/1/2',
    `${bad} Parameter 'subject': 'Patient/1/2' is no reference; write Type/id, id or a URL.`,
  ],
  [
    'Observation?subject:Practitioner=1',
    `${bad} Parameter 'subject:Practitioner': it never refers to Practitioner; it may refer to Group, Device, Patient, Location.`,
  ],
  ['Patient?name=!!', `${bad} Parameter 'name': '!!' has no letters or digits to look for.`],
  ['Patient?active:missing=maybe', `${bad} Parameter 'active:missing': :missing takes true or false.`],
  [
    'Patient?identifier:of-type=a|b',
    `${bad} Parameter 'identifier:of-type': 'a|b' must be type-system|type-code|value with all three parts.`,
  ],
  [
    'Observation?code-value-quantity=8480-6',
    `${bad} Parameter 'code-value-quantity': '8480-6' must have 2 parts with '$' between them.`,
  ],
  [
    'Location?near=here',
    `${bad} Parameter 'near': 'here' must be latitude|longitude|distance|units in degrees, such as 16.87|96.19|5|km.`,
  ],
  [
    'Location?near=1|2|3|parsec',
    `${bad} Parameter 'near': 'parsec' is no unit of distance here; use m, km, mi, [mi_i], [mi_us], [nmi_i], ft, [ft_i].`,
  ],
  [
    'Patient?_has:Observation:patient=x',
    `${bad} Parameter '_has:Observation:patient': write _has:Type:reference:parameter.`,
  ],
  [
    'Patient?_has:Nothing:patient:code=x',
    `${bad} Parameter '_has:Nothing:patient:code': 'Nothing' is no resource type.`,
  ],
  [
    'Patient?_has:Observation:specimen:code=x',
    `${bad} Parameter '_has:Observation:specimen:code': 'specimen' of Observation never refers to Patient.`,
  ],
  [
    'Patient?_has:Observation:code:code=x',
    `${bad} Parameter '_has:Observation:code:code': 'code' of Observation is no reference.`,
  ],
  [
    'Patient?name.family=x',
    `${bad} Parameter 'name.family': 'name' is no reference, so nothing can follow it with a dot.`,
  ],
  ['Patient?_count=-1', `${bad} Parameter '_count': '-1' is no whole number from 0 on.`],
  ['Patient?_count=ten', `${bad} Parameter '_count': 'ten' is no whole number from 0 on.`],
  ['Patient?_total=some', `${bad} Parameter '_total': 'some' is not one of none, estimate, accurate.`],
  [
    'Patient?_summary=yes',
    `${bad} Parameter '_summary': 'yes' is not one of true, text, data, count, false.`,
  ],
  ['Patient?_elements=na me', `${bad} Parameter '_elements': a text of 5 characters is no element name.`],
  ['Patient?_include=Nothing:x', `${bad} Parameter '_include': 'Nothing' is no resource type.`],
  [
    'Patient?_include=Patient',
    `${bad} Parameter '_include': 'Patient' must be Type:parameter, or * for all.`,
  ],
  ['Patient?_include=Patient:name', `${bad} Parameter '_include': 'name' of Patient is no reference.`],
  ['?_type=Patient,Nothing', `${bad} Parameter '_type': 'Nothing' is no resource type.`],
  ['Patient?_filter=name eq', `${bad} Parameter '_filter': expected a value, found the end.`],
  ['Patient?_filter=(name eq "x"', `${bad} Parameter '_filter': expected ')', found the end.`],
  ['Patient?_filter=name eq "x', `${bad} Parameter '_filter': a double quote is not closed.`],
  [
    'Provenance?target.subject.subject.name=x',
    "400 too-costly: Parameter 'target.subject.subject.name': it leads to too many types; name those of each reference, as in subject:Patient.name.",
  ],
  ['Patient?_query=x', `${bad} Parameter '_query': there is no named query 'x' here.`],
  [
    'Observation?_sort=code-value-quantity',
    `${bad} Parameter '_sort': Observation cannot be sorted by 'code-value-quantity', a composite: sort by its parts, one after the other.`,
  ],
  [
    '?_type=GraphDefinition,Slot&_sort=start',
    `${bad} Parameter '_sort': GraphDefinition, Slot cannot be sorted by 'start', which holds values of different kinds in them.`,
  ],
  [
    'Location?_sort=near',
    `${bad} Parameter '_sort': Location cannot be sorted by 'near', which has no values of its own.`,
  ],
  [
    '?_sort=birthdate',
    `${bad} Parameter '_sort': a search of more than 20 types is sorted by _id or _lastUpdated only.`,
  ],
  [
    'Patient?_filter=gender co "x"',
    `${bad} Parameter '_filter': 'co' cannot be asked of 'gender', a token; use eq, ne, in, ni, ss, sb, pr.`,
  ],
  ['Patient?_filter=link[name eq "x"', `${bad} Parameter '_filter': expected ']', found the end.`],
  [
    'Patient?_filter=link[name eq "x"]',
    `${bad} Parameter '_filter': expected '.' and a search parameter, found the end.`,
  ],
  [
    'Patient?_filter=gender[_id eq x].name eq "x"',
    `${bad} Parameter '_filter': 'gender' is no reference, so nothing can follow it with a dot.`,
  ],
  [
    'Patient?_filter=not gender eq male',
    `${bad} Parameter '_filter': expected '(' behind not, found 'gender'.`,
  ],
  [
    'Patient?name=a\\b',
    `${bad} Parameter 'name': in 'a\\b' a backslash stands alone; write it twice, or before , | or $.`,
  ],
  [
    'Patient?name=a\\',
    `${bad} Parameter 'name': in 'a\\' a backslash stands alone; write it twice, or before , | or $.`,
  ],
  ['Patient?_text=(bone', `${bad} Parameter '_text': expected ')', found the end.`],
  ['Patient?_text=bone)', `${bad} Parameter '_text': expected a word or the end, found ')'.`],
  ['Patient?_text="bone', `${bad} Parameter '_text': a double quote is not closed.`],
  ['Patient?_text=--', `${bad} Parameter '_text': '--' has no letters or digits to look for.`],
  [
    'Patient?_text=NOT "bone marrow"',
    `${bad} Parameter '_text': NOT cannot be asked of several words in quotes, whose order the index does not know.`,
  ],
  [
    'Patient?_summary=text&_include=Patient:link',
    `${bad} Parameter '_summary': text cannot be combined with _include or _revinclude.`,
  ],
  [
    `Patient?_text=${'('.repeat(11)}bone${')'.repeat(11)}`,
    "400 too-costly: Parameter '_text': nested deeper than 10.",
  ],
  ['Patient?_list=a/b', `${bad} Parameter '_list': 'a/b' is no id of a List.`],
  // modifiers that do not apply are refused by R4 even under lenient handling
  [
    'Patient?birthdate:exact=2000',
    "400 unsupported-modifier: Parameter 'birthdate:exact': modifier ':exact' does not apply; use :missing.",
  ],
  [
    'Patient?name:below=x',
    "400 unsupported-modifier: Parameter 'name:below': modifier ':below' does not apply; use :missing, :exact, :contains, :text.",
  ],
  [
    'Patient?gender:exact=male',
    "400 unsupported-modifier: Parameter 'gender:exact': modifier ':exact' does not apply; use :missing, :not, :text, :in, :not-in, :above, :below, :of-type.",
  ],
  [
    'Observation?subject:Nothing.name=x',
    "400 unsupported-modifier: Parameter 'subject:Nothing.name': modifier ':Nothing' does not apply; use :Group, :Device, :Patient, :Location.",
  ],
  [
    'Patient?_include:always=Patient:link',
    "400 unsupported-modifier: Parameter '_include': modifier ':always' does not apply; use :iterate.",
  ],
  // bounds
  [
    `Patient?name=${many(501, 'ab')}`,
    "400 too-costly: Parameter 'name': it has 501 alternatives, and 500 are allowed; split the search.",
  ],
  [
    `Patient?name=${'a'.repeat(32769)}`,
    "400 too-costly: Parameter 'name': its value has 32769 characters, and 32768 are allowed.",
  ],
  [
    'Patient?name:contains=a',
    "400 too-costly: Parameter 'name:contains': :contains needs at least 2 letters or digits, not 'a'.",
  ],
  [
    `Provenance?target=${many(35, 'a')}`,
    "400 too-costly: Parameter 'target': 35 ids that may each be of 145 types are more than 5000 references; write Type/id.",
  ],
  [`Patient?_sort=${many(6, '_id')}`, "400 too-costly: Parameter '_sort': it has 6 keys, and 5 are allowed."],
  [
    `Patient?_filter=${'('.repeat(11)}gender eq male${')'.repeat(11)}`,
    "400 too-costly: Parameter '_filter': nested deeper than 10.",
  ],
  [
    `Patient?_filter=${new Array(51).fill('gender eq male').join(' or ')}`,
    "400 too-costly: Parameter '_filter': more than 50 comparisons.",
  ],
  [
    `Patient?${new Array(101).fill('active=true').join('&')}`,
    '400 too-costly: The search has 101 parameters, and 100 are allowed.',
  ],
  [
    `Patient?${new Array(51).fill('_include=Patient:link').join('&')}`,
    "400 too-costly: Parameter '_include': more than 50 includes.",
  ],
  [
    `Patient?_elements=${many(101, 'name')}`,
    "400 too-costly: Parameter '_elements': it names 101 elements, and 100 are allowed.",
  ],
  [
    `Patient?link:Patient.${new Array(5).fill('link:Patient').join('.')}.active=true`,
    "400 too-costly: Parameter 'link:Patient.link:Patient.link:Patient.link:Patient.link:Patient…': a chain of 6 links, and 5 are allowed.",
  ],
];

t.test('what cannot be understood, or costs too much, is refused with its reason', async (t) => {
  for (const [url, expected] of refused) {
    for (const handling of ['strict', 'lenient'] as const) {
      t.equal(
        refusal(() => resolve(url, { handling })),
        expected,
        url.slice(0, 80),
      );
    }
  }
});

t.test('every bound allows what lies on it', async (t) => {
  const allowed = [
    `Patient?name=${many(500, 'ab')}`,
    `Provenance?target=${many(34, 'a')}`,
    `Provenance?target=${many(500, 'Patient/a')}`,
    'Patient?name:contains=ab',
    `Patient?_sort=${many(5, '_id')}`,
    `Patient?_filter=${'('.repeat(10)}gender eq male${')'.repeat(10)}`,
    `Patient?_filter=${new Array(50).fill('gender eq male').join(' or ')}`,
    `Patient?${new Array(100).fill('active=true').join('&')}`,
    `Patient?${new Array(50).fill('_include=Patient:link').join('&')}`,
    `Patient?_elements=${many(100, 'name')}`,
    `Patient?link:Patient.${new Array(4).fill('link:Patient').join('.')}.active=true`,
  ];
  for (const url of allowed)
    t.equal(
      refusal(() => resolve(url)),
      'not refused',
      url.slice(0, 80),
    );
});

/** Refused when strict, else ignored and reported. */
const ignored: readonly (readonly [url: string, remark: string])[] = [
  ['Patient?shoe-size=44', "Parameter 'shoe-size': Patient has no search parameter 'shoe-size'."],
  [
    'Observation?subject.shoe-size=44',
    "Parameter 'subject.shoe-size': Group has no search parameter 'shoe-size'.",
  ],
  [
    'Patient?_has:Observation:shoe:code=x',
    "Parameter '_has:Observation:shoe:code': Observation has no search parameter 'shoe'.",
  ],
  ['?_type=Observation,Patient&_sort=code', "Parameter '_sort': Patient has no search parameter 'code'."],
  ['Patient?_sort=shoe-size', "Parameter '_sort': Patient has no search parameter 'shoe-size'."],
  ['Patient?_include=Patient:shoe', "Parameter '_include': Patient has no search parameter 'shoe'."],
  ['Patient?_type=Patient', "Parameter '_type': the address names the type already."],
  ['?_type=Patient,Encounter&gender=male', "Parameter 'gender': Encounter has no search parameter 'gender'."],
  ['Patient?_filter=shoe eq 44', "Parameter '_filter': Patient has no search parameter 'shoe'."],
];

t.test('what is not known is refused when strict, and ignored with a remark when lenient', async (t) => {
  for (const [url, remark] of ignored) {
    const strict = refusal(() => resolve(url));
    t.match(strict, /^400 unknown-parameter: /, url);
    t.ok(strict.endsWith(remark), `${url} ${strict}`);
    const { issues, used, query } = resolve(url, { handling: 'lenient' });
    t.same(
      issues.map(({ key, text }) => [key, text]),
      [['parameter-ignored', `${remark} It was ignored.`]],
      url,
    );
    t.same(
      [used.length === 0 || url.startsWith('?_type'), query.where],
      [true, { kind: 'all', of: [] }],
      url,
    );
  }
});

t.test('an empty value is ignored with a remark, however strict', async (t) => {
  for (const handling of ['strict', 'lenient'] as const) {
    for (const url of ['Patient?name=', 'Patient?name=,', 'Patient?name=&gender=male']) {
      const { issues, used } = resolve(url, { handling });
      t.same(
        issues.map(({ text }) => text),
        ["Parameter 'name': it has no value. It was ignored."],
        url,
      );
      t.notOk(
        used.some(([name]) => name === 'name'),
        url,
      );
    }
  }
});

t.test('_sort may repeat for further keys', async (t) => {
  const url = 'Observation?_sort=status&_sort=-date,_id';
  t.same(resolve(url).query.sort, resolve('Observation?_sort=status,-date,_id').query.sort);
  t.match(
    refusal(() => resolve(`Observation?_sort=${many(3, '_id')}&_sort=${many(3, '_id')}`)),
    /it has 6 keys, and 5 are allowed/,
  );
});

t.test('several types are sorted by what they share', async (t) => {
  t.same(resolve('?_type=Observation,Procedure&_sort=-date').query.sort, [
    { by: 'primary', descending: true },
  ]);
});

t.test('result parameters are read', async (t) => {
  const request = resolve(
    'Observation?_count=5&_total=accurate&_summary=true&_elements=code,value&_contained=both&_containedType=contained&_sort=-date,status,-_lastUpdated&_include=Observation:subject:Patient&_revinclude:iterate=Provenance:target&_format=json&_page=abc',
  );
  const { query, used, issues, containedWhere, ...rest } = request;
  t.same(rest, {
    count: 5,
    total: 'accurate',
    summary: 'true',
    elements: ['code', 'value'],
    contained: 'both',
    containedType: 'contained',
    includes: [
      { source: 'Observation', parameter: 'subject', target: 'Patient', reverse: false, iterate: false },
      { source: 'Provenance', parameter: 'target', reverse: true, iterate: true },
    ],
    page: 'abc',
    explain: false,
  });
  t.same(query.sort, [
    {
      by: 'gathered',
      of: ['Observation', '#Observation'].map((base) => ({ by: 'date', k: hashParam(base, 'date') })),
      descending: true,
    },
    {
      by: 'gathered',
      of: ['Observation', '#Observation'].map((base) => ({ by: 'term', k: hashParam(base, 'status') })),
      descending: false,
    },
    { by: 'updated', descending: true },
  ]);
  t.same(issues, []);
  t.equal(used.length, 10);
  t.not(containedWhere, undefined);
});

t.test('a count above the bound is lowered, and the self link says so', async (t) => {
  const request = resolve('Patient?_count=1000000&name=saw');
  t.equal(request.count, SEARCH_LIMITS.countMax);
  t.equal(selfLink('http://x/Patient', request), 'http://x/Patient?_count=1000&name=saw');
  t.equal(resolve('Patient?_count=0').count, 0);
});

t.test('of parameters that have one value the last one counts, and the self link shows it alone', (t) => {
  const request = resolve('Patient?_count=2&_total=accurate&name=saw&_count=3&name=wah&_total=none');
  t.same([request.count, request.total], [3, 'none']);
  t.equal(selfLink('http://x/Patient', request), 'http://x/Patient?name=saw&_count=3&name=wah&_total=none');
  const empty = resolve('Patient?_contained=true&_contained=&_count=&_summary=&_total=&_containedType=');
  t.same([empty.contained, empty.count, empty.summary], ['true', SEARCH_LIMITS.countDefault, 'false']);
  t.not(empty.containedWhere, undefined, 'what has no value is ignored');
  t.equal(empty.issues.length, 5);
  t.equal(selfLink('http://x/Patient', empty), 'http://x/Patient?_contained=true');
  t.end();
});

t.test('the self link carries what was used, readable and escaped', async (t) => {
  const request = resolve(
    'Observation?code=http://loinc.org|1-8&shoe=44&subject:Patient.name=a%26b %2B&_page=x',
    {
      handling: 'lenient',
    },
  );
  t.equal(
    selfLink('http://x/Observation', request, 'tok'),
    'http://x/Observation?code=http://loinc.org%7C1-8&subject:Patient.name=a%26b%20%2B&_page=tok',
  );
});

t.test('system level searches are over all types, or those named', async (t) => {
  t.same(resolve('?_id=1').query.types, []);
  t.same(resolve('?_type=Patient,Group&_id=1').query.types, ['Group', 'Patient']);
  t.same(resolve('?_type=Patient&_type=Group&_id=1').query.types, []);
});

t.test('an order of numbers tells whether a resource has one value at most', (t) => {
  const isSingle = (url: string): unknown => (resolve(url).query.sort[0] as { isSingle?: boolean }).isSingle;
  t.equal(isSingle('Observation?_sort=value-quantity'), true, 'of whatever type');
  t.equal(isSingle('Observation?_sort=-component-value-quantity'), undefined);
  t.equal(isSingle('RiskAssessment?_sort=probability'), undefined, 'each prediction has one');
  t.equal(isSingle('ChargeItem?_sort=factor-override'), true);
  t.end();
});

t.test('conditional criteria are strict and must select something', async (t) => {
  const criteria = (text: string): string =>
    refusal(() => resolveConditional('Patient', [...new URLSearchParams(text)], context));
  t.same(resolveConditional('Patient', [['_id', 'a']], context).query, {
    types: ['Patient'],
    where: { kind: 'id', ids: ['a'] },
    sort: [],
  });
  t.match(criteria('shoe=44'), /^400 unknown-parameter/);
  t.match(criteria(''), /^400 bad-parameter: .*needs at least one search parameter/);
  t.match(criteria('_count=5'), /needs at least one search parameter/);
  t.match(criteria('identifier='), /^400 bad-parameter: .*it has no value/);
  t.match(criteria('identifier=&gender=male'), /^400 bad-parameter: .*it has no value/);
});

t.test('a zone has an offset at every instant', async (t) => {
  const offset = (zone: string, instant: string): number => createZoneOffset(zone)(Date.parse(instant));
  t.equal(offset('UTC', '2026-03-01T00:00:00Z'), 0);
  t.equal(offset('+05:45', '2026-03-01T00:00:00Z'), 345);
  t.equal(offset('Asia/Bangkok', '2026-03-01T00:00:00Z'), 420);
  t.equal(offset('Europe/Paris', '2026-03-29T00:59:59Z'), 60, 'before the clock change');
  t.equal(offset('Europe/Paris', '2026-03-29T01:00:00Z'), 120, 'after it');
  t.equal(offset('Europe/Paris', '2026-10-25T00:59:59Z'), 120);
  t.equal(offset('Europe/Paris', '2026-10-25T01:00:00Z'), 60);
  t.equal(offset('America/St_Johns', '2026-01-01T00:00:00Z'), -210);
});
