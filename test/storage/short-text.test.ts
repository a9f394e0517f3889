/** Resource text in rows: shorter, and to the last character what was written. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import t from 'tap';
import { composeText, fillGap } from '../../src/fhir/resource-text.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { NO_POSTINGS } from '../../src/search/postings.ts';
import { populate } from '../../src/seed/population.ts';
import { createRandom } from '../../src/seed/random.ts';
import { PHRASES_1 } from '../../src/storage/sqlite/phrases.ts';
import { shortText, wholeText } from '../../src/storage/sqlite/short-text.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';

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
      text += [phrase, phrase.slice(0, below(phrase.length)), phrase.slice(below(phrase.length)), 'é"', '5'][
        below(5)
      ];
    }
    if (wholeText(shortText(text, FACTS), FACTS) !== text) t.fail(JSON.stringify(text));
  }
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
