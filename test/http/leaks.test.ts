/**
 * Every kind of failure that a client can cause, with words of a patient wherever words fit: no error body and no
 * line of the log holds them, nor anything of the server's inside.
 */
import { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import pino from 'pino';
import t from 'tap';
import { ISSUES } from '../../src/fhir/issues.ts';
import { StoreUnavailableError } from '../../src/storage/store.ts';
import { type Answer, startServer } from './start.ts';

/** Words that stand where a person may have written anything. */
const WORDS = 'Zaphod Beeblebrox née Trillian';
/** One word, where an id, a name of a parameter or a code stands: such may be repeated where it is a fault. */
const WORD = 'Zaphod-4711';
const SECRET = /beeblebrox|trillian/i;
/** Where a word of an address is no fault, it is not repeated either. */
const IN_ADDRESS = /zaphod|4711/i;
/** Stack frames, source files, paths of this machine, SQL and the stores' own words. */
const INSIDE =
  /node_modules|\.[tj]s:\d|\bat (?:async )?\w+ \(|node:internal|\/(?:home|root|work|tmp|usr|var|opt)\/|\bSELECT \w|\bINSERT INTO|SQLITE|sqlite|Mongo|E11000|undefined|\[object/;

type Options = Parameters<Awaited<ReturnType<typeof startServer>>['ask']>[1];
type Request = readonly [request: string, options?: Options];

const patient = (more: object = {}) => ({ resourceType: 'Patient', name: [{ family: WORDS }], ...more });
const body = (content: unknown): Options => ({ body: content });
const typed = (type: string, content: unknown): Options => ({
  body: content,
  headers: { 'content-type': type },
});
const JSON_PATCH = 'application/json-patch+json';
const bundle = (type: string, ...entry: object[]) => body({ resourceType: 'Bundle', type, entry });
const entry = (method: string, url: string, resource?: object, more: object = {}) => ({
  ...(resource === undefined ? {} : { resource }),
  ...more,
  request: { method, url },
});
const operation = (...part: object[]) => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'operation', part }],
});

const REQUESTS: readonly Request[] = [
  ['POST Patient', body(`{"resourceType":"Patient","name":[{"family":"${WORDS}"`)],
  ['POST Patient', body(`{"resourceType":"${WORDS}"}`)],
  ['POST Patient', body(`"${WORDS}"`)],
  ['POST Patient', body(`{"resourceType":"Patient","x":"${WORDS}","__proto__":{}}`)],
  ['POST Patient', body(`{"a":${'['.repeat(80)}"${WORDS}"`)],
  ['POST Patient', body(`{"resourceType":"Patient","x":[${`"${WORDS}",`.repeat(3000)}1]}`)],
  ['POST Patient', body(WORDS.repeat(3000))],
  ['POST Patient', body(`{"resourceType":"Patient","x":[${'1,'.repeat(2500)}1]}`)],
  ['POST Patient', body('')],
  ['POST Patient', typed('application/fhir+xml', `<Patient>${WORDS}</Patient>`)],
  ['POST Patient', typed('application/fhir+xml', `<Patient xmlns="http://hl7.org/fhir">${WORDS}</Patient>`)],
  [
    'POST Patient',
    typed('application/fhir+xml', `<Patient xmlns="http://hl7.org/fhir"><name><family value="${WORDS}`),
  ],
  ['POST Patient', typed('application/fhir+xml', `<!DOCTYPE x [<!ENTITY y "${WORDS}">]><Patient/>`)],
  ['POST Patient', typed(`text/${WORD}`, WORDS)],
  ['POST Patient', { body: gzipSync(WORDS).subarray(3), headers: { 'content-encoding': 'gzip' } }],
  ['GET metadata', { headers: { accept: `text/${WORD}` } }],
  [`GET metadata?_format=${WORD}`],
  ['GET Patient/a', { headers: { 'if-none-match': WORDS.normalize('NFD').replace(/[^ -~]/g, '') } }],
  [`GET Patient?birthdate=${encodeURIComponent(WORDS)}`],
  [`GET Patient?_lastUpdated=${WORD}x`],
  [`GET Patient?${WORD}=1`, { headers: { prefer: 'handling=strict' } }],
  [`GET Patient?family:${WORD}=${WORD}`],
  [`GET Patient?family=${WORD}&_sort=${WORD}`],
  [`GET Patient?_has:${WORD}=${WORD}`],
  [`GET Patient?_filter=${encodeURIComponent(`family zz "${WORDS}"`)}`],
  [`GET Patient?general-practitioner.${WORD}=${WORD}`],
  [`GET Patient?_count=${WORD}`],
  [`GET Patient?_page=${WORD}`],
  [`GET Patient?name=${`${WORD},`.repeat(600)}`],
  [`GET Patient?identifier=urn:x|${encodeURIComponent(WORDS)}|${WORD}`],
  [`GET Observation?value-quantity=${encodeURIComponent(WORDS)}`],
  [`GET Patient/_history?_since=${WORD}`],
  [`GET Patient/_history?_list=${encodeURIComponent(WORDS)}`],
  [`GET ${WORD}`],
  [`GET ${WORD}/${WORD}/${WORD}/x`],
  [`GET /${WORD}`],
  [`POST Patient/$${WORD.toLowerCase()}`, body(patient())],
  ['PUT Patient', body(patient())],
  [`DELETE metadata?x=${WORD}`],
  ['POST Observation', body(patient())],
  [`PUT Patient/${WORD}`, body(patient({ id: 'other' }))],
  [`PUT Patient/${WORD}`, body(patient())],
  ['PUT Patient/a%20b', body(patient({ id: 'a b' }))],
  [`GET Patient/${WORD}`],
  ['GET Patient/a/_history/99'],
  ['GET Patient/gone'],
  ['PUT Patient/a', { ...body(patient({ id: 'a' })), headers: { 'if-match': `W/"${WORD}"` } }],
  ['PUT Patient?family=zaphod', body(patient())],
  [`PUT Patient?identifier=urn:none|${WORD}`, body(patient({ id: 'a' }))],
  ['PATCH Patient/a', typed(JSON_PATCH, `[{"op":"${WORDS}"}]`)],
  ['PATCH Patient/a', typed(JSON_PATCH, `[{"op":"test","path":"/name/0/family","value":"${WORDS}!"}]`)],
  ['PATCH Patient/a', typed(JSON_PATCH, `[{"op":"remove","path":"/${WORD}/${WORD}"}]`)],
  [
    'PATCH Patient/a',
    body(
      operation(
        { name: 'type', valueCode: 'replace' },
        { name: 'path', valueString: `Patient.name.where(family='${WORDS}!')` },
        { name: 'value', valueString: WORDS },
      ),
    ),
  ],
  [
    'PATCH Patient/a',
    body(
      operation(
        { name: 'type', valueCode: 'delete' },
        { name: 'path', valueString: `Patient.name.${WORDS}(` },
      ),
    ),
  ],
  [
    'PUT StructureDefinition/Patient',
    body({ resourceType: 'StructureDefinition', id: 'Patient', title: WORDS }),
  ],
  ['POST ', bundle('message', entry('POST', 'Patient', patient()))],
  ['POST ', bundle('transaction', entry('POST', 'Patient'))],
  ['POST ', bundle('transaction', entry(WORDS, 'Patient', patient()))],
  ['POST ', bundle('transaction', entry('POST', `http://elsewhere/${WORD}`, patient()))],
  ['POST ', bundle('batch', ...Array.from({ length: 9 }, () => entry('POST', 'Patient', patient())))],
  [
    'POST ',
    bundle(
      'transaction',
      entry('POST', 'Patient', patient({ managingOrganization: { reference: `Organization?name=${WORD}` } })),
    ),
  ],
  [
    'POST ',
    bundle('transaction', entry('PUT', 'Patient/a', patient({ id: 'a' })), entry('DELETE', 'Patient/a')),
  ],
  ['POST ', bundle('transaction', entry('GET', `Patient/${WORD}`))],
  ['POST Patient', body(patient({ [WORDS]: 1 }))],
  ['POST Patient', body(patient({ name: WORDS }))],
  ['POST Patient', body(patient({ name: [null], active: [], birthDate: '' }))],
  ['POST Patient', body(patient({ deceasedBoolean: true, deceasedDateTime: WORDS }))],
  ['POST Patient', body(patient({ name: [{ given: [WORDS], _given: [WORDS, WORDS] }] }))],
  [
    'POST Patient',
    body(patient({ birthDate: WORDS, gender: WORDS, active: WORDS, multipleBirthInteger: WORDS })),
  ],
  ['POST Patient', body(patient({ contact: [{}], communication: [{ preferred: true }] }))],
  [
    'POST Patient',
    body(patient({ text: { status: 'generated', div: `<div><script>${WORDS}</script></div>` } })),
  ],
  ['POST Patient', body(patient({ contact: [{ gender: 'male' }] }))],
  [
    'POST Patient',
    body(
      patient({
        name: [
          { id: 'n', text: WORDS },
          { id: 'n', text: WORDS },
        ],
      }),
    ),
  ],
  ['POST Patient/$validate', body(patient({ meta: { security: [{ code: WORDS }, { code: WORDS }] } }))],
  [
    'POST Patient',
    body(
      patient({
        generalPractitioner: [{ reference: WORDS }, { reference: 'Patient/a' }, { reference: '#x' }],
      }),
    ),
  ],
  [
    'POST Patient',
    body(
      patient({
        extension: [
          { url: WORDS, valueString: WORDS },
          { url: 'urn:x', valueWibble: WORDS },
        ],
      }),
    ),
  ],
  ['POST Patient', body(patient({ modifierExtension: [{ url: 'urn:unknown', valueString: WORDS }] }))],
  ['POST Patient', body(patient({ identifier: [{ system: 'urn:x', value: 4711 }] }))],
  [
    'POST Observation',
    body({ resourceType: 'Observation', status: WORDS, code: { text: WORDS }, valueString: 5 }),
  ],
  [
    'POST ValueSet/$expand',
    body({ resourceType: 'Parameters', parameter: [{ name: 'url', valueUri: `urn:${WORD}` }] }),
  ],
  [`GET ValueSet/$expand?url=urn:${WORD}`],
  [`GET CodeSystem/$lookup?system=urn:${WORD}&code=${WORD}`],
  [
    'POST Patient/$validate',
    body({ resourceType: 'Parameters', parameter: [{ name: 'mode', valueCode: WORDS }] }),
  ],
  ['POST $load-package', typed('application/gzip', gzipSync(WORDS))],
  [
    'POST Patient/a/$meta-add',
    body({ resourceType: 'Parameters', parameter: [{ name: 'meta', valueString: WORDS }] }),
  ],
  ['POST Patient/_search', typed('application/x-www-form-urlencoded', `birthdate=${WORDS}`)],
  ['POST Patient', typed('application/x-www-form-urlencoded', `family=${WORDS}`)],
  ['GET _async/x'],
  [`DELETE Patient?${WORD}=1`],
  ['DELETE Patient'],
  [`GET Patient?name=${'a'.repeat(9000)}`],
];

const ADDRESSES: readonly string[] = [
  `GET ${WORD}`,
  `GET ${WORD}/${WORD}/${WORD}/x`,
  `GET /${WORD}`,
  `GET Patient/${WORD}`,
  `PUT Patient/${WORD}`,
  `PUT Patient?identifier=urn:none|${WORD}`,
  'PUT Patient?family=zaphod',
];

/**
 * What takes profiles, other servers or load to bring about, and what is no failure. Whatever shows a value there
 * does it as the validator does here.
 */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'duplicate-key',
  'version-conflict',
  'precondition-required',
  'max-cardinality',
  'type-not-allowed',
  'fixed-value',
  'pattern-value',
  'min-value',
  'max-value',
  'min-length',
  'value-missing',
  'max-length',
  'markup-in-text',
  'invariant-unevaluated',
  'binding-extensible',
  'code-unknown',
  'code-unchecked',
  'expansion-impossible',
  'display-mismatch',
  'extension-unknown',
  'extension-context',
  'extension-value',
  'slicing',
  'profile-unknown',
  'profile-mandatory',
  'bundle-rule',
  'definition-rule',
  'definition-broken',
  'definition-missing',
  'definition-cycle',
  'definition-conflict',
  'package-dependency',
  'questionnaire-rule',
  'exchange-rule',
  'questionnaire-unknown',
  'measure-rule',
  'measure-unknown',
  'validation-truncated',
  'valid',
  'parameter-ignored',
  'other-version-searched',
  'includes-cut',
  'not-implemented',
  'throttled',
  'overloaded',
  'request-timeout',
  'request-done',
  'stored-damaged',
]);

function keysOf({ text }: Answer): string[] {
  return [...text.matchAll(/passerelle-issue","code":"([a-z-]+)"/g)].map((match) => match[1] as string);
}

t.test('no failure repeats words of a patient or tells of the inside', async (t) => {
  let log = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log += chunk;
      done();
    },
  });
  const server = await startServer(
    t,
    { PASSERELLE_ENTRIES_MAX: '8', PASSERELLE_VALUES_MAX: '2000', PASSERELLE_BODY_BYTES_MAX: '80000' },
    pino({ level: 'trace' }, sink),
  );
  const { ask } = server;
  await ask('PUT Patient/a', body(patient({ id: 'a' })));
  await ask('POST Patient', body(patient()));
  await ask('PUT Patient/gone', body(patient({ id: 'gone' })));
  await ask('DELETE Patient/gone');
  const seen = new Set<string>();
  for (const [request, options] of REQUESTS) {
    const answer = await ask(request, options);
    const name = `${request.slice(0, 60)} ${answer.status}`;
    t.ok(answer.status >= 400 || keysOf(answer).length > 0, `a refusal: ${name}`);
    t.match(answer.text, /OperationOutcome/, name);
    if (answer.body?.resourceType === 'Bundle') continue;
    t.notMatch(answer.text, SECRET, name);
    t.notMatch(answer.text, INSIDE, name);
    if (ADDRESSES.includes(request)) t.notMatch(answer.text, IN_ADDRESS, name);
    for (const key of keysOf(answer)) seen.add(key);
  }
  const { store } = server.app;
  const { read } = store;
  Object.assign(store, { read: () => Promise.reject(new Error(`SELECT ${WORDS} FROM /tmp/x.ts:1`)) });
  const failed = await ask('GET Patient/a');
  Object.assign(store, { read: () => Promise.reject(new StoreUnavailableError(`${WORDS} at /tmp`)) });
  const away = await ask('GET Patient/a');
  Object.assign(store, { read });
  t.strictSame([failed.status, away.status], [500, 503]);
  for (const answer of [failed, away]) {
    t.notMatch(answer.text, SECRET);
    t.notMatch(answer.text, INSIDE);
    for (const key of keysOf(answer)) seen.add(key);
  }
  t.notMatch(log, SECRET, 'the log');
  t.notMatch(log, IN_ADDRESS, 'nor ids, addresses and values of searches');
  t.strictSame(
    Object.keys(ISSUES).filter((key) => !seen.has(key) && !ELSEWHERE.has(key)),
    [],
    'every kind of failure was caused, or is known to need more',
  );
});
