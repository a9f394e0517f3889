/** read, vread, update, delete, create and instance history. https://hl7.org/fhir/R4/http.html */
import { type Case, create, observation, patient } from '../case.ts';

const ETAG = { matches: '^W/"[A-Za-z0-9\\-.]{1,64}"$' };
const INSTANT = { matches: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$' };

export const READ: readonly Case[] = [
  {
    id: 'read-found',
    area: 'read',
    strength: 'SHALL',
    cite: 'http.html#read',
    says: 'read returns the current resource with its id, versionId and lastUpdated',
    steps: [
      create('p', patient()),
      {
        request: 'GET Patient/{p}',
        expect: {
          status: 200,
          body: {
            resourceType: 'Patient',
            id: '{p}',
            'name[0].family': 'Conformance',
            'meta.versionId': '{p.version}',
            'meta.lastUpdated': INSTANT,
          },
        },
      },
    ],
  },
  {
    id: 'read-headers',
    area: 'read',
    strength: 'SHOULD',
    cite: 'http.html#read',
    says: 'read returns an ETag with the versionId and a Last-Modified header',
    steps: [
      create('p', patient()),
      {
        request: 'GET Patient/{p}',
        expect: { status: 200, headers: { etag: 'W/"{p.version}"', 'last-modified': { matches: ' GMT$' } } },
      },
    ],
  },
  {
    id: 'read-content-type',
    area: 'read',
    strength: 'SHALL',
    cite: 'http.html#mime-type',
    says: 'the correct mime type is used for the JSON representation',
    steps: [
      create('p', patient()),
      {
        request: 'GET Patient/{p}',
        expect: { headers: { 'content-type': { matches: '^application/fhir\\+json' } } },
      },
    ],
  },
  {
    id: 'read-unknown-id',
    area: 'read',
    strength: 'SHALL',
    cite: 'http.html#read',
    says: 'read of an unknown id is 404 with an OperationOutcome',
    steps: [{ request: 'GET Patient/none-{uid}', expect: { status: 404, outcome: true } }],
  },
  {
    id: 'read-unknown-type',
    area: 'read',
    strength: 'SHALL',
    cite: 'http.html#summary',
    says: 'an unknown resource type is 404',
    steps: [{ request: 'GET Wibble/1', expect: { status: 404, outcome: true } }],
  },
  {
    id: 'read-type-is-case-sensitive',
    area: 'read',
    strength: 'SHALL',
    cite: 'http.html#general',
    says: 'URLs are case sensitive: a type in lower case is not found',
    steps: [create('p', patient()), { request: 'GET patient/{p}', expect: { status: 404 } }],
  },
  {
    id: 'read-deleted',
    area: 'read',
    strength: 'SHALL',
    cite: 'http.html#read',
    says: 'a deleted resource is 410 Gone',
    steps: [
      create('p', patient()),
      { request: 'DELETE Patient/{p}', expect: { status: '2xx' } },
      { request: 'GET Patient/{p}', expect: { status: 410, outcome: true } },
    ],
  },
  {
    id: 'read-head',
    area: 'read',
    strength: 'SHOULD',
    cite: 'http.html#general',
    says: 'HEAD answers like GET without a body',
    steps: [
      create('p', patient()),
      { request: 'HEAD Patient/{p}', expect: { status: 200, headers: { etag: ETAG }, text: '' } },
    ],
  },
  {
    id: 'read-none-match',
    area: 'read',
    strength: 'SHOULD',
    cite: 'http.html#cread',
    says: 'If-None-Match with the current ETag is 304 without a body',
    steps: [
      create('p', patient()),
      {
        request: 'GET Patient/{p}',
        headers: { 'If-None-Match': 'W/"{p.version}"' },
        expect: { status: 304, text: '' },
      },
    ],
  },
  {
    id: 'read-none-match-stale',
    area: 'read',
    strength: 'SHALL',
    cite: 'http.html#cread',
    says: 'If-None-Match with another ETag returns the resource',
    steps: [
      create('p', patient()),
      {
        request: 'GET Patient/{p}',
        headers: { 'If-None-Match': 'W/"other"' },
        expect: { status: 200, body: { id: '{p}' } },
      },
    ],
  },
  {
    id: 'read-modified-since',
    area: 'read',
    strength: 'SHOULD',
    cite: 'http.html#cread',
    says: 'If-Modified-Since with the Last-Modified of the resource is 304',
    steps: [
      create('p', patient()),
      { request: 'GET Patient/{p}', save: { modified: 'header:last-modified' } },
      { request: 'GET Patient/{p}', headers: { 'If-Modified-Since': '{modified}' }, expect: { status: 304 } },
    ],
  },
  {
    id: 'read-modified-since-old',
    area: 'read',
    strength: 'SHALL',
    cite: 'http.html#cread',
    says: 'If-Modified-Since before the last change returns the resource',
    steps: [
      create('p', patient()),
      {
        request: 'GET Patient/{p}',
        headers: { 'If-Modified-Since': 'Sat, 01 Jan 2000 00:00:00 GMT' },
        expect: { status: 200 },
      },
    ],
  },
  {
    id: 'read-summary',
    area: 'read',
    strength: 'SHOULD',
    cite: 'search.html#summary',
    says: '_summary=true on read returns the summary elements, marked SUBSETTED',
    steps: [
      create(
        'p',
        patient({ communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'ar' }] } }] }),
      ),
      {
        request: 'GET Patient/{p}?_summary=true',
        expect: {
          status: 200,
          body: {
            communication: { exists: false },
            'meta.tag[*].code': { includes: 'SUBSETTED' },
            id: '{p}',
          },
        },
      },
    ],
  },
  {
    id: 'read-elements',
    area: 'read',
    strength: 'SHOULD',
    cite: 'search.html#elements',
    says: '_elements on read returns the elements asked for, marked SUBSETTED',
    steps: [
      create('p', patient({ gender: 'female' })),
      {
        request: 'GET Patient/{p}?_elements=gender',
        expect: {
          status: 200,
          body: { gender: 'female', name: { exists: false }, 'meta.tag[*].code': { includes: 'SUBSETTED' } },
        },
      },
    ],
  },
];

export const VREAD: readonly Case[] = [
  {
    id: 'vread-old-version',
    area: 'vread',
    strength: 'SHALL',
    cite: 'http.html#vread',
    says: 'vread returns an earlier version as it was',
    steps: [
      create('p', patient({ gender: 'female' })),
      { request: 'PUT Patient/{p}', body: patient({ id: '{p}', gender: 'male' }), expect: { status: 200 } },
      {
        request: 'GET Patient/{p}/_history/{p.version}',
        expect: {
          status: 200,
          headers: { etag: 'W/"{p.version}"' },
          body: { gender: 'female', 'meta.versionId': '{p.version}' },
        },
      },
    ],
  },
  {
    id: 'vread-unknown-version',
    area: 'vread',
    strength: 'SHALL',
    cite: 'http.html#vread',
    says: 'an unknown version is 404',
    steps: [
      create('p', patient()),
      { request: 'GET Patient/{p}/_history/999999', expect: { status: 404, outcome: true } },
    ],
  },
  {
    id: 'vread-deleted-version',
    area: 'vread',
    strength: 'SHOULD',
    cite: 'http.html#vread',
    says: 'the version that is a deletion is 410, earlier ones stay readable',
    steps: [
      create('p', patient()),
      { request: 'DELETE Patient/{p}', expect: { status: '2xx' } },
      { request: 'GET Patient/{p}/_history/{p.version}', expect: { status: 200 } },
      { request: 'GET Patient/{p}/_history', save: { gone: 'entry[0].response.etag' } },
    ],
  },
];

export const UPDATE: readonly Case[] = [
  {
    id: 'update-new-version',
    area: 'update',
    strength: 'SHALL',
    cite: 'http.html#update',
    says: 'update makes a new version and returns 200',
    steps: [
      create('p', patient()),
      {
        request: 'PUT Patient/{p}',
        body: patient({ id: '{p}', gender: 'male' }),
        expect: { status: 200, headers: { etag: ETAG } },
        save: { v2: 'header:etag' },
      },
      {
        request: 'GET Patient/{p}',
        expect: {
          body: { gender: 'male', 'meta.versionId': { excludes: '{p.version}' } },
          headers: { etag: '{v2}' },
        },
      },
    ],
  },
  {
    id: 'update-as-create',
    area: 'update',
    strength: 'MAY',
    cite: 'http.html#upsert',
    says: 'update of an unknown id creates it with that id: 201 and a Location',
    steps: [
      {
        request: 'PUT Patient/new-{uid}',
        body: patient({ id: 'new-{uid}' }),
        expect: { status: 201, headers: { location: { matches: '/Patient/new-{uid}/_history/' } } },
      },
      { request: 'GET Patient/new-{uid}', expect: { status: 200 } },
    ],
  },
  {
    id: 'update-id-mismatch',
    area: 'update',
    strength: 'SHALL',
    cite: 'http.html#update',
    says: 'a body whose id differs from the URL is 400',
    steps: [
      create('p', patient()),
      { request: 'PUT Patient/{p}', body: patient({ id: 'other' }), expect: { status: 400, outcome: true } },
    ],
  },
  {
    id: 'update-id-missing',
    area: 'update',
    strength: 'SHALL',
    cite: 'http.html#update',
    says: 'a body without an id is 400',
    steps: [
      create('p', patient()),
      { request: 'PUT Patient/{p}', body: patient(), expect: { status: 400, outcome: true } },
    ],
  },
  {
    id: 'update-type-mismatch',
    area: 'update',
    strength: 'SHALL',
    cite: 'http.html#update',
    says: 'a body of another type than the URL is 400',
    steps: [
      create('p', patient()),
      {
        request: 'PUT Patient/{p}',
        body: { resourceType: 'Organization', id: '{p}', name: 'x' },
        expect: { status: 400, outcome: true },
      },
    ],
  },
  {
    id: 'update-ignores-meta',
    area: 'update',
    strength: 'SHALL',
    cite: 'http.html#update',
    says: 'versionId and lastUpdated sent by the client are ignored',
    steps: [
      create('p', patient()),
      {
        request: 'PUT Patient/{p}',
        body: patient({ id: '{p}', meta: { versionId: 'mine', lastUpdated: '2001-01-01T00:00:00Z' } }),
        expect: { status: 200 },
      },
      {
        request: 'GET Patient/{p}',
        expect: {
          body: { 'meta.versionId': { matches: '^(?!mine$)' }, 'meta.lastUpdated': { matches: '^20[2-9]' } },
        },
      },
    ],
  },
  {
    id: 'update-if-match',
    area: 'update',
    strength: 'SHALL',
    cite: 'http.html#concurrency',
    says: 'If-Match with the current version updates',
    steps: [
      create('p', patient()),
      {
        request: 'PUT Patient/{p}',
        headers: { 'If-Match': 'W/"{p.version}"' },
        body: patient({ id: '{p}', gender: 'male' }),
        expect: { status: 200 },
      },
    ],
  },
  {
    id: 'update-if-match-stale',
    area: 'update',
    strength: 'SHALL',
    cite: 'http.html#concurrency',
    says: 'If-Match with a version that is no longer current is 412 and changes nothing',
    steps: [
      create('p', patient({ gender: 'female' })),
      { request: 'PUT Patient/{p}', body: patient({ id: '{p}', gender: 'male' }), expect: { status: 200 } },
      {
        request: 'PUT Patient/{p}',
        headers: { 'If-Match': 'W/"{p.version}"' },
        body: patient({ id: '{p}', gender: 'other' }),
        expect: { status: [409, 412], outcome: true },
      },
      { request: 'GET Patient/{p}', expect: { body: { gender: 'male' } } },
    ],
  },
  {
    id: 'update-brings-back-deleted',
    area: 'update',
    strength: 'MAY',
    cite: 'http.html#delete',
    says: 'update of a deleted resource brings it back',
    steps: [
      create('p', patient()),
      { request: 'DELETE Patient/{p}', expect: { status: '2xx' } },
      { request: 'PUT Patient/{p}', body: patient({ id: '{p}' }), expect: { status: 201 } },
      { request: 'GET Patient/{p}', expect: { status: 200 } },
    ],
  },
  {
    id: 'update-merges-tags',
    area: 'update',
    strength: 'SHOULD',
    cite: 'resource.html#tag-updates',
    says: 'tags, security labels and profiles that an update leaves out are kept',
    steps: [
      create('p', patient({ meta: { tag: [{ system: 'urn:conformance', code: 'kept' }] } })),
      {
        request: 'PUT Patient/{p}',
        body: patient({ id: '{p}', meta: { tag: [{ system: 'urn:conformance', code: 'added' }] } }),
        expect: { status: 200 },
      },
      {
        request: 'GET Patient/{p}',
        expect: { body: { 'meta.tag[*].code': { sameSet: ['kept', 'added'] } } },
      },
    ],
  },
];

export const DELETE: readonly Case[] = [
  {
    id: 'delete-done',
    area: 'delete',
    strength: 'SHALL',
    cite: 'http.html#delete',
    says: 'delete is 200, 202 or 204 and takes the resource out of searches',
    steps: [
      create('p', patient()),
      { request: 'DELETE Patient/{p}', expect: { status: [200, 202, 204] } },
      {
        request: 'GET Patient?identifier=urn:conformance|{uid}',
        expect: { status: 200, body: { 'entry[*].resource.id': { excludes: '{p}' } } },
      },
    ],
  },
  {
    id: 'delete-twice',
    area: 'delete',
    strength: 'SHALL',
    cite: 'http.html#delete',
    says: 'delete of a deleted resource has no effect and is not an error',
    steps: [
      create('p', patient()),
      { request: 'DELETE Patient/{p}', expect: { status: '2xx' } },
      { request: 'DELETE Patient/{p}', expect: { status: [200, 204] } },
    ],
  },
  {
    id: 'delete-unknown',
    area: 'delete',
    strength: 'SHOULD',
    cite: 'http.html#delete',
    says: 'delete of something that never existed is 200, 204 or 404',
    steps: [{ request: 'DELETE Patient/never-{uid}', expect: { status: [200, 204, 404] } }],
  },
  {
    id: 'delete-in-history',
    area: 'delete',
    strength: 'SHALL',
    cite: 'http.html#history',
    says: 'the history of a deleted resource shows the deletion as an entry without a resource',
    steps: [
      create('p', patient()),
      { request: 'DELETE Patient/{p}', expect: { status: '2xx' } },
      {
        request: 'GET Patient/{p}/_history',
        expect: {
          status: 200,
          body: {
            'entry[0].request.method': 'DELETE',
            'entry[0].resource': { exists: false },
            'entry[1].resource.id': '{p}',
          },
        },
      },
    ],
  },
];

export const CREATE: readonly Case[] = [
  {
    id: 'create-location',
    area: 'create',
    strength: 'SHALL',
    cite: 'http.html#create',
    says: 'create is 201 with a Location that holds the id and the version',
    steps: [
      {
        request: 'POST Patient',
        body: patient(),
        expect: {
          status: 201,
          headers: {
            location: { matches: '/Patient/[A-Za-z0-9\\-.]{1,64}/_history/[A-Za-z0-9\\-.]{1,64}$' },
          },
        },
      },
    ],
  },
  {
    id: 'create-headers',
    area: 'create',
    strength: 'SHOULD',
    cite: 'http.html#create',
    says: 'create returns ETag and Last-Modified',
    steps: [
      {
        request: 'POST Patient',
        body: patient(),
        expect: { status: 201, headers: { etag: ETAG, 'last-modified': { matches: ' GMT$' } } },
      },
    ],
  },
  {
    id: 'create-ignores-id',
    area: 'create',
    strength: 'SHALL',
    cite: 'http.html#create',
    says: 'an id in the body of a create is ignored',
    steps: [
      create('p', patient({ id: 'mine-{uid}' })),
      { request: 'GET Patient/mine-{uid}', expect: { status: 404 } },
      { request: 'GET Patient/{p}', expect: { status: 200, body: { id: '{p}' } } },
    ],
  },
  {
    id: 'create-ignores-meta',
    area: 'create',
    strength: 'SHALL',
    cite: 'http.html#create',
    says: 'versionId and lastUpdated in the body of a create are replaced, other metadata is kept',
    steps: [
      create(
        'p',
        patient({
          meta: {
            versionId: 'mine',
            lastUpdated: '2001-01-01T00:00:00Z',
            tag: [{ system: 'urn:conformance', code: 'kept' }],
          },
        }),
      ),
      {
        request: 'GET Patient/{p}',
        expect: {
          body: {
            'meta.versionId': { matches: '^(?!mine$)' },
            'meta.lastUpdated': { matches: '^20[2-9]' },
            'meta.tag[0].code': 'kept',
          },
        },
      },
    ],
  },
  {
    id: 'create-type-mismatch',
    area: 'create',
    strength: 'SHALL',
    cite: 'http.html#create',
    says: 'a body of another type than the URL is refused',
    steps: [
      {
        request: 'POST Patient',
        body: { resourceType: 'Organization', name: 'x' },
        expect: { status: [400, 422], outcome: true },
      },
    ],
  },
  {
    id: 'create-malformed',
    area: 'create',
    strength: 'SHALL',
    cite: 'http.html#create',
    says: 'a body that cannot be parsed is 400',
    steps: [
      { request: 'POST Patient', raw: '{"resourceType":"Patient",', expect: { status: 400, outcome: true } },
    ],
  },
  {
    id: 'create-empty',
    area: 'create',
    strength: 'SHALL',
    cite: 'http.html#create',
    says: 'an empty body is 400',
    steps: [{ request: 'POST Patient', raw: '', expect: { status: 400, outcome: true } }],
  },
  {
    id: 'create-unknown-element',
    area: 'create',
    strength: 'SHALL',
    cite: 'json.html#json',
    says: 'an element that R4 does not define is refused and named',
    steps: [
      {
        request: 'POST Patient',
        body: patient({ birthDay: '1990-01-01' }),
        expect: { status: [400, 422], outcome: true, body: { 'issue[*].expression[0]': { atLeast: 1 } } },
      },
    ],
  },
  {
    id: 'create-missing-element',
    area: 'create',
    strength: 'SHOULD',
    cite: 'http.html#create',
    says: 'a missing required element is refused',
    steps: [
      {
        request: 'POST Observation',
        body: { resourceType: 'Observation', valueString: 'x' },
        expect: { status: [400, 422], outcome: true },
      },
    ],
  },
  {
    id: 'create-bad-code',
    area: 'create',
    strength: 'SHOULD',
    cite: 'terminologies.html#required',
    says: 'a code outside a required value set is refused',
    steps: [
      {
        request: 'POST Patient',
        body: patient({ gender: 'mann' }),
        expect: { status: [400, 422], outcome: true },
      },
    ],
  },
  {
    id: 'create-bad-date',
    area: 'create',
    strength: 'SHOULD',
    cite: 'datatypes.html#date',
    says: 'a date that is not in the calendar is refused',
    steps: [
      {
        request: 'POST Patient',
        body: patient({ birthDate: '2023-02-30' }),
        expect: { status: [400, 422], outcome: true },
      },
    ],
  },
  {
    id: 'create-invariant',
    area: 'create',
    strength: 'SHOULD',
    cite: 'conformance-rules.html#constraints',
    says: 'a resource that breaks an invariant of its type is refused',
    steps: [
      {
        request: 'POST Patient',
        body: patient({ contact: [{ gender: 'male' }] }),
        expect: { status: [400, 422], outcome: true },
      },
    ],
  },
  {
    id: 'create-prefer-minimal',
    area: 'create',
    strength: 'SHOULD',
    cite: 'http.html#ops',
    says: 'Prefer: return=minimal gives no body',
    steps: [
      {
        request: 'POST Patient',
        headers: { Prefer: 'return=minimal' },
        body: patient(),
        expect: { status: 201, text: '' },
      },
    ],
  },
  {
    id: 'create-prefer-representation',
    area: 'create',
    strength: 'SHOULD',
    cite: 'http.html#ops',
    says: 'Prefer: return=representation gives the whole resource',
    steps: [
      {
        request: 'POST Patient',
        headers: { Prefer: 'return=representation' },
        body: patient(),
        expect: { status: 201, body: { resourceType: 'Patient', 'meta.versionId': { exists: true } } },
      },
    ],
  },
  {
    id: 'create-prefer-outcome',
    area: 'create',
    strength: 'SHOULD',
    cite: 'http.html#ops',
    says: 'Prefer: return=OperationOutcome gives an OperationOutcome',
    steps: [
      {
        request: 'POST Patient',
        headers: { Prefer: 'return=OperationOutcome' },
        body: patient(),
        expect: { status: 201, body: { resourceType: 'OperationOutcome' } },
      },
    ],
  },
];

export const FIDELITY: readonly Case[] = [
  {
    id: 'fidelity-decimal',
    area: 'fidelity',
    strength: 'SHALL',
    cite: 'datatypes.html#decimal',
    says: 'the precision of a decimal is kept: 1.50 does not become 1.5',
    steps: [
      create('p', patient()),
      {
        request: 'POST Observation',
        raw: '{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{p}"},"valueQuantity":{"value":1.50,"unit":"mg"}}',
        expect: { status: 201 },
        save: { o: 'id' },
      },
      { request: 'GET Observation/{o}', expect: { text: { matches: '"value"\\s*:\\s*1\\.50[,}\\s]' } } },
    ],
  },
  {
    id: 'fidelity-long-decimal',
    area: 'fidelity',
    strength: 'SHALL',
    cite: 'datatypes.html#decimal',
    says: 'a decimal with more digits than a double holds is kept',
    steps: [
      create('p', patient()),
      {
        request: 'POST Observation',
        raw: '{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{p}"},"valueQuantity":{"value":0.12345678901234567890,"unit":"mg"}}',
        expect: { status: 201 },
        save: { o: 'id' },
      },
      { request: 'GET Observation/{o}', expect: { text: { matches: '0\\.12345678901234567890' } } },
    ],
  },
  {
    id: 'fidelity-unicode',
    area: 'fidelity',
    strength: 'SHALL',
    cite: 'json.html#json',
    says: 'names in other scripts come back as they were sent',
    steps: [
      create('p', patient({ name: [{ text: 'စောထူးဝါး' }, { text: 'رشا الحموي' }, { text: '𝒵 O’Neill' }] })),
      {
        request: 'GET Patient/{p}',
        expect: { body: { 'name[*].text': { ordered: ['စောထူးဝါး', 'رشا الحموي', '𝒵 O’Neill'] } } },
      },
    ],
  },
  {
    id: 'fidelity-primitive-extension',
    area: 'fidelity',
    strength: 'SHALL',
    cite: 'json.html#primitive',
    says: 'extensions on primitives come back, aligned with null where needed',
    steps: [
      create(
        'p',
        patient({
          _birthDate: {
            extension: [
              {
                url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
                valueCode: 'asked-unknown',
              },
            ],
          },
          name: [
            {
              given: ['A', null],
              _given: [null, { extension: [{ url: 'urn:conformance:x', valueString: 'y' }] }],
            },
          ],
        }),
      ),
      {
        request: 'GET Patient/{p}',
        expect: {
          body: {
            '_birthDate.extension[0].valueCode': 'asked-unknown',
            'name[0].given': ['A', null],
            'name[0]._given[1].extension[0].valueString': 'y',
          },
        },
      },
    ],
  },
  {
    id: 'fidelity-contained',
    area: 'fidelity',
    strength: 'SHALL',
    cite: 'references.html#contained',
    says: 'contained resources and narrative come back',
    steps: [
      create(
        'p',
        patient({
          text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div>' },
          contained: [{ resourceType: 'Organization', id: 'o', name: 'Site' }],
          managingOrganization: { reference: '#o' },
        }),
      ),
      {
        request: 'GET Patient/{p}',
        expect: {
          body: {
            'contained[0].name': 'Site',
            'managingOrganization.reference': '#o',
            'text.div': '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div>',
          },
        },
      },
    ],
  },
  {
    id: 'fidelity-array-order',
    area: 'fidelity',
    strength: 'SHALL',
    cite: 'json.html#json',
    says: 'the order of repeating elements is kept',
    steps: [
      create('p', patient()),
      create('o', observation('p', { note: [{ text: 'c' }, { text: 'a' }, { text: 'b' }] })),
      { request: 'GET Observation/{o}', expect: { body: { 'note[*].text': { ordered: ['c', 'a', 'b'] } } } },
    ],
  },
  {
    id: 'fidelity-unknown-extension',
    area: 'fidelity',
    strength: 'SHALL',
    cite: 'extensibility.html#exchange',
    says: 'extensions that the server does not know are accepted and kept',
    steps: [
      create('p', patient({ extension: [{ url: 'urn:conformance:unknown', valueString: 'kept' }] })),
      { request: 'GET Patient/{p}', expect: { body: { 'extension[0].valueString': 'kept' } } },
    ],
  },
];
