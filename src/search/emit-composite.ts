/**
 * Composites: the values of one element together, so that `code-value-quantity` never pairs the code of one
 * component with the value of another.
 * https://hl7.org/fhir/R4/search.html#composite
 */

import type { CompiledParameter, CompositeComponent } from './compiled-parameter.ts';
import { type Emit, type EmitContext, isObject, type Json, objectsOf } from './emit.ts';
import { dateReader, measureReader, numberReader, systemMeasure } from './emit-range.ts';
import { referenceFormsOf } from './emit-reference.ts';
import { tokenKindOf } from './emit-token.ts';
import { indexText } from './fold.ts';
import { nextUp } from './number-range.ts';
import { valuesAt } from './path-values.ts';
import type { PostingsBuilder } from './postings-builder.ts';
import { canonicalForms } from './reference-forms.ts';
import {
  bareForm,
  codeForm,
  compositeForm,
  compositeTextPrefix,
  contactValue,
  stringToken,
  systemForm,
} from './term-forms.ts';
import { hashTerm } from './term-hash.ts';
import type { TypedPath } from './typed-paths.ts';

/** Combinations that one element may post; beyond it further ones are left out. */
const COMBINATIONS_MAX = 256;

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
  return values;
}

function pathValues(path: TypedPath, element: unknown, root: unknown): readonly unknown[] {
  return valuesAt(path, path.fromRoot ? root : element);
}

/** Every combination of forms of the components before the last. */
function leadingForms(
  components: readonly CompositeComponent[],
  element: unknown,
  root: unknown,
  context: EmitContext,
): readonly string[] {
  let combined: string[] | undefined;
  for (const component of components) {
    const forms = new Set<string>();
    for (const value of componentValues(component, element, root)) {
      for (const form of exactForms(component, value, context)) forms.add(form);
    }
    const before: readonly string[] | undefined = combined;
    combined =
      before === undefined ? [...forms] : before.flatMap((a) => [...forms].map((b) => compositeForm([a, b])));
    if (combined.length > COMBINATIONS_MAX) combined.length = COMBINATIONS_MAX;
  }
  return combined ?? [];
}

/** The ways in which a token, reference or URI inside a composite can be asked for. */
function exactForms(
  component: CompositeComponent,
  { value, type }: TypedValue,
  context: EmitContext,
): string[] {
  if (component.type === 'reference') return [...referenceFormsOf(type, value, context.base)];
  if (component.type === 'uri') {
    return typeof value === 'string' ? canonicalForms(value).map((form) => codeForm('', form)) : [];
  }
  return tokenForms(type, value);
}

function tokenForms(type: string, value: unknown): string[] {
  switch (tokenKindOf(type)) {
    case 'coded': {
      if (!isObject(value)) return [];
      const codings = type === 'Coding' ? [value] : objectsOf(value.coding);
      return codings.flatMap((coding) => systemForms(coding, coding.code));
    }
    case 'identifier':
      return isObject(value) ? systemForms(value, value.value) : [];
    case 'contact':
      return isObject(value) && typeof value.value === 'string' ? [bareForm(contactValue(value.value))] : [];
    case 'plain':
    case 'exact':
      return typeof value === 'object' ? [] : plainForms(String(value));
    case 'string':
      return typeof value === 'string' ? plainForms(stringToken(value)) : [];
    case undefined:
      return [];
  }
}

function plainForms(value: string): string[] {
  return [codeForm('', value), bareForm(value)];
}

function systemForms(source: Json, code: unknown): string[] {
  const system = typeof source.system === 'string' ? source.system : '';
  const forms = typeof code === 'string' ? [codeForm(system, code), bareForm(code)] : [];
  return system === '' ? forms : [...forms, systemForm(system)];
}

type AddLast = (form: string, value: TypedValue, builder: PostingsBuilder) => void;

function lastEmitter(parameter: CompiledParameter, last: CompositeComponent, context: EmitContext): AddLast {
  const { k } = parameter;
  switch (last.type) {
    case 'quantity':
      return (form, { value, type }, builder) => {
        const measure = measureReader(type)?.(value);
        if (measure === undefined) return;
        builder.addNumber(k, hashTerm(compositeForm([form, ''])), measure.lo, measure.hi);
        const exact = systemMeasure(measure, context);
        if (exact === undefined) return;
        builder.addNumber(k, hashTerm(compositeForm([form, exact.form])), exact.lo, exact.hi);
      };
    case 'number':
      return (form, { value, type }, builder) => {
        const range = numberReader(type)?.(value);
        if (range !== undefined)
          builder.addNumber(k, hashTerm(compositeForm([form, ''])), range.lo, range.hi);
      };
    case 'date':
      return (form, { value, type }, builder) => {
        const range = dateReader(type)?.(value, context.zone);
        if (range !== undefined)
          builder.addNumber(k, hashTerm(compositeForm([form, ''])), range.lo, range.hi);
      };
    case 'string':
      return (form, { value }, builder) => {
        const text = typeof value === 'string' ? indexText(value) : undefined;
        if (text !== undefined) builder.addText(k, compositeTextPrefix(form) + text);
      };
    default:
      return (form, value, builder) => {
        for (const other of exactForms(last, value, context)) {
          builder.addTerm(k, hashTerm(compositeForm([form, other])));
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
    for (const form of leadingForms([first], element, root, context)) {
      builder.addPresent(parameter.k);
      builder.addNumber(parameter.k, hashTerm(compositeForm([form, ''])), lo, nextUp(hi));
    }
  };
}
