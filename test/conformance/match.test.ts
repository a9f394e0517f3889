/** The conformance suite judges servers, so its own judgement is tested first. */
import t from 'tap';
import type { Matcher } from '../../conformance/case.ts';
import { ALL_CASES } from '../../conformance/cases/all.ts';
import { judge, select } from '../../conformance/match.ts';

const BODY = {
  entry: [{ resource: { id: 'a', n: 1 } }, { resource: { id: 'b' } }],
  total: 2,
  list: ['x', 'y'],
};

t.test('a path selects every value that it leads to', async (t) => {
  t.same(select(BODY, 'total'), [2]);
  t.same(select(BODY, 'entry[*].resource.id'), ['a', 'b']);
  t.same(select(BODY, 'entry[1].resource.id'), ['b']);
  t.same(select(BODY, 'entry[*].resource.n'), [1]);
  t.same(select(BODY, 'entry[7].resource'), []);
  t.same(select(BODY, 'list'), [['x', 'y']]);
  t.same(select(BODY, '$'), [BODY]);
  t.same(select(undefined, 'entry'), []);
});

const HOLDS: readonly [found: unknown[], matcher: Matcher][] = [
  [['a'], 'a'],
  [[['A', null]], ['A', null]],
  [[1], { exists: true }],
  [[], { exists: false }],
  [['abc'], { matches: '^a' }],
  [['b'], { oneOf: ['a', 'b'] }],
  [['a', 'b'], { count: 2 }],
  [['a', 'b'], { atLeast: 1 }],
  [['a', 'b'], { includes: 'b' }],
  [['a'], { excludes: 'b' }],
  [['a', 'b'], { sameSet: ['b', 'a'] }],
  [['a', 'b'], { ordered: ['a', 'b'] }],
];

const FAILS: readonly [found: unknown[], matcher: Matcher][] = [
  [['a'], 'b'],
  [[], 'a'],
  [['a', 'a'], 'a'],
  [[], { exists: true }],
  [[1], { exists: false }],
  [[], { matches: '^a' }],
  [['a', 'b'], { matches: '^a' }],
  [['c'], { oneOf: ['a', 'b'] }],
  [['a'], { count: 2 }],
  [[], { atLeast: 1 }],
  [['a'], { includes: 'b' }],
  [['b'], { excludes: 'b' }],
  [['a', 'a'], { sameSet: ['a', 'b'] }],
  [['b', 'a'], { ordered: ['a', 'b'] }],
];

t.test('matchers hold for what they describe', async (t) => {
  for (const [found, matcher] of HOLDS) t.equal(judge(found, matcher), undefined, JSON.stringify(matcher));
});

t.test('matchers say what was expected and found when they do not hold', async (t) => {
  for (const [found, matcher] of FAILS)
    t.match(judge(found, matcher), /^expected .*, found /, JSON.stringify(matcher));
});

t.test('every case has an id of its own, a citation and at least one expectation', async (t) => {
  const ids = ALL_CASES.map((one) => one.id);
  t.same(ids, [...new Set(ids)]);
  for (const one of ALL_CASES) {
    t.ok(
      one.steps.some((step) => step.expect !== undefined),
      one.id,
    );
    t.match(one.cite, /^[a-z-]+\.html/, one.id);
  }
});
