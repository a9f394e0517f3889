/** Reading and writing JSON within bounds, with every digit, and changing it with patches. */
import t from 'tap';
import { createIdGenerator, isId } from '../../src/fhir/ids.ts';
import { FhirError } from '../../src/fhir/issues.ts';
import { cloneJson, decimalText, parseJson, parseStored, stringifyJson } from '../../src/fhir/json.ts';
import { jsonCode } from '../../src/fhir/json-code.ts';
import { applyJsonPatch } from '../../src/fhir/json-patch.ts';
import { parseConditionalReference, parseReference } from '../../src/fhir/references.ts';
import { composeText, fillGap, toInstant } from '../../src/fhir/resource-text.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { loadVectorCode } from '../../src/fhir/vector-memory.ts';

const LIMITS = { depthMax: 20 };

function keyOf(work: () => unknown): string {
  try {
    work();
    return 'no error';
  } catch (error) {
    return error instanceof FhirError ? (error.issues[0]?.key ?? '') : String(error);
  }
}

t.test('numbers keep the digits that they were written with', async (t) => {
  const texts = [
    '{"a":1.50}',
    '{"a":1.0,"b":[0.10,{"c":100.00}]}',
    '{"a":1e3}',
    '{"a":1E-7}',
    '{"a":-0.0}',
    '{"a":-0}',
    '{"a":0.123456789012345678901234567890}',
    '{"a":12345678901234567890}',
    '{"a":{"b":{"c":3.140}},"d":"1.50"}',
    '[1.50,2]',
  ];
  for (const text of texts) t.equal(stringifyJson(parseJson(text, LIMITS)), text);
});

t.test('ordinary numbers and text come back without any bookkeeping', async (t) => {
  const text = '{"a":1.5,"b":-12,"c":"say \\"1.50\\"","d":[true,false,null],"e":"\\\\"}';
  const value = parseJson(text, LIMITS) as Record<string, unknown>;
  t.equal(stringifyJson(value), text);
  t.equal(decimalText(value, 'a'), undefined);
});

t.test('a changed number loses its old digits, a copy keeps them', async (t) => {
  const value = parseJson('{"a":1.50,"b":{"c":2.0}}', LIMITS) as Record<string, unknown>;
  t.equal(decimalText(value, 'a'), '1.50');
  t.equal(stringifyJson(cloneJson(value)), '{"a":1.50,"b":{"c":2.0}}');
  value.a = 3;
  t.equal(stringifyJson(value), '{"a":3,"b":{"c":2.0}}');
});

t.test('bodies out of bounds are refused with the right key', async (t) => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const cases: readonly (readonly [string, string])[] = [
    [nested(20), 'no error'],
    [nested(21), 'too-deep'],
    [`{"a":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`, 'too-deep'],
    [`{"a":"${'['.repeat(100)}"}`, 'no error'],
    [`{"a":"\\"${'['.repeat(100)}"}`, 'no error'],
    ['{"__proto__":{"x":1}}', 'forbidden-key'],
    ['{"a":{"\\u005f_proto__":1}}', 'forbidden-key'],
    ['{"a":{"__pr\\u006fto__":1}}', 'forbidden-key'],
    ['{"a":"__proto__"}', 'no error'],
    ['{"a":1', 'malformed-json'],
    ['{a:1}', 'malformed-json'],
    ['', 'malformed-json'],
    ['{"a":"', 'malformed-json'],
    ['{"a":01}', 'malformed-json'],
  ];
  for (const [text, key] of cases)
    t.equal(
      keyOf(() => parseJson(text, LIMITS)),
      key,
      text.slice(0, 40),
    );
});

t.test('a syntax error tells the place and never quotes the body', async (t) => {
  try {
    parseJson('{\n  "family": "Secretname",,\n}', LIMITS);
    t.fail('it parsed');
  } catch (error) {
    const [one] = (error as FhirError).issues;
    t.match(one, { line: 2, column: 26 });
    t.notMatch(JSON.stringify(one), /Secret/);
  }
});

t.test('the stored text has id and meta first and leaves a gap for the commit', async (t) => {
  const text =
    '{"name":[{"family":"Wah"}],"meta":{"versionId":"9","tag":[{"code":"a"}],"lastUpdated":"2001-01-01T00:00:00Z"},"id":"mine","resourceType":"Patient","multipleBirthInteger":2}';
  const resource = parseJson(text, LIMITS) as Resource;
  t.equal(
    fillGap(composeText(resource, 'p1'), '3', Date.UTC(2026, 0, 31, 12)),
    '{"resourceType":"Patient","id":"p1","meta":{"versionId":"3","lastUpdated":"2026-01-31T12:00:00.000Z","tag":[{"code":"a"}]},"name":[{"family":"Wah"}],"multipleBirthInteger":2}',
  );
  t.equal(
    fillGap(composeText({ resourceType: 'Patient' }, 'p1'), '1', 0),
    '{"resourceType":"Patient","id":"p1","meta":{"versionId":"1","lastUpdated":"1970-01-01T00:00:00.000Z"}}',
  );
});

t.test('new ids are FHIR ids, all different, in the order of time', async (t) => {
  let now = 1_790_000_000_000;
  const random = (bytes: Uint8Array) => crypto.getRandomValues(bytes);
  const next = createIdGenerator(() => now++, random);
  const ids = Array.from({ length: 1000 }, next);
  t.ok(ids.every(isId));
  t.equal(new Set(ids).size, ids.length);
  t.strictSame(ids.toSorted(), ids);
  t.match(ids[0], /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

t.test('references are told apart', async (t) => {
  t.strictSame(parseReference('Patient/1'), { base: '', type: 'Patient', id: '1' });
  t.strictSame(parseReference('http://x.org/fhir/Patient/a.b-C/_history/2'), {
    base: 'http://x.org/fhir',
    type: 'Patient',
    id: 'a.b-C',
    versionId: '2',
  });
  for (const other of ['#part', 'urn:uuid:1', 'patient/1', 'Patient/', 'Patient/a_b', 'Patient?x=1', '']) {
    t.equal(parseReference(other), undefined, other);
  }
  t.strictSame(parseConditionalReference('Patient?identifier=a|b'), {
    type: 'Patient',
    query: 'identifier=a|b',
  });
  t.equal(parseConditionalReference('Patient/1?x=1'), undefined);
});

t.test('JSON Patch does what RFC 6902 says', async (t) => {
  const cases: readonly (readonly [unknown, readonly unknown[], unknown])[] = [
    [{ a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
    [{ a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
    [{ a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
    [{ a: 1, b: 2 }, [{ op: 'remove', path: '/a' }], { b: 2 }],
    [{ a: [1, 2] }, [{ op: 'remove', path: '/a/0' }], { a: [2] }],
    [{ a: 1 }, [{ op: 'replace', path: '/a', value: [] }], { a: [] }],
    [{ a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: 1 }],
    [{ a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
    [
      { 'a/b': 1, 'm~n': 2 },
      [
        { op: 'remove', path: '/a~1b' },
        { op: 'test', path: '/m~0n', value: 2 },
      ],
      { 'm~n': 2 },
    ],
    [{ a: { b: [1] } }, [{ op: 'test', path: '/a', value: { b: [1] } }], { a: { b: [1] } }],
    [{ a: 1 }, [{ op: 'add', path: '', value: { b: 2 } }], { b: 2 }],
  ];
  for (const [target, patch, expected] of cases) {
    t.strictSame(applyJsonPatch(structuredClone(target), patch), expected, JSON.stringify(patch));
  }
});

t.test('a JSON Patch that does not fit is an error', async (t) => {
  const target = { a: { b: [1, 2] } };
  const cases: readonly (readonly [unknown, string])[] = [
    [{}, 'bad-patch'],
    [[{ op: 'spin', path: '/a' }], 'bad-patch'],
    [[{ op: 'add', path: 'a', value: 1 }], 'bad-patch'],
    [[{ op: 'add', path: '/a' }], 'bad-patch'],
    [[{ op: 'remove', path: '/x' }], 'patch-failed'],
    [[{ op: 'replace', path: '/x', value: 1 }], 'patch-failed'],
    [[{ op: 'add', path: '/a/b/3', value: 1 }], 'patch-failed'],
    [[{ op: 'add', path: '/a/b/01', value: 1 }], 'patch-failed'],
    [[{ op: 'remove', path: '/a/b/-' }], 'patch-failed'],
    [[{ op: 'add', path: '/a/b/0/c', value: 1 }], 'patch-failed'],
    [[{ op: 'move', from: '/a', path: '/a/b/0' }], 'patch-failed'],
    [[{ op: 'test', path: '/a/b/0', value: 2 }], 'patch-failed'],
    [[{ op: 'add', path: '/__proto__/x', value: 1 }], 'forbidden-key'],
    [[{ op: 'add', path: '/a/constructor/x', value: 1 }], 'patch-failed'],
    [Array.from({ length: 1001 }, () => ({ op: 'test', path: '/a', value: 1 })), 'too-costly'],
  ];
  for (const [patch, key] of cases) {
    t.equal(
      keyOf(() => applyJsonPatch(structuredClone(target), patch)),
      key,
      JSON.stringify(patch).slice(0, 60),
    );
  }
});

t.test('a patch keeps the digits of what it moves and adds', async (t) => {
  const target = parseJson('{"a":{"v":1.50},"b":{}}', LIMITS);
  const patch = parseJson(
    '[{"op":"copy","from":"/a","path":"/b/c"},{"op":"add","path":"/b/d","value":{"v":2.0}}]',
    LIMITS,
  );
  t.equal(
    stringifyJson(applyJsonPatch(target, patch)),
    '{"a":{"v":1.50},"b":{"c":{"v":1.50},"d":{"v":2.0}}}',
  );
});

t.test('a text is bounded in values, in properties of an object and in names', (t) => {
  const parse = (text: string, allValuesMax = 1_000_000) => parseJson(text, { depthMax: 9, allValuesMax });
  t.doesNotThrow(() => parse('[1,{"a":[]},2]', 5));
  t.throws(() => parse('[1,{"a":[]},2]', 4), /more than 4 values/);
  t.doesNotThrow(() => parse('["1,2,[{",3]', 2), 'what is in strings does not count');
  const object = (count: number) =>
    `{${Array.from({ length: count }, (_, i) => `"k${i}":1`).join()},"list":[${'1,'.repeat(3000)}1]}`;
  t.doesNotThrow(() => parse(object(1999)));
  t.throws(() => parse(object(2001)), /more than 2000 values/);
  const names = (count: number, colon: string) =>
    `[${Array.from({ length: count }, (_, i) => `{"name-number-${i}"${colon}1}`).join()}]`;
  t.doesNotThrow(() => parse(names(9000, ':')), 'R4 has a fifth of these names');
  t.throws(() => parse(names(20_000, ' \n:')), /more than 10000 values/);
  t.doesNotThrow(() => parseStored(names(20_000, ':')), 'what was stored is read');
  const same = `[${'{"name":"a string that is no name"},'.repeat(20_000)}{}]`;
  t.doesNotThrow(() => parse(same), 'the same name again costs nothing');
  t.throws(() => parse(`[${'1.50,'.repeat(100_000)}1.50]`), /more than 100000 values/);
  t.end();
});

t.test('digits are kept wherever a number stands', (t) => {
  for (const text of [
    '[1.50,-0,1e3,0.10,12345678901234567890]',
    '{"a":1.50,"b":{"c":[2.0,"\\u0001x",null,true]}}',
    '[[[1.0]],{"a":{"b":[{"c":0.00}]}}]',
    '{"a":"1.50","b":1.50}',
  ]) {
    t.equal(stringifyJson(parseJson(text, { depthMax: 9 })), text);
  }
  for (const text of ['[01.50]', '[1.5.0]', '[--1.50]', '[1.50', '{"a":1.50 "b":2}', '[1.50]x', '[1.50e]']) {
    t.throws(() => parseJson(text, { depthMax: 9 }), /not JSON/, text);
  }
  t.equal(parseJson('1.50', { depthMax: 9 }), 1.5);
  t.end();
});

t.test('an instant is what a Date says, in every year and at every edge of a day', async (t) => {
  const day = 86_400_000;
  const edges = [
    0,
    1,
    day - 1,
    day,
    -1,
    -day,
    -day - 1,
    8.64e15,
    -8.64e15,
    253_402_300_799_999,
    253_402_300_800_000,
  ];
  const spread = Array.from(
    { length: 2_000 },
    (_, at) => Math.floor((at * 2_654_435_761 * 997) % 4e15) - 2e15,
  );
  for (const ms of [...edges, ...spread, 1.5]) {
    const expected = new Date(ms).toISOString();
    if (toInstant(ms) !== expected) t.equal(toInstant(ms), expected, String(ms));
  }
  t.throws(() => toInstant(8.64e15 + 1), RangeError);
  t.throws(() => toInstant(Number.NaN), RangeError);
});

t.test('short texts, which are looked at by code with vectors, are read like long ones', async (t) => {
  t.type(loadVectorCode(jsonCode()), 'function', 'there is such code');
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  let state = seed;
  const upTo = (max: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * max);
  };
  const pieces = [
    ...[
      '"',
      '\\',
      '\\\\',
      '\\"',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '_',
      '__',
      '"__proto__":1,',
      '\\u005f_proto__',
    ],
    ...[
      '-0',
      '1.50',
      '1.5',
      '1e5',
      '12345678901234567',
      '123456789012345',
      '.',
      'é',
      '😀',
      '[[[[[[',
      '"a":"b",',
    ],
  ];
  const whole = JSON.stringify({
    resourceType: 'Observation',
    text: { div: `<div xmlns="http://www.w3.org/1999/xhtml">\\ "\u0001" ${'word '.repeat(20)}</div>` },
    list: [1, 2.25, -3, 'x', null, true, { deep: [[{ a: 'b' }]] }],
  });
  const limits = { depthMax: 9, allValuesMax: 30 };
  const read = (text: string): string => {
    try {
      return stringifyJson(parseJson(text, limits));
    } catch (error) {
      // where and why text is no JSON depends on what follows
      return String((error as Error).message).replace(/(?<=not JSON).*/, '');
    }
  };
  const differences: string[] = [];
  let faults = 0;
  for (let i = 0; i < 400; i++) {
    let text = whole.slice(0, upTo(3) === 0 ? upTo(whole.length) : whole.length);
    for (let changes = upTo(4); changes > 0; changes--) {
      const at = upTo(text.length + 1);
      text = text.slice(0, at) + (pieces[upTo(pieces.length)] as string) + text.slice(at + upTo(2));
    }
    const found = read(text);
    if (!found.startsWith('{')) faults++;
    const long = read(text + ' '.repeat(200_001));
    if (long !== found) differences.push(`${found} | ${long}`);
  }
  t.ok(faults > 50 && faults < 380, `both verdicts: ${faults}`);
  t.same(differences, [], `seed ${seed}`);
});
