/** Everything that R4 publishes as FHIRPath is compiled: nothing is left to an interpreter or skipped. */
import t from 'tap';
import { readInvariants } from '../../scripts/fhirpath/r4-expressions.ts';
import { loadBuiltDefinitions } from '../../src/definitions/built.ts';
import { loadCoreDefinitions } from '../../src/definitions/registry.ts';
import { createTypeModel } from '../../src/definitions/types.ts';
import { lowerEach, lowerEvaluate, lowerPredicate } from '../../src/fhirpath/lower.ts';

const DEFINITIONS = loadCoreDefinitions();
const MODEL = createTypeModel(DEFINITIONS);

function isJavaScript(
  source: string,
  prelude: readonly { readonly name: string; readonly code: string }[],
): boolean {
  const constants = prelude.map(({ name, code }) => `const ${name} = ${code};`).join('');
  return (
    typeof new Function(
      'rt',
      'k',
      `'use strict';${constants.replaceAll('rt.pattern', 'k')}return ${source}`,
    ) === 'function'
  );
}

t.test('every invariant of R4 becomes a function', async (t) => {
  const invariants = readInvariants(DEFINITIONS, MODEL);
  const distinct = new Set(invariants.map(({ expression }) => expression));
  t.equal(distinct.size, 199, 'distinct expressions');
  const notes = new Set<string>();
  for (const { key, expression, type } of invariants) {
    const lowered = lowerPredicate(expression, type, MODEL);
    if (lowered.kind === 'unsupported') {
      t.fail(`${key} on ${type}: ${lowered.reason} in ${expression}`);
      continue;
    }
    if (!isJavaScript(lowered.source, lowered.prelude)) t.fail(`${key} on ${type} is no function`);
    for (const note of lowered.notes) notes.add(`${key}: ${note}`);
  }
  t.same(
    [...notes].sort(),
    [
      'cid-0: ChargeItemDefinition has no element name',
      'inv-1: Extension has no element code',
      'inv-1: Extension has no element substanceExposureRisk',
      'ras-1: decimal has no element high',
      'ras-1: decimal has no element low',
    ],
    'steps that lead nowhere are those that R4 got wrong',
  );
});

t.test('every invariant of the IOM package becomes a function, and no step of one is misspelt', async (t) => {
  const built = loadBuiltDefinitions();
  const model = createTypeModel(built);
  const invariants = readInvariants(built, model).filter(({ key }) => key.startsWith('mhd-'));
  t.ok(new Set(invariants.map(({ key }) => key)).size >= 44, 'all of the package');
  for (const { key, expression, type } of invariants) {
    const lowered = lowerPredicate(expression, type, model);
    if (lowered.kind === 'unsupported') t.fail(`${key} on ${type}: ${lowered.reason} in ${expression}`);
    else t.same(lowered.notes, [], `${key} on ${type}`);
  }
});

t.test('every search parameter of R4 becomes a function for each of its bases', async (t) => {
  let count = 0;
  let pairs = 0;
  for (const parameter of DEFINITIONS.all('SearchParameter') as Iterable<unknown> as Iterable<{
    code: string;
    base: string[];
    expression?: string;
  }>) {
    count++;
    if (parameter.expression === undefined) continue;
    for (const base of parameter.base) {
      pairs++;
      for (const lower of [lowerEach, lowerEvaluate]) {
        const lowered = lower(parameter.expression, base, MODEL);
        if (lowered.kind === 'unsupported') t.fail(`${parameter.code} on ${base}: ${lowered.reason}`);
        else if (!isJavaScript(lowered.source, lowered.prelude))
          t.fail(`${parameter.code} on ${base} is no function`);
        else if (lowered.notes.length > 0) t.fail(`${parameter.code} on ${base}: ${lowered.notes.join()}`);
        else if (lower === lowerEach && !lowered.source.includes('visit('))
          t.fail(`${parameter.code} on ${base} finds nothing`);
      }
    }
  }
  t.ok(count > 1300, `${count} parameters`);
  t.ok(pairs > 1600, `${pairs} pairs of parameter and base`);
});
