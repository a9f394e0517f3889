/**
 * Composites: the values of one element together, so that `code-value-quantity` never pairs the code of one
 * component with the value of another.
 * https://hl7.org/fhir/R4/search.html#composite
 */

import type { CompiledParameter, CompositeComponent } from './compiled-parameter.ts';
import { hasPairs } from './composite-parts.ts';
import { type Emit, type EmitContext, isObject, type Json, objectsOf } from './emit.ts';
import { dateReader, measureReader, numberReader, systemMeasure } from './emit-range.ts';
import { referenceFormsOf } from './emit-reference.ts';
import { tokenKindOf } from './emit-token.ts';
import { indexText } from './fold.ts';
import { nextUp } from './number-range.ts';
import { valuesAt } from './path-values.ts';
import type { TermHash } from './postings.ts';
import type { PostingsBuilder } from './postings-builder.ts';
import { canonicalForms } from './reference-forms.ts';
import { ANY_UNIT, bareForm, compositeTextPrefix, contactValue, stringToken } from './term-forms.ts';
import { hashCode, hashPair, hashTerm } from './term-hash.ts';
import type { TypedPath } from './typed-paths.ts';

/** Combinations that one element may post for each value; further ones are left out. */
const COMBINATIONS_MAX = 64;
/** Values of one element that are combined. */
const VALUES_MAX = 64;

/** One way in which a value can be asked for: its hash, or for a code without its system what `shortForm` makes of it. */
type Form = number;

/** Below zero, so that forms are told apart without an object for each. */
function shortForm(hash: TermHash): Form {
  return -hash - 1;
}

function hashOf(form: Form): TermHash {
  return form < 0 ? -form - 1 : form;
}

interface TypedValue {
  readonly value: unknown;
  readonly type: string;
}

export function compositeEmitter(parameter: CompiledParameter, context: EmitContext): Emit {
  const last = parameter.components.at(-1) as CompositeComponent;
  const [first, second] = parameter.components;
  // a pair of numbers behind a token is one interval: MolecularSequence's start and end
  if (parameter.components.length === 3 && second?.type === 'number' && last.type === 'number') {
    return intervalEmitter(parameter, first as CompositeComponent, second, last, context);
  }
  const leading = parameter.components.slice(0, -1);
  const addLast = lastEmitter(parameter, last, context);
  return (element, builder, root) => {
    const values = componentValues(last, element, root);
    if (values.length === 0) return;
    const forms = leadingForms(leading, element, root, context);
    if (forms.length === 0) return;
    builder.addPresent(parameter.k);
    for (const form of forms) for (const value of values) addLast(form, value, builder);
  };
}

function componentValues(component: CompositeComponent, element: unknown, root: unknown): TypedValue[] {
  const values: TypedValue[] = [];
  for (const path of component.paths) {
    for (const value of pathValues(path, element, root)) values.push({ value, type: path.type });
  }
  if (values.length > VALUES_MAX) values.length = VALUES_MAX;
  return values;
}

function pathValues(path: TypedPath, element: unknown, root: unknown): readonly unknown[] {
  return valuesAt(path, path.fromRoot ? root : element);
}

/** Every combination of what the components before the last can be asked for as. */
function leadingForms(
  components: readonly CompositeComponent[],
  element: unknown,
  root: unknown,
  context: EmitContext,
): readonly Form[] {
  let combined: Form[] | undefined;
  for (const component of components) {
    const forms: Form[] = [];
    for (const value of componentValues(component, element, root)) {
      for (const form of exactForms(component, value, context)) if (!forms.includes(form)) forms.push(form);
    }
    const before: readonly Form[] | undefined = combined;
    combined = before === undefined ? forms : before.flatMap((a) => forms.map((b) => pairOf(a, b)));
    if (combined.length > COMBINATIONS_MAX) combined.length = COMBINATIONS_MAX;
  }
  return combined ?? [];
}

function pairOf(a: Form, b: Form): Form {
  const hash = hashPair(hashOf(a), hashOf(b));
  return a < 0 || b < 0 ? shortForm(hash) : hash;
}

/** The ways in which a token, reference or URI inside a composite can be asked for. */
function exactForms(
  component: CompositeComponent,
  { value, type }: TypedValue,
  context: EmitContext,
): readonly Form[] {
  if (component.type === 'reference') return referenceFormsOf(type, value, context.base).map(hashTerm);
  if (component.type === 'uri') {
    return typeof value === 'string' ? canonicalForms(value).map((form) => hashCode('', form)) : [];
  }
  return tokenForms(type, value);
}

function tokenForms(type: string, value: unknown): Form[] {
  switch (tokenKindOf(type)) {
    case 'coded': {
      if (!isObject(value)) return [];
      const codings = type === 'Coding' ? [value] : objectsOf(value.coding);
      return codings.flatMap((coding) => systemForms(coding, coding.code));
    }
    case 'identifier':
      return isObject(value) ? systemForms(value, value.value) : [];
    case 'contact':
      return isObject(value) && typeof value.value === 'string'
        ? [shortForm(hashTerm(bareForm(contactValue(value.value))))]
        : [];
    case 'plain':
    case 'exact':
      return typeof value === 'object' ? [] : formsOf('', String(value));
    case 'string':
      return typeof value === 'string' ? formsOf('', stringToken(value)) : [];
    case undefined:
      return [];
  }
}

function systemForms(source: Json, code: unknown): Form[] {
  const system = typeof source.system === 'string' ? source.system : '';
  return typeof code === 'string' ? formsOf(system, code) : [];
}

function formsOf(system: string, code: string): Form[] {
  return [hashCode(system, code), shortForm(hashTerm(bareForm(code)))];
}

type AddLast = (leading: Form, value: TypedValue, builder: PostingsBuilder) => void;

function lastEmitter(parameter: CompiledParameter, last: CompositeComponent, context: EmitContext): AddLast {
  const { k } = parameter;
  // shorter forms of a pair are found by what they imply, see composite-parts.ts
  const isFound = hasPairs(parameter);
  switch (last.type) {
    case 'quantity':
      return (leading, { value, type }, builder) => {
        const measure = measureReader(type)?.(value);
        if (measure === undefined) return;
        builder.addNumber(k, hashPair(hashOf(leading), ANY_UNIT), measure.lo, measure.hi);
        const exact = systemMeasure(measure, context);
        if (exact === undefined) return;
        builder.addNumber(k, hashPair(hashOf(leading), hashTerm(exact.form)), exact.lo, exact.hi);
      };
    case 'number':
      return (leading, { value, type }, builder) => {
        const range = numberReader(type)?.(value);
        if (range !== undefined)
          builder.addNumber(k, hashPair(hashOf(leading), ANY_UNIT), range.lo, range.hi);
      };
    case 'date':
      return (leading, { value, type }, builder) => {
        const range = dateReader(type)?.(value, context.zone);
        if (range !== undefined)
          builder.addNumber(k, hashPair(hashOf(leading), ANY_UNIT), range.lo, range.hi);
      };
    case 'string':
      return (leading, { value }, builder) => {
        const text = typeof value === 'string' ? indexText(value) : undefined;
        if (text !== undefined) builder.addText(k, compositeTextPrefix(hashOf(leading)) + text);
      };
    default:
      return (leading, value, builder) => {
        for (const other of exactForms(last, value, context).slice(0, COMBINATIONS_MAX)) {
          const pair = pairOf(leading, other);
          const hash = hashOf(pair);
          if (!isFound) builder.addTerm(k, hash);
          else if (pair < 0) builder.addImplied(k, hash);
          else builder.addPair(k, hash);
        }
      };
  }
}

function intervalEmitter(
  parameter: CompiledParameter,
  first: CompositeComponent,
  start: CompositeComponent,
  end: CompositeComponent,
  context: EmitContext,
): Emit {
  return (element, builder, root) => {
    const lo = componentValues(start, element, root)[0]?.value;
    const hi = componentValues(end, element, root)[0]?.value;
    if (typeof lo !== 'number' || typeof hi !== 'number' || hi < lo) return;
    for (const leading of leadingForms([first], element, root, context)) {
      builder.addPresent(parameter.k);
      builder.addNumber(parameter.k, hashPair(hashOf(leading), ANY_UNIT), lo, nextUp(hi));
    }
  };
}
