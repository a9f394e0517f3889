/** Resources to postings: promises that hold for every resource, the examples of R4 and hostile ones alike. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import type { Resource } from '../../src/fhir/types.ts';
import { compileExpression } from '../../src/fhirpath/compile.ts';
import { createExtractor } from '../../src/search/extract.ts';
import { createSearchParameters } from '../../src/search/parameters.ts';
import { valuesAt } from '../../src/search/path-values.ts';
import { NO_DATE, type Postings } from '../../src/search/postings.ts';
import { referencedType } from '../../src/search/reference-forms.ts';
import { hashParam } from '../../src/search/term-hash.ts';
import { BASE, definitions, extract, model, parameters } from './world.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'node_modules', 'hl7.fhir.r4.examples');
/** Larger examples are conformance resources, of which the smaller ones say as much. */
const EXAMPLE_BYTES_MAX = 20_000;
/** Every how manyth example is read. */
const STRIDE = 4;

function* examples(): Iterable<Resource> {
  const files = readdirSync(EXAMPLES).filter((file) => /^[A-Z].*\.json$/.test(file));
  for (let at = 0; at < files.length; at += STRIDE) {
    const text = readFileSync(join(EXAMPLES, files[at] as string), 'utf8');
    if (text.length > EXAMPLE_BYTES_MAX) continue;
    const resource = JSON.parse(text) as Resource;
    if (definitions.isResourceType(resource.resourceType)) yield resource;
  }
}

/** What engines rely on; the first promise that does not hold. */
function brokenPromise({ date, terms, texts, dates, numbers, present }: Postings): string | undefined {
  const isKey = (k: number): boolean => Number.isInteger(k) && k >= 0 && k < 2 ** 31;
  const isHash = (h: number): boolean => Number.isInteger(h) && h >= 0 && h < 2 ** 52;
  if (!Number.isSafeInteger(date) || date < NO_DATE || date > -NO_DATE) return `date ${date}`;
  for (const { k, h } of terms) if (!isKey(k) || !isHash(h)) return `term ${k} ${h}`;
  for (const { k, text } of texts)
    if (!isKey(k) || text.split('\u0000').length < 2) return `text ${k} ${text}`;
  for (const { k, lo, hi } of dates)
    if (!isKey(k) || !(lo < hi) || !Number.isInteger(lo)) return `date ${k} ${lo} ${hi}`;
  const near = hashParam('Location', 'near');
  for (const { k, u, lo, hi } of numbers) {
    if (!isKey(k) || !isHash(u) || Number.isNaN(lo) || (k !== near && !(lo < hi)))
      return `number ${k} ${u} ${lo} ${hi}`;
  }
  if (present.some((k, at) => !isKey(k) || (at > 0 && k <= (present[at - 1] as number)))) return 'present';
  for (const list of [terms, texts, dates, numbers]) {
    if (new Set(list.map((one) => JSON.stringify(one))).size !== list.length) return 'a repeat';
  }
  return undefined;
}

function checkPromise(t: Test, resource: Resource): void {
  const broken = brokenPromise(extract(resource));
  if (broken !== undefined) t.fail(`${resource.resourceType}/${resource.id}: ${broken}`);
}

t.test('every parameter of R4 can be used, and the keys of a type are all different', async (t) => {
  t.same(parameters.problems(), []);
  let count = 0;
  for (const type of definitions.resourceTypes) {
    const keys = parameters.of(type).map(({ k }) => k);
    t.equal(new Set(keys).size, keys.length, type);
    count += keys.length;
  }
  t.ok(count > 2_800, `${count} parameters`);
});

t.test(
  'paths find in the examples of R4 what their FHIRPath finds, and postings keep their promises',
  async (t) => {
    let values = 0;
    for (const resource of examples()) {
      checkPromise(t, resource);
      const resolve = (reference: string): Resource | undefined => {
        const contained = (resource.contained ?? []) as Resource[];
        if (reference.startsWith('#')) return contained.find(({ id }) => id === reference.slice(1));
        const resourceType = referencedType(reference);
        return resourceType === undefined ? undefined : { resourceType };
      };
      const setting = { resource, rootResource: resource, now: 0, resolve };
      for (const { paths, expression } of parameters.of(resource.resourceType)) {
        if (paths.length === 0) continue;
        const nodes = compileExpression(expression, resource.resourceType, model).evaluate(resource, setting);
        const expected = nodes.map(({ value }) => JSON.stringify(value)).filter((one) => one !== undefined);
        const found = paths.flatMap((path) => valuesAt(path, resource)).map((value) => JSON.stringify(value));
        values += found.length;
        const [a, b] = [new Set(expected), new Set(found)];
        const same = a.size === b.size && [...a].every((one) => b.has(one));
        // FHIRPath holds quantities equal that differ in their comparator only
        const differs = !same && !expression.includes('Quantity');
        if (differs) t.same([...b], [...a], `${resource.resourceType}/${resource.id} ${expression}`);
      }
    }
    t.ok(values > 10_000, `${values} values`);
  },
);

t.test('whatever JSON comes, postings keep their promises', async (t) => {
  const types = [
    'Patient',
    'Observation',
    'Location',
    'Bundle',
    'MolecularSequence',
    'DocumentReference',
    'Timing',
  ];
  const names = new Set<string>();
  for (const type of types) {
    for (const { paths } of parameters.of(type)) {
      for (const { steps } of paths)
        for (const step of steps) if (step.kind === 'property') names.add(step.json);
    }
  }
  for (const name of [
    'coding',
    'system',
    'value',
    'code',
    'display',
    'text',
    'reference',
    'identifier',
    'start',
    'end',
    'low',
    'high',
    'contained',
    'div',
  ]) {
    names.add(name);
  }
  const { node } = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(
        null,
        true,
        0,
        -1.5,
        1e308,
        '',
        'x',
        '2024',
        '2024-13',
        'Patient/1',
        '#a',
        'a|b',
        '\u0000',
        '\ud800',
      ),
      fc.dictionary(fc.constantFrom(...names), tie('node'), { maxKeys: 8, noNullPrototype: true }),
      fc.array(tie('node'), { maxLength: 3 }),
    ),
  }));
  const seed = Number(process.env.SEARCH_SEED ?? Math.floor(Math.random() * 1e9));
  fc.assert(
    fc.property(
      fc.constantFrom(...types),
      fc.dictionary(fc.constantFrom(...names), node, { maxKeys: 12, noNullPrototype: true }),
      (type, members) => {
        return brokenPromise(extract({ ...members, resourceType: type } as Resource)) === undefined;
      },
    ),
    { numRuns: 1500, seed },
  );
  t.pass(`seed ${seed}`);
});

t.test('a resource that is made to be costly is bounded', async (t) => {
  const long = 'word '.repeat(200_000);
  const many = Array.from({ length: 3_000 }, (_, at) => ({
    system: 'urn:s',
    code: `c${at}`,
    display: `d${at}`,
  }));
  const hostile: readonly Resource[] = [
    {
      resourceType: 'Patient',
      id: 'a',
      name: [{ text: long }],
      text: { div: `<div>${'<'.repeat(200_000)}</div>` },
    },
    { resourceType: 'Observation', id: 'b', code: { coding: many }, valueCodeableConcept: { coding: many } },
    {
      resourceType: 'Observation',
      id: 'c',
      code: { coding: many },
      component: many.map((coding) => ({ code: { coding: [coding] }, valueQuantity: { value: 1 } })),
    },
    {
      resourceType: 'MedicationRequest',
      id: 'd',
      contained: many.map(({ code }) => ({ resourceType: 'Medication', id: code })),
    },
    {
      resourceType: 'Patient',
      id: 'e',
      text: { div: Array.from({ length: 50_000 }, (_, at) => `w${at}`).join(' ') },
    },
  ];
  for (const resource of hostile) {
    const { terms, texts, numbers } = extract(resource);
    t.ok(terms.length + numbers.length < 20_000, `${terms.length} terms, ${numbers.length} numbers`);
    t.ok(texts.every(({ text }) => text.length < 2_200));
    t.equal(brokenPromise(extract(resource)), undefined);
  }
});

t.test('a parameter that is still being indexed is written and not asked for', async (t) => {
  const pending = createSearchParameters(definitions, model, {
    pendingOf: (type) => new Set(type === 'Observation' ? ['value-concept'] : []),
  });
  const parameter = pending.find('Observation', 'value-concept');
  t.equal(parameter?.pending, true);
  const combo = pending.find('Observation', 'combo-value-concept');
  t.equal(combo?.pending, true, 'nor is what it answers');
  t.equal(pending.find('#Observation', 'value-concept')?.pending, true, 'nor in what others contain');
  t.equal(pending.find('Observation', 'code')?.pending, false);
  const write = createExtractor(pending, { base: BASE, timeZone: 'UTC', fullText: false });
  const { terms } = write({ resourceType: 'Observation', valueCodeableConcept: { coding: [{ code: 'x' }] } });
  t.same(
    terms.map(({ k }) => k),
    [parameter?.k],
    'all is written as it will be',
  );
});

t.test('faulty SearchParameters are refused with the reason', async (t) => {
  const base = {
    resourceType: 'SearchParameter',
    status: 'active',
    name: 'x',
    description: 'x',
    type: 'token',
  };
  const faulty = [
    { ...base, url: 'urn:1', code: 'one', base: ['Patient'] },
    { ...base, url: 'urn:2', code: 'name', base: ['Patient'], expression: 'Patient.name' },
    { ...base, url: 'urn:3', code: 'three', base: ['Patient'], expression: 'Patient.shoe' },
    { ...base, url: 'urn:4', code: 'four', base: ['Patient'], expression: 'Encounter.status' },
    { ...base, url: 'urn:5', code: 'five', base: ['Patient'], expression: 'Patient.name.where(' },
    {
      ...base,
      url: 'urn:6',
      code: 'six',
      base: ['Patient'],
      type: 'composite',
      expression: 'Patient',
      component: [],
    },
  ];
  const own = { ...definitions, searchParameters: () => faulty } as unknown as typeof definitions;
  const { problems } = createSearchParameters(
    { ...own, resourceTypes: ['Patient'], isResourceType: (type) => type === 'Patient' },
    model,
  );
  t.same(
    problems().map(({ url, reason }) => `${url} ${reason}`),
    [
      'urn:1 Patient.one: it has no expression',
      'urn:3 Patient.three: its expression is no plain path',
      'urn:4 Patient.four: its expression selects nothing of Patient',
      'urn:5 Patient.five: its expression is no plain path',
      'urn:6 Patient.six: a composite needs two components',
    ],
  );
});
