/** Keys of the index of MongoDB: which a resource has, and that they are in the order of their values. */
import fc from 'fast-check';
import { MongoNetworkError, MongoNetworkTimeoutError } from 'mongodb';
import t from 'tap';
import { contentKey, narrativeKey } from '../../src/search/content-words.ts';
import { NO_POSTINGS } from '../../src/search/postings.ts';
import { hashParam } from '../../src/search/term-hash.ts';
import { populate } from '../../src/seed/population.ts';
import { asStoreError, isCut } from '../../src/storage/mongodb/failures.ts';
import { indexMembersOf, paramText } from '../../src/storage/mongodb/index-keys.ts';
import { compareTexts } from '../../src/storage/mongodb/order.ts';
import {
  encodeInteger,
  encodeNumber,
  encodeTime,
  firstTimeFrom,
  LAST_EXACT_TIME,
} from '../../src/storage/mongodb/ordered-text.ts';
import { between } from '../../src/storage/mongodb/walk.ts';
import { createAttempts } from '../../src/storage/mongodb/writer.ts';
import { StoreUnavailableError } from '../../src/storage/store.ts';
import { extract } from '../search/world.ts';
import { postingsOf, type Values } from './contract/build.ts';

t.test('numbers as text keep their order', async (t) => {
  const order = (a: string, b: string): number => Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)));
  fc.assert(
    fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
      const expected = a === b ? 0 : a < b ? -1 : 1;
      return order(encodeNumber(a), encodeNumber(b)) === expected;
    }),
  );
  const time = fc.integer({ min: -8.64e15, max: 8.64e15 });
  fc.assert(fc.property(time, time, (a, b) => order(encodeTime(a), encodeTime(b)) === Math.sign(a - b)));
  const whole = fc.maxSafeInteger().map((value) => Math.abs(value) % 2 ** 52);
  fc.assert(
    fc.property(whole, whole, (a, b) => order(encodeInteger(a, 9), encodeInteger(b, 9)) === Math.sign(a - b)),
  );
  t.pass();
});

t.test('a cut lies strictly between its ends', async (t) => {
  const points = fc.string({ unit: 'binary', maxLength: 6 });
  fc.assert(
    fc.property(points, points, (a, b) => {
      const [low, high] = compareTexts(a, b) < 0 ? [a, b] : [b, a];
      const middle = between(low, high, 8);
      if (middle === undefined) return true;
      return compareTexts(low, middle) < 0 && compareTexts(middle, high) < 0 && [...middle].length <= 8;
    }),
    { numRuns: 2_000 },
  );
  t.equal(between('a', 'a\u0000', 9), undefined, 'there is nothing between a text and its successor');
  t.equal(between('a', 'b', 1), undefined, 'nor between neighbours of the greatest length');
});

t.test('a write whose time is over gets a few attempts more, unless it has waited', async (t) => {
  let elapsedMs = 0;
  const create = () =>
    createAttempts(
      1_000,
      () => elapsedMs,
      () => 0,
    );
  const late = create();
  const waited = create();
  elapsedMs = 60_000;
  t.equal(late.left(), 0);
  await late.next();
  await late.next(new MongoNetworkError('cut'));
  await late.next();
  await t.rejects(late.next(), StoreUnavailableError, 'a conflict without end');
  const swallowed = new MongoNetworkTimeoutError('swallowed');
  await t.rejects(waited.next(swallowed), StoreUnavailableError, 'no answer in all that time');
});

t.test('a socket that the other side has closed is no fault of ours', async (t) => {
  const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' });
  t.match(asStoreError(broken), { name: 'StoreUnavailableError' });
  t.equal(isCut(broken), true);
  t.equal(isCut(new MongoNetworkError('closed')), true);
  t.equal(isCut(new MongoNetworkTimeoutError('swallowed')), false, 'nobody knows what was done');
  t.equal(
    asStoreError(Object.assign(new Error('x'), { code: 'ENOENT' })) instanceof StoreUnavailableError,
    false,
  );
});

/** `_id`, itself, its type, type and time, time: what every resource has beside its keys. */
const OTHER_ENTRIES = 5;

t.test('what is told elsewhere has no key of its own', (t) => {
  const text = (name: string): string => `${name}\u0000${name}`;
  const k = (code: string): number => hashParam('Patient', code);
  const { k: keys, x } = indexMembersOf('Patient', 'p', {
    ...NO_POSTINGS,
    terms: [
      { k: k('identifier'), h: 1 },
      { k: k('identifier'), h: 2, role: 'implied' },
      ...[1, 2, 3, 4].map((h) => ({ k: k('few'), h, role: 'pair' as const })),
      ...[1, 2, 3, 4, 5].map((h) => ({ k: k('many'), h, role: 'pair' as const })),
    ],
    texts: ['given', 'name', 'family'].map((code) => ({ k: k(code), text: text('amina') })),
    numbers: [1, 2, 2, 3, 4, 5].map((lo, u) => ({ k: k('size'), u, lo, hi: lo + 1 })),
    present: ['given', 'name', 'family', 'telecom', 'phone'].map(k),
  });
  const named = (key: string): string => {
    const codes = ['identifier', 'few', 'many', 'given', 'name', 'family', 'telecom', 'phone', 'size'];
    return `${codes.find((code) => key.startsWith(paramText(k(code))))} ${key.slice(6, 7)}`;
  };
  t.same(keys.map(named), [
    'identifier t',
    ...Array.from({ length: 4 }, () => 'few t'),
    'many o',
    'name s',
    'family s',
    'size o',
    'size n',
    'size n',
    'size x',
    'telecom p',
    'phone p',
  ]);
  t.same(x?.map(named), ['identifier t', ...Array.from({ length: 5 }, () => 'many o')]);
  t.end();
});

t.test('nobody of a seeded population makes more than 40 index entries, words apart', async (t) => {
  const worst = new Map<string, number>();
  for (const { resources } of populate({ patients: 200, seed: 1 })) {
    for (const resource of resources) {
      const { resourceType: type, id = '' } = resource;
      const words = [paramText(contentKey(type)), paramText(narrativeKey(type))];
      const { k } = indexMembersOf(type, id, extract(resource));
      const count = OTHER_ENTRIES + k.filter((key) => !words.some((word) => key.startsWith(word))).length;
      worst.set(type, Math.max(worst.get(type) ?? 0, count));
    }
  }
  t.ok(worst.size >= 15, `${worst.size} types`);
  for (const [type, count] of worst) t.ok(count <= 40, `${type}: ${count}`);
});

t.test('a primary date has a key where its place in the list of its type does not tell it', async (t) => {
  const [first, second, long] = [
    ['2024-01-05', '2024-01-06'],
    ['2024-03-01', '2024-03-02'],
    ['2024-01-05', '2024-06-01'],
  ] as const;
  const CASES: readonly (readonly [string, string, Values, readonly string[]])[] = [
    ['one', 'Observation', { date: first[0], dates: { date: [first] } }, []],
    ['of another name', 'ServiceRequest', { date: first[0], dates: { authored: [first] } }, []],
    ['of another parameter', 'Observation', { date: first[0], dates: { issued: [first] } }, ['d']],
    ['two', 'Observation', { date: first[0], dates: { date: [first, second] } }, ['d', 'd', 'w']],
    ['a long one', 'Observation', { date: first[0], dates: { date: [long] } }, ['d', 'w']],
    ['one elsewhere in the list', 'Observation', { date: second[0], dates: { date: [first] } }, ['d']],
    ['one in no order', 'Observation', { dates: { date: [first] } }, ['d']],
    [
      'one too late for a place',
      'Observation',
      { date: '+013700-01-01', dates: { date: [['+013700-01-01', '+013700-01-02']] } },
      ['d'],
    ],
    ['since ever', 'Observation', { dates: { date: [['', '2024-01-06']] } }, ['d', 'w']],
  ];
  for (const [name, type, values, kinds] of CASES) {
    const { k, l } = indexMembersOf(type, 'x', postingsOf(type, values));
    t.same([k.map((key) => key[6]).sort(), l], [kinds, type], name);
  }
});

t.test('the first time from a text on', async (t) => {
  const time = fc.integer({ min: -8.64e15, max: LAST_EXACT_TIME });
  fc.assert(fc.property(time, (at) => firstTimeFrom(encodeTime(at)) === at));
  fc.assert(
    fc.property(time, fc.string({ unit: 'binary', maxLength: 10 }), (at, text) => {
      const isBefore = compareTexts(encodeTime(at), text) < 0;
      return isBefore === at < firstTimeFrom(text);
    }),
  );
  t.pass();
});
