/** batch and transaction. https://hl7.org/fhir/R4/http.html#transaction */
import { type Case, create, type Json, patient, type Step } from '../case.ts';

function bundle(type: string, entry: readonly Json[]): { readonly [key: string]: Json } {
  return { resourceType: 'Bundle', type, entry };
}

const post = (
  type: string,
  resource: Json,
  more: { readonly [key: string]: Json } = {},
): { readonly [key: string]: Json } => ({
  ...(more.fullUrl === undefined ? {} : { fullUrl: more.fullUrl }),
  resource,
  request: {
    method: 'POST',
    url: type,
    ...(more.ifNoneExist === undefined ? {} : { ifNoneExist: more.ifNoneExist }),
  },
});

const A = 'urn:uuid:05efabf0-4be2-4561-91ce-51548425acb9';
const B = 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a';

function transaction(
  id: string,
  strength: Case['strength'],
  says: string,
  steps: readonly Step[],
  cite = 'http.html#transaction',
): Case {
  return { id, area: 'transaction', strength, cite, says, steps };
}

function batch(id: string, strength: Case['strength'], says: string, steps: readonly Step[]): Case {
  return { id, area: 'batch', strength, cite: 'http.html#transaction', says, steps };
}

const weight = (subject: string): { readonly [key: string]: Json } => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'weight' },
  subject: { reference: subject },
});

export const TRANSACTION: readonly Case[] = [
  transaction(
    'tx-response',
    'SHALL',
    'a transaction answers with a transaction-response in the order of the request',
    [
      {
        request: 'POST ',
        body: bundle('transaction', [
          post('Patient', patient()),
          post('Organization', { resourceType: 'Organization', name: 'x' }),
        ]),
        expect: {
          status: 200,
          body: {
            resourceType: 'Bundle',
            type: 'transaction-response',
            'entry[0].response.status': { matches: '^201' },
            'entry[0].response.location': { matches: 'Patient/' },
            'entry[1].response.location': { matches: 'Organization/' },
            'entry[0].response.etag': { exists: true },
            'entry[0].response.lastModified': { exists: true },
          },
        },
      },
    ],
  ),
  transaction('tx-references', 'SHALL', 'references to a fullUrl are replaced by the id that was assigned', [
    {
      request: 'POST ',
      body: bundle('transaction', [
        post('Observation', weight(A)),
        post('Patient', patient(), { fullUrl: A }),
      ]),
      expect: { status: 200 },
      save: { o: 'entry[0].response.location' },
    },
    {
      request: 'GET Observation?patient.identifier=urn:conformance|{uid}',
      expect: { status: 200, body: { 'entry[*].resource.subject.reference': { matches: '^Patient/' } } },
    },
  ]),
  transaction('tx-circular', 'SHALL', 'circular references between entries are resolved', [
    {
      request: 'POST ',
      body: bundle('transaction', [
        post('Patient', patient({ link: [{ other: { reference: B }, type: 'seealso' }] }), { fullUrl: A }),
        post('Patient', patient({ link: [{ other: { reference: A }, type: 'seealso' }] }), { fullUrl: B }),
      ]),
      expect: { status: 200, body: { 'entry[*].response.status': { count: 2 } } },
    },
    {
      request: 'GET Patient?identifier=urn:conformance|{uid}',
      expect: { body: { 'entry[*].resource.link[0].other.reference': { matches: '^Patient/' } } },
    },
  ]),
  transaction('tx-atomic', 'SHALL', 'one bad entry and nothing is changed', [
    {
      request: 'POST ',
      body: bundle('transaction', [post('Patient', patient()), post('Patient', patient({ gender: 'mann' }))]),
      expect: { status: [400, 422], outcome: true },
    },
    {
      request: 'GET Patient?identifier=urn:conformance|{uid}',
      expect: { body: { 'entry[*]': { count: 0 } } },
    },
  ]),
  transaction('tx-names-entry', 'SHOULD', 'the error says which entry it is about', [
    {
      request: 'POST ',
      body: bundle('transaction', [post('Patient', patient()), post('Patient', patient({ gender: 'mann' }))]),
      expect: { outcome: true, body: { 'issue[*].expression[0]': { matches: 'entry\\[1\\]' } } },
    },
  ]),
  transaction('tx-update-and-delete', 'SHALL', 'PUT and DELETE entries are carried out', [
    create('p', patient()),
    create('q', patient()),
    {
      request: 'POST ',
      body: bundle('transaction', [
        { resource: patient({ id: '{p}', gender: 'male' }), request: { method: 'PUT', url: 'Patient/{p}' } },
        { request: { method: 'DELETE', url: 'Patient/{q}' } },
      ]),
      expect: { status: 200, body: { 'entry[0].response.status': { matches: '^200' } } },
    },
    { request: 'GET Patient/{p}', expect: { body: { gender: 'male' } } },
    { request: 'GET Patient/{q}', expect: { status: 410 } },
  ]),
  transaction('tx-get', 'SHALL', 'a GET entry returns what it found, after the writes', [
    {
      request: 'POST ',
      body: bundle('transaction', [
        { request: { method: 'GET', url: 'Patient?identifier=urn:conformance|{uid}' } },
        post('Patient', patient()),
      ]),
      expect: {
        status: 200,
        body: { 'entry[0].resource.type': 'searchset', 'entry[0].resource.entry[*]': { count: 1 } },
      },
    },
  ]),
  transaction('tx-patch', 'SHOULD', 'a PATCH entry with a FHIRPath Patch is carried out', [
    create('p', patient()),
    {
      request: 'POST ',
      body: bundle('transaction', [
        {
          resource: {
            resourceType: 'Parameters',
            parameter: [
              {
                name: 'operation',
                part: [
                  { name: 'type', valueCode: 'add' },
                  { name: 'path', valueString: 'Patient' },
                  { name: 'name', valueString: 'gender' },
                  { name: 'value', valueCode: 'male' },
                ],
              },
            ],
          },
          request: { method: 'PATCH', url: 'Patient/{p}' },
        },
      ]),
      expect: { status: 200 },
    },
    { request: 'GET Patient/{p}', expect: { body: { gender: 'male' } } },
  ]),
  transaction(
    'tx-if-none-exist',
    'SHALL',
    'ifNoneExist with one match uses the match, also for references to it',
    [
      create('p', patient()),
      {
        request: 'POST ',
        body: bundle('transaction', [
          post('Patient', patient(), { fullUrl: A, ifNoneExist: 'identifier=urn:conformance|{uid}' }),
          post('Observation', weight(A)),
        ]),
        expect: { status: 200, body: { 'entry[0].response.status': { matches: '^200' } } },
      },
      { request: 'GET Observation?subject=Patient/{p}', expect: { body: { 'entry[*]': { count: 1 } } } },
      {
        request: 'GET Patient?identifier=urn:conformance|{uid}',
        expect: { body: { 'entry[*]': { count: 1 } } },
      },
    ],
  ),
  transaction(
    'tx-if-none-exist-many',
    'SHALL',
    'ifNoneExist with several matches fails the whole transaction',
    [
      create('p', patient()),
      create('q', patient()),
      {
        request: 'POST ',
        body: bundle('transaction', [
          post('Patient', patient(), { ifNoneExist: 'identifier=urn:conformance|{uid}' }),
        ]),
        expect: { status: 412, outcome: true },
      },
    ],
  ),
  transaction(
    'tx-conditional-reference',
    'SHALL',
    'a conditional reference is replaced by the resource that matches',
    [
      create('p', patient()),
      {
        request: 'POST ',
        body: bundle('transaction', [
          post('Observation', weight('Patient?identifier=urn:conformance|{uid}')),
        ]),
        expect: { status: 200 },
      },
      { request: 'GET Observation?subject=Patient/{p}', expect: { body: { 'entry[*]': { count: 1 } } } },
    ],
  ),
  transaction(
    'tx-conditional-reference-none',
    'SHALL',
    'a conditional reference without a match fails the transaction',
    [
      {
        request: 'POST ',
        body: bundle('transaction', [
          post('Observation', weight('Patient?identifier=urn:conformance|{uid}')),
        ]),
        expect: { status: '4xx', outcome: true },
      },
    ],
  ),
  transaction('tx-duplicate', 'SHALL', 'the same resource in two entries fails the transaction', [
    create('p', patient()),
    {
      request: 'POST ',
      body: bundle('transaction', [
        { resource: patient({ id: '{p}', gender: 'male' }), request: { method: 'PUT', url: 'Patient/{p}' } },
        { request: { method: 'DELETE', url: 'Patient/{p}' } },
      ]),
      expect: { status: '4xx', outcome: true },
    },
    { request: 'GET Patient/{p}', expect: { status: 200 } },
  ]),
  transaction('tx-if-match-stale', 'SHALL', 'a stale ifMatch fails the transaction', [
    create('p', patient()),
    {
      request: 'POST ',
      body: bundle('transaction', [
        {
          resource: patient({ id: '{p}' }),
          request: { method: 'PUT', url: 'Patient/{p}', ifMatch: 'W/"none"' },
        },
      ]),
      expect: { status: [409, 412], outcome: true },
    },
  ]),
  transaction('tx-empty', 'SHALL', 'an empty transaction is carried out', [
    {
      request: 'POST ',
      body: { resourceType: 'Bundle', type: 'transaction' },
      expect: { status: 200, body: { type: 'transaction-response' } },
    },
  ]),
  transaction('tx-wrong-type', 'SHALL', 'a Bundle of another type at the base is refused', [
    { request: 'POST ', body: bundle('collection', []), expect: { status: [400, 422], outcome: true } },
  ]),
  transaction('tx-no-request', 'SHALL', 'an entry without a request is refused', [
    {
      request: 'POST ',
      body: bundle('transaction', [{ resource: patient() }]),
      expect: { status: [400, 422], outcome: true },
    },
  ]),
];

export const BATCH: readonly Case[] = [
  batch('batch-independent', 'SHALL', 'entries of a batch succeed and fail on their own', [
    {
      request: 'POST ',
      body: bundle('batch', [
        post('Patient', patient()),
        post('Patient', patient({ gender: 'mann' })),
        { request: { method: 'GET', url: 'Patient/never-{uid}' } },
      ]),
      expect: {
        status: 200,
        body: {
          type: 'batch-response',
          'entry[0].response.status': { matches: '^201' },
          'entry[1].response.status': { matches: '^4' },
          'entry[1].response.outcome.resourceType': 'OperationOutcome',
          'entry[2].response.status': { matches: '^404' },
        },
      },
    },
    {
      request: 'GET Patient?identifier=urn:conformance|{uid}',
      expect: { body: { 'entry[*]': { count: 1 } } },
    },
  ]),
  batch('batch-read', 'SHALL', 'a GET entry returns the resource', [
    create('p', patient()),
    {
      request: 'POST ',
      body: bundle('batch', [{ request: { method: 'GET', url: 'Patient/{p}' } }]),
      expect: {
        status: 200,
        body: { 'entry[0].resource.id': '{p}', 'entry[0].response.status': { matches: '^200' } },
      },
    },
  ]),
  batch('batch-none-match', 'SHOULD', 'ifNoneMatch in a batch entry gives 304', [
    create('p', patient()),
    {
      request: 'POST ',
      body: bundle('batch', [
        { request: { method: 'GET', url: 'Patient/{p}', ifNoneMatch: 'W/"{p.version}"' } },
      ]),
      expect: { status: 200, body: { 'entry[0].response.status': { matches: '^304' } } },
    },
  ]),
  batch('batch-unknown-type', 'SHALL', 'an unknown type fails its entry only', [
    {
      request: 'POST ',
      body: bundle('batch', [{ request: { method: 'GET', url: 'Wibble/1' } }, post('Patient', patient())]),
      expect: {
        status: 200,
        body: {
          'entry[0].response.status': { matches: '^404' },
          'entry[1].response.status': { matches: '^201' },
        },
      },
    },
  ]),
];
