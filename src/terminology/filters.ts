/**
 * The filters of a value set: which codes of a code system they choose.
 * https://hl7.org/fhir/R4/valueset-filter-operator.html
 */
import type { ValueSetComposeIncludeFilter } from '@medplum/fhirtypes';
import type { CodeSystemIndex, Concept } from './code-system.ts';
import { compileRegex } from './regex.ts';

/** The codes that every filter lets through; undefined when one cannot be carried out. */
export function filterCodes(
  system: CodeSystemIndex,
  filters: readonly ValueSetComposeIncludeFilter[],
): ReadonlySet<string> | undefined {
  const tests: ((concept: Concept) => boolean)[] = [];
  for (const filter of filters) {
    const test = compileFilter(system, filter);
    if (test === undefined) return undefined;
    tests.push(test);
  }
  const codes = new Set<string>();
  for (const concept of system.concepts.values()) {
    if (tests.every((test) => test(concept))) codes.add(concept.code);
  }
  return codes;
}

function compileFilter(
  system: CodeSystemIndex,
  { property, op, value }: ValueSetComposeIncludeFilter,
): ((concept: Concept) => boolean) | undefined {
  if (property === undefined || value === undefined) return undefined;
  const code = system.find(value)?.code ?? value;
  switch (op) {
    case 'is-a': {
      const below = system.closure(code, 'down');
      return (concept) => below.has(concept.code);
    }
    case 'descendent-of': {
      const below = system.closure(code, 'down');
      return (concept) => concept.code !== code && below.has(concept.code);
    }
    case 'is-not-a': {
      const below = system.closure(code, 'down');
      return (concept) => !below.has(concept.code);
    }
    case 'generalizes': {
      const above = system.closure(code, 'up');
      return (concept) => above.has(concept.code);
    }
    case '=':
      return (concept) => valuesOf(concept, property).includes(value);
    case 'in':
    case 'not-in': {
      const listed = new Set(value.split(',').map((one) => one.trim()));
      return (concept) => valuesOf(concept, property).some((one) => listed.has(one)) === (op === 'in');
    }
    case 'regex': {
      const matches = compileRegex(value);
      return matches && ((concept) => valuesOf(concept, property).some(matches));
    }
    case 'exists':
      return (concept) => valuesOf(concept, property).length > 0 === (value !== 'false');
    default:
      return undefined;
  }
}

/** `concept` and `code` name the code itself; the hierarchy counts as a property too. */
function valuesOf(concept: Concept, property: string): readonly string[] {
  switch (property) {
    case 'concept':
    case 'code':
      return [concept.code];
    case 'display':
      return concept.display === undefined ? [] : [concept.display];
    case 'parent':
      return [...concept.parents];
    case 'child':
      return [...concept.children];
    case 'inactive':
      return [String(concept.isInactive)];
    case 'notSelectable':
    case 'abstract':
      return [String(concept.isAbstract)];
  }
  const values: string[] = [];
  for (const { code, ...value } of concept.properties) {
    if (code !== property) continue;
    const plain =
      value.valueCode ??
      value.valueString ??
      value.valueCoding?.code ??
      value.valueBoolean ??
      value.valueInteger ??
      value.valueDecimal ??
      value.valueDateTime;
    if (plain !== undefined) values.push(String(plain));
  }
  return values;
}
