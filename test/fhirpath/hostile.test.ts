/** Expressions and data from outside cannot become code, hang, exhaust memory or crash the process. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { readInvariants, readSearchExpressions } from '../../scripts/fhirpath/r4-expressions.ts';
import { loadCoreDefinitions } from '../../src/definitions/registry.ts';
import { createTypeModel } from '../../src/definitions/types.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { compile, compileExpression } from '../../src/fhirpath/compile.ts';
import { FhirPathError } from '../../src/fhirpath/failure.ts';
import { lowerEach, lowerEvaluate, lowerPredicate } from '../../src/fhirpath/lower.ts';

const DEFINITIONS = loadCoreDefinitions();
const MODEL = createTypeModel(DEFINITIONS);

function contextOf(resource: Resource) {
  return { model: MODEL, resource, rootResource: resource, now: 0 };
}

/** A bundle of a few thousand nodes. */
const LARGE = {
  resourceType: 'Bundle',
  entry: Array.from({ length: 200 }, (_, i) => ({
    fullUrl: `urn:${i}`,
    resource: {
      resourceType: 'Observation',
      id: `o${i}`,
      code: { coding: [{ system: 'urn:s', code: String(i) }] },
      effectiveDateTime: `2026-01-01T10:00:${String(i % 60).padStart(2, '0')}+0${i % 9}:00`,
      valueQuantity: { value: i, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' },
    },
  })),
} satisfies Resource;

const COSTLY: readonly string[] = [
  'descendants().where(%resource.descendants().exclude($this).descendants().exists()).count() > 0',
  'descendants().where(descendants().where(descendants().where(descendants().where($this is Quantity).exists()).exists()).exists()).exists()',
  'entry.all(%resource.entry.all(%resource.entry.all(%resource.entry.exists())))',
  'entry.where(%resource.entry.skip($index).where(%resource.entry.skip($index).exists()).count() > 0).exists()',
  '(1).repeat($this + 1).count()',
  "('a').repeat($this & 'a').count()",
  `(${Array.from({ length: 60 }, (_, i) => i).join(' | ')}).aggregate($total.combine($total), 1).count()`,
  `(${Array.from({ length: 60 }, (_, i) => i).join(' | ')}).aggregate($total & $total, 'a').length()`,
  `('a')${".replace('a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')".repeat(8)}.length()`,
  `('a')${".replace('', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')".repeat(8)}.length()`,
  `('a')${".encode('hex')".repeat(60)}.length()`,
  `('a')${".replaceMatches('a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')".repeat(8)}.length()`,
  "('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!').matches('(a+)+$')",
  "descendants().select(id.replace('', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa').replace('', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa').replace('a', 'aaaaaaaaaa')).count()",
  "descendants().select((%resource.descendants().id.first() & id).replaceMatches('', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')).count()",
  "descendants().where(url.matches('(a|b|:)*a(a|b|:|[0-9]){12}$')).count()",
  'descendants().where(%resource.descendants().union($this).exists()).count()',
  'descendants().where((%resource.descendants() | $this).isDistinct()).count()',
  'repeat(entry | $this).count()',
  'repeat(repeat(repeat(descendants()))).count()',
  'entry.resource.repeat($this).repeat($this).count()',
  'descendants().distinct().count()',
  'descendants().select(%resource.descendants()).count()',
  'entry.resource.value.union(%resource.entry.resource.value).count()',
  'entry.resource.effective.distinct().count()',
];

t.test('what costs too much is stopped with an error as data', async (t) => {
  for (const expression of COSTLY) {
    const compilation = compile(expression, 'Bundle', MODEL);
    if (compilation.kind === 'fault') {
      t.fail(`${expression}: ${compilation.fault.message}`);
      continue;
    }
    try {
      compilation.compiled.evaluate(LARGE, contextOf(LARGE));
      t.pass(expression);
    } catch (error) {
      t.ok(error instanceof FhirPathError, `${expression.slice(0, 80)}: ${(error as Error).message}`);
    }
  }
});

t.test('the bound on steps stops at its edge', async (t) => {
  const inner = (count: number): string =>
    `entry.take(${count}).all(%resource.entry.all(%resource.entry.skip(199).exists()))`;
  t.equal(
    compileExpression(inner(200), 'Bundle', MODEL).test(LARGE, contextOf(LARGE)),
    true,
    'closed parts are evaluated once',
  );
  const steps = (count: number): unknown =>
    compileExpression(`(0).repeat(iif($this < ${count}, $this + 1, {})).count()`, 'Bundle', MODEL).evaluate(
      LARGE,
      contextOf(LARGE),
    )[0]?.value;
  t.equal(steps(50_000), 50_000);
  t.throws(() => steps(200_000), { name: 'FhirPathError', message: /too many/ });
});

const DEEP = ((): Resource => {
  let extension: Record<string, unknown> = { url: 'x', valueString: 'leaf' };
  for (let i = 0; i < 20_000; i++) extension = { url: 'x', extension: [extension] };
  return { resourceType: 'Patient', extension: [extension] } as unknown as Resource;
})();

t.test('deep data does not exhaust the stack', async (t) => {
  for (const expression of [
    'descendants().count() > 0',
    'repeat(extension).count() > 0',
    'descendants().url.isDistinct()',
    'extension = extension',
    'extension.distinct().exists()',
    'extension ~ %resource.extension',
    'children().extension.exists()',
  ]) {
    const compiled = compileExpression(expression, 'Patient', MODEL);
    const other = structuredClone({ ...DEEP, extension: [{ url: 'y' }] });
    try {
      t.type(compiled.test(DEEP, { ...contextOf(DEEP), resource: other }), 'boolean', expression);
    } catch (error) {
      t.ok(error instanceof FhirPathError, `${expression}: ${(error as Error).message}`);
    }
  }
});

t.test('nested expressions make code of bounded size', async (t) => {
  const nest = (depth: number, part: (inner: string) => string, leaf: string): string => {
    let text = leaf;
    for (let i = 0; i < depth; i++) text = part(text);
    return text;
  };
  const shapes: readonly [name: string, expression: string][] = [
    [
      'combine',
      nest(25, (inner) => `extension.combine(modifierExtension.extension).select(${inner})`, 'url'),
    ],
    ['union', nest(25, (inner) => `(extension | modifierExtension).where(${inner})`, 'url.exists()')],
    ['iif', nest(25, (inner) => `iif(${inner}, active, deceased.exists())`, 'active')],
    ['iif of a collection', nest(25, (inner) => `extension.iif(${inner}, first(), last())`, 'count() > 1')],
    ['xor', nest(50, (inner) => `(${inner} xor active)`, 'active')],
    ['implies', nest(50, (inner) => `(${inner} implies (active = true))`, 'active')],
    ['choice', `Patient${'.extension.value.extension'.repeat(20)}`],
    ['repeat', nest(20, (inner) => `repeat(${inner})`, 'extension')],
    ['aggregate', nest(20, (inner) => `name.aggregate(${inner})`, '$total | $this')],
  ];
  for (const [name, expression] of shapes) {
    for (const lower of [lowerPredicate, lowerEach, lowerEvaluate]) {
      const lowered = lower(expression, 'Patient', MODEL);
      const size = lowered.kind === 'code' ? lowered.source.length : 0;
      t.equal(lowered.kind, 'code', `${name}: ${lowered.kind === 'unsupported' ? lowered.reason : ''}`);
      t.ok(size < 300_000, `${name}: ${size} characters for ${expression.length}`);
    }
  }
});

/** Pieces that would do harm if they reached the code as they are. */
const PIECES = fc.constantFrom(
  "'",
  '`',
  '"',
  '\\',
  '\\n',
  '$' + '{x}',
  '*/',
  '//',
  '\u2028',
  '</script>',
  '];process.exit(1);[',
  '){throw 1}(',
  'constructor',
  '__proto__',
  'toString',
  'name',
  'extension',
  'value',
  '%resource',
  '%`x',
  '$this',
  '.',
  '(',
  ')',
  ' | ',
  ' = ',
  'where(',
  'ofType(`a;b`)',
  "matches('",
  '1',
);

t.test('no expression becomes code of its own', async (t) => {
  const global_ = globalThis as { harmed?: boolean };
  fc.assert(
    fc.property(fc.array(PIECES, { minLength: 1, maxLength: 12 }), (pieces) => {
      for (const expression of [
        pieces.join(''),
        `name.where(family = '${pieces.join('').replaceAll(/['\\]/g, '\\$&')}')`,
        `name.\`${pieces.join('').replaceAll(/[`\\]/g, '\\$&')}\``,
      ]) {
        const compilation = compile(expression, 'Patient', MODEL);
        if (compilation.kind === 'fault') continue;
        try {
          compilation.compiled.evaluate(
            { resourceType: 'Patient', name: [{ family: 'x' }] },
            contextOf({ resourceType: 'Patient' }),
          );
        } catch (error) {
          if (!(error instanceof FhirPathError)) throw error;
        }
      }
      return global_.harmed === undefined;
    }),
    { numRuns: 1_500, seed: 20_260_304 },
  );
  t.pass('1,500 texts, seed 20260304');
});

const JUNK: readonly unknown[] = [
  null,
  '',
  5,
  -1.5,
  true,
  [],
  {},
  'x',
  [null],
  [[]],
  { a: 1 },
  '2020-13-45',
  '#',
  { resourceType: 5 },
  { resourceType: 'Nope' },
  [{ resourceType: 'Patient' }],
  1e300,
  { reference: 5 },
  { value: 'x', code: 5 },
  { length: 5 },
  { length: -1 },
  [1, 'a', null, {}],
];
const ODD_NAMES = [
  'value',
  'extension',
  'constructor',
  'length',
  'name',
  'valueQuantity',
  'valueString',
  'id',
  'repeat',
];

t.test('data of any shape gives a result or an error as data', async (t) => {
  let seed = 20_260_305;
  const random = (): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return seed / 0x7fffffff;
  };
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const mutate = (value: unknown): unknown => {
    if (random() < 0.06) return pick(JUNK);
    if (Array.isArray(value)) return value.map(mutate);
    if (typeof value !== 'object' || value === null) return value;
    const copy: Record<string, unknown> = {};
    for (const [key, one] of Object.entries(value)) {
      if (random() < 0.02) continue;
      copy[key] = mutate(one);
      if (random() < 0.03) copy[`_${key}`] = pick(JUNK);
      if (random() < 0.02) copy[pick(ODD_NAMES)] = pick(JUNK);
    }
    return copy;
  };
  const expressions = new Map<string, Set<string>>();
  const add = (type: string, expression: string): void => {
    expressions.set(type, (expressions.get(type) ?? new Set()).add(expression));
  };
  for (const { expression, type } of readInvariants(DEFINITIONS, MODEL)) add(type, expression);
  for (const { expression, base } of readSearchExpressions(DEFINITIONS)) add(base, expression);
  let count = 0;
  const run = (node: unknown, type: string, extra: unknown, resource: Resource): void => {
    for (const expression of expressions.get(type) ?? []) {
      count++;
      const compiled = compileExpression(expression, type, MODEL);
      for (const how of ['test', 'evaluate'] as const) {
        try {
          compiled[how](node, contextOf(resource), extra);
        } catch (error) {
          if (error instanceof FhirPathError) continue;
          t.fail(`${type}: ${expression} on ${JSON.stringify(node)}: ${(error as Error).stack}`);
        }
      }
    }
  };
  const visit = (node: unknown, type: string, extra: unknown, resource: Resource): void => {
    run(node, type, extra, resource);
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
    for (const [key, value] of Object.entries(node)) {
      const child = MODEL.type(type)?.byProperty.get(key)?.type;
      if (child === undefined || child === 'Resource') continue;
      const twin: unknown = (node as Record<string, unknown>)[`_${key}`];
      if (!Array.isArray(value)) visit(value, child, twin, resource);
      else
        for (const [i, one] of value.entries())
          visit(one, child, Array.isArray(twin) ? twin[i] : undefined, resource);
    }
  };
  const folder = join(import.meta.dirname, '..', '..', 'node_modules', 'hl7.fhir.r4.examples');
  const files = readdirSync(folder)
    .filter((name) => /^[A-Z].*\.json$/.test(name))
    .sort();
  for (let i = 3; i < files.length; i += 197) {
    const text = readFileSync(join(folder, files[i]!), 'utf8');
    if (text.length > 40_000) continue;
    const original = JSON.parse(text) as Resource;
    const mutated = mutate(original);
    if (typeof mutated !== 'object' || mutated === null || Array.isArray(mutated)) continue;
    visit(mutated, original.resourceType, undefined, mutated as Resource);
    for (const base of ['Resource', 'DomainResource']) run(mutated, base, undefined, mutated as Resource);
  }
  t.ok(count > 1_500, `${count} evaluations, seed 20260305`);
});
