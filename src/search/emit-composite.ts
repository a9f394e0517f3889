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
    const hashes = leadingHashes(leading, element, root, context);
    if (hashes.length === 0) return;
    builder.addPresent(parameter.k);
    for (const hash of hashes) for (const value of values) addLast(hash, value, builder);
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
function leadingHashes(
  components: readonly CompositeComponent[],
  element: unknown,
  root: unknown,
  context: EmitContext,
): readonly TermHash[] {
  let combined: TermHash[] | undefined;
  for (const component of components) {
    const hashes: TermHash[] = [];
    for (const value of componentValues(component, element, root)) {
      for (const hash of exactHashes(component, value, context))
        if (!hashes.includes(hash)) hashes.push(hash);
    }
    const before: readonly TermHash[] | undefined = combined;
    combined = before === undefined ? hashes : before.flatMap((a) => hashes.map((b) => hashPair(a, b)));
    if (combined.length > COMBINATIONS_MAX) combined.length = COMBINATIONS_MAX;
  }
  return combined ?? [];
}

/** The ways in which a token, reference or URI inside a composite can be asked for. */
function exactHashes(
  component: CompositeComponent,
  { value, type }: TypedValue,
  context: EmitContext,
): readonly TermHash[] {
  if (component.type === 'reference') return referenceFormsOf(type, value, context.base).map(hashTerm);
  if (component.type === 'uri') {
    return typeof value === 'string' ? canonicalForms(value).map((form) => hashCode('', form)) : [];
  }
  return tokenHashes(type, value);
}

function tokenHashes(type: string, value: unknown): TermHash[] {
  switch (tokenKindOf(type)) {
    case 'coded': {
      if (!isObject(value)) return [];
      const codings = type === 'Coding' ? [value] : objectsOf(value.coding);
      return codings.flatMap((coding) => systemHashes(coding, coding.code));
    }
    case 'identifier':
      return isObject(value) ? systemHashes(value, value.value) : [];
    case 'contact':
      return isObject(value) && typeof value.value === 'string'
        ? [hashTerm(bareForm(contactValue(value.value)))]
        : [];
    case 'plain':
    case 'exact':
      return typeof value === 'object' ? [] : plainHashes(String(value));
    case 'string':
      return typeof value === 'string' ? plainHashes(stringToken(value)) : [];
    case undefined:
      return [];
  }
}

function plainHashes(value: string): TermHash[] {
  return [hashCode('', value), hashTerm(bareForm(value))];
}

function systemHashes(source: Json, code: unknown): TermHash[] {
  const system = typeof source.system === 'string' ? source.system : '';
  return typeof code === 'string' ? [hashCode(system, code), hashTerm(bareForm(code))] : [];
}

type AddLast = (leading: TermHash, value: TypedValue, builder: PostingsBuilder) => void;

function lastEmitter(parameter: CompiledParameter, last: CompositeComponent, context: EmitContext): AddLast {
  const { k } = parameter;
  switch (last.type) {
    case 'quantity':
      return (leading, { value, type }, builder) => {
        const measure = measureReader(type)?.(value);
        if (measure === undefined) return;
        builder.addNumber(k, hashPair(leading, ANY_UNIT), measure.lo, measure.hi);
        const exact = systemMeasure(measure, context);
        if (exact === undefined) return;
        builder.addNumber(k, hashPair(leading, hashTerm(exact.form)), exact.lo, exact.hi);
      };
    case 'number':
      return (leading, { value, type }, builder) => {
        const range = numberReader(type)?.(value);
        if (range !== undefined) builder.addNumber(k, hashPair(leading, ANY_UNIT), range.lo, range.hi);
      };
    case 'date':
      return (leading, { value, type }, builder) => {
        const range = dateReader(type)?.(value, context.zone);
        if (range !== undefined) builder.addNumber(k, hashPair(leading, ANY_UNIT), range.lo, range.hi);
      };
    case 'string':
      return (leading, { value }, builder) => {
        const text = typeof value === 'string' ? indexText(value) : undefined;
        if (text !== undefined) builder.addText(k, compositeTextPrefix(leading) + text);
      };
    default:
      return (leading, value, builder) => {
        for (const other of exactHashes(last, value, context).slice(0, COMBINATIONS_MAX)) {
          builder.addTerm(k, hashPair(leading, other));
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
    for (const leading of leadingHashes([first], element, root, context)) {
      builder.addPresent(parameter.k);
      builder.addNumber(parameter.k, hashPair(leading, ANY_UNIT), lo, nextUp(hi));
    }
  };
}
