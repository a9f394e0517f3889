/** Patterns match as JavaScript's do, in time linear in the text. */
import fc from 'fast-check';
import t from 'tap';
import { compilePattern } from '../../src/fhirpath/pattern.ts';

/** Small patterns over the letters a, b and a dot, in which everything can be repeated. */
const PATTERN: fc.Arbitrary<string> = fc.letrec<{ tree: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('a', 'b', '.', '\\.', '[ab]', '[^a]', '[a-b.]', '\\w', '\\S', '^', '$'),
    tie('tree').map((inner) => `(${inner})`),
    tie('tree').map((inner) => `(?:${inner})`),
  ),
  tree: fc.oneof(
    { maxDepth: 4 },
    tie('atom'),
    fc
      .tuple(tie('atom'), fc.constantFrom('*', '+', '?', '{2}', '{1,2}', '{0,3}', '{2,}', '*?', '+?', '??'))
      .map(([atom, times]) => (atom === '^' || atom === '$' ? atom : atom + times)),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => a + b),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `${a}|${b}`),
  ),
})).tree;
const TEXT = fc
  .array(fc.constantFrom('a', 'b', '.', '\n', 'é'), { maxLength: 8 })
  .map((chars) => chars.join(''));

/** JavaScript ends a repetition that matched nothing in its own way, so repeated groups are left out. */
function repeatsGroup(source: string): boolean {
  return /\)[*+?{]/.test(source);
}

t.test('a pattern finds what JavaScript finds', async (t) => {
  fc.assert(
    fc.property(PATTERN, TEXT, (source, text) => {
      const native = new RegExp(source, 's');
      return compilePattern(source, false).test(text) === native.test(text);
    }),
    { numRuns: 3_000, seed: 20_260_301 },
  );
  t.pass('3,000 patterns, seed 20260301');
});

t.test('a pattern matches whole texts as JavaScript does with anchors', async (t) => {
  fc.assert(
    fc.property(PATTERN, TEXT, (source, text) => {
      const native = new RegExp(`^(?:${source})$`, 's');
      return compilePattern(source, true).test(text) === native.test(text);
    }),
    { numRuns: 3_000, seed: 20_260_302 },
  );
  t.pass('3,000 patterns, seed 20260302');
});

t.test('replacement takes the same matches as JavaScript', async (t) => {
  fc.assert(
    fc.property(PATTERN, TEXT, (source, text) => {
      if (repeatsGroup(source)) return true;
      const native = text.replace(new RegExp(source, 'gs'), '<$$>');
      const ours = compilePattern(source, false).replace(text, '<$$>', 10_000);
      return ours === native;
    }),
    { numRuns: 3_000, seed: 20_260_303 },
  );
  t.pass('3,000 patterns, seed 20260303');
});

const REPLACED: readonly [source: string, text: string, substitution: string, result: string][] = [
  ['(\\d+)-(\\d+)', '12-34', '$2/$1', '34/12'],
  ['(?<year>\\d{4})', 'in 2026', '[$1]', 'in [2026]'],
  ['a|ab', 'ab', 'x', 'xb'],
  ['a+?', 'aaa', 'x', 'xxx'],
  ['(a)|(b)', 'ab', '[$1$2]', '[a][b]'],
  ['$', 'ab', '!', 'ab!'],
  ['^', 'ab', '!', '!ab'],
  ['b', 'abc', '$$1', 'a$1c'],
];

t.test('groups of a match can be named in the substitution', async (t) => {
  for (const [source, text, substitution, result] of REPLACED) {
    t.equal(compilePattern(source, false).replace(text, substitution, 1_000), result, source);
  }
});

const MATCHED: readonly [source: string, text: string, expected: boolean][] = [
  ['\\p{Lu}', 'é', false],
  ['\\p{Lu}', 'É', true],
  ['\\p{IsAlphabetic}', 'é', true],
  ['\\P{L}', 'é', false],
  ['^\\s$', '\u00a0', false],
  ['^\\S$', '\u00a0', true],
  ['^[^\\s.]{1,64}$', 'a'.repeat(64), true],
  ['^[^\\s.]{1,64}$', 'a'.repeat(65), false],
  ['\\u00e9\\x41', 'éA', true],
  ['[\\]\\-a]', '-', true],
  ['[]a]', ']', true],
  ['[a-]', '-', true],
  ['{', '{', true],
  ['a{', 'a{', true],
];

t.test('classes, properties and escapes mean what FHIR means by them', async (t) => {
  for (const [source, text, expected] of MATCHED) {
    t.equal(compilePattern(source, false).test(text), expected, `${source} on ${JSON.stringify(text)}`);
  }
});

const REFUSED: readonly [source: string, message: RegExp][] = [
  ['(a', /missing \)/],
  ['a)', /unbalanced/],
  ['[a', /missing ]/],
  ['*a', /nothing to repeat/],
  ['a{2,1}', /out of order/],
  ['[b-a]', /out of order/],
  ['(?=a)', /look-around/],
  ['(?i)a', /look-around and flags/],
  ['(a)\\1', /\\1 is not supported/],
  ['\\bword', /\\b is not supported/],
  ['a++', /possessive/],
  ['a\\', /backslash at the end/],
  ['\\u12', /character code/],
  ['\\p{Nonsense}', /unknown property/],
  ['(a{1,1000}){1,1000}', /repeats too much/],
  ['('.repeat(60) + ')'.repeat(60), /nested too deeply/],
  ['a'.repeat(5_000), /4096 characters/],
];

t.test('what cannot run in linear time is refused with its place', async (t) => {
  for (const [source, message] of REFUSED)
    t.throws(() => compilePattern(source, false), { message }, source.slice(0, 30));
});

const BOMBS: readonly [source: string, text: string][] = [
  ['(a+)+$', `${'a'.repeat(50_000)}!`],
  ['(a|a)*$', `${'a'.repeat(50_000)}!`],
  ['(.*a){20}$', `${'a'.repeat(20_000)}!`],
  ['^(\\s*([0-9a-zA-Z+/=]){4}\\s*)+$', `${'AAAA'.repeat(20_000)}!`],
  ['(x+x+)+y', 'x'.repeat(50_000)],
  ['([a-z]+)*@', 'a'.repeat(50_000)],
  ['(a|b)*a(a|b){14}$', 'ab'.repeat(20_000)],
];

t.test('patterns that hang other engines answer at once', async (t) => {
  for (const [source, text] of BOMBS) {
    const pattern = compilePattern(source, false);
    // Bounded by work, not by a clock: either an answer or an error that says it would take too long.
    try {
      t.type(pattern.test(text), 'boolean', source);
    } catch (error) {
      t.match(error, { name: 'FhirPathError', kind: 'too-costly' }, source);
    }
    try {
      t.type(pattern.replace(text.slice(0, 2_000), 'x', 1_000_000), 'string', source);
    } catch (error) {
      t.match(error, { name: 'FhirPathError', kind: 'too-costly' }, source);
    }
  }
});
