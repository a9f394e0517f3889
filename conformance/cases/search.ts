/** Search: results, paging, common parameters and every parameter type. https://hl7.org/fhir/R4/search.html */
import { type Case, create, type Json, observation, patient, type Step } from '../case.ts';

const MINE = 'identifier=urn:conformance|{uid}';

function search(
  id: string,
  strength: Case['strength'],
  anchor: string,
  says: string,
  steps: readonly Step[],
): Case {
  return { id, area: 'search', strength, cite: `search.html#${anchor}`, says, steps };
}

/** Asks for patients of this case and expects exactly these saved ids, in any order. */
function finds(query: string, ids: readonly string[]): Step {
  return {
    request: `GET Patient?${MINE}&${query}`,
    expect: { status: 200, body: { 'entry[*].resource.id': { sameSet: ids.map((id) => `{${id}}`) } } },
  };
}

/** Asks for observations about the patient saved as `p`. */
function findsObservations(query: string, ids: readonly string[]): Step {
  return {
    request: `GET Observation?subject=Patient/{p}&${query}`,
    expect: { status: 200, body: { 'entry[*].resource.id': { sameSet: ids.map((id) => `{${id}}`) } } },
  };
}

const coded = (system: string, code: string): Json => ({ code: { coding: [{ system, code }] } });
const measured = (value: number, code: string): { readonly [key: string]: Json } => ({
  valueQuantity: { value, unit: code, system: 'http://unitsofmeasure.org', code },
});

const people: readonly Step[] = [
  create(
    'a',
    patient({ name: [{ family: 'Haïdar', given: ['Rasha'] }], gender: 'female', birthDate: '1984' }),
  ),
  create(
    'b',
    patient({ name: [{ family: 'Haidari', given: ['Omar'] }], gender: 'male', birthDate: '1984-03-12' }),
  ),
  create('c', patient({ name: [{ family: 'Alhaidar', given: ['Sara'] }], birthDate: '1990-07-01' })),
];

const results: readonly Step[] = [
  create('p', patient()),
  create('x', observation('p', { effectiveDateTime: '2026-01-10', ...measured(70, 'kg') })),
  create(
    'y',
    observation('p', {
      effectiveDateTime: '2026-02-10T08:00:00Z',
      ...measured(72.5, 'kg'),
      status: 'amended',
    }),
  ),
  create(
    'z',
    observation('p', { effectivePeriod: { start: '2026-03-01', end: '2026-03-03' }, ...measured(500, 'g') }),
  ),
];

export const SEARCH: readonly Case[] = [
  search(
    'search-bundle',
    'SHALL',
    'return',
    'a search returns a searchset with match entries, fullUrl and a self link',
    [
      create('p', patient()),
      {
        request: `GET Patient?${MINE}`,
        expect: {
          status: 200,
          body: {
            resourceType: 'Bundle',
            type: 'searchset',
            'entry[0].search.mode': 'match',
            'entry[0].fullUrl': { matches: '^https?://.*/Patient/{p}$' },
            'link[*].relation': { includes: 'self' },
          },
        },
      },
    ],
  ),
  search('search-empty', 'SHALL', 'return', 'a search without matches is 200 with no match entries', [
    {
      request: 'GET Patient?identifier=urn:conformance|none-{uid}',
      expect: { status: 200, body: { 'entry[*]': { count: 0 } } },
    },
  ]),
  search('search-post', 'SHALL', 'searching', 'POST _search with a form body searches', [
    create('p', patient()),
    {
      request: 'POST Patient/_search',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      raw: MINE,
      expect: { status: 200, body: { 'entry[*].resource.id': { sameSet: ['{p}'] } } },
    },
  ]),
  search(
    'search-post-both',
    'SHALL',
    'searching',
    'parameters in the URL and the form of POST _search are combined',
    [
      create('p', patient({ gender: 'male' })),
      create('q', patient({ gender: 'female' })),
      {
        request: 'POST Patient/_search?gender=male',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        raw: MINE,
        expect: { status: 200, body: { 'entry[*].resource.id': { sameSet: ['{p}'] } } },
      },
    ],
  ),
  search(
    'search-unknown-lenient',
    'SHOULD',
    'errors',
    'an unknown parameter is ignored under lenient handling and left out of the self link',
    [
      create('p', patient()),
      {
        request: `GET Patient?${MINE}&wibble=1`,
        headers: { Prefer: 'handling=lenient' },
        expect: {
          status: 200,
          body: { 'entry[*].resource.id': { includes: '{p}' }, 'link[0].url': { matches: '^(?!.*wibble)' } },
        },
      },
    ],
  ),
  search('search-unknown-strict', 'SHOULD', 'errors', 'an unknown parameter is 400 under strict handling', [
    {
      request: 'GET Patient?wibble=1',
      headers: { Prefer: 'handling=strict' },
      expect: { status: 400, outcome: true },
    },
  ]),
  search('search-bad-value', 'SHALL', 'errors', 'a value that cannot be parsed is an error', [
    { request: 'GET Patient?birthdate=yesterday', expect: { status: 400, outcome: true } },
  ]),
  search('search-bad-prefix-value', 'SHALL', 'errors', 'a date with an impossible month is an error', [
    { request: 'GET Patient?birthdate=2023-13', expect: { status: 400, outcome: true } },
  ]),
  search('search-unknown-modifier', 'SHALL', 'modifiers', 'a modifier that is not supported is an error', [
    { request: 'GET Patient?gender:wibble=male', expect: { status: 400, outcome: true } },
  ]),
  // paging and totals
  search(
    'search-count',
    'SHALL',
    'count',
    '_count is an upper bound of a page, next leads on, nothing twice',
    [
      ...people,
      {
        request: `GET Patient?${MINE}&_count=2`,
        expect: { status: 200, body: { 'entry[*]': { count: 2 }, 'link[*].relation': { includes: 'next' } } },
      },
    ],
  ),
  search('search-count-zero', 'SHALL', 'count', '_count=0 is like _summary=count', [
    ...people,
    {
      request: `GET Patient?${MINE}&_count=0`,
      expect: { status: 200, body: { 'entry[*]': { count: 0 }, total: 3 } },
    },
  ]),
  search('search-count-bad', 'SHALL', 'count', 'a _count that is not a number is an error', [
    { request: 'GET Patient?_count=many', expect: { status: 400, outcome: true } },
  ]),
  search('search-total', 'SHOULD', 'total', '_total=accurate gives the number of matches', [
    ...people,
    { request: `GET Patient?${MINE}&_total=accurate&_count=1`, expect: { status: 200, body: { total: 3 } } },
  ]),
  search('search-summary-count', 'SHALL', 'summary', '_summary=count returns the total only', [
    ...people,
    {
      request: `GET Patient?${MINE}&_summary=count`,
      expect: { status: 200, body: { total: 3, 'entry[*]': { count: 0 } } },
    },
  ]),
  search(
    'search-summary-true',
    'SHOULD',
    'summary',
    '_summary=true returns summary elements marked SUBSETTED',
    [
      create(
        'p',
        patient({ communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'ar' }] } }] }),
      ),
      {
        request: `GET Patient?${MINE}&_summary=true`,
        expect: {
          body: {
            'entry[0].resource.communication': { exists: false },
            'entry[0].resource.meta.tag[*].code': { includes: 'SUBSETTED' },
          },
        },
      },
    ],
  ),
  search('search-summary-data', 'SHOULD', 'summary', '_summary=data leaves out the narrative', [
    create(
      'p',
      patient({ text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' } }),
    ),
    {
      request: `GET Patient?${MINE}&_summary=data`,
      expect: { body: { 'entry[0].resource.text': { exists: false } } },
    },
  ]),
  search(
    'search-summary-text',
    'SHOULD',
    'summary',
    '_summary=text keeps text, id, meta and mandatory elements',
    [
      create(
        'p',
        patient({ text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' } }),
      ),
      {
        request: `GET Patient?${MINE}&_summary=text`,
        expect: {
          body: { 'entry[0].resource.text': { exists: true }, 'entry[0].resource.name': { exists: false } },
        },
      },
    ],
  ),
  search('search-elements', 'SHOULD', 'elements', '_elements returns the elements asked for', [
    create('p', patient({ gender: 'male', birthDate: '1984' })),
    {
      request: `GET Patient?${MINE}&_elements=gender`,
      expect: {
        body: { 'entry[0].resource.gender': 'male', 'entry[0].resource.birthDate': { exists: false } },
      },
    },
  ]),
  // sorting
  search('search-sort', 'SHOULD', 'sort', '_sort orders ascending, and descending with a minus', [
    ...people,
    {
      request: `GET Patient?${MINE}&_sort=birthdate`,
      expect: { body: { 'entry[2].resource.id': '{c}' } },
    },
    {
      request: `GET Patient?${MINE}&_sort=-birthdate`,
      expect: { body: { 'entry[0].resource.id': '{c}' } },
    },
  ]),
  search('search-sort-string', 'SHOULD', 'sort', '_sort by a string parameter', [
    ...people,
    {
      request: `GET Patient?${MINE}&_sort=given`,
      expect: { body: { 'entry[*].resource.id': { ordered: ['{b}', '{a}', '{c}'] } } },
    },
  ]),
  search('search-sort-updated', 'SHOULD', 'sort', '_sort=-_lastUpdated gives the newest first', [
    ...people,
    {
      request: `GET Patient?${MINE}&_sort=-_lastUpdated`,
      expect: { body: { 'entry[*].resource.id': { ordered: ['{c}', '{b}', '{a}'] } } },
    },
  ]),
  // common parameters
  search('search-id', 'SHALL', 'all', '_id finds by id, several with commas', [
    ...people,
    {
      request: 'GET Patient?_id={a},{c}',
      expect: { body: { 'entry[*].resource.id': { sameSet: ['{a}', '{c}'] } } },
    },
  ]),
  search('search-last-updated', 'SHALL', 'all', '_lastUpdated filters by the time of the last change', [
    create('p', patient()),
    finds('_lastUpdated=gt2020-01-01', ['p']),
    finds('_lastUpdated=lt2020-01-01', []),
  ]),
  search('search-tag', 'SHOULD', 'all', '_tag finds by tag', [
    create('p', patient({ meta: { tag: [{ system: 'urn:conformance', code: 'batch-7' }] } })),
    finds('_tag=urn:conformance|batch-7', ['p']),
    finds('_tag=urn:conformance|batch-8', []),
  ]),
  search('search-security', 'SHOULD', 'all', '_security finds by label', [
    create(
      'p',
      patient({
        meta: {
          security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }],
        },
      }),
    ),
    finds('_security=R', ['p']),
    finds('_security=V', []),
  ]),
  // string
  search(
    'string-prefix',
    'SHALL',
    'string',
    'a string matches at the start, without regard to case and accents',
    [...people, finds('family=haidar', ['a', 'b']), finds('family=HAÏDAR', ['a', 'b'])],
  ),
  {
    ...search('string-family-parts', 'SHOULD', 'string', 'a family name is found by any of its parts', [
      create('p', patient({ name: [{ family: 'Carreno Quinones' }] })),
      finds('family=carreno', ['p']),
      finds('family=quinones', ['p']),
      finds('family=uinones', []),
    ]),
    cite: 'datatypes.html#HumanName',
  },
  search('string-exact', 'SHALL', 'string', ':exact matches the whole string with case and accents', [
    ...people,
    finds('family:exact=Haïdar', ['a']),
    finds('family:exact=Haidar', []),
  ]),
  search('string-contains', 'SHALL', 'string', ':contains matches anywhere', [
    ...people,
    finds('family:contains=aida', ['a', 'b', 'c']),
  ]),
  search('string-or', 'SHALL', 'combining', 'a comma means OR', [
    ...people,
    finds('given=rasha,omar', ['a', 'b']),
  ]),
  search('string-and', 'SHALL', 'combining', 'a repeated parameter means AND', [
    create('p', patient({ name: [{ given: ['Anna', 'Maria'] }] })),
    create('q', patient({ name: [{ given: ['Anna'] }] })),
    finds('given=anna&given=maria', ['p']),
  ]),
  search('string-escape', 'SHALL', 'escaping', 'a backslash escapes a comma', [
    create('p', patient({ name: [{ family: 'Ng, Jr' }] })),
    finds('family:exact=Ng\\, Jr', ['p']),
  ]),
  search('string-name', 'SHALL', 'string', 'name searches all parts of a name', [
    ...people,
    finds('name=omar', ['b']),
    finds('name=haidari', ['b']),
  ]),
  // token
  search('token-code', 'SHALL', 'token', 'a token matches a code exactly', [
    ...people,
    finds('gender=male', ['b']),
    finds('gender=female', ['a']),
  ]),
  search('token-not', 'SHALL', 'token', ':not also finds resources without the element', [
    ...people,
    finds('gender:not=male', ['a', 'c']),
  ]),
  search('token-missing', 'SHALL', 'modifiers', ':missing finds resources without, or with, the element', [
    ...people,
    finds('gender:missing=true', ['c']),
    finds('gender:missing=false', ['a', 'b']),
  ]),
  search('token-system', 'SHALL', 'token', '[system]|[code], [code], |[code] and [system]| are told apart', [
    create('p', patient()),
    create('x', observation('p', coded('urn:conformance:one', 'k') as { readonly [key: string]: Json })),
    create('y', observation('p', coded('urn:conformance:two', 'k') as { readonly [key: string]: Json })),
    create('z', observation('p', { code: { coding: [{ code: 'k' }] } })),
    findsObservations('code=urn:conformance:one|k', ['x']),
    findsObservations('code=k', ['x', 'y', 'z']),
    findsObservations('code=|k', ['z']),
    findsObservations('code=urn:conformance:two|', ['y']),
  ]),
  search('token-or', 'SHALL', 'combining', 'several tokens mean OR', [
    ...results,
    findsObservations('status=final,amended', ['x', 'y', 'z']),
  ]),
  search('token-identifier-of-type', 'SHOULD', 'token', ':of-type finds an identifier by type and value', [
    create(
      'p',
      patient({
        identifier: [
          { system: 'urn:conformance', value: '{uid}' },
          {
            type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PPN' }] },
            system: 'http://hl7.org/fhir/sid/passport-NPL',
            value: '07654321',
          },
        ],
      }),
    ),
    finds('identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|PPN|07654321', ['p']),
    finds('identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|07654321', []),
  ]),
  // date
  search('date-day', 'SHALL', 'date', 'a partial date covers its whole period', [
    ...people,
    finds('birthdate=1984', ['a', 'b']),
    finds('birthdate=1984-03-12', ['b']),
    finds('birthdate=1990-07', ['c']),
  ]),
  search('date-prefixes', 'SHALL', 'prefix', 'gt, ge, lt, le and ne compare dates', [
    ...people,
    finds('birthdate=gt1984-12-31', ['c']),
    finds('birthdate=ge1990-07-01', ['c']),
    finds('birthdate=lt1990', ['a', 'b']),
    finds('birthdate=le1990-07-01', ['a', 'b', 'c']),
    finds('birthdate=ne1990-07-01', ['a', 'b']),
  ]),
  search('date-range', 'SHALL', 'prefix', 'two prefixes on one parameter make a range', [
    ...results,
    findsObservations('date=ge2026-01-15&date=lt2026-02-28', ['y']),
  ]),
  search('date-sa-eb', 'SHALL', 'prefix', 'sa and eb are strict for periods', [
    ...results,
    findsObservations('date=sa2026-02-10', ['z']),
    findsObservations('date=eb2026-02-10', ['x']),
    findsObservations('date=sa2026-03-02', []),
  ]),
  search('date-period', 'SHALL', 'date', 'a period is inside the range that is asked for', [
    ...results,
    findsObservations('date=2026-03', ['z']),
    findsObservations('date=2026-03-02', []),
  ]),
  // number and quantity
  search('quantity-value', 'SHALL', 'quantity', 'a quantity matches by value, with and without unit', [
    ...results,
    findsObservations('value-quantity=70', ['x']),
    findsObservations('value-quantity=70|http://unitsofmeasure.org|kg', ['x']),
    findsObservations('value-quantity=70||kg', ['x']),
    findsObservations('value-quantity=70|http://unitsofmeasure.org|g', []),
  ]),
  search('quantity-prefixes', 'SHALL', 'prefix', 'prefixes compare quantities', [
    ...results,
    findsObservations('value-quantity=gt71|http://unitsofmeasure.org|kg', ['y']),
    findsObservations('value-quantity=lt71|http://unitsofmeasure.org|kg', ['x', 'z']),
  ]),
  search(
    'quantity-precision',
    'SHALL',
    'quantity',
    'the precision of the value is a range: 72 matches 72.4 but not 72.5',
    [
      create('p', patient()),
      create('x', observation('p', measured(72.4, 'kg'))),
      create('y', observation('p', measured(72.5, 'kg'))),
      findsObservations('value-quantity=72|http://unitsofmeasure.org|kg', ['x']),
    ],
  ),
  search('quantity-canonical', 'SHOULD', 'quantity', 'UCUM units are converted: 0.5 kg finds 500 g', [
    ...results,
    findsObservations('value-quantity=0.5|http://unitsofmeasure.org|kg', ['z']),
  ]),
  // reference, chains, includes
  search('reference-forms', 'SHALL', 'reference', 'a reference is found by id, by Type/id and by URL', [
    create('p', patient()),
    create('x', observation('p')),
    {
      request: 'GET Observation?subject={p}',
      expect: { body: { 'entry[*].resource.id': { sameSet: ['{x}'] } } },
    },
    {
      request: 'GET Observation?subject=Patient/{p}',
      expect: { body: { 'entry[*].resource.id': { sameSet: ['{x}'] } } },
    },
    {
      request: 'GET Observation?subject:Patient={p}',
      expect: { body: { 'entry[*].resource.id': { sameSet: ['{x}'] } } },
    },
    {
      request: 'GET Observation?subject={base}/Patient/{p}',
      expect: { body: { 'entry[*].resource.id': { sameSet: ['{x}'] } } },
    },
  ]),
  search('reference-identifier', 'SHOULD', 'reference', ':identifier finds a logical reference', [
    create('x', {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      subject: { identifier: { system: 'urn:conformance', value: '{uid}' } },
    }),
    {
      request: 'GET Observation?subject:identifier=urn:conformance|{uid}',
      expect: { body: { 'entry[*].resource.id': { sameSet: ['{x}'] } } },
    },
  ]),
  search('chain', 'SHALL', 'chaining', 'a chained parameter searches the target', [
    create('p', patient()),
    create('x', observation('p')),
    {
      request: 'GET Observation?subject:Patient.identifier=urn:conformance|{uid}',
      expect: { body: { 'entry[*].resource.id': { sameSet: ['{x}'] } } },
    },
    {
      request: 'GET Observation?patient.identifier=urn:conformance|{uid}',
      expect: { body: { 'entry[*].resource.id': { sameSet: ['{x}'] } } },
    },
  ]),
  search('reverse-chain', 'SHALL', 'has', '_has finds resources by what refers to them', [
    create('p', patient()),
    create('q', patient()),
    create('x', observation('p')),
    finds('_has:Observation:patient:code=29463-7', ['p']),
  ]),
  search('include', 'SHALL', 'include', '_include adds the target with mode include', [
    create('p', patient()),
    create('x', observation('p')),
    {
      request: 'GET Observation?_id={x}&_include=Observation:subject',
      expect: {
        body: {
          'entry[*].resource.id': { sameSet: ['{x}', '{p}'] },
          'entry[*].search.mode': { ordered: ['match', 'include'] },
        },
      },
    },
  ]),
  search('revinclude', 'SHALL', 'revinclude', '_revinclude adds what refers to a match', [
    create('p', patient()),
    create('x', observation('p')),
    {
      request: `GET Patient?${MINE}&_revinclude=Observation:subject`,
      expect: { body: { 'entry[*].resource.id': { sameSet: ['{p}', '{x}'] } } },
    },
  ]),
  search(
    'include-iterate',
    'SHOULD',
    'include',
    '_include:iterate follows references of included resources',
    [
      create('org', { resourceType: 'Organization', name: '{uid}' }),
      create('p', patient({ managingOrganization: { reference: 'Organization/{org}' } })),
      create('x', observation('p')),
      {
        request: 'GET Observation?_id={x}&_include=Observation:patient&_include:iterate=Patient:organization',
        expect: { body: { 'entry[*].resource.id': { sameSet: ['{x}', '{p}', '{org}'] } } },
      },
    ],
  ),
  search('include-once', 'SHALL', 'include', 'an included resource appears once', [
    create('p', patient()),
    create('x', observation('p')),
    create('y', observation('p')),
    {
      request: 'GET Observation?subject=Patient/{p}&_include=Observation:subject',
      expect: { body: { 'entry[*].resource.id': { sameSet: ['{x}', '{y}', '{p}'] } } },
    },
  ]),
  // composite, uri
  search('composite', 'SHOULD', 'composite', 'a composite matches within one component', [
    create('p', patient()),
    create('x', observation('p', measured(70, 'kg'))),
    create('y', observation('p', measured(90, 'kg'))),
    findsObservations('code-value-quantity=29463-7$gt80', ['y']),
  ]),
  search('uri', 'SHALL', 'uri', 'a uri matches exactly, :below by path', [
    create('v', { resourceType: 'ValueSet', url: 'http://conformance.example/{uid}/sub', status: 'draft' }),
    {
      request: 'GET ValueSet?url=http://conformance.example/{uid}/sub',
      expect: { body: { 'entry[*].resource.id': { sameSet: ['{v}'] } } },
    },
    {
      request: 'GET ValueSet?url:below=http://conformance.example/{uid}',
      expect: { body: { 'entry[*].resource.id': { sameSet: ['{v}'] } } },
    },
    {
      request: 'GET ValueSet?url=http://conformance.example/{uid}',
      expect: { body: { 'entry[*]': { count: 0 } } },
    },
  ]),
  // compartments and system level
  search('compartment', 'SHOULD', 'searching', 'a compartment search finds what belongs to the patient', [
    create('p', patient()),
    create('q', patient()),
    create('x', observation('p')),
    create('y', observation('q')),
    {
      request: 'GET Patient/{p}/Observation',
      expect: { status: 200, body: { 'entry[*].resource.id': { sameSet: ['{x}'] } } },
    },
  ]),
  search('system-search', 'SHOULD', 'searching', 'a system search with _type finds several types', [
    create('p', patient({ meta: { tag: [{ system: 'urn:conformance', code: '{uid}' }] } })),
    create('x', observation('p', { meta: { tag: [{ system: 'urn:conformance', code: '{uid}' }] } })),
    {
      request: 'GET ?_type=Patient,Observation&_tag=urn:conformance|{uid}',
      expect: { status: 200, body: { 'entry[*].resource.id': { sameSet: ['{p}', '{x}'] } } },
    },
  ]),
];
