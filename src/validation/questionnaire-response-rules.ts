/**
 * A QuestionnaireResponse against its Questionnaire: every item where it belongs, answered when it must be,
 * silent when it is not enabled.
 * https://hl7.org/fhir/R4/questionnaireresponse.html
 */
import type { Resource } from '../fhir/types.ts';
import { checkAnswer } from './answer-rules.ts';
import type { Collector } from './collector.ts';
import { isEnabled, isSameAnswer, type ResponseTest, type Scope, valueKey } from './enable-when.ts';
import { isObject, type Json } from './items.ts';
import type { Segment } from './path.ts';
import {
  extensionValues,
  indexQuestionnaire,
  type QuestionItem,
  type QuestionnaireIndex,
} from './questionnaire-index.ts';
import { containedOf } from './reference-target.ts';
import { nearest, show } from './suggestion.ts';

const DEPTH_MAX = 50;

interface Walk {
  readonly index: QuestionnaireIndex;
  /** Unanswered questions are faults only once the response is finished. */
  readonly isFinished: boolean;
  readonly test: ResponseTest;
  readonly c: Collector;
}

export function checkQuestionnaireResponse(response: Resource, c: Collector): void {
  const canonical = response.questionnaire;
  if (typeof canonical !== 'string') return;
  const found = canonical.startsWith('#')
    ? containedOf(c.rootResource, canonical.slice(1))
    : c.env.resource(canonical);
  if (found === undefined) {
    const text = `The questionnaire ${show(canonical)} is not loaded, so the answers were not checked.`;
    c.report('questionnaire-unknown', text, { at: 'questionnaire' });
    return;
  }
  if (found.resourceType !== 'Questionnaire') {
    const text = `${show(canonical)} is a ${found.resourceType}, not a Questionnaire.`;
    c.report('questionnaire-rule', text, { at: 'questionnaire' });
    return;
  }
  const index = indexQuestionnaire(found);
  const walk: Walk = {
    index,
    isFinished: response.status === 'completed' || response.status === 'amended',
    test: (expression) => c.env.testExpression(expression, response, c),
    c,
  };
  const items = Array.isArray(response.item) ? response.item.filter(isObject) : [];
  checkItems(items, index.items, [], [items], 0, walk);
}

/** `at` leads to the holder of the items, `scope` has the lists around them, this one first. */
function checkItems(
  items: readonly Json[],
  questions: readonly QuestionItem[],
  at: readonly Segment[],
  scope: Scope,
  depth: number,
  walk: Walk,
): void {
  if (depth > DEPTH_MAX) return;
  const byQuestion = new Map<QuestionItem, number[]>();
  let last = -1;
  items.forEach((item, i) => {
    const question = questions.find((one) => one.linkId === item.linkId);
    if (question === undefined) {
      reportMisplaced(item, [...at, 'item', i], walk);
      return;
    }
    const places = byQuestion.get(question);
    if (places === undefined) byQuestion.set(question, [i]);
    else places.push(i);
    if (question.order < last) {
      const text = `${show(question.linkId)} stands after questions that follow it in the questionnaire.`;
      walk.c.report('questionnaire-rule', text, { at: [...at, 'item', i], subject: 'order' });
    } else last = question.order;
  });
  for (const question of questions) {
    const places = byQuestion.get(question) ?? [];
    const enabled = isEnabled(question, scope, walk.test);
    if (places.length === 0) {
      if (enabled && question.isRequired && question.type !== 'display') reportMissing(question, at, walk);
      continue;
    }
    if (places.length > 1 && (question.type !== 'group' || !question.mayRepeat)) {
      const hint =
        question.type === 'group' ? 'the group does not repeat' : 'give several answers in one item';
      const text = `${show(question.linkId)} occurs ${places.length} times: ${hint}.`;
      walk.c.report('questionnaire-rule', text, {
        at: [...at, 'item', places[1] as number],
        subject: 'repeat',
      });
    }
    for (const i of places) {
      checkItem(items[i] as Json, question, enabled, [...at, 'item', i], scope, depth, walk);
    }
  }
}

/** `question` is abstract: its kinds are answered, it is not. */
const WITHOUT_ANSWER: ReadonlySet<string> = new Set(['group', 'display', 'question']);

function checkItem(
  item: Json,
  question: QuestionItem,
  enabled: boolean,
  at: readonly Segment[],
  scope: Scope,
  depth: number,
  walk: Walk,
): void {
  const answers = Array.isArray(item.answer) ? item.answer.filter(isObject) : [];
  checkItemText(item, question, at, walk);
  const nested = Array.isArray(item.item) ? item.item.filter(isObject) : [];
  const { c } = walk;
  if (!enabled && (answers.length > 0 || nested.some(hasAnswer))) {
    const text = `${show(question.linkId)} is answered though its condition does not enable it.`;
    c.report('questionnaire-rule', text, { at, subject: 'enabled' });
  }
  if (WITHOUT_ANSWER.has(question.type)) {
    if (question.isRequired && question.type === 'group' && enabled && nested.length === 0) {
      reportMissing(question, at, walk);
    }
    if (answers.length > 0) {
      const text = `${show(question.linkId)} is of type ${question.type}: it takes no answers${question.type === 'group' ? ', its items stand in item' : ''}.`;
      c.report('questionnaire-rule', text, { at, subject: 'answer' });
    }
    checkItems(nested, question.children, at, [nested, ...scope], depth + 1, walk);
    return;
  }
  if (answers.length === 0 && enabled && question.isRequired) reportMissing(question, at.slice(0, -2), walk);
  if (nested.length > 0) {
    const text = `Items below the question ${show(question.linkId)} stand in its answer, not beside it.`;
    c.report('questionnaire-rule', text, { at, subject: 'nesting' });
  }
  checkAnswerCount(answers, question, at, walk);
  answers.forEach((answer, i) => {
    const place = [...at, 'answer', i];
    checkAnswer(answer, question, walk.index, place, c);
    const inner = Array.isArray(answer.item) ? answer.item.filter(isObject) : [];
    checkItems(inner, question.children, place, [inner, ...scope], depth + 1, walk);
  });
}

/** Translations differ as well, so this is for a person to judge. */
function checkItemText(
  item: Json,
  { item: asked, linkId }: QuestionItem,
  at: readonly Segment[],
  walk: Walk,
): void {
  if (walk.c.errorsOnly || typeof item.text !== 'string' || typeof asked.text !== 'string') return;
  if (item.text.trim() === asked.text.trim()) return;
  const text = `The text is not that of ${show(linkId)} in the questionnaire.`;
  walk.c.report('questionnaire-rule', text, { at: [...at, 'text'], severity: 'warning' });
}

function checkAnswerCount(
  answers: readonly Json[],
  question: QuestionItem,
  at: readonly Segment[],
  walk: Walk,
): void {
  const limits = (name: string): number[] =>
    extensionValues(question.item, name).flatMap(({ value }) => (typeof value === 'number' ? [value] : []));
  const report = (text: string): void => walk.c.report('questionnaire-rule', text, { at, subject: 'count' });
  const name = show(question.linkId);
  if (answers.length > 1 && !question.mayRepeat) report(`${name} takes one answer, found ${answers.length}.`);
  for (const max of limits('questionnaire-maxOccurs')) {
    if (answers.length > max) report(`${name} takes ${max} answers at most, found ${answers.length}.`);
  }
  for (const min of limits('questionnaire-minOccurs')) {
    if (walk.isFinished && answers.length < min)
      report(`${name} needs ${min} answers, found ${answers.length}.`);
  }
  checkExclusive(answers, question, at, walk);
}

/** An option marked as exclusive stands alone. */
function checkExclusive(
  answers: readonly Json[],
  question: QuestionItem,
  at: readonly Segment[],
  walk: Walk,
): void {
  if (answers.length < 2 || !Array.isArray(question.item.answerOption)) return;
  for (const option of question.item.answerOption.filter(isObject)) {
    const isExclusive = extensionValues(option, 'questionnaire-optionExclusive').some(
      ({ value }) => value === true,
    );
    if (!isExclusive) continue;
    const value = option[valueKey(option) ?? ''];
    if (!answers.some((answer) => isSameAnswer(answer[valueKey(answer) ?? ''], value))) continue;
    const text = `${show(isObject(value) ? value.code : value)} excludes other answers to ${show(question.linkId)}.`;
    walk.c.report('questionnaire-rule', text, { at, subject: 'exclusive' });
  }
}

function hasAnswer(item: Json): boolean {
  return (
    Array.isArray(item.answer) || (Array.isArray(item.item) && item.item.filter(isObject).some(hasAnswer))
  );
}

function reportMissing(question: QuestionItem, at: readonly Segment[], walk: Walk): void {
  if (!walk.isFinished) return;
  const text =
    question.type === 'group'
      ? `The required group ${show(question.linkId)} has no items.`
      : `The required question ${show(question.linkId)} has no answer.`;
  walk.c.report('questionnaire-rule', text, { at, subject: question.linkId });
}

function reportMisplaced(item: Json, at: readonly Segment[], walk: Walk): void {
  if (typeof item.linkId !== 'string') return;
  const known = walk.index.byLinkId.has(item.linkId);
  const near = known ? undefined : nearest(item.linkId, walk.index.byLinkId.keys());
  const hint = near === undefined ? '' : ` Did you mean ${show(near)}?`;
  const text = known
    ? `${show(item.linkId)} does not belong here in the questionnaire.`
    : `The questionnaire has no item ${show(item.linkId)}.${hint}`;
  walk.c.report('questionnaire-rule', text, { at, subject: 'place' });
}
