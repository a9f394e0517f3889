/**
 * One answer against its question: type, options, and the limits that extensions of the question set.
 * https://hl7.org/fhir/R4/questionnaireresponse.html, https://hl7.org/fhir/R4/questionnaire-profiles.html
 */
import { membershipOf } from './binding-rules.ts';
import type { Collector } from './collector.ts';
import { isSameAnswer, valueKey } from './enable-when.ts';
import { isObject, type Json } from './items.ts';
import type { Segment } from './path.ts';
import { extensionValues, type QuestionItem, type QuestionnaireIndex } from './questionnaire-index.ts';
import { typeOfAddress } from './reference-target.ts';
import { list, show } from './suggestion.ts';
import { compareValues } from './value-range.ts';

/** JSON names of the values that each type of question takes. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  boolean: ['valueBoolean'],
  decimal: ['valueDecimal'],
  integer: ['valueInteger'],
  date: ['valueDate'],
  dateTime: ['valueDateTime'],
  time: ['valueTime'],
  string: ['valueString'],
  text: ['valueString'],
  url: ['valueUri'],
  choice: ['valueCoding'],
  'open-choice': ['valueCoding', 'valueString'],
  attachment: ['valueAttachment'],
  reference: ['valueReference'],
  quantity: ['valueQuantity'],
};

export function checkAnswer(
  answer: Json,
  question: QuestionItem,
  index: QuestionnaireIndex,
  at: readonly Segment[],
  c: Collector,
): void {
  const key = valueKey(answer);
  if (key === undefined) return;
  const type = key.slice(5);
  const place = [...at, `value.ofType(${PRIMITIVE_NAMES.get(type) ?? type})`];
  const options = Array.isArray(question.item.answerOption)
    ? question.item.answerOption.filter(isObject)
    : [];
  const allowed = [...(VALUES[question.type] ?? []), ...options.flatMap((option) => valueKey(option) ?? [])];
  if (allowed.length > 0 && !allowed.includes(key)) {
    const names = [...new Set(allowed)].map((name) => name.slice(5));
    const text = `The question ${show(question.linkId)} takes ${list(names)}, not ${type}.`;
    c.report('questionnaire-rule', text, { at: place, subject: 'type' });
    return;
  }
  const value = answer[key];
  checkOptions(value, type, question, options, index, at, c);
  checkLimits(value, question, place, c);
}

const PRIMITIVE_NAMES = new Map(
  ['boolean', 'decimal', 'integer', 'date', 'dateTime', 'time', 'string', 'uri'].map((name) => [
    name.charAt(0).toUpperCase() + name.slice(1),
    name,
  ]),
);

function checkOptions(
  value: unknown,
  type: string,
  question: QuestionItem,
  options: readonly Json[],
  index: QuestionnaireIndex,
  at: readonly Segment[],
  c: Collector,
): void {
  if (question.type === 'open-choice' && type === 'String') return;
  if (options.length > 0) {
    const values = options.map((option) => option[valueKey(option) ?? '']);
    if (values.some((one) => isSameAnswer(value, one) && hasSystemOf(value, one))) return;
    const shown = values.map((one) => show(isObject(one) ? (one.code ?? one.reference) : one));
    const text = `${show(isObject(value) ? value.code : value)} is not an option of ${show(question.linkId)}; options: ${list(shown)}.`;
    c.report('questionnaire-rule', text, { at: [...at, valueSegment(type)], subject: 'option' });
    return;
  }
  const canonical = question.item.answerValueSet;
  if (typeof canonical !== 'string') return;
  if (typeof value === 'string') {
    checkListed(value, canonical, type, question, at, c);
    return;
  }
  if (type !== 'Coding' || !isObject(value)) return;
  const membership = canonical.startsWith('#')
    ? containedMembership(index.questionnaire, canonical.slice(1), value)
    : c.env.valueSet(canonical);
  const isOut =
    typeof membership === 'boolean' ? !membership : membership && membershipOf(membership, value) === 'no';
  if (isOut === true) {
    const text = `${show(value.code)} is not in ${canonical}, the value set of ${show(question.linkId)}.`;
    c.report('questionnaire-rule', text, { at: [...at, valueSegment(type)], subject: 'option' });
  }
}

/** An option of a code system is that code of that system. */
function hasSystemOf(value: unknown, option: unknown): boolean {
  return !isObject(value) || !isObject(option) || value.system === option.system;
}

/** A text that is answered from a list is one of its codes, whatever the system. */
function checkListed(
  value: string,
  canonical: string,
  type: string,
  question: QuestionItem,
  at: readonly Segment[],
  c: Collector,
): void {
  const set = canonical.startsWith('#') ? undefined : c.env.valueSet(canonical);
  if (set?.contains(undefined, value) !== 'no') return;
  const text = `${show(value)} is not in ${canonical}, the value set of ${show(question.linkId)}.`;
  c.report('questionnaire-rule', text, { at: [...at, valueSegment(type)], subject: 'option' });
}

function valueSegment(type: string): string {
  return `value.ofType(${PRIMITIVE_NAMES.get(type) ?? type})`;
}

/** A value set that the questionnaire contains, when it lists its codes; undefined when it does not. */
function containedMembership(questionnaire: Json, id: string, coding: Json): boolean | undefined {
  const contained = Array.isArray(questionnaire.contained) ? questionnaire.contained.filter(isObject) : [];
  const compose = contained.find((one) => one.id === id)?.compose;
  const includes =
    isObject(compose) && Array.isArray(compose.include) ? compose.include.filter(isObject) : [];
  if (includes.length === 0 || includes.some((one) => !Array.isArray(one.concept))) return undefined;
  return includes.some(
    (one) =>
      one.system === coding.system &&
      (one.concept as unknown[]).some((concept) => isObject(concept) && concept.code === coding.code),
  );
}

function checkLimits(value: unknown, question: QuestionItem, at: readonly Segment[], c: Collector): void {
  if (typeof value === 'string') checkText(value, question, at, c);
  checkRange(value, question, at, c);
  if (typeof value === 'number') checkDecimals(value, question, at, c);
  if (isObject(value)) {
    if (question.type === 'quantity') checkUnit(value, question, at, c);
    if (question.type === 'attachment') checkAttachment(value, question, at, c);
    if (question.type === 'reference') checkReference(value, question, at, c);
  }
}

function checkText(value: string, question: QuestionItem, at: readonly Segment[], c: Collector): void {
  const max = question.item.maxLength;
  if (typeof max === 'number' && value.length > max) {
    c.report('max-length', `Has ${value.length} characters; ${show(question.linkId)} takes ${max} at most.`, {
      at,
    });
  }
  for (const { value: min } of extensionValues(question.item, 'minLength')) {
    if (typeof min !== 'number' || value.length >= min) continue;
    c.report(
      'min-length',
      `Has ${value.length} characters; ${show(question.linkId)} needs ${min} at least.`,
      { at },
    );
  }
  for (const { value: regex } of extensionValues(question.item, 'regex')) {
    if (typeof regex !== 'string' || c.env.matches(value, regex) !== false) continue;
    const format = extensionValues(question.item, 'entryFormat')[0]?.value;
    const hint = typeof format === 'string' ? ` like ${show(format)}` : '';
    c.report('questionnaire-rule', `${show(value)} does not have the form${hint} (${show(regex)}).`, {
      at,
      subject: 'regex',
    });
  }
}

function checkRange(value: unknown, question: QuestionItem, at: readonly Segment[], c: Collector): void {
  const isQuantity = question.type === 'quantity';
  const mins = extensionValues(question.item, isQuantity ? 'sdc-questionnaire-minQuantity' : 'minValue');
  const maxs = extensionValues(question.item, isQuantity ? 'sdc-questionnaire-maxQuantity' : 'maxValue');
  const check = (bound: unknown, isMin: boolean): void => {
    const key = isMin ? 'min-value' : 'max-value';
    const word = isMin ? 'least' : 'greatest';
    const order = hasNoUnitCode(value, bound) ? undefined : compareValues(value, bound);
    if (order === undefined && isQuantity) {
      c.report(key, `Cannot be compared with the ${word} value allowed, for the units are not coded alike.`, {
        at,
      });
    } else if (order !== undefined && (isMin ? order < 0 : order > 0)) {
      const shown = isObject(bound) ? `${bound.value} ${bound.unit ?? bound.code ?? ''}` : show(bound);
      c.report(
        key,
        `${show(isObject(value) ? value.value : value)} is beyond the ${word} value allowed, ${shown}.`,
        {
          at,
        },
      );
    }
  };
  for (const { value: bound } of mins) check(bound, true);
  for (const { value: bound } of maxs) check(bound, false);
}

function hasNoUnitCode(value: unknown, bound: unknown): boolean {
  return isObject(value) && isObject(bound) && (value.code === undefined || bound.code === undefined);
}

function checkDecimals(value: number, question: QuestionItem, at: readonly Segment[], c: Collector): void {
  for (const { value: max } of extensionValues(question.item, 'maxDecimalPlaces')) {
    const places = /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0;
    if (typeof max !== 'number' || places <= max) continue;
    const text = `${value} has ${places} decimal places; ${show(question.linkId)} takes ${max} at most.`;
    c.report('questionnaire-rule', text, { at, subject: 'decimals' });
  }
}

function checkUnit(value: Json, question: QuestionItem, at: readonly Segment[], c: Collector): void {
  const options = extensionValues(question.item, 'questionnaire-unitOption').map((one) => one.value);
  if (options.length > 0) {
    const coded = { system: value.system, code: value.code };
    if (value.code !== undefined && options.some((option) => isSameAnswer(coded, option))) return;
    const codes = options.map((option) => show(isObject(option) ? option.code : option));
    const text = `The unit ${show(value.code ?? value.unit)} is not allowed; ${show(question.linkId)} takes ${list(codes)}.`;
    c.report('questionnaire-rule', text, { at, subject: 'unit' });
  }
  for (const { value: canonical } of extensionValues(question.item, 'questionnaire-unitValueSet')) {
    const set = typeof canonical === 'string' ? c.env.valueSet(canonical) : undefined;
    if (set === undefined || typeof value.code !== 'string') continue;
    if (set.contains(typeof value.system === 'string' ? value.system : '', value.code) !== 'no') continue;
    const text = `The unit ${show(value.code)} is not in the value set ${canonical}.`;
    c.report('questionnaire-rule', text, { at, subject: 'unit' });
  }
}

function checkAttachment(value: Json, question: QuestionItem, at: readonly Segment[], c: Collector): void {
  const types = extensionValues(question.item, 'mimeType').map((one) => one.value);
  const contentType = typeof value.contentType === 'string' ? value.contentType.split(';', 1)[0] : undefined;
  if (types.length > 0 && !types.includes(contentType)) {
    const text = `${show(contentType ?? 'no content type')} is not taken by ${show(question.linkId)}; it takes ${list(types.map(String))}.`;
    c.report('questionnaire-rule', text, { at, subject: 'mime' });
  }
  for (const { value: max } of extensionValues(question.item, 'maxSize')) {
    const bytes = typeof value.size === 'number' ? value.size : undefined;
    if (typeof max !== 'number' || bytes === undefined || bytes <= max * 1048576) continue;
    const text = `Has ${bytes} bytes; ${show(question.linkId)} takes ${max} MB at most.`;
    c.report('questionnaire-rule', text, { at, subject: 'size' });
  }
}

function checkReference(value: Json, question: QuestionItem, at: readonly Segment[], c: Collector): void {
  const allowed = extensionValues(question.item, 'questionnaire-referenceResource').map((one) => one.value);
  const type = typeof value.reference === 'string' ? typeOfAddress(value.reference) : undefined;
  if (allowed.length === 0 || type === undefined || allowed.includes(type)) return;
  const text = `Points to a ${type}; ${show(question.linkId)} takes ${list(allowed.map(String))}.`;
  c.report('reference-target', text, { at });
}
