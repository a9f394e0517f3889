/** History at the three levels. https://hl7.org/fhir/R4/http.html#history */
import { type Case, create, type Json, patient, type Step } from '../case.ts';

const update = (gender: string): Step => ({
  request: 'PUT Patient/{p}',
  body: patient({ id: '{p}', gender }),
  expect: { status: 200 },
});

function history(
  id: string,
  strength: Case['strength'],
  says: string,
  steps: readonly Step[],
  cite = 'http.html#history',
): Case {
  return { id, area: 'history', strength, cite, says, steps };
}

const newestFirst: readonly Json[] = ['other', 'male', 'female'];

export const HISTORY: readonly Case[] = [
  history(
    'history-instance',
    'SHALL',
    'instance history lists every version, newest first, in a history Bundle',
    [
      create('p', patient({ gender: 'female' })),
      update('male'),
      update('other'),
      {
        request: 'GET Patient/{p}/_history',
        expect: {
          status: 200,
          body: {
            resourceType: 'Bundle',
            type: 'history',
            total: 3,
            'entry[*].resource.gender': { ordered: newestFirst },
            'entry[*].request.method': { ordered: ['PUT', 'PUT', 'POST'] },
            'entry[*].response.status': { count: 3 },
          },
        },
      },
    ],
  ),
  history('history-full-url', 'SHALL', 'each history entry has a fullUrl and a request', [
    create('p', patient()),
    {
      request: 'GET Patient/{p}/_history',
      expect: {
        body: {
          'entry[0].fullUrl': { matches: '/Patient/{p}$' },
          'entry[0].request.url': { exists: true },
          'link[*].relation': { includes: 'self' },
        },
      },
    },
  ]),
  history('history-unknown', 'SHOULD', 'the history of something that never existed is 404', [
    { request: 'GET Patient/never-{uid}/_history', expect: { status: 404, outcome: true } },
  ]),
  history('history-count', 'SHALL', '_count limits a page, next leads to the rest', [
    create('p', patient({ gender: 'female' })),
    update('male'),
    update('other'),
    {
      request: 'GET Patient/{p}/_history?_count=2',
      expect: { status: 200, body: { 'entry[*]': { count: 2 }, 'link[*].relation': { includes: 'next' } } },
      save: { next: 'link[1].url' },
    },
  ]),
  history('history-since', 'SHALL', '_since leaves out versions before the instant', [
    create('p', patient({ gender: 'female' })),
    {
      request: 'GET Patient/{p}/_history?_since=2999-01-01T00:00:00Z',
      expect: { status: 200, body: { 'entry[*]': { count: 0 } } },
    },
    {
      request: 'GET Patient/{p}/_history?_since=2001-01-01T00:00:00Z',
      expect: { status: 200, body: { 'entry[*]': { count: 1 } } },
    },
  ]),
  history('history-since-bad', 'SHALL', 'a _since that is not an instant is 400', [
    create('p', patient()),
    { request: 'GET Patient/{p}/_history?_since=yesterday', expect: { status: 400, outcome: true } },
  ]),
  history('history-at', 'MAY', '_at gives the versions that were current at a time', [
    create('p', patient()),
    {
      request: 'GET Patient/{p}/_history?_at=2001-01-01',
      expect: { status: 200, body: { 'entry[*]': { count: 0 } } },
    },
  ]),
  history('history-type', 'SHOULD', 'type history holds versions of that type only', [
    create('p', patient()),
    {
      request: 'GET Patient/_history?_count=20',
      expect: {
        status: 200,
        body: {
          type: 'history',
          'entry[*].resource.resourceType': { excludes: 'Observation' },
          'entry[0]': { exists: true },
        },
      },
    },
  ]),
  history('history-system', 'SHOULD', 'system history is offered', [
    create('p', patient()),
    {
      request: 'GET _history?_count=5',
      expect: { status: 200, body: { type: 'history', 'entry[*]': { atLeast: 1 } } },
    },
  ]),
  history('history-unknown-type', 'SHALL', 'type history of an unknown type is 404', [
    { request: 'GET Wibble/_history', expect: { status: 404, outcome: true } },
  ]),
  history('history-deleted', 'SHALL', 'a delete is an entry without a resource', [
    create('p', patient()),
    { request: 'DELETE Patient/{p}', expect: { status: '2xx' } },
    {
      request: 'GET Patient/{p}/_history',
      expect: {
        status: 200,
        body: {
          'entry[*].request.method': { ordered: ['DELETE', 'POST'] },
          'entry[0].resource': { exists: false },
          'entry[0].request.url': { matches: 'Patient/{p}$' },
          'entry[0].response.lastModified': { exists: true },
          'entry[1].resource.id': '{p}',
        },
      },
    },
  ]),
  history('history-repeated', 'SHALL', 'none of the parameters may be given twice', [
    create('p', patient()),
    { request: 'GET Patient/{p}/_history?_count=1&_count=2', expect: { status: 400, outcome: true } },
    {
      request: 'GET Patient/{p}/_history?_since=2001-01-01T00:00:00Z&_since=2002-01-01T00:00:00Z',
      expect: { status: 400, outcome: true },
    },
  ]),
  history('history-list', 'MAY', '_list narrows the history to what a List refers to', [
    create('p', patient({ gender: 'female' })),
    create('q', patient()),
    create('l', {
      resourceType: 'List',
      status: 'current',
      mode: 'working',
      entry: [{ item: { reference: 'Patient/{p}' } }],
    }),
    update('male'),
    {
      request: 'GET Patient/_history?_list={l}',
      expect: {
        status: 200,
        body: {
          type: 'history',
          'entry[*].resource.id': { ordered: ['{p}', '{p}'] },
          'entry[*].resource.gender': { ordered: ['male', 'female'] },
        },
      },
    },
    {
      request: 'GET Patient/{q}/_history?_list={l}',
      expect: { status: 200, body: { 'entry[*]': { count: 0 } } },
    },
    { request: 'GET Patient/_history?_list=List/never-{uid}', expect: { status: '4xx', outcome: true } },
  ]),
  history('history-sort', 'MAY', '_sort=_lastUpdated gives the oldest first', [
    create('p', patient({ gender: 'female' })),
    update('male'),
    {
      request: 'GET Patient/{p}/_history?_sort=_lastUpdated',
      expect: { status: 200, body: { 'entry[*].resource.gender': { ordered: ['female', 'male'] } } },
    },
    { request: 'GET Patient/{p}/_history?_sort=gender', expect: { status: 400, outcome: true } },
  ]),
  history(
    'history-summary',
    'MAY',
    '_summary and _elements shape the versions, which are marked',
    [
      create('p', patient({ maritalStatus: { text: 'x' } })),
      {
        request: 'GET Patient/{p}/_history?_summary=true',
        expect: {
          status: 200,
          body: {
            'entry[0].resource.maritalStatus': { exists: false },
            'entry[0].resource.name': { exists: true },
            'entry[0].resource.meta.tag[*].code': { includes: 'SUBSETTED' },
          },
        },
      },
    ],
    'http.html#parameters',
  ),
  history('history-format', 'SHALL', '_format decides the format of a history', [
    create('p', patient()),
    {
      request: 'GET Patient/{p}/_history?_format=xml',
      expect: {
        status: 200,
        headers: { 'content-type': { matches: '^application/fhir\\+xml' } },
        text: { matches: '<Bundle[^>]*xmlns="http://hl7.org/fhir"' },
      },
    },
  ]),
];
