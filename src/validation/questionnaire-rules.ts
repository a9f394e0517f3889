/**
 * A Questionnaire that can be filled in: conditions refer to questions that exist, limits make sense.
 * https://hl7.org/fhir/R4/questionnaire.html
 */
import type { Resource } from '../fhir/types.ts';
import type { Collector } from './collector.ts';
import { isObject, type Json } from './items.ts';
import type { Segment } from './path.ts';
import { indexQuestionnaire, type QuestionItem, type QuestionnaireIndex } from './questionnaire-index.ts';
import { nearest, show } from './suggestion.ts';

const DEPTH_MAX = 50;

export function checkQuestionnaire(questionnaire: Resource, c: Collector): void {
  if (!Array.isArray(questionnaire.item)) return;
  const index = indexQuestionnaire(questionnaire);
  if (index.doubled !== undefined) {
    const text = `Each linkId occurs once in a questionnaire; ${show(index.doubled)} occurs again.`;
    const source = 'http://hl7.org/fhir/StructureDefinition/Questionnaire';
    c.report('invariant-failed', text, { constraint: 'que-2', source });
  }
  checkItems(questionnaire.item, [], index, 0, c);
}

function checkItems(
  items: readonly unknown[],
  at: readonly Segment[],
  index: QuestionnaireIndex,
  depth: number,
  c: Collector,
): void {
  if (depth > DEPTH_MAX) return;
  items.forEach((item, i) => {
    if (!isObject(item)) return;
    const here = [...at, 'item', i];
    const conditions = Array.isArray(item.enableWhen) ? item.enableWhen : [];
    conditions.forEach((condition, j) => {
      if (isObject(condition)) checkCondition(condition, item, [...here, 'enableWhen', j], index, c);
    });
    if (Array.isArray(item.item)) checkItems(item.item, here, index, depth + 1, c);
  });
}

function checkCondition(
  condition: Json,
  item: Json,
  at: readonly Segment[],
  index: QuestionnaireIndex,
  c: Collector,
): void {
  const { question } = condition;
  if (typeof question !== 'string') return;
  const target = index.byLinkId.get(question);
  if (question === item.linkId) {
    c.report('questionnaire-rule', 'A question cannot be its own condition.', { at, subject: 'self' });
  } else if (target === undefined) {
    const near = nearest(question, index.byLinkId.keys());
    const hint = near === undefined ? '' : ` Did you mean ${show(near)}?`;
    c.report('questionnaire-rule', `There is no question ${show(question)}.${hint}`, {
      at,
      subject: 'question',
    });
  } else if (isInside(target, index.byLinkId.get(String(item.linkId)))) {
    const text = `${show(question)} stands inside ${show(item.linkId)}: while that is not enabled, it can never be answered.`;
    c.report('questionnaire-rule', text, { at, subject: 'inner' });
  } else if (target.type === 'group' || target.type === 'display') {
    const text = `${show(question)} is a ${target.type}, which is never answered.`;
    c.report('questionnaire-rule', text, { at, subject: 'question', severity: 'warning' });
  }
}

function isInside(target: QuestionItem, outer: QuestionItem | undefined): boolean {
  return outer?.children.some((child) => child === target || isInside(target, child)) === true;
}
