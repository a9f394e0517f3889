/**
 * Searches that mean harm or are mistakes, with what the server must answer: for the tests on both engines and for
 * `hostile.ts`, which sends them at a large database while somebody works.
 */

export interface HostileSearch {
  readonly name: string;
  /** Below the FHIR base, encoded as it is sent. */
  readonly path: string;
  /** A form, when it is asked by POST. */
  readonly form?: string;
  readonly status: number;
  /** What the outcome names as the place of the fault, and a part of its text: the rule, or how to mend it. */
  readonly says?: readonly [expression: string, text: RegExp];
}

const enc = encodeURIComponent;
const repeat = (count: number, make: (index: number) => string, between: string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(between);

const refused = (name: string, path: string, expression: string, text: RegExp): HostileSearch => ({
  name,
  path,
  status: 400,
  says: [expression, text],
});
const answered = (name: string, path: string): HostileSearch => ({ name, path, status: 200 });
const posted = (search: HostileSearch, form: string): HostileSearch => ({ ...search, form });
/** Refused for a value that is too long for an address. */
const refusedForm = (name: string, type: string, key: string, value: string, text: RegExp): HostileSearch =>
  posted(refused(name, `${type}/_search`, `http.${key}`, text), `${key}=${enc(value)}`);
const filter = (text: string): string => `Patient?_filter=${enc(text)}`;
const refusedFilter = (name: string, value: string, text: RegExp): HostileSearch =>
  refusedForm(name, 'Patient', '_filter', value, text);

const CHAIN_50 = `${'link:Patient.'.repeat(50)}name`;
const HAS_50 = '_has:Patient:link:'.repeat(50);
const UCUM = 'http://unitsofmeasure.org';

const VALUES: readonly HostileSearch[] = [
  refused(
    '501 alternatives',
    `Patient?name=${repeat(501, (i) => `n${i}`, ',')}`,
    'http.name',
    /501.*500|500.*501/,
  ),
  refusedForm(
    '6,000 alternatives',
    'Patient',
    '_id',
    repeat(6_000, (i) => `${i}`, ','),
    /6000.*500|500.*6000/,
  ),
  posted(
    refused('a value of 100,000 characters', 'Patient/_search', 'http.name', /32768/),
    `name=${'x'.repeat(100_000)}`,
  ),
  answered('thousands of commas', `Patient?name=${','.repeat(3_000)}`),
  refused('a backslash at the end', 'Patient?name=a%5C', 'http.name', /backslash/i),
  refused('a part of one letter', 'Patient?name:contains=a', 'http.name:contains', /at least 2/),
  refused('a part without any', 'Patient?name:contains=%20-%20', 'http.name:contains', /./),
  refused('1e400', 'RiskAssessment?probability=1e400', 'http.probability', /./),
  refused('-1e400', 'RiskAssessment?probability=lt-1e400', 'http.probability', /./),
  refused('NaN', 'RiskAssessment?probability=NaN', 'http.probability', /./),
  refused('Infinity', 'RiskAssessment?probability=gtInfinity', 'http.probability', /./),
  refused('hexadecimal', 'RiskAssessment?probability=0x10', 'http.probability', /./),
  refused('two points', 'RiskAssessment?probability=1.2.3', 'http.probability', /./),
  answered('6,000 decimals', `RiskAssessment?probability=0.${'3'.repeat(6_000)}`),
  answered('1e-400', 'RiskAssessment?probability=1e-400'),
  ...[
    '0000',
    '9999-99',
    '2024-02-30',
    '10000',
    '99999999999',
    '-2024',
    '2024-01-01T25:00',
    'now',
    '2024-1-1',
  ].map((value) =>
    refused(`the date ${value}`, `Patient?birthdate=${value}`, 'http.birthdate', /write 2024/),
  ),
  answered('the year 9999', 'Patient?birthdate=gt9999-12-31'),
  answered('the year 1', 'Patient?birthdate=lt0001'),
  refused('a moment without a time', 'Patient?_lastUpdated=gt', 'http._lastUpdated', /./),
  answered('no unit there is', `Observation?value-quantity=5%7C${enc(UCUM)}%7C[wild`),
  answered(
    'a unit of thousands of factors',
    `Observation?value-quantity=5%7C${enc(UCUM)}%7C${repeat(2_000, () => 'kg', '.')}`,
  ),
  answered(
    'a unit of thousands of parentheses',
    `Observation?value-quantity=5%7C${enc(UCUM)}%7C${'('.repeat(3_000)}kg${')'.repeat(3_000)}`,
  ),
  answered(
    'a unit of great powers',
    `Observation?value-quantity=5%7C${enc(UCUM)}%7C${enc('m99999.kg-99999/10*400')}`,
  ),
  refused('a quantity without a number', 'Observation?value-quantity=gt%7C%7Ckg', 'http.value-quantity', /./),
  refused(
    'a quantity of six parts',
    'Observation?value-quantity=5%7C%7C%7C%7C%7C',
    'http.value-quantity',
    /./,
  ),
  refused('a composite of nothing', 'Observation?code-value-quantity=$', 'http.code-value-quantity', /./),
  refused('a composite of one part', 'Observation?code-value-quantity=a$', 'http.code-value-quantity', /./),
  refused(
    'a composite without its code',
    'Observation?code-value-quantity=$5',
    'http.code-value-quantity',
    /./,
  ),
  refused('a composite of three', 'Observation?code-value-quantity=a$5$6', 'http.code-value-quantity', /./),
  refused(
    'a composite of a bare prefix',
    'Observation?code-value-quantity=a$gt',
    'http.code-value-quantity',
    /./,
  ),
  refused('an identifier of a type alone', 'Patient?identifier:of-type=MR', 'http.identifier:of-type', /./),
  refused('an identifier of two parts', 'Patient?identifier:of-type=a%7Cb', 'http.identifier:of-type', /./),
  refused(
    'an identifier of empty parts',
    'Patient?identifier:of-type=%7C%7C',
    'http.identifier:of-type',
    /./,
  ),
  ...[
    'NaN%7CNaN',
    '91%7C0',
    '0%7C181',
    '0%7C0%7C-1',
    '0%7C0%7C1%7Cparsec',
    '1e400%7C0%7C1',
    '%7C%7C%7C',
    'x',
  ].map((value) => refused(`near ${decodeURIComponent(value)}`, `Location?near=${value}`, 'http.near', /./)),
  answered('near the pole', 'Location?near=90%7C0%7C1000%7Ckm'),
  answered('near the other pole and the date line', 'Location?near=-90%7C180%7C20000%7Ckm'),
  answered('NUL', 'Patient?identifier=%00'),
  answered('half a pair', 'Patient?identifier=%ED%A0%80'),
];

const PARAMETERS: readonly HostileSearch[] = [
  refused('101 parameters', `Patient?${repeat(101, (i) => `identifier=${i}`, '&')}`, '', /100/),
  posted(
    refused('10,000 parameters', 'Patient/_search', '', /100/),
    repeat(10_000, (i) => `identifier=${i}`, '&'),
  ),
  posted(
    { name: 'a form of 4 MiB', path: 'Patient/_search', status: 413 },
    repeat(1_000_000, () => 'a=b', '&'),
  ),
  refused('a chain of 50', `Patient?${CHAIN_50}=x`, `http.${CHAIN_50}`, /5/),
  refused('_has of 50', `Patient?${HAS_50}name=x`, `http.${HAS_50}name`, /5/),
  refused('_has of nothing', 'Patient?_has::::=x', 'http._has::::', /./),
  refused('_has without a parameter', 'Patient?_has:Observation=x', 'http._has:Observation', /./),
  refused('_has of no type', 'Patient?_has:Nope:patient:code=x', 'http._has:Nope:patient:code', /Nope/),
  refused('two modifiers', 'Patient?name:exact:contains=xx', 'http.name:exact:contains', /./),
  refused('a modifier of no parameter', 'Patient?birthdate:contains=20', 'http.birthdate:contains', /./),
  refused(
    'six keys of order',
    'Patient?_sort=family,given,gender,birthdate,_id,_lastUpdated',
    'http._sort',
    /5/,
  ),
  refused('300 keys of order', `Patient?_sort=${repeat(300, () => 'family', ',')}`, 'http._sort', /5/),
  answered('an order of nothing', 'Patient?_sort=-'),
  answered('an order of commas', 'Patient?_sort=,,,'),
  refused('an order by a composite', 'Observation?_sort=code-value-quantity', 'http._sort', /./),
  refused('51 includes', `Patient?${repeat(51, () => '_include=Patient:link', '&')}`, 'http._include', /50/),
  refused('an include of nothing', 'Patient?_include=::', 'http._include', /./),
  refused('101 elements', `Patient?_elements=${repeat(101, (i) => `e${i}`, ',')}`, 'http._elements', /100/),
  refused('a negative count', 'Patient?_count=-1', 'http._count', /./),
  refused('a count in words', 'Patient?_count=many', 'http._count', /./),
  refused('no summary there is', 'Patient?_summary=everything', 'http._summary', /./),
  refused('no total there is', 'Patient?_total=exact', 'http._total', /./),
  refused('half contained', 'Patient?_contained=maybe', 'http._contained', /./),
  refused('no type there is', '?_type=Nope', 'http._type', /Nope/),
  refused('a value set nobody knows', 'Observation?code:in=http://a.b/none', 'http.code:in', /./),
  refused('a list of functions', 'Patient?_list=$current-problems', 'http._list', /functional list/),
  refused('501 lists', `Patient?_list=${repeat(501, (i) => `l${i}`, ',')}`, 'http._list', /500/),
  refused('a named query', 'Patient?_query=everything', 'http._query', /./),
  answered('names of objects', 'Patient?__proto__=1&constructor=1&toString=1&hasOwnProperty=1'),
  answered('names of nothing', 'Patient?=x&&&=&%00=1'),
  answered('500 lists that are not there', `Patient?_list=${repeat(400, (i) => `l${i}`, ',')}`),
  answered('percent signs', 'Patient?identifier=%&given=%zz&gender=%e0%a4'),
  answered('bytes that are no UTF-8', 'Patient?identifier=%ff%fe%c0%80'),
];

const FILTERS: readonly HostileSearch[] = [
  refusedFilter('a deep filter', `${'('.repeat(9_000)}active eq true${')'.repeat(9_000)}`, /10/),
  refusedFilter('negations of negations', `${'not ('.repeat(4_500)}active eq true${')'.repeat(4_500)}`, /10/),
  refusedFilter('brackets that are never closed', 'link['.repeat(6_000), /./),
  refusedFilter(
    'a thousand terms',
    repeat(1_000, () => 'active eq true', ' or '),
    /50/,
  ),
  refusedFilter('a filter of nothing', ' '.repeat(5_000), /./),
  refused('a filter that stops', filter('active eq'), 'http._filter', /./),
  answered('a filter of operators', filter('eq eq eq')),
  refused('a text that never ends', filter(`family co "${'a'.repeat(5_000)}`), 'http._filter', /./),
  refused('a part of one letter in a filter', filter('family co "a"'), 'http._filter', /at least 2/),
  refused('a chain of 50 in a filter', filter(`${'link.'.repeat(50)}active eq true`), 'http._filter', /5/),
  refused(
    'a chain of six before brackets',
    filter(`${'link.'.repeat(5)}link[active eq true].active eq true`),
    'http._filter',
    /6 links, and 5/,
  ),
  answered('what looks like a pattern', filter('family co "(a+)+$^.*(x|x)*\\\\d{1,99999}"')),
  posted(
    refused('a text of 100,000 characters', 'Patient/_search', 'http._filter', /32768/),
    `_filter=${enc(`family eq "${'a'.repeat(100_000)}"`)}`,
  ),
  refused('words in parentheses without end', `Patient?_content=${'('.repeat(3_000)}a`, 'http._content', /./),
  posted(
    refused('words of a thousand kinds', 'Patient/_search', '', /fewer values or words/),
    `_content=${enc(repeat(1_500, (i) => `w${i}`, ' or '))}`,
  ),
];

const PAGES: readonly HostileSearch[] = [
  refused('a page that is none', 'Patient?_page=x', 'http._page', /./),
  refused('a page of nothing', 'Patient?_page=', 'http._page', /./),
  refused('a page of zeros', `Patient?_page=${'A'.repeat(200)}`, 'http._page', /./),
  refused('a page of 4,000 characters', `Patient?_page=${'x'.repeat(4_000)}`, 'http._page', /./),
  refused('two pages', 'Patient?_page=x&_page=y', 'http._page', /./),
];

export const HOSTILE_SEARCHES: readonly HostileSearch[] = [...VALUES, ...PARAMETERS, ...FILTERS, ...PAGES];

/** Allowed, and as much work as one request may ask for: answered, or refused as too costly, or later (503). */
export const HEAVY_SEARCHES: readonly string[] = [
  `Patient?name:contains=${repeat(400, (i) => String.fromCharCode(97 + (i % 26), 97 + ((i * 7) % 26)), ',')}`,
  'Patient?name:contains=an&_sort=-given,family&_total=accurate',
  'Observation?_sort=patient&_count=1000',
  'Observation?_sort=subject,-performer,code,value-quantity,date',
  'Observation?_count=1000000&_include=*&_include:iterate=*',
  'Patient?_count=1000000&_revinclude=*&_include:iterate=*&_revinclude:iterate=*',
  'Patient?_has:Observation:patient:_has:Provenance:target:agent:missing=true&_total=accurate',
  'Observation?subject:Patient.name:contains=ar&_total=accurate&_sort=-value-quantity',
  'Observation?subject:Patient.organization.partof.name:contains=an&_total=accurate',
  'Patient?_has:Condition:patient:code:text=tub&_has:Observation:patient:status:not=final&_total=accurate',
  '?_type=Patient,Observation,Condition,Encounter,Procedure&_sort=-_lastUpdated&_total=accurate',
  '?_content=a+or+an+or+the+or+of+or+in+or+to&_total=accurate&_count=1000',
  `?_lastUpdated=gt1990&_sort=_lastUpdated&_count=1000&_elements=${repeat(100, (i) => `e${i}`, ',')}`,
  `Patient?${repeat(90, (i) => `identifier:not=x${i}`, '&')}&_total=accurate`,
  `Observation?${repeat(90, (i) => `value-quantity=ne${i}`, '&')}&_total=accurate`,
  `Observation?code:not=${repeat(400, (i) => `c${i}`, ',')}&_sort=code,-date&_total=accurate`,
  'Observation?date:missing=true&subject:missing=true&_sort=value-quantity&_total=accurate',
  `Patient?_id:not=${repeat(400, (i) => `i${i}`, ',')}&_sort=-_id`,
  `Patient?_filter=${enc(repeat(50, (i) => `family co "${String.fromCharCode(97 + (i % 26))}n"`, ' or '))}&_total=accurate`,
  `Observation?_filter=${enc(repeat(10, (i) => `not (code eq c${i} or value-quantity gt ${i})`, ' and '))}&_total=accurate`,
  'Location?near=0%7C0%7C20000%7Ckm&_total=accurate&_sort=name',
  'Patient?_contained=both&_total=accurate&_sort=family',
  'Organization?_contained=true&_containedType=contained&name:missing=true',
  'Observation?_list=none&_total=accurate',
  'Patient?family:contains=aa,bb,cc,dd,ee,ff,gg,hh,ii,jj&given:contains=aa,ee,ii,oo,uu&_sort=birthdate,family,given',
  `Observation?code=${repeat(400, (i) => `c${i}`, ',')}&patient=${repeat(400, (i) => `p${i}`, ',')}`,
  'Patient?_text=a+and+not+b&_sort=_lastUpdated&_total=accurate',
  'Observation?_has:Provenance:target:_lastUpdated=gt1990&subject:Patient._has:Encounter:patient:status=finished',
];
