/**
 * Whether a question is enabled by the answers given elsewhere in the response.
 * https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen
 */
import { isObject, type Json } from './items.ts';
import { isEqual } from './pattern-match.ts';
import { extensionValues, type QuestionItem } from './questionnaire-index.ts';
import { compareValues } from './value-range.ts';

/** Item lists around a question, the innermost first. */
export type Scope = readonly (readonly Json[])[];

/** Evaluates a FHIRPath on the whole response; undefined when that cannot be done. */
export type ResponseTest = (expression: string) => boolean | undefined;

export function isEnabled(question: QuestionItem, scope: Scope, test: ResponseTest): boolean {
  const expressions = [
    ...extensionValues(question.item, 'sdc-questionnaire-enableWhenExpression'),
    ...extensionValues(question.item, 'fiphr-ext-questionnaire-enablewhen'),
  ];
  for (const { value } of expressions) {
    const expression = isObject(value) ? value.expression : value;
    if (typeof expression === 'string' && test(expression) === false) return false;
  }
  const conditions = Array.isArray(question.item.enableWhen) ? question.item.enableWhen.filter(isObject) : [];
  if (conditions.length === 0) return true;
  const holds = (condition: Json): boolean => conditionHolds(condition, scope);
  return question.item.enableBehavior === 'any' ? conditions.some(holds) : conditions.every(holds);
}

function conditionHolds(condition: Json, scope: Scope): boolean {
  const answers = answersTo(String(condition.question), scope);
  const key = Object.keys(condition).find((candidate) => candidate.startsWith('answer'));
  const expected = key === undefined ? undefined : condition[key];
  if (condition.operator === 'exists') return answers.length > 0 === (expected === true);
  const some = (check: (order: number) => boolean): boolean =>
    answers.some((answer) => {
      const order = compareValues(answer, expected);
      return order !== undefined && check(order);
    });
  switch (condition.operator) {
    case '=':
      return answers.some((answer) => isSameAnswer(answer, expected));
    case '!=':
      return answers.length > 0 && answers.every((answer) => !isSameAnswer(answer, expected));
    case '>':
      return some((order) => order > 0);
    case '<':
      return some((order) => order < 0);
    case '>=':
      return some((order) => order >= 0);
    case '<=':
      return some((order) => order <= 0);
    default:
      return true;
  }
}

/** The answers to a question in the nearest list of items that holds it. */
function answersTo(linkId: string, scope: Scope): unknown[] {
  for (const items of scope) {
    const found: unknown[] = [];
    collect(items, linkId, found, 0);
    if (found.length > 0) return found;
  }
  return [];
}

function collect(items: unknown, linkId: string, found: unknown[], depth: number): void {
  if (!Array.isArray(items) || depth > 50) return;
  for (const item of items.filter(isObject)) {
    const answers = Array.isArray(item.answer) ? item.answer.filter(isObject) : [];
    for (const answer of answers) {
      const key = valueKey(answer);
      if (item.linkId === linkId && key !== undefined) found.push(answer[key]);
      collect(answer.item, linkId, found, depth + 1);
    }
    collect(item.item, linkId, found, depth + 1);
  }
}

export function valueKey(answer: Json): string | undefined {
  return Object.keys(answer).find((key) => key.startsWith('value'));
}

/** Codings are the same by system and code, whatever their display. */
export function isSameAnswer(answer: unknown, expected: unknown): boolean {
  if (isObject(answer) && isObject(expected) && ('code' in answer || 'code' in expected)) {
    if (answer.code !== expected.code) return false;
    return answer.system === expected.system || answer.system === undefined || expected.system === undefined;
  }
  if (isObject(answer) && isObject(expected) && 'reference' in expected) {
    return answer.reference === expected.reference;
  }
  return isEqual(answer, expected);
}
