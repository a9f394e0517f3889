/** JSON Patch and FHIRPath Patch. https://hl7.org/fhir/R4/http.html#patch, https://hl7.org/fhir/R4/fhirpatch.html */
import { type Case, create, type Json, patient, type Step } from '../case.ts';

const JSON_PATCH = { 'content-type': 'application/json-patch+json' };

function patch(
  id: string,
  strength: Case['strength'],
  says: string,
  steps: readonly Step[],
  cite = 'http.html#patch',
): Case {
  return { id, area: 'patch', strength, cite, says, steps };
}

const jsonPatch = (operations: readonly Json[], expect: Step['expect'], headers = {}): Step => ({
  request: 'PATCH Patient/{p}',
  headers: { ...JSON_PATCH, ...headers },
  body: operations,
  expect,
});

const fhirPatch = (parts: readonly Json[], expect: Step['expect']): Step => ({
  request: 'PATCH Patient/{p}',
  body: { resourceType: 'Parameters', parameter: [{ name: 'operation', part: parts }] },
  expect,
});

const part = (name: string, value: Json, type = 'String'): Json => ({ name, [`value${type}`]: value });

export const PATCH: readonly Case[] = [
  patch('patch-add', 'SHOULD', 'JSON Patch add changes the resource and makes a new version', [
    create('p', patient()),
    jsonPatch([{ op: 'add', path: '/gender', value: 'female' }], { status: 200 }),
    {
      request: 'GET Patient/{p}',
      expect: { body: { gender: 'female', 'meta.versionId': { matches: '^(?!{p.version}$)' } } },
    },
  ]),
  patch('patch-replace-remove', 'SHOULD', 'JSON Patch replace and remove work on arrays', [
    create('p', patient({ name: [{ family: 'A' }, { family: 'B' }] })),
    jsonPatch(
      [
        { op: 'replace', path: '/name/1/family', value: 'C' },
        { op: 'remove', path: '/name/0' },
      ],
      { status: 200 },
    ),
    { request: 'GET Patient/{p}', expect: { body: { 'name[*].family': { ordered: ['C'] } } } },
  ]),
  patch('patch-move-copy', 'SHOULD', 'JSON Patch move and copy work', [
    create('p', patient({ name: [{ family: 'A' }], active: true })),
    jsonPatch(
      [
        { op: 'copy', from: '/name/0', path: '/name/1' },
        { op: 'replace', path: '/name/1/family', value: 'B' },
        { op: 'move', from: '/name/1', path: '/name/0' },
      ],
      { status: 200 },
    ),
    { request: 'GET Patient/{p}', expect: { body: { 'name[*].family': { ordered: ['B', 'A'] } } } },
  ]),
  patch('patch-test-fails', 'SHALL', 'a failing test operation is an error and changes nothing', [
    create('p', patient({ gender: 'female' })),
    jsonPatch(
      [
        { op: 'replace', path: '/gender', value: 'male' },
        { op: 'test', path: '/gender', value: 'other' },
      ],
      { status: '4xx', outcome: true },
    ),
    { request: 'GET Patient/{p}', expect: { body: { gender: 'female' } } },
  ]),
  patch('patch-test-holds', 'SHALL', 'a test operation that holds lets the rest through', [
    create('p', patient({ gender: 'female' })),
    jsonPatch(
      [
        { op: 'test', path: '/gender', value: 'female' },
        { op: 'replace', path: '/gender', value: 'male' },
      ],
      { status: 200 },
    ),
  ]),
  patch('patch-bad-path', 'SHALL', 'a path that does not exist is an error', [
    create('p', patient()),
    jsonPatch([{ op: 'remove', path: '/photo/7' }], { status: '4xx', outcome: true }),
  ]),
  patch('patch-prototype', 'SHALL', 'a patch cannot reach the prototype of objects', [
    create('p', patient()),
    jsonPatch([{ op: 'add', path: '/__proto__/polluted', value: 'x' }], { status: '4xx', outcome: true }),
    { request: 'GET Patient/{p}', expect: { status: 200 } },
  ]),
  patch('patch-invalid-result', 'SHALL', 'a patch whose result is invalid is refused', [
    create('p', patient()),
    jsonPatch([{ op: 'add', path: '/gender', value: 'mann' }], { status: [400, 422], outcome: true }),
  ]),
  patch('patch-id', 'SHALL', 'a patch cannot change the id', [
    create('p', patient()),
    jsonPatch([{ op: 'replace', path: '/id', value: 'other' }], { status: '4xx', outcome: true }),
  ]),
  patch('patch-if-match-stale', 'SHALL', 'If-Match with another version is 412', [
    create('p', patient()),
    jsonPatch(
      [{ op: 'add', path: '/gender', value: 'male' }],
      { status: 412, outcome: true },
      { 'If-Match': 'W/"none"' },
    ),
  ]),
  patch('patch-unknown', 'SHALL', 'a patch of an unknown resource is 404', [
    {
      request: 'PATCH Patient/never-{uid}',
      headers: JSON_PATCH,
      body: [{ op: 'add', path: '/gender', value: 'male' }],
      expect: { status: 404, outcome: true },
    },
  ]),
  patch('patch-media-type', 'SHALL', 'a patch in a format that is not supported is 415', [
    create('p', patient()),
    {
      request: 'PATCH Patient/{p}',
      headers: { 'content-type': 'text/plain' },
      raw: 'x',
      expect: { status: 415, outcome: true },
    },
  ]),
  patch(
    'fhirpatch-add',
    'SHOULD',
    'FHIRPath Patch add puts in an element',
    [
      create('p', patient()),
      fhirPatch(
        [
          part('type', 'add', 'Code'),
          part('path', 'Patient'),
          part('name', 'birthDate'),
          part('value', '1984', 'Date'),
        ],
        { status: 200 },
      ),
      { request: 'GET Patient/{p}', expect: { body: { birthDate: '1984' } } },
    ],
    'fhirpatch.html',
  ),
  patch(
    'fhirpatch-replace',
    'SHOULD',
    'FHIRPath Patch replace changes an element',
    [
      create('p', patient({ birthDate: '1984' })),
      fhirPatch(
        [
          part('type', 'replace', 'Code'),
          part('path', 'Patient.birthDate'),
          part('value', '1985-03-01', 'Date'),
        ],
        { status: 200 },
      ),
      { request: 'GET Patient/{p}', expect: { body: { birthDate: '1985-03-01' } } },
    ],
    'fhirpatch.html',
  ),
  patch(
    'fhirpatch-delete',
    'SHOULD',
    'FHIRPath Patch delete removes an element, and nothing when it is absent',
    [
      create('p', patient({ birthDate: '1984' })),
      fhirPatch([part('type', 'delete', 'Code'), part('path', 'Patient.birthDate')], { status: 200 }),
      { request: 'GET Patient/{p}', expect: { body: { birthDate: { exists: false } } } },
      fhirPatch([part('type', 'delete', 'Code'), part('path', 'Patient.birthDate')], { status: 200 }),
    ],
    'fhirpatch.html',
  ),
  patch(
    'fhirpatch-insert',
    'SHOULD',
    'FHIRPath Patch insert puts an element into a list at an index',
    [
      create('p', patient({ name: [{ given: ['A', 'C'] }] })),
      fhirPatch(
        [
          part('type', 'insert', 'Code'),
          part('path', 'Patient.name[0].given'),
          part('index', 1, 'Integer'),
          part('value', 'B'),
        ],
        { status: 200 },
      ),
      { request: 'GET Patient/{p}', expect: { body: { 'name[0].given[*]': { ordered: ['A', 'B', 'C'] } } } },
    ],
    'fhirpatch.html',
  ),
  patch(
    'fhirpatch-bad-path',
    'SHALL',
    'FHIRPath Patch with a path that finds several elements to replace is an error',
    [
      create('p', patient({ name: [{ given: ['A', 'C'] }] })),
      fhirPatch([part('type', 'replace', 'Code'), part('path', 'Patient.name.given'), part('value', 'B')], {
        status: '4xx',
        outcome: true,
      }),
    ],
    'fhirpatch.html',
  ),
];
