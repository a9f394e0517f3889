/** Conditional create, update, patch and delete. https://hl7.org/fhir/R4/http.html#ccreate */
import { type Case, create, patient, type Step } from '../case.ts';

const ME = 'identifier=urn:conformance|{uid}';

function conditional(
  id: string,
  strength: Case['strength'],
  cite: string,
  says: string,
  steps: readonly Step[],
): Case {
  return { id, area: 'conditional', strength, cite, says, steps };
}

const two: readonly Step[] = [create('p', patient()), create('q', patient())];

export const CONDITIONAL: readonly Case[] = [
  conditional('ccreate-none', 'SHALL', 'http.html#ccreate', 'If-None-Exist without a match creates', [
    { request: 'POST Patient', headers: { 'If-None-Exist': ME }, body: patient(), expect: { status: 201 } },
  ]),
  conditional(
    'ccreate-one',
    'SHALL',
    'http.html#ccreate',
    'If-None-Exist with one match creates nothing and is 200',
    [
      create('p', patient()),
      { request: 'POST Patient', headers: { 'If-None-Exist': ME }, body: patient(), expect: { status: 200 } },
      { request: `GET Patient?${ME}`, expect: { body: { 'entry[*]': { count: 1 } } } },
    ],
  ),
  conditional('ccreate-many', 'SHALL', 'http.html#ccreate', 'If-None-Exist with several matches is 412', [
    ...two,
    {
      request: 'POST Patient',
      headers: { 'If-None-Exist': ME },
      body: patient(),
      expect: { status: 412, outcome: true },
    },
  ]),
  conditional(
    'ccreate-unknown-parameter',
    'SHOULD',
    'http.html#ccreate',
    'criteria with an unknown parameter are refused, not ignored',
    [
      {
        request: 'POST Patient',
        headers: { 'If-None-Exist': 'wibble=1' },
        body: patient(),
        expect: { status: [400, 412], outcome: true },
      },
    ],
  ),
  conditional(
    'cupdate-none',
    'SHALL',
    'http.html#cond-update',
    'conditional update without a match and without an id creates',
    [
      { request: `PUT Patient?${ME}`, body: patient(), expect: { status: 201 }, save: { p: 'id' } },
      { request: 'GET Patient/{p}', expect: { status: 200 } },
    ],
  ),
  conditional(
    'cupdate-one',
    'SHALL',
    'http.html#cond-update',
    'conditional update with one match updates it',
    [
      create('p', patient({ gender: 'female' })),
      { request: `PUT Patient?${ME}`, body: patient({ gender: 'male' }), expect: { status: 200 } },
      { request: 'GET Patient/{p}', expect: { body: { gender: 'male' } } },
    ],
  ),
  conditional(
    'cupdate-many',
    'SHALL',
    'http.html#cond-update',
    'conditional update with several matches is 412',
    [...two, { request: `PUT Patient?${ME}`, body: patient(), expect: { status: 412, outcome: true } }],
  ),
  conditional(
    'cupdate-id-differs',
    'SHALL',
    'http.html#cond-update',
    'one match whose id differs from the body is 400',
    [
      create('p', patient()),
      {
        request: `PUT Patient?${ME}`,
        body: patient({ id: 'other-{uid}' }),
        expect: { status: [400, 412], outcome: true },
      },
    ],
  ),
  conditional(
    'cdelete-one',
    'SHOULD',
    'http.html#3.1.0.7.1',
    'conditional delete with one match deletes it',
    [
      create('p', patient()),
      { request: `DELETE Patient?${ME}`, expect: { status: [200, 204] } },
      { request: 'GET Patient/{p}', expect: { status: 410 } },
    ],
  ),
  conditional(
    'cdelete-none',
    'SHOULD',
    'http.html#3.1.0.7.1',
    'conditional delete without a match is 404 or a success',
    [{ request: `DELETE Patient?${ME}`, expect: { status: [200, 204, 404] } }],
  ),
  conditional(
    'cdelete-without-criteria',
    'SHALL',
    'http.html#3.1.0.7.1',
    'conditional delete without criteria never deletes everything',
    [
      create('p', patient()),
      { request: 'DELETE Patient', expect: { status: '4xx' } },
      { request: 'GET Patient/{p}', expect: { status: 200 } },
    ],
  ),
  conditional('cpatch-one', 'SHOULD', 'http.html#patch', 'conditional patch with one match patches it', [
    create('p', patient()),
    {
      request: `PATCH Patient?${ME}`,
      headers: { 'content-type': 'application/json-patch+json' },
      body: [{ op: 'add', path: '/gender', value: 'male' }],
      expect: { status: 200 },
    },
    { request: 'GET Patient/{p}', expect: { body: { gender: 'male' } } },
  ]),
  conditional('cpatch-none', 'SHALL', 'http.html#patch', 'conditional patch without a match is 404', [
    {
      request: `PATCH Patient?${ME}`,
      headers: { 'content-type': 'application/json-patch+json' },
      body: [{ op: 'add', path: '/gender', value: 'male' }],
      expect: { status: 404, outcome: true },
    },
  ]),
  conditional('cpatch-many', 'SHALL', 'http.html#patch', 'conditional patch with several matches is 412', [
    ...two,
    {
      request: `PATCH Patient?${ME}`,
      headers: { 'content-type': 'application/json-patch+json' },
      body: [{ op: 'add', path: '/gender', value: 'male' }],
      expect: { status: 412, outcome: true },
    },
  ]),
];
