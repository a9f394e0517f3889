/**
 * Search, sentence by sentence where servers differ most: precision, prefixes on periods, escapes, versions, media
 * types, contained resources, includes of versions, pages while others write. https://hl7.org/fhir/R4/search.html
 */
import { type Case, create, type Json, observation, patient, type Step } from '../case.ts';

const MINE = 'identifier=urn:conformance|{uid}';

function search(
  id: string,
  strength: Case['strength'],
  anchor: string,
  says: string,
  steps: readonly Step[],
): Case {
  return { id: `search-${id}`, area: 'search', strength, cite: `search.html#${anchor}`, says, steps };
}

/** Exactly these saved ids, in any order. */
function finds(request: string, ids: readonly string[]): Step {
  const sameSet = ids.map((id) => `{${id}}`);
  return {
    request: `GET ${request}`,
    expect: { status: 200, body: { 'entry[*].resource.id': { sameSet } } },
  };
}

function refuses(request: string): Step {
  return { request: `GET ${request}`, expect: { status: 400, outcome: true } };
}

const about = (query: string): string => `Observation?subject=Patient/{p}&${query}`;

/** An Encounter from start to end, either of which may be open. */
function stay(name: string, period: { readonly [key: string]: Json }): Step {
  return create(name, {
    resourceType: 'Encounter',
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: { reference: 'Patient/{p}' },
    period,
  });
}

const measured = (value: number, code: string): { readonly [key: string]: Json } => ({
  valueQuantity: { value, unit: code, system: 'http://unitsofmeasure.org', code },
});

function risk(name: string, probability: number): Step {
  return create(name, {
    resourceType: 'RiskAssessment',
    status: 'final',
    subject: { reference: 'Patient/{p}' },
    prediction: [{ probabilityDecimal: probability }],
  });
}

const stays: readonly Step[] = [
  create('p', patient()),
  stay('open', { start: '2013-01-21' }),
  stay('late', { start: '2013-03-15' }),
  stay('ended', { end: '2013-01-21' }),
];
const encounters = (query: string): string => `Encounter?subject=Patient/{p}&${query}`;

const withMedication: Step = create('rx', {
  resourceType: 'MedicationRequest',
  status: 'active',
  intent: 'order',
  subject: { reference: 'Patient/{p}' },
  contained: [
    {
      resourceType: 'Medication',
      id: 'm',
      code: { coding: [{ system: 'urn:conformance:{uid}', code: 'inside' }] },
    },
  ],
  medicationReference: { reference: '#m' },
});

export const SEARCH_VALUES: readonly Case[] = [
  // errors
  search('empty-value', 'SHALL', 'errors', 'an empty parameter is ignored, not an error', [
    create('p', patient()),
    finds(`Patient?${MINE}&family=`, ['p']),
  ]),
  search('named-query-unknown', 'SHALL', 'query', 'a _query that is not known is refused', [
    { request: 'GET Patient?_query=conformance-no-such-query', expect: { status: '4xx', outcome: true } },
  ]),
  search('nobody', 'SHOULD', 'errors', 'a subject that does not exist finds nothing, and is no error', [
    finds('Observation?subject=Patient/none-{uid}', []),
  ]),
  search('lone-backslash', 'SHOULD', 'escaping', 'a backslash that escapes nothing is illegal', [
    refuses('Patient?family=xx%5Cxx'),
  ]),
  search('escaped-comma', 'SHALL', 'escaping', 'an escaped comma is part of the value', [
    create('p', patient({ meta: { tag: [{ system: 'urn:c:{uid}', code: 'a,b' }] } })),
    create('q', patient({ meta: { tag: [{ system: 'urn:c:{uid}', code: 'a' }] } })),
    finds('Patient?_tag=urn:c:{uid}|a%5C,b', ['p']),
    finds('Patient?_tag=urn:c:{uid}|a,b', ['q']),
  ]),
  // numbers
  search('number-precision', 'SHALL', 'number', 'equality takes the precision of the number asked for', [
    create('p', patient()),
    risk('a', 0.84),
    risk('b', 0.86),
    finds('RiskAssessment?subject=Patient/{p}&probability=0.8', ['a']),
    finds('RiskAssessment?subject=Patient/{p}&probability=0.80', []),
    finds('RiskAssessment?subject=Patient/{p}&probability=gt0.84', ['b']),
    finds('RiskAssessment?subject=Patient/{p}&probability=ge0.84', ['a', 'b']),
    finds('RiskAssessment?subject=Patient/{p}&probability=gt84e-2', ['b']),
  ]),
  search('quantity-without-unit', 'SHALL', 'quantity', 'without a unit the number alone counts', [
    create('p', patient()),
    create('x', observation('p', measured(5.4, 'mg'))),
    create('y', observation('p', measured(5.4, 'g'))),
    finds(about('value-quantity=5.4'), ['x', 'y']),
    finds(about('value-quantity=5.4||mg'), ['x']),
    finds(about('value-quantity=le5.39||mg'), []),
  ]),
  // dates
  search('date-ge-open-period', 'SHALL', 'date', 'a period without end reaches beyond any date', [
    ...stays,
    finds(encounters('date=ge2013-03-14'), ['open', 'late']),
  ]),
  search('date-le-open-period', 'SHALL', 'date', 'a period without start begins before any date', [
    ...stays,
    finds(encounters('date=le2013-03-14'), ['open', 'ended']),
  ]),
  search('date-sa', 'SHALL', 'date', 'sa finds what starts after', [
    ...stays,
    finds(encounters('date=sa2013-03-14'), ['late']),
  ]),
  search('date-eb', 'SHALL', 'date', 'eb finds what ends before', [
    ...stays,
    finds(encounters('date=eb2013-03-14'), ['ended']),
  ]),
  search('date-within-day', 'SHALL', 'date', 'a day reaches before and after an hour of it', [
    create('p', patient()),
    create('x', observation('p', { effectiveDateTime: '2013-01-14' })),
    finds(about('date=lt2013-01-14T10:00:00Z'), ['x']),
    finds(about('date=gt2013-01-14T10:00:00Z'), ['x']),
    finds(about('date=2013-01-14T10:00:00Z'), []),
    finds(about('date=ne2013-01-14'), []),
  ]),
  search('date-zone', 'SHOULD', 'date', 'zones are corrected for', [
    create('p', patient()),
    create('x', observation('p', { effectiveDateTime: '2013-01-14T23:30:00-05:00' })),
    finds(about('date=2013-01-15T04:30:00Z'), ['x']),
    finds(about('date=2013-01-15T11:30:00%2B07:00'), ['x']),
  ]),
  // strings
  search('string-marks', 'SHALL', 'string', 'combining marks do not count, in any script', [
    create('a', patient({ name: [{ family: 'إِبْرَاهِيم' }] })),
    create('b', patient({ name: [{ family: 'ကျော်' }] })),
    create('c', patient({ name: [{ family: 'สมชาย' }] })),
    create('d', patient({ name: [{ family: 'ሙሉጌታ' }] })),
    create('e', patient({ name: [{ family: 'Nguye\u0302\u0303n' }] })),
    finds(`Patient?${MINE}&family=${encodeURIComponent('ابراهيم')}`, ['a']),
    finds(`Patient?${MINE}&family=${encodeURIComponent('ကျော်')}`, ['b']),
    finds(`Patient?${MINE}&family=${encodeURIComponent('สม')}`, ['c']),
    finds(`Patient?${MINE}&family=${encodeURIComponent('ሙሉ')}`, ['d']),
    finds(`Patient?${MINE}&family=nguyen`, ['e']),
    finds(`Patient?${MINE}&family:exact=nguyen`, []),
  ]),
  // uris, canonicals, media types
  search('uri-below-start', 'SHALL', 'uri', ':below finds URLs that start with the value', [
    create('v', { resourceType: 'ValueSet', url: 'http://c.example/{uid}/ValueSet/1', status: 'draft' }),
    finds('ValueSet?url:below=http://c.example/{uid}/', ['v']),
    finds('ValueSet?url:above=http://c.example/{uid}/ValueSet/1/_history/5', ['v']),
  ]),
  search('uri-version', 'SHOULD', 'uri', 'a version behind a canonical is searched for as the version', [
    create('v', { resourceType: 'ValueSet', url: 'http://c.example/{uid}', version: '1.0', status: 'draft' }),
    create('w', { resourceType: 'ValueSet', url: 'http://c.example/{uid}', version: '2.0', status: 'draft' }),
    finds('ValueSet?url=http://c.example/{uid}', ['v', 'w']),
    finds('ValueSet?url=http://c.example/{uid}|2.0', ['w']),
  ]),
  search(
    'canonical-below',
    'SHOULD',
    'versions',
    ':below of a canonical takes every version that starts so',
    [
      create('a', {
        resourceType: 'QuestionnaireResponse',
        status: 'completed',
        questionnaire: 'http://c.example/q/{uid}|1.0',
      }),
      create('b', {
        resourceType: 'QuestionnaireResponse',
        status: 'completed',
        questionnaire: 'http://c.example/q/{uid}|2.0',
      }),
      finds('QuestionnaireResponse?questionnaire:below=http://c.example/q/{uid}', ['a', 'b']),
      finds('QuestionnaireResponse?questionnaire:below=http://c.example/q/{uid}|1', ['a']),
    ],
  ),
  search('mime-below', 'SHOULD', 'mimetype', ':below finds media types with parameters', [
    create('p', patient()),
    create('d', {
      resourceType: 'DocumentReference',
      status: 'current',
      subject: { reference: 'Patient/{p}' },
      content: [{ attachment: { contentType: 'text/xml; charset=UTF-8', url: 'http://c.example/x' } }],
    }),
    finds('DocumentReference?subject=Patient/{p}&contenttype=text/xml', []),
    finds('DocumentReference?subject=Patient/{p}&contenttype:below=text/xml', ['d']),
  ]),
  // words
  search('text-logic', 'SHOULD', 'text', '_text knows AND, OR and parentheses', [
    create('p', {
      ...patient(),
      text: {
        status: 'generated',
        div: '<div xmlns="http://www.w3.org/1999/xhtml">liver with metastases</div>',
      },
    }),
    create('q', {
      ...patient(),
      text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">bone</div>' },
    }),
    finds(`Patient?${MINE}&_text=(bone%20OR%20liver)%20and%20metastases`, ['p']),
    finds(`Patient?${MINE}&_text=bone%20OR%20liver`, ['p', 'q']),
  ]),
  // contained resources
  search('chain-contained', 'SHOULD', 'contained', 'a chain is evaluated inside contained resources', [
    create('p', patient()),
    withMedication,
    finds('MedicationRequest?medication.code=urn:conformance:{uid}|inside', ['rx']),
    finds('Medication?code=urn:conformance:{uid}|inside', []),
  ]),
  search('contained', 'MAY', 'contained', '_contained=true finds the container, or the contained resource', [
    create('p', patient()),
    withMedication,
    finds('Medication?_contained=true&code=urn:conformance:{uid}|inside', ['rx']),
    {
      request: 'GET Medication?_contained=true&_containedType=contained&code=urn:conformance:{uid}|inside',
      expect: {
        status: 200,
        body: { 'entry[0].resource.id': 'm', 'entry[0].fullUrl': { matches: '/MedicationRequest/{rx}#m$' } },
      },
    },
  ]),
  // results
  search('include-version', 'SHOULD', 'versions', '_include gives the version that a reference names', [
    create('o', { resourceType: 'Organization', name: 'Before {uid}' }),
    {
      request: 'PUT Organization/{o}',
      body: { resourceType: 'Organization', id: '{o}', name: 'After {uid}' },
      expect: { status: 200 },
    },
    create('p', patient({ managingOrganization: { reference: 'Organization/{o}/_history/{o.version}' } })),
    {
      request: 'GET Patient?_id={p}&_include=Patient:organization',
      expect: { status: 200, body: { 'entry[1].resource.name': 'Before {uid}' } },
    },
  ]),
  search('summary-text-include', 'SHALL', 'summary', '_summary=text is not mixed with _include', [
    refuses('Patient?_summary=text&_include=Patient:organization'),
  ]),
  search('sort-repeated', 'MAY', 'table', '_sort may repeat for inner orders', [
    create('p', patient()),
    create('x', observation('p', { effectiveDateTime: '2026-01-01', status: 'final' })),
    create('y', observation('p', { effectiveDateTime: '2026-02-01', status: 'final' })),
    create('z', observation('p', { effectiveDateTime: '2026-01-15', status: 'amended' })),
    {
      request: `GET ${about('_sort=status&_sort=-date')}`,
      expect: { status: 200, body: { 'entry[*].resource.id': { ordered: ['{z}', '{y}', '{x}'] } } },
    },
  ]),
  search('filter', 'MAY', 'filter', '_filter joins comparisons of several parameters', [
    create('p', patient({ gender: 'male', birthDate: '1984-05-05' })),
    create('q', patient({ gender: 'female', birthDate: '1990-01-01' })),
    finds(`Patient?${MINE}&_filter=gender%20eq%20male%20or%20birthdate%20ge%201990`, ['p', 'q']),
    finds(`Patient?${MINE}&_filter=not%20(gender%20eq%20male)`, ['q']),
    finds(`Patient?${MINE}&_filter=given%20co%20%22{uid}%22%20and%20gender%20pr%20true`, ['p', 'q']),
  ]),
  search('page-link-post', 'SHALL', 'count', 'a search by POST is paged like one by GET', [
    create('p', patient()),
    create('q', patient()),
    {
      request: 'POST Patient/_search',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      raw: `${MINE}&_count=1`,
      expect: { status: 200, body: { 'entry[*]': { count: 1 }, 'link[*].relation': { includes: 'next' } } },
    },
  ]),
];
