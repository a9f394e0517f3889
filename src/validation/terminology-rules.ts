/**
 * CodeSystem, ValueSet and ConceptMap as terminology: what they say of themselves must be true, and codes that
 * they take from loaded systems must exist.
 * https://hl7.org/fhir/R4/codesystem.html, https://hl7.org/fhir/R4/valueset.html
 */
import type { Resource } from '../fhir/types.ts';
import { snomedFault } from '../terminology/check-digits.ts';
import { eclFault } from '../terminology/ecl.ts';
import type { CompiledValueSet } from '../terminology/terminology.ts';
import type { Collector } from './collector.ts';
import { isObject, type Json } from './items.ts';
import type { Segment } from './path.ts';
import { list, show } from './suggestion.ts';

/** Concepts looked at in one resource: past this, the rest is taken on trust. */
const CONCEPTS_MAX = 200_000;

export function checkCodeSystem(resource: Resource, c: Collector): void {
  const concepts = Array.isArray(resource.concept) ? resource.concept : [];
  if (resource.content === 'not-present' && concepts.length > 0) {
    const text = 'content says that no concepts are present, but there are some.';
    c.report('definition-rule', text, { at: ['concept', 0] });
  }
  if (resource.content === 'supplement' && resource.supplements === undefined) {
    const text = 'A supplement says in supplements which code system it adds to.';
    c.report('definition-rule', text, { subject: 'supplements' });
  }
  if (typeof resource.supplements === 'string' && resource.content !== 'supplement') {
    const text = 'A code system that supplements another one has the content supplement.';
    c.report('definition-rule', text, { at: 'content' });
  }
  const declared = new Map(declaredProperties(resource));
  const seen = new Set<string>();
  const relatives: Relative[] = [];
  let doubled: string | undefined;
  const open: { concept: Json; at: Segment[] }[] = concepts
    .map((concept, i) => ({ concept, at: ['concept', i] as Segment[] }))
    .filter((one) => isObject(one.concept))
    .reverse();
  for (let one = open.pop(), left = CONCEPTS_MAX; one !== undefined && left > 0; one = open.pop(), left--) {
    const { concept, at } = one;
    if (typeof concept.code === 'string') {
      checkSupplemented(resource.supplements, concept.code, at, c);
      if (seen.has(concept.code)) doubled ??= concept.code;
      seen.add(concept.code);
    }
    if (declared.size > 0 || Array.isArray(concept.property)) checkProperties(concept, declared, at, c);
    if (c.strict) collectRelatives(concept, at, relatives);
    const children = Array.isArray(concept.concept) ? concept.concept : [];
    for (let i = children.length - 1; i >= 0; i--) {
      if (isObject(children[i])) open.push({ concept: children[i], at: [...at, 'concept', i] });
    }
  }
  if (doubled !== undefined) {
    const text = `Within a code system, each code occurs once; ${show(doubled)} occurs again.`;
    const source = 'http://hl7.org/fhir/StructureDefinition/CodeSystem';
    c.report('invariant-failed', text, { constraint: 'csd-1', source });
  }
  if (resource.content === 'complete') checkRelatives(relatives, seen, c);
  if (c.strict) checkAllCodes(resource, c);
  if (resource.content === 'complete' && typeof resource.count === 'number' && resource.count !== seen.size) {
    const text = `count says ${resource.count}, found ${seen.size} concepts.`;
    c.report('definition-rule', text, { at: 'count', severity: c.strict ? 'error' : 'warning' });
  }
}

interface Relative {
  readonly code: string;
  readonly at: readonly Segment[];
}

function collectRelatives(concept: Json, at: readonly Segment[], into: Relative[]): void {
  if (!Array.isArray(concept.property)) return;
  concept.property.forEach((property, i) => {
    if (!isObject(property) || (property.code !== 'parent' && property.code !== 'child')) return;
    if (typeof property.valueCode === 'string')
      into.push({ code: property.valueCode, at: [...at, 'property', i, 'value.ofType(code)'] });
  });
}

/** Parents and children are concepts of the same code system. */
function checkRelatives(relatives: readonly Relative[], codes: ReadonlySet<string>, c: Collector): void {
  for (const { code, at } of relatives) {
    if (codes.has(code)) continue;
    c.report('code-unknown', `${show(code)} is not a code of this code system.`, { at });
  }
}

/** The value set of all codes, where it is loaded, has those of this code system and no others. */
function checkAllCodes({ valueSet, url }: Resource, c: Collector): void {
  const found = typeof valueSet === 'string' ? c.env.resource(valueSet) : undefined;
  if (found?.resourceType !== 'ValueSet' || !isObject(found.compose)) return;
  const { include } = found.compose;
  const systems = Array.isArray(include) ? include.filter(isObject).map(({ system }) => system) : [];
  if (systems.includes(url)) return;
  const text = `The value set ${show(valueSet)} has codes of ${list(systems.map(show))}, not those of this code system.`;
  c.report('definition-rule', text, { at: 'valueSet' });
}

/** A supplement speaks of concepts of its code system only. */
function checkSupplemented(base: unknown, code: string, at: readonly Segment[], c: Collector): void {
  if (typeof base !== 'string' || c.env.codeExists(base.split('|', 1)[0] as string, code) !== 'no') return;
  const text = `${show(code)} is not a code of ${base}, which is supplemented here.`;
  c.report('code-unknown', text, { at: [...at, 'code'] });
}

/** Properties that R4 defines for every code system. */
const COMMON_PROPERTIES: readonly (readonly [string, string])[] = [
  ['inactive', 'boolean'],
  ['deprecated', 'dateTime'],
  ['notSelectable', 'boolean'],
  ['parent', 'code'],
  ['child', 'code'],
  ['status', 'code'],
  ['retirementDate', 'dateTime'],
  ['deprecationDate', 'dateTime'],
  ['comment', 'string'],
];

function declaredProperties(resource: Resource): [string, string][] {
  const own = Array.isArray(resource.property) ? resource.property.filter(isObject) : [];
  return [
    ...(COMMON_PROPERTIES as [string, string][]),
    ...own.map((one): [string, string] => [String(one.code), String(one.type)]),
  ];
}

function checkProperties(
  concept: Json,
  declared: ReadonlyMap<string, string>,
  at: readonly Segment[],
  c: Collector,
): void {
  if (!Array.isArray(concept.property)) return;
  concept.property.forEach((property, i) => {
    if (!isObject(property) || typeof property.code !== 'string') return;
    const place = [...at, 'property', i];
    const type = declared.get(property.code);
    if (type === undefined) {
      const text = `The property ${show(property.code)} is not declared by the code system.`;
      c.report('definition-rule', text, { at: place, severity: 'warning', subject: 'property' });
      return;
    }
    const key = Object.keys(property).find((name) => name.startsWith('value'));
    const found = key === undefined ? type : key.slice(5);
    if (found.toLowerCase() === type.toLowerCase()) return;
    const text = `The property ${show(property.code)} is declared as ${type}, found ${found}.`;
    c.report('definition-rule', text, { at: place, subject: 'property' });
  });
}

export function checkValueSet(resource: Resource, c: Collector): void {
  const compose = resource.compose;
  if (!isObject(compose)) return;
  for (const part of ['include', 'exclude']) {
    const list = Array.isArray(compose[part]) ? compose[part] : [];
    list.forEach((include, i) => {
      if (isObject(include)) checkInclude(include, ['compose', part, i], c);
    });
  }
}

function checkInclude(include: Json, at: readonly Segment[], c: Collector): void {
  const { system } = include;
  if (typeof system !== 'string') return;
  if (!system.includes(':')) {
    const text = `The system must be an absolute URI, not ${show(system)}. A contained code system is named by its url.`;
    c.report('definition-rule', text, { at, subject: 'system' });
    return;
  }
  if (c.strict && system === SNOMED) checkSnomedInclude(include, at, c);
  const index = c.env.codeSystem(system);
  if (index === undefined) {
    if (c.env.valueSet(system) !== undefined) {
      const text = `${show(system)} is a value set: name it in valueSet, or the code system in system.`;
      c.report('definition-rule', text, { at, subject: 'system' });
    }
    return;
  }
  if (Array.isArray(include.filter)) {
    const types = propertyTypes(system, c);
    include.filter.forEach((filter, i) => {
      if (isObject(filter)) checkFilter(filter, system, types, [...at, 'filter', i], c);
    });
  }
  const concepts = Array.isArray(include.concept) ? include.concept : [];
  concepts.slice(0, CONCEPTS_MAX).forEach((concept, i) => {
    if (!isObject(concept) || typeof concept.code !== 'string') return;
    if (c.env.codeExists(system, concept.code) !== 'no') return;
    const text = `${show(concept.code)} is not a code of ${system}.`;
    c.report('code-unknown', text, {
      at: [...at, 'concept', i, 'code'],
      severity: c.strict ? 'error' : 'warning',
    });
  });
}

const SNOMED = 'http://snomed.info/sct';

/** Without SNOMED CT itself its identifiers and its constraint language can still be read. */
function checkSnomedInclude(include: Json, at: readonly Segment[], c: Collector): void {
  const listed = Array.isArray(include.concept) ? include.concept : [];
  listed.slice(0, CONCEPTS_MAX).forEach((concept, i) => {
    if (!isObject(concept) || typeof concept.code !== 'string') return;
    const fault = snomedFault(concept.code);
    if (fault === undefined) return;
    const text = `${show(concept.code)} cannot be a code of ${SNOMED}: its ${fault === 'form' ? 'form' : 'check digit'} is wrong.`;
    const severity = fault === 'form' ? 'error' : 'warning';
    c.report('code-unknown', text, { at: [...at, 'concept', i, 'code'], severity });
  });
  const filters = Array.isArray(include.filter) ? include.filter : [];
  filters.forEach((filter, i) => {
    if (!isObject(filter) || typeof filter.value !== 'string') return;
    const report = (text: string): void =>
      c.report('definition-rule', text, { at: [...at, 'filter', i], subject: 'value' });
    if (filter.property === 'concept' && HIERARCHY.has(filter.op)) {
      if (snomedFault(filter.value) === 'form') report(`${show(filter.value)} is not a code of ${SNOMED}.`);
    } else if (filter.property === 'constraint' || filter.property === 'expression') {
      const fault = eclFault(filter.value);
      if (fault !== undefined) report(`This is not an expression of ECL from character ${fault.at + 1} on.`);
    }
  });
}

function propertyTypes(system: string, c: Collector): ReadonlyMap<string, string> {
  const resource = c.env.resource(system);
  return new Map(resource?.resourceType === 'CodeSystem' ? declaredProperties(resource) : COMMON_PROPERTIES);
}

const HIERARCHY: ReadonlySet<unknown> = new Set(['is-a', 'descendent-of', 'is-not-a', 'generalizes']);

/** The value of a filter is one that the property can have. */
function checkFilter(
  { property, op, value }: Json,
  system: string,
  types: ReadonlyMap<string, string>,
  at: readonly Segment[],
  c: Collector,
): void {
  if (typeof property !== 'string' || typeof value !== 'string') return;
  const report = (text: string): void => c.report('definition-rule', text, { at, subject: 'value' });
  const type = types.get(property);
  const isTruth = value === 'true' || value === 'false';
  if (op === 'regex') {
    if (c.strict && c.env.matches('', value) === undefined)
      report(`${show(value)} is no regular expression.`);
  } else if (op === 'exists') {
    if (!isTruth) report(`The filter exists takes true or false, not ${show(value)}.`);
  } else if (HIERARCHY.has(op) || (op === '=' && CODE_PROPERTIES.has(property))) {
    if (c.env.codeExists(system, value) === 'no') report(`${show(value)} is not a code of ${system}.`);
  } else if (op !== '=') return;
  else if (type === 'boolean' && !isTruth) {
    report(`The property ${show(property)} is true or false, never ${show(value)}.`);
  } else if (type === 'Coding') checkCodingValue(value, property, report, c);
}

const CODE_PROPERTIES: ReadonlySet<string> = new Set(['concept', 'code', 'parent', 'child']);

function checkCodingValue(
  value: string,
  property: string,
  report: (text: string) => void,
  c: Collector,
): void {
  const [system = '', code] = value.split('#');
  if (code === undefined) {
    report(`The property ${show(property)} is a Coding, written as system#code, not ${show(value)}.`);
  } else if (c.env.codeExists(system.split('|', 1)[0] as string, code) === 'no') {
    report(`${show(code)} is not a code of ${system}.`);
  }
}

export function checkConceptMap(resource: Resource, c: Collector): void {
  const groups = Array.isArray(resource.group) ? resource.group : [];
  groups.forEach((group, i) => {
    if (!isObject(group) || !Array.isArray(group.element)) return;
    const { source, target } = group;
    const from = mappedSet(resource, c);
    group.element.forEach((element, j) => {
      if (!isObject(element)) return;
      const at: Segment[] = ['group', i, 'element', j];
      checkMapped(source, element.code, at, c);
      if (from !== undefined && typeof source === 'string' && typeof element.code === 'string') {
        if (from.contains(source, element.code) === 'no') {
          const text = `${show(element.code)} is not in the value set ${from.url}, which is mapped here.`;
          c.report('definition-rule', text, {
            at: [...at, 'code'],
            severity: c.strict ? 'error' : 'warning',
          });
        }
      }
      const targets = Array.isArray(element.target) ? element.target : [];
      targets.forEach((one, k) => {
        if (isObject(one)) checkMapped(target, one.code, [...at, 'target', k], c);
      });
    });
  });
}

/** The value set that a map is for. */
function mappedSet(map: Resource, c: Collector): CompiledValueSet | undefined {
  const canonical = map.sourceCanonical ?? map.sourceUri;
  return typeof canonical === 'string' ? c.env.valueSet(canonical) : undefined;
}

function checkMapped(system: unknown, code: unknown, at: readonly Segment[], c: Collector): void {
  if (typeof system !== 'string' || typeof code !== 'string') return;
  if (c.env.codeExists(system, code) !== 'no') return;
  const text = `${show(code)} is not a code of ${system}.`;
  c.report('code-unknown', text, { at: [...at, 'code'], severity: c.strict ? 'error' : 'warning' });
}

/** An operation: names that occur once, counts that make sense. */
export function checkOperationDefinition(resource: Resource, c: Collector): void {
  const seen = new Set<string>();
  const parameters = Array.isArray(resource.parameter) ? resource.parameter : [];
  parameters.forEach((parameter, i) => {
    if (!isObject(parameter)) return;
    const key = `${parameter.use} ${parameter.name}`;
    if (seen.has(key)) {
      const text = `The ${parameter.use} parameter ${show(parameter.name)} is defined twice.`;
      c.report('definition-rule', text, { at: ['parameter', i], subject: 'name' });
    }
    seen.add(key);
    const max = parameter.max;
    if (typeof max === 'string' && max !== '*' && !(Number(max) >= Number(parameter.min ?? 0))) {
      const text = `max (${show(max)}) is below min (${parameter.min}).`;
      c.report('definition-rule', text, { at: ['parameter', i, 'max'] });
    }
  });
  const levels = ['system', 'type', 'instance'].filter((level) => resource[level] === true);
  if (levels.length === 0) {
    const text = `An operation is offered at one level at least: ${list(['system', 'type', 'instance'])}.`;
    c.report('definition-rule', text, { severity: 'warning', subject: 'level' });
  }
}
