/** Resource text in rows: shorter, and to the last character what was written. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import t from 'tap';
import { composeText, fillGap } from '../../src/fhir/resource-text.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { fromWireText, toWireText } from '../../src/fhir/wire-text.ts';
import { NO_POSTINGS } from '../../src/search/postings.ts';
import { populate } from '../../src/seed/population.ts';
import { createRandom } from '../../src/seed/random.ts';
import {
  checkedText,
  type RowFacts,
  soundText,
  soundWireText,
} from '../../src/storage/sqlite/checked-text.ts';
import { type Connection, openConnection } from '../../src/storage/sqlite/connection.ts';
import { pageText } from '../../src/storage/sqlite/page-text.ts';
import { PHRASES_1 } from '../../src/storage/sqlite/phrases.ts';
import { shortText, wholeText } from '../../src/storage/sqlite/short-text.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import { readCurrent, readOldVersion } from '../../src/storage/sqlite/stored.ts';
import type { StoredVersion, WriteCommand } from '../../src/storage/store.ts';

const FACTS = { type: 'Observation', id: 'o-1', versionId: '12', lastUpdated: 1_700_000_000_123 };

function textOf(resource: object): string {
  const whole = composeText({ resourceType: FACTS.type, ...resource } as Resource, FACTS.id);
  return fillGap(whole, FACTS.versionId, FACTS.lastUpdated);
}

t.test('the table of phrases is the one that rows were written with', async (t) => {
  const hash = createHash('sha256').update(JSON.stringify(PHRASES_1)).digest('hex');
  t.equal(hash.slice(0, 16), '1933c0d72f6d0f62', 'it never changes; add another version instead');
  t.equal(new Set(PHRASES_1).size, PHRASES_1.length);
  t.ok(PHRASES_1.length <= 30 * 96, 'each has a code of two characters');
  t.same(
    PHRASES_1.filter((phrase) => !/^"[ -~]+$/.test(phrase)),
    [],
    'they begin with a quotation mark and are ASCII',
  );
});

t.test('made-up families shrink to a quarter and come back', async (t) => {
  let whole = 0;
  let kept = 0;
  for (const { resources } of populate({ patients: 40, seed: 12 })) {
    for (const { resourceType: type, id = '', ...rest } of resources) {
      const text = fillGap(composeText({ resourceType: type, ...rest }, id), '1', 0);
      const facts = { type, id, versionId: '1', lastUpdated: 0 };
      const short = shortText(text, facts);
      if (wholeText(short, facts) !== text) t.fail(`${type} ${id}`);
      whole += Buffer.byteLength(text);
      kept += Buffer.byteLength(short);
    }
  }
  t.ok(kept * 4 < whole, `${kept} of ${whole}`);
});

t.test('whatever stands in it comes back', async (t) => {
  const cases: readonly (readonly [why: string, text: string])[] = [
    ['nothing but the start', textOf({})],
    ['every phrase, one after another', textOf({ note: PHRASES_1 })],
    ['phrases in the clear', `${textOf({}).slice(0, -1)},${PHRASES_1.join('')}}`],
    [
      'phrases that end early',
      `${textOf({}).slice(0, -1)},${PHRASES_1.map((one) => one.slice(0, -1)).join('')}}`,
    ],
    ['quotation marks and backslashes', textOf({ note: [{ text: '"\\"\\\\""' }] })],
    ['control characters, escaped', textOf({ note: [{ text: '\u0000\u0001\u0002\u001f\u007f\n' }] })],
    ['control characters in the clear', `${textOf({}).slice(0, -1)},"x":"\u0001\u0002 "}`],
    ['other scripts, and halves of pairs', textOf({ note: [{ text: 'ေအာင်ထူး 𝒳 \ud800 עברית' }] })],
    ['meta with more', textOf({ meta: { versionId: '9', tag: [{ code: 'x' }], source: '#1' } })],
    ['another start', `{ "resourceType": "Observation", "id": "o-1" }`],
    ['another version', textOf({}).replace('"12"', '"13"')],
    ['nothing', ''],
  ];
  for (const [why, text] of cases) t.equal(wholeText(shortText(text, FACTS), FACTS), text, why);
});

t.test('random texts of phrases and pieces come back', async (t) => {
  const seed = Date.now() % 1e9;
  t.comment(`seed ${seed}`);
  const { below } = createRandom(seed, 1);
  for (let round = 0; round < 2_000; round++) {
    let text = textOf({}).slice(0, -1);
    for (let part = below(12); part > 0; part--) {
      const phrase = PHRASES_1[below(PHRASES_1.length)] as string;
      text += [
        phrase,
        phrase.slice(0, below(phrase.length)),
        phrase.slice(below(phrase.length)),
        'é"',
        '5',
        '\\u0001',
        'ေအာင် 🙂',
        '\ud800',
        '\udfff',
      ][below(9)] as string;
    }
    if (wholeText(shortText(text, FACTS), FACTS) !== text) t.fail(JSON.stringify(text));
    const facts = { ...FACTS, op: 0 } as const;
    for (const wire of wiresOf(checkedText(`${text}}`, facts), facts)) {
      const isSame = Buffer.from(wire as string, 'latin1').equals(Buffer.from(`${text}}`));
      if (!isSame) t.fail(`as it leaves: ${JSON.stringify(text)}`);
    }
  }
});

t.test('long texts leave as they were written, too, whole or of many phrases', (t) => {
  const facts = { ...FACTS, op: 0 } as const;
  const phrase = PHRASES_1.reduce((longest, one) => (one.length > longest.length ? one : longest));
  for (const part of ['"x"', phrase, 'ေအာင်', `${phrase}🙂`]) {
    for (let count = 1; count < 20_000; count = Math.ceil(count * 1.3)) {
      const text = `${textOf({}).slice(0, -1)}${part.repeat(count)}}`;
      const wires = wiresOf(checkedText(text, facts), facts);
      if (wires.some((wire) => wire !== toWireText(text))) t.fail(`${count} times ${part}`);
    }
  }
  t.end();
});

t.test('a damaged text is an error, not another text', async (t) => {
  t.throws(() => wholeText('\u0001\u001f\u007f', FACTS), /damaged/);
  t.throws(() => wholeText('\u0001\u0000a', FACTS), /damaged/);
  t.throws(() => wholeText('\u0001\u0002', FACTS), /damaged/);
});

t.test('rows of earlier versions of the file are read as they are', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-short-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'store.db');
  const open = () => openSqliteStore({ path, now: () => FACTS.lastUpdated });
  const text = composeText({ resourceType: 'Basic', code: { text: 'x' } } as Resource, 'b');
  let store = await open();
  const put = { kind: 'put', type: 'Basic', id: 'b', postings: NO_POSTINGS, expected: 'any' } as const;
  await store.transact([{ ...put, method: 'POST', text }]);
  const written = await store.read('Basic', 'b');
  t.equal(written?.json, fillGap(text, '1', FACTS.lastUpdated));
  await store.close();
  const file = new DatabaseSync(path);
  const kept = file.prepare('SELECT body FROM res').get() as { body: string };
  t.not(kept.body, written?.json, 'it was kept shorter');
  file.exec('PRAGMA user_version=1');
  file.prepare('UPDATE res SET body = ?').run(written?.json ?? '');
  file.close();
  store = await open();
  t.same(await store.read('Basic', 'b'), written);
  await store.transact([{ ...put, method: 'PUT', text }]);
  t.same(await store.readVersion('Basic', 'b', '1'), written);
  await store.close();
});

t.test('text without a checksum, of earlier versions, is looked at by its form', (t) => {
  const facts = { ...FACTS, op: 0 } as const;
  const text = textOf({ code: { text: 'x' } });
  const short = shortText(text, FACTS);
  t.equal(soundText(short, facts), text);
  t.equal(soundText(text, facts), text);
  t.same(wiresOf(short, facts), [text, text]);
  t.same(wiresOf(text, facts), [text, text]);
  const cases: readonly unknown[] = [
    short.slice(0, -2),
    `\u0001x${short.slice(1)}`,
    short.slice(1),
    text.slice(1),
    text.slice(0, -1),
    `${text.slice(0, -3)}}`,
    text.replace('o-1', 'o-2'),
    text.replace('Observation', 'Basic'),
    '',
    null,
    7,
    new Uint8Array(3),
  ];
  for (const body of cases) {
    t.equal(soundText(body, facts), undefined, JSON.stringify(body));
    t.same(wiresOf(body, facts), [undefined, undefined], JSON.stringify(body));
  }
  t.end();
});

t.test('text with a checksum is right to the last bit of it and of what stands beside it', (t) => {
  const facts = { ...FACTS, op: 1 } as const;
  const text = textOf({ code: { text: 'Ånde \ud83d\ude00' }, status: 'final', note: [{ text: 'ေအာင်ထူး' }] });
  const body = checkedText(text, facts);
  t.equal(soundText(body, facts), text);
  t.same(wiresOf(body, facts), [toWireText(text), toWireText(text)]);
  t.equal(fromWireText(toWireText(text)), text);
  const others = [{ op: 0 }, { id: 'o-2' }, { type: 'Basic' }, { versionId: '13' }, { lastUpdated: 7 }];
  for (const other of [...others, { lastUpdated: 1e300 }, { lastUpdated: Number.NaN }]) {
    t.equal(soundText(body, { ...facts, ...other } as typeof facts), undefined, JSON.stringify(other));
  }
  const bytes = Buffer.from(body);
  const wrong: string[] = [];
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
    const found = soundText(bytes.toString(), facts);
    if (found !== undefined) wrong.push(`${bit}: ${found}`);
    if (wiresOf(bytes.toString(), facts).some((wire) => wire !== undefined))
      wrong.push(`${bit} as it leaves`);
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
  }
  t.same(wrong, []);
  for (let length = 0; length < body.length; length++) {
    if (soundText(body.slice(0, length), facts) !== undefined) t.fail(`cut to ${length}`);
  }
  t.end();
});

/** The two ways to make a text as it leaves: piece by piece, and as bytes. */
function wiresOf(body: unknown, facts: RowFacts): readonly (string | undefined)[] {
  return [soundWireText(body, facts), pageText(body, facts)?.wire];
}

interface Body {
  readonly key: string;
  readonly body: string;
}

interface Written {
  readonly path: string;
  /** By type, id and number. */
  readonly versions: ReadonlyMap<string, StoredVersion>;
}

/** Families, some of them changed and some deleted. */
async function writeFamilies(folder: string): Promise<Written> {
  const path = join(folder, 'families.db');
  const store = await openSqliteStore({ path, now: () => FACTS.lastUpdated, threads: false });
  const versions = new Map<string, StoredVersion>();
  for (const { resources } of populate({ patients: 3, seed: 4 })) {
    const keys = resources.map(({ resourceType, id = '' }) => ({ type: resourceType as string, id }));
    const puts = resources.map((resource, index): WriteCommand => {
      const { type, id } = keys[index] as (typeof keys)[number];
      const text = composeText(resource, id);
      return { kind: 'put', type, id, method: 'PUT', text, postings: NO_POSTINGS, expected: 'any' };
    });
    await store.transact(puts);
    await store.transact(puts.filter((_, index) => index % 3 === 0));
    await store.transact(
      keys.filter((_, index) => index % 9 === 0).map((key) => ({ kind: 'delete', ...key, expected: 'any' })),
    );
    for (const { type, id } of keys) {
      for (const versionId of ['1', '2', '3']) {
        const version = await store.readVersion(type, id, versionId);
        if (version !== undefined) versions.set(`${type}/${id}/${versionId}`, version);
      }
    }
  }
  await store.close();
  return { path, versions };
}

/** Reads every version: those that are refused, and those that are not as they were written. */
function readAll(path: string, versions: Written['versions']) {
  const refused: string[] = [];
  const wrong: string[] = [];
  let connection: Connection;
  try {
    connection = openConnection({ path, role: 'reader', cacheBytes: 1 << 20, busyTimeoutMs: 0 });
  } catch {
    return { refused: [...versions.keys()], wrong };
  }
  const read = (key: string, expected: StoredVersion, work: () => StoredVersion | undefined): void => {
    let found: StoredVersion | undefined;
    try {
      found = work();
    } catch {
      // SQLite itself has found it
    }
    if (found === undefined || found.damaged === true) refused.push(key);
    else if (JSON.stringify(found) !== JSON.stringify(expected)) wrong.push(key);
  };
  for (const [key, expected] of versions) {
    const { type, id, versionId } = expected;
    read(key, expected, () => readOldVersion(connection, type, id, versionId));
    if (!versions.has(`${type}/${id}/${Number(versionId) + 1}`))
      read(`${key} now`, expected, () => readCurrent(connection, type, id));
  }
  connection.close();
  return { refused, wrong };
}

t.test('whatever bit of a file is another, a resource is read as it was written or refused', async (t) => {
  const seed = Date.now() % 1e9;
  t.comment(`seed ${seed}`);
  const { below } = createRandom(seed, 1);
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-bits-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const { path, versions } = await writeFamilies(folder);
  const sound = readFileSync(path);
  t.same(readAll(path, versions), { refused: [], wrong: [] });
  t.ok([...versions.values()].some(({ deleted }) => deleted) && versions.size > 80, `${versions.size}`);
  const damaged = join(folder, 'damaged.db');
  const flip = (bit: number) => {
    const bytes = Buffer.from(sound);
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
    writeFileSync(damaged, bytes);
    return readAll(damaged, versions);
  };
  const file = new DatabaseSync(path, { readOnly: true });
  // where it stands once, and not in a free place too
  const rows = file
    .prepare(`SELECT y.name || '/' || r.id || '/' || r.v AS key, body FROM res r JOIN typ y ON y.id = r.t
      WHERE length(body) BETWEEN 40 AND 900`)
    .all() as unknown as Body[];
  const bodies = rows.filter(({ body }) => sound.indexOf(body) === sound.lastIndexOf(body));
  file.close();
  for (let round = 0; round < 30; round++) {
    const { key, body } = bodies[below(bodies.length)] as Body;
    const at = sound.indexOf(body);
    const bit = at * 8 + below(Buffer.byteLength(body) * 8);
    t.same(flip(bit), { refused: [key, `${key} now`], wrong: [] }, `bit ${bit}, of ${key} [sqlite.damage]`);
  }
  let refused = 0;
  for (let round = 0; round < 100; round++) {
    const bit = below(sound.length * 8);
    const found = flip(bit);
    refused += found.refused.length;
    if (found.wrong.length > 0) t.fail(`bit ${bit}: ${found.wrong}`);
  }
  t.comment(`${refused} refused`);
});
