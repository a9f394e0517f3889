/**
 * What a profile says of single values: fixed, pattern, least and greatest, length, presence, binding.
 * https://hl7.org/fhir/R4/elementdefinition.html
 */
import type { ElementDefinition } from '@medplum/fhirtypes';
import { UCUM_SYSTEM } from '../fhir/ucum.ts';
import type { CompiledValueSet } from '../terminology/terminology.ts';
import { type Binding, checkBinding } from './binding-rules.ts';
import type { Collector, ItemCheck, OverlayContext } from './collector.ts';
import type { BindingSchema, ElementSchema } from './element-schema.ts';
import { readBindings } from './element-schema.ts';
import { languageCheck } from './narrative-sections.ts';
import { compilePattern, isEqual } from './pattern-match.ts';
import { choiceOf, type ProfileNode } from './profile-tree.ts';
import { show } from './suggestion.ts';
import { compareValues } from './value-range.ts';

export function compileValueChecks(
  node: ProfileNode,
  base: ElementSchema | undefined,
  context: OverlayContext,
): ItemCheck[] {
  const element = node.element;
  return [
    fixedCheck(element, context),
    patternCheck(element, context),
    rangeCheck(element, 'minValue', context),
    rangeCheck(element, 'maxValue', context),
    maxLengthCheck(element, context),
    minLengthCheck(element, context),
    regexCheck(element, context),
    presenceCheck(element, context),
    languageCheck(element, context),
    ...bindingChecks(element, base, context),
  ].filter((check) => check !== undefined);
}

function fixedCheck(element: ElementDefinition, context: OverlayContext): ItemCheck | undefined {
  const fixed = choiceOf(element, 'fixed');
  if (fixed === undefined) return undefined;
  return ({ value, twin }, c) => {
    if (value === undefined) return;
    const isSame = isEqual(value, fixed.value);
    // a fixed value is the whole of the element, so that it has no extensions beside it
    if ((isSame && twin?.extension === undefined) || c.isCounted()) return;
    const found = isSame ? 'extensions beside it' : describeDifference(fixed.value, value);
    const text = `Must be exactly ${describe(fixed.value)} (${context.profileName}), found ${found}.`;
    c.report('fixed-value', text, { source: context.source });
  };
}

function patternCheck(element: ElementDefinition, context: OverlayContext): ItemCheck | undefined {
  const pattern = choiceOf(element, 'pattern');
  if (pattern === undefined) return undefined;
  const matches = compilePattern(pattern.value);
  return ({ value }, c) => {
    if (value === undefined || matches(value) || c.isCounted()) return;
    const text = `Must have at least ${describe(pattern.value)} (${context.profileName}), found ${describeDifference(pattern.value, value)}.`;
    c.report('pattern-value', text, { source: context.source });
  };
}

/** The first part that differs, for the whole may be long and tell of a person. */
function describeDifference(expected: unknown, found: unknown): string {
  const path = differenceOf(expected, found, '');
  return path === undefined ? show(found) : path;
}

function differenceOf(expected: unknown, found: unknown, at: string): string | undefined {
  if (typeof expected !== 'object' || expected === null || typeof found !== 'object' || found === null) {
    return isEqual(expected, found) || at === '' ? undefined : `${show(found ?? 'nothing')} at ${at}`;
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(found)) return `no list at ${at}`;
    for (let i = 0; i < expected.length; i++) {
      if (found.some((one) => compilePattern(expected[i])(one))) continue;
      if (found.length !== 1) return `none of ${found.length} at ${at} that has it`;
      return differenceOf(expected[i], found[0], `${at}[0]`);
    }
    return found.length === expected.length ? undefined : `${found.length} entries at ${at}`;
  }
  const own = found as Record<string, unknown>;
  for (const [key, part] of Object.entries(expected)) {
    const place = at === '' ? key : `${at}.${key}`;
    if (own[key] === undefined) return `no ${place}`;
    const inner = differenceOf(part, own[key], place);
    if (inner !== undefined) return inner;
  }
  const more = Object.keys(own).find((key) => !(key in expected));
  return more === undefined ? undefined : `also ${at === '' ? more : `${at}.${more}`}`;
}

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null ? cut(JSON.stringify(value)) : show(value);
}

function cut(text: string): string {
  return text.length > 200 ? `${text.slice(0, 199)}…` : text.replace(/\p{Cc}/gu, '?');
}

function rangeCheck(
  element: ElementDefinition,
  name: 'minValue' | 'maxValue',
  context: OverlayContext,
): ItemCheck | undefined {
  const bound = choiceOf(element, name);
  if (bound === undefined) return undefined;
  const isMin = name === 'minValue';
  return ({ value }, c) => {
    const order = compareValues(value, bound.value);
    if (order === undefined || (isMin ? order >= 0 : order <= 0)) return;
    const text = `${describe(value)} is ${isMin ? 'below the least' : 'above the greatest'} value allowed, ${describe(bound.value)} (${context.profileName}).`;
    c.report(isMin ? 'min-value' : 'max-value', text, { source: context.source });
  };
}

function maxLengthCheck(element: ElementDefinition, context: OverlayContext): ItemCheck | undefined {
  const max = element.maxLength;
  if (max === undefined) return undefined;
  return ({ value }, c) => {
    if (typeof value !== 'string' || value.length <= max || characters(value) <= max) return;
    const text = `Has ${characters(value)} characters, at most ${max} are allowed (${context.profileName}).`;
    c.report('max-length', text, { source: context.source });
  };
}

/** As people count them: one outside the first plane of Unicode takes two units of a string. */
function characters(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xd800) count--;
  return count;
}

const MIN_LENGTH = 'http://hl7.org/fhir/StructureDefinition/minLength';

function minLengthCheck(element: ElementDefinition, context: OverlayContext): ItemCheck | undefined {
  const min = element.extension?.find((one) => one.url === MIN_LENGTH)?.valueInteger;
  if (min === undefined) return undefined;
  return ({ value }, c) => {
    if (typeof value !== 'string' || characters(value) >= min) return;
    const text = `Has ${characters(value)} characters, at least ${min} are required (${context.profileName}).`;
    c.report('min-length', text, { source: context.source });
  };
}

const REGEX = 'http://hl7.org/fhir/StructureDefinition/regex';

/** On the element, or on its type as R4 itself does it. A pattern that cannot be run is nobody's fault here. */
function regexCheck(element: ElementDefinition, context: OverlayContext): ItemCheck | undefined {
  const extensions = [
    ...(element.extension ?? []),
    ...(element.type ?? []).flatMap((one) => one.extension ?? []),
  ];
  const regex = extensions.find((one) => one.url === REGEX)?.valueString;
  if (regex === undefined) return undefined;
  return ({ value }, c) => {
    if (typeof value === 'object' || value === undefined) return;
    if (c.env.matches(String(value), regex) !== false || c.isCounted()) return;
    const text = `${show(value)} does not have the form ${show(regex)} (${context.profileName}).`;
    c.report('pattern-value', text, { source: context.source, subject: 'regex' });
  };
}

const R5 = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.';

/** R5's mustHaveValue and valueAlternatives, which R4 profiles may use as extensions. */
function presenceCheck(element: ElementDefinition, context: OverlayContext): ItemCheck | undefined {
  const must = element.extension?.some(
    (one) => one.url === `${R5}mustHaveValue` && one.valueBoolean === true,
  );
  const alternatives = (element.extension ?? [])
    .filter((one) => one.url === `${R5}valueAlternatives`)
    .map((one) => one.valueCanonical ?? one.valueUri);
  if (must !== true && alternatives.length === 0) return undefined;
  return ({ value, twin }, c) => {
    if (value !== undefined) return;
    const extensions = Array.isArray(twin?.extension) ? (twin.extension as { url?: string }[]) : [];
    if (must !== true && extensions.some((one) => alternatives.includes(one?.url))) return;
    const text = `Needs a value, not only extensions (${context.profileName}).`;
    c.report('value-missing', text, { source: context.source });
  };
}

/** Extensions say why there is no code, and still there has to be one. */
function reportAbsent(row: Binding, c: Collector): void {
  const text = `There is no code, but one from the value set ${row.valueSet} is required.`;
  c.report('binding-required', text, { subject: 'absent', source: row.source });
}

function bindingChecks(
  element: ElementDefinition,
  base: ElementSchema | undefined,
  context: OverlayContext,
): (ItemCheck | undefined)[] {
  return readBindings(element)
    .filter(
      (one) =>
        one.strength !== 'example' && base?.bindings.some((known) => isSameBinding(known, one)) !== true,
    )
    .map((binding) => {
      const row: Binding = {
        ...binding,
        strength: isComponentUnit(element, binding)
          ? 'extensible'
          : (binding.strength as Binding['strength']),
        source: context.source,
      };
      const check: ItemCheck = ({ value, type, twin }, c) => {
        if (c.errorsOnly && row.strength !== 'required') return;
        if (value === undefined) {
          if (c.strict && row.strength === 'required' && twin !== undefined) reportAbsent(row, c);
          return;
        }
        const set = c.env.valueSet(row.valueSet);
        // units bound on a choice are meant for its quantities
        if (type === 'CodeableConcept' && base?.isChoice === true && hasUnitsOnly(set)) return;
        checkBinding(row, set, value, [], c);
      };
      if (row.strength !== 'required') REMARKS_ONLY.add(check);
      return check;
    });
}

/** Checks that find no errors: where only errors are asked for, nobody has to collect what they look at. */
export const REMARKS_ONLY = new WeakSet<ItemCheck>();

/**
 * R4 binds the units of the components of vital signs as strictly as those of the sign itself, though components
 * are often of another kind, such as the flow of oxygen; R4B made the binding extensible.
 */
function isComponentUnit(element: ElementDefinition, binding: BindingSchema): boolean {
  return element.path === 'Observation.component.value[x]' && binding.valueSet.startsWith(VITAL_SIGNS_UNITS);
}

const VITAL_SIGNS_UNITS = 'http://hl7.org/fhir/ValueSet/ucum-vitals-common';

function hasUnitsOnly(set: CompiledValueSet | undefined): boolean {
  return set?.codes?.size === 1 && set.codes.has(UCUM_SYSTEM);
}

function isSameBinding(a: BindingSchema, b: BindingSchema): boolean {
  return a.strength === b.strength && a.valueSet.split('|', 1)[0] === b.valueSet.split('|', 1)[0];
}
