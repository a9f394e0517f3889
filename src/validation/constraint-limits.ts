/**
 * What a StructureDefinition may do to what it is based on, to the letter of R4, for `$validate`: a write takes
 * a profile that is careless as long as it can be applied.
 * https://hl7.org/fhir/R4/profiling.html#limitations, https://hl7.org/fhir/R4/structuredefinition.html
 */
import type { ElementDefinition } from '@medplum/fhirtypes';
import type { Resource } from '../fhir/types.ts';
import type { Collector } from './collector.ts';
import { isObject, type Json } from './items.ts';
import type { Segment } from './path.ts';
import { isEqual } from './pattern-match.ts';
import { list, show } from './suggestion.ts';

const CORE = 'http://hl7.org/fhir/StructureDefinition/';

export function checkHeader(resource: Resource, base: Resource | undefined, c: Collector): void {
  const { derivation, baseDefinition, kind, type, url, context } = resource;
  const report = (at: Segment, text: string): void =>
    c.report('definition-rule', text, { at, subject: text });
  if (typeof baseDefinition === 'string' && derivation === undefined) {
    report('derivation', 'A structure that has a base says in derivation what it makes of it.');
  }
  if (derivation === 'constraint' && base !== undefined && typeof kind === 'string' && base.kind !== kind) {
    report('kind', `A profile is of the kind of its base, ${base.kind}, not ${show(kind)}.`);
  }
  if (type !== 'Extension' && Array.isArray(context) && context.length > 0) {
    report('context', `Only extensions have a context; this constrains ${show(type)}.`);
  }
  if (kind === 'logical' && derivation === 'specialization' && base !== undefined && base.type === type) {
    report('type', `${show(type)} is the type of the base; one that adds to it has a name of its own.`);
  }
  const isOwnType = kind === 'resource' || kind === 'complex-type' || kind === 'primitive-type';
  if (isOwnType && derivation === 'specialization' && typeof type === 'string' && url !== CORE + type) {
    if (!type.includes(':')) report('type', `${show(type)} is not a type of R4: others are absolute URIs.`);
  }
}

/** Elements of the base by path, as far as they are the only ones there. */
export function elementsOf(base: Resource | undefined): ReadonlyMap<string, ElementDefinition> {
  const snapshot = base?.snapshot as { element?: ElementDefinition[] } | undefined;
  const found = new Map<string, ElementDefinition>();
  for (const element of snapshot?.element ?? []) {
    if (typeof element.path === 'string' && element.sliceName === undefined && !found.has(element.path)) {
      found.set(element.path, element);
    }
  }
  return found;
}

/** `types` are those that the element can have, undefined where that cannot be told. */
export function checkLimits(
  element: Json,
  base: ElementDefinition | undefined,
  types: readonly string[] | undefined,
  at: readonly Segment[],
  c: Collector,
): void {
  checkValues(element, types, at, c);
  if (base === undefined || element.sliceName !== undefined) return;
  checkCardinality(element, base, at, c);
  checkBinding(element, base, at, c);
  checkFixed(element, base, at, c);
  const isChoice = base.path?.endsWith('[x]') === true;
  if (element.slicing !== undefined && !isChoice && base.max === '1') {
    const text = `${base.path} occurs once and has one type, so there is nothing to slice.`;
    c.report('definition-rule', text, { at: [...at, 'slicing'] });
  }
}

function checkCardinality(
  element: Json,
  base: ElementDefinition,
  at: readonly Segment[],
  c: Collector,
): void {
  const { min, max } = element;
  if (typeof min === 'number' && min < (base.min ?? 0)) {
    const text = `${base.path} may not become optional: its base requires it ${base.min} times, found ${min}.`;
    c.report('definition-rule', text, { at: [...at, 'min'] });
  }
  if (typeof max !== 'string' || base.max === undefined || base.max === '*') return;
  if (max !== '*' && Number(max) <= Number(base.max)) return;
  const text = `${base.path} may not occur more often than in its base: at most ${base.max}, found ${show(max)}.`;
  c.report('definition-rule', text, { at: [...at, 'max'] });
}

function checkBinding(element: Json, base: ElementDefinition, at: readonly Segment[], c: Collector): void {
  const { binding } = element;
  if (!isObject(binding) || base.binding?.strength !== 'required' || binding.strength === 'required') return;
  const text = `The binding of ${base.path} is required in its base and stays so, found ${show(binding.strength)}.`;
  c.report('definition-rule', text, { at: [...at, 'binding', 'strength'] });
}

/** A value that the base fixes stays as it is. */
function checkFixed(element: Json, base: ElementDefinition, at: readonly Segment[], c: Collector): void {
  for (const [key, fixed] of Object.entries(base)) {
    if (!/^fixed[A-Z]/.test(key) || element[key] === undefined || isEqual(element[key], fixed)) continue;
    const text = `${base.path} is fixed to ${show(fixed)} in the base, so it cannot become ${show(element[key])}.`;
    c.report('definition-rule', text, { at, subject: key });
  }
}

/** A key names one rule wherever it is met. */
export function checkKeys(
  element: Json,
  base: ReadonlyMap<string, ElementDefinition>,
  at: readonly Segment[],
  c: Collector,
): void {
  if (!Array.isArray(element.constraint)) return;
  element.constraint.forEach((one, i) => {
    if (!isObject(one)) return;
    for (const { path, constraint = [] } of base.values()) {
      const same = constraint.find(({ key }) => key === one.key);
      if (same?.expression === undefined || same.expression === one.expression) continue;
      const text = `The key ${show(one.key)} belongs to another rule already, of ${path}.`;
      c.report('definition-rule', text, { at: [...at, 'constraint', i, 'key'] });
      return;
    }
  });
}

const VALUE = /^(fixed|pattern|minValue|maxValue)([A-Z]\w*)$/;

/** `fixedCode` is for codes: the value has a type of the element. */
function checkValues(
  element: Json,
  types: readonly string[] | undefined,
  at: readonly Segment[],
  c: Collector,
): void {
  // the value of a primitive has a type of FHIRPath
  if (types === undefined || types.some((type) => type.includes('.')) || String(element.path).endsWith('.id'))
    return;
  for (const key of Object.keys(element)) {
    const [, kind, name] = VALUE.exec(key) ?? [];
    if (kind === undefined || name === undefined) continue;
    const lower = name.charAt(0).toLowerCase() + name.slice(1);
    if (types.some((type) => type === name || type === lower || c.env.isA(type, name))) continue;
    const text = `${key} does not fit ${element.path}, which is ${list(types)}.`;
    c.report('definition-rule', text, {
      at: [...at, `${kind}.ofType(${c.env.isTypeName(name) ? name : lower})`],
    });
  }
}

const IMPLIED = /(?:\[x\]|\.extension|\.modifierExtension)$/;

/** A slice needs to be told apart: by the slicing before it, or that of the base. */
export function checkSlicingOpened(
  elements: readonly unknown[],
  view: string,
  base: ReadonlyMap<string, ElementDefinition>,
  c: Collector,
): void {
  if (base.size === 0) return;
  const opened = new Set<unknown>();
  elements.forEach((element, i) => {
    if (!isObject(element)) return;
    const { path, slicing, sliceName } = element;
    if (slicing !== undefined) opened.add(path);
    if (sliceName === undefined || typeof path !== 'string' || opened.has(path) || IMPLIED.test(path)) return;
    const known = base.get(path);
    if (known === undefined || known.slicing !== undefined) return;
    const text = `The slice ${show(sliceName)} comes without a slicing of ${path} that tells it apart.`;
    c.report('definition-rule', text, { at: [view, 'element', i], subject: 'slicing' });
  });
}
