/** Capabilities, formats, headers and errors. https://hl7.org/fhir/R4/http.html#mime-type */
import { type Case, create, patient, type Step } from '../case.ts';

function one(
  area: string,
  id: string,
  strength: Case['strength'],
  cite: string,
  says: string,
  steps: readonly Step[],
): Case {
  return { id, area, strength, cite, says, steps };
}

export const CAPABILITIES: readonly Case[] = [
  one(
    'capabilities',
    'capabilities-statement',
    'SHALL',
    'http.html#capabilities',
    'metadata is a CapabilityStatement of kind instance for R4',
    [
      {
        request: 'GET metadata',
        expect: {
          status: 200,
          body: {
            resourceType: 'CapabilityStatement',
            kind: 'instance',
            fhirVersion: '4.0.1',
            status: { exists: true },
            date: { exists: true },
            'rest[0].mode': 'server',
            'format[*]': { includes: 'json' },
            'rest[0].resource[*].type': { includes: 'Patient' },
          },
        },
      },
    ],
  ),
  one(
    'capabilities',
    'capabilities-terminology',
    'SHOULD',
    'http.html#capabilities',
    'mode=terminology gives TerminologyCapabilities',
    [
      {
        request: 'GET metadata?mode=terminology',
        expect: { status: 200, body: { resourceType: 'TerminologyCapabilities' } },
      },
    ],
  ),
  one('capabilities', 'capabilities-mode-bad', 'SHOULD', 'http.html#capabilities', 'an unknown mode is 400', [
    { request: 'GET metadata?mode=wibble', expect: { status: 400, outcome: true } },
  ]),
];

export const FORMATS: readonly Case[] = [
  one(
    'formats',
    'format-parameter',
    'SHALL',
    'http.html#parameters',
    '_format=json overrides the Accept header',
    [
      create('p', patient()),
      {
        request: 'GET Patient/{p}?_format=json',
        headers: { accept: 'text/html' },
        expect: { status: 200, headers: { 'content-type': { matches: 'json' } }, body: { id: '{p}' } },
      },
    ],
  ),
  one('formats', 'format-parameter-mime', 'SHALL', 'http.html#parameters', '_format takes a full mime type', [
    create('p', patient()),
    {
      request: 'GET Patient/{p}?_format=application/fhir%2Bjson',
      expect: { status: 200, body: { id: '{p}' } },
    },
  ]),
  one('formats', 'accept-json', 'SHOULD', 'http.html#mime-type', 'application/json is accepted as well', [
    create('p', patient()),
    {
      request: 'GET Patient/{p}',
      headers: { accept: 'application/json' },
      expect: { status: 200, body: { id: '{p}' } },
    },
  ]),
  one('formats', 'accept-any', 'SHALL', 'http.html#mime-type', 'Accept: */* gets the default format', [
    create('p', patient()),
    { request: 'GET Patient/{p}', headers: { accept: '*/*' }, expect: { status: 200 } },
  ]),
  one('formats', 'accept-quality', 'SHOULD', 'http.html#mime-type', 'quality values in Accept are weighed', [
    create('p', patient()),
    {
      request: 'GET Patient/{p}',
      headers: { accept: 'application/fhir+xml;q=0.2, application/fhir+json;q=0.9' },
      expect: { status: 200, headers: { 'content-type': { matches: 'json' } } },
    },
  ]),
  one(
    'formats',
    'accept-version',
    'SHOULD',
    'http.html#version-parameter',
    'fhirVersion=4.0 in the mime type is understood',
    [
      create('p', patient()),
      {
        request: 'GET Patient/{p}',
        headers: { accept: 'application/fhir+json; fhirVersion=4.0' },
        expect: { status: 200 },
      },
    ],
  ),
  one(
    'formats',
    'accept-impossible',
    'SHALL',
    'http.html#mime-type',
    'a format that cannot be produced is 406',
    [
      create('p', patient()),
      { request: 'GET Patient/{p}', headers: { accept: 'image/png' }, expect: { status: 406 } },
    ],
  ),
  one('formats', 'content-type-json', 'SHOULD', 'http.html#mime-type', 'application/json bodies are read', [
    {
      request: 'POST Patient',
      headers: { 'content-type': 'application/json' },
      body: patient(),
      expect: { status: 201 },
    },
  ]),
  one('formats', 'content-type-charset', 'SHALL', 'http.html#mime-type', 'charset=utf-8 is understood', [
    {
      request: 'POST Patient',
      headers: { 'content-type': 'application/fhir+json; charset=utf-8' },
      body: patient(),
      expect: { status: 201 },
    },
  ]),
  one(
    'formats',
    'content-type-unsupported',
    'SHALL',
    'http.html#mime-type',
    'a body in another format is 415',
    [
      {
        request: 'POST Patient',
        headers: { 'content-type': 'text/plain' },
        raw: 'hello',
        expect: { status: 415, outcome: true },
      },
    ],
  ),
  one('formats', 'pretty', 'SHOULD', 'http.html#parameters', '_pretty=true indents', [
    create('p', patient()),
    { request: 'GET Patient/{p}?_pretty=true', expect: { status: 200, text: { matches: '\\n\\s+"' } } },
  ]),
  one('formats', 'xml-out', 'SHOULD', 'xml.html', 'XML is produced on request', [
    create('p', patient({ gender: 'female' })),
    {
      request: 'GET Patient/{p}',
      headers: { accept: 'application/fhir+xml' },
      expect: {
        status: 200,
        headers: { 'content-type': { matches: '^application/fhir\\+xml' } },
        text: { matches: '<Patient xmlns="http://hl7\\.org/fhir">.*<gender value="female"' },
      },
    },
  ]),
  one('formats', 'xml-in', 'SHOULD', 'xml.html', 'XML bodies are read', [
    {
      request: 'POST Patient',
      headers: { 'content-type': 'application/fhir+xml' },
      raw: '<Patient xmlns="http://hl7.org/fhir"><name><family value="Conformance"/><given value="A"/><given value="B"/></name><gender value="male"/></Patient>',
      expect: { status: 201 },
      save: { p: 'id' },
    },
    {
      request: 'GET Patient/{p}',
      expect: { body: { gender: 'male', 'name[0].given[*]': { ordered: ['A', 'B'] } } },
    },
  ]),
  one('formats', 'xml-entities', 'SHALL', 'security.html#xml', 'a document type with entities is refused', [
    {
      request: 'POST Patient',
      headers: { 'content-type': 'application/fhir+xml' },
      raw: '<!DOCTYPE x [<!ENTITY e "boom">]><Patient xmlns="http://hl7.org/fhir"><name><family value="&e;"/></name></Patient>',
      expect: { status: [400, 415, 422] },
    },
  ]),
  one(
    'formats',
    'gzip',
    'SHOULD',
    'http.html#compression',
    'Accept-Encoding: gzip is honoured for larger answers',
    [
      {
        request: 'GET metadata',
        headers: { 'accept-encoding': 'gzip' },
        expect: {
          status: 200,
          headers: { 'content-encoding': 'gzip' },
          body: { resourceType: 'CapabilityStatement' },
        },
      },
    ],
  ),
];

export const ERRORS: readonly Case[] = [
  one(
    'errors',
    'error-method',
    'SHALL',
    'http.html#summary',
    'a method that is not allowed is 405 with Allow',
    [
      {
        request: 'DELETE metadata',
        expect: { status: 405, outcome: true, headers: { allow: { matches: 'GET' } } },
      },
    ],
  ),
  one('errors', 'error-path', 'SHALL', 'http.html#summary', 'an address without an interaction is 404', [
    { request: 'GET Patient/1/2/3/4', expect: { status: 404, outcome: true } },
  ]),
  one('errors', 'error-operation', 'SHALL', 'operations.html', 'an unknown operation is refused', [
    { request: 'GET Patient/$wibble', expect: { status: '4xx', outcome: true } },
  ]),
  one('errors', 'error-id', 'SHALL', 'datatypes.html#id', 'an id that FHIR does not allow is refused', [
    { request: 'GET Patient/not_an_id', expect: { status: [400, 404], outcome: true } },
  ]),
  one('errors', 'error-long-id', 'SHALL', 'datatypes.html#id', 'an id of 65 characters is refused', [
    {
      request: `PUT Patient/${'x'.repeat(65)}`,
      body: patient({ id: 'x'.repeat(65) }),
      expect: { status: '4xx', outcome: true },
    },
  ]),
  one('errors', 'error-nested', 'SHALL', 'security.html', 'a body nested 10,000 deep is refused', [
    {
      request: 'POST Patient',
      raw: `{"resourceType":"Patient","extension":${'[{"extension":'.repeat(5000)}[]${'}]'.repeat(5000)}}`,
      expect: { status: '4xx', outcome: true },
    },
  ]),
  one('errors', 'error-prototype', 'SHALL', 'security.html', 'a __proto__ key is refused', [
    {
      request: 'POST Patient',
      raw: '{"resourceType":"Patient","__proto__":{"admin":true}}',
      expect: { status: '4xx', outcome: true },
    },
  ]),
  one(
    'errors',
    'error-not-object',
    'SHALL',
    'json.html#json',
    'a body that is JSON but not an object is 400',
    [
      { request: 'POST Patient', raw: '[1,2]', expect: { status: 400, outcome: true } },
      { request: 'POST Patient', raw: 'null', expect: { status: 400, outcome: true } },
      { request: 'POST Patient', raw: '"x"', expect: { status: 400, outcome: true } },
    ],
  ),
  one('errors', 'error-no-type', 'SHALL', 'json.html#resources', 'a body without resourceType is refused', [
    {
      request: 'POST Patient',
      body: { name: [{ family: 'x' }] },
      expect: { status: [400, 422], outcome: true },
    },
  ]),
  one('errors', 'error-not-utf8', 'SHALL', 'http.html#mime-type', 'a body that is not UTF-8 is refused', [
    {
      request: 'POST Patient',
      raw: new Uint8Array([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
      expect: { status: '4xx' },
    },
  ]),
  one(
    'errors',
    'error-is-outcome',
    'SHOULD',
    'http.html#operationoutcome',
    'an error has the FHIR mime type and a text',
    [
      {
        request: 'GET Patient/never-{uid}',
        expect: {
          status: 404,
          headers: { 'content-type': { matches: '^application/fhir\\+json' } },
          body: { 'issue[0].severity': { oneOf: ['error', 'fatal'] }, 'issue[0].code': 'not-found' },
        },
      },
    ],
  ),
];

export const OPERATIONS: readonly Case[] = [
  one(
    'operations',
    'validate-good',
    'SHOULD',
    'resource-operation-validate.html',
    '$validate of a valid resource is 200 without errors',
    [
      {
        request: 'POST Patient/$validate',
        body: patient(),
        expect: {
          status: 200,
          body: { resourceType: 'OperationOutcome', 'issue[*].severity': { excludes: 'error' } },
        },
      },
    ],
  ),
  one(
    'operations',
    'validate-bad',
    'SHOULD',
    'resource-operation-validate.html',
    '$validate of an invalid resource is 200 with errors',
    [
      {
        request: 'POST Patient/$validate',
        body: patient({ gender: 'mann' }),
        expect: {
          status: 200,
          outcome: true,
          body: { 'issue[*].expression[0]': { includes: 'Patient.gender' } },
        },
      },
    ],
  ),
  one(
    'operations',
    'validate-parameters',
    'SHOULD',
    'resource-operation-validate.html',
    '$validate reads a Parameters body',
    [
      {
        request: 'POST Patient/$validate',
        body: {
          resourceType: 'Parameters',
          parameter: [{ name: 'resource', resource: patient({ gender: 'mann' }) }],
        },
        expect: { status: 200, outcome: true },
      },
    ],
  ),
  one(
    'operations',
    'validate-stores-nothing',
    'SHALL',
    'resource-operation-validate.html',
    '$validate stores nothing',
    [
      { request: 'POST Patient/$validate', body: patient() },
      {
        request: 'GET Patient?identifier=urn:conformance|{uid}',
        expect: { body: { 'entry[*]': { count: 0 } } },
      },
    ],
  ),
  one(
    'operations',
    'validate-instance',
    'SHOULD',
    'resource-operation-validate.html',
    '$validate at the instance takes the stored resource',
    [
      create('p', patient()),
      {
        request: 'GET Patient/{p}/$validate',
        expect: { status: 200, body: { resourceType: 'OperationOutcome' } },
      },
    ],
  ),
  one(
    'operations',
    'meta-read',
    'SHOULD',
    'resource-operation-meta.html',
    '$meta returns the metadata of a resource',
    [
      create('p', patient({ meta: { tag: [{ system: 'urn:conformance', code: 'a' }] } })),
      {
        request: 'GET Patient/{p}/$meta',
        expect: {
          status: 200,
          body: { resourceType: 'Parameters', 'parameter[0].valueMeta.tag[*].code': { includes: 'a' } },
        },
      },
    ],
  ),
  one(
    'operations',
    'meta-add-delete',
    'SHOULD',
    'resource-operation-meta-add.html',
    '$meta-add and $meta-delete change tags without a new version',
    [
      create('p', patient()),
      {
        request: 'POST Patient/{p}/$meta-add',
        body: {
          resourceType: 'Parameters',
          parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'urn:conformance', code: 'b' }] } }],
        },
        expect: { status: 200, body: { 'parameter[0].valueMeta.tag[*].code': { includes: 'b' } } },
      },
      {
        request: 'GET Patient/{p}',
        expect: { body: { 'meta.tag[*].code': { includes: 'b' }, 'meta.versionId': '{p.version}' } },
      },
      {
        request: 'POST Patient/{p}/$meta-delete',
        body: {
          resourceType: 'Parameters',
          parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'urn:conformance', code: 'b' }] } }],
        },
        expect: { status: 200 },
      },
      { request: 'GET Patient/{p}', expect: { body: { 'meta.tag[*].code': { excludes: 'b' } } } },
    ],
  ),
  one(
    'async',
    'async-kick-off',
    'MAY',
    'async.html',
    'respond-async is answered 202 with a place to ask at',
    [
      {
        request: 'GET Patient?_count=1',
        headers: { prefer: 'respond-async' },
        expect: { status: 202, headers: { 'content-location': { matches: '^https?://' } } },
        save: { status: 'header:content-location' },
      },
      { request: 'GET {status}', expect: { status: [200, 202] } },
      { request: 'DELETE {status}', expect: { status: 202 } },
      { request: 'GET {status}', expect: { status: 404, outcome: true } },
    ],
  ),
  one('capabilities', 'capabilities-etag', 'SHOULD', 'http.html#capabilities', 'metadata has an ETag', [
    {
      request: 'GET metadata',
      expect: { status: 200, headers: { etag: { exists: true } } },
      save: { etag: 'header:etag' },
    },
    { request: 'GET metadata', headers: { 'if-none-match': '{etag}' }, expect: { status: [200, 304] } },
  ]),
  one('operations', 'operation-form', 'SHOULD', 'http.html#summary', 'an operation takes a form', [
    create('p', patient()),
    {
      request: 'POST Patient/{p}/$everything',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      raw: '_count=1',
      expect: { status: 200, body: { resourceType: 'Bundle' } },
    },
  ]),
];
