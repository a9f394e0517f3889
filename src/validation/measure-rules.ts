/**
 * Measures, and reports against the measure that they report.
 * https://hl7.org/fhir/R4/measure.html, https://hl7.org/fhir/R4/measurereport.html
 */
import type { Resource } from '../fhir/types.ts';
import type { Collector } from './collector.ts';
import { isObject, type Json } from './items.ts';
import type { Segment } from './path.ts';
import { show } from './suggestion.ts';

export function checkMeasure(measure: Resource, c: Collector): void {
  const groups = listOf(measure.group);
  if (groups.length < 2) return;
  groups.forEach((group, i) => {
    if (group.code !== undefined) return;
    const text = 'With several groups each needs a code, so that reports can say which one they mean.';
    c.report('measure-rule', text, { at: ['group', i], severity: 'warning', subject: 'code' });
  });
}

export function checkMeasureReport(report: Resource, c: Collector): void {
  if (report.type !== 'subject-list') checkNoSubjects(report, c);
  const canonical = report.measure;
  if (typeof canonical !== 'string') return;
  const measure = c.env.resource(canonical);
  if (measure === undefined) {
    const text = `The measure ${show(canonical)} is not loaded, so the report was not held to it.`;
    c.report('measure-unknown', text, { at: 'measure' });
    return;
  }
  if (measure.resourceType !== 'Measure') {
    c.report('measure-rule', `${show(canonical)} is a ${measure.resourceType}, not a Measure.`, {
      at: 'measure',
    });
    return;
  }
  if (report.type === 'data-collection') return;
  const defined = listOf(measure.group);
  const seen = new Set<Json>();
  listOf(report.group).forEach((group, i) => {
    const match =
      defined.length === 1 && group.code === undefined ? defined[0] : findByCode(defined, group.code);
    const at: Segment[] = ['group', i];
    if (match === undefined) {
      c.report('measure-rule', 'The measure has no group with this code.', { at, subject: 'group' });
      return;
    }
    if (seen.has(match)) {
      c.report('measure-rule', 'The group of the measure is reported twice.', { at, subject: 'twice' });
    }
    seen.add(match);
    checkParts(group, match, 'population', at, c);
    checkParts(group, match, 'stratifier', at, c);
    checkScore(group, measure, at, c);
  });
}

/** Lists of subjects belong to reports of that type. */
function checkNoSubjects(report: Resource, c: Collector): void {
  listOf(report.group).forEach((group, i) => {
    listOf(group.population).forEach((population, j) => {
      if (population.subjectResults === undefined) return;
      const text = `Only reports of the type subject-list list their subjects; this one is of type ${show(report.type)}.`;
      c.report('measure-rule', text, { at: ['group', i, 'population', j, 'subjectResults'] });
    });
  });
}

function checkParts(group: Json, defined: Json, name: string, at: readonly Segment[], c: Collector): void {
  const parts = listOf(defined[name]);
  listOf(group[name]).forEach((part, i) => {
    const code = Array.isArray(part.code) ? part.code[0] : part.code;
    if (code === undefined) {
      if (parts.length < 2) return;
      const text = `Several of ${name} are defined: the code says which one is reported.`;
      c.report('measure-rule', text, { at: [...at, name, i], subject: name });
    } else if (findByCode(parts, code) === undefined) {
      const text = `The measure defines no ${name} with this code in this group.`;
      c.report('measure-rule', text, { at: [...at, name, i], subject: name });
    }
  });
}

/** A cohort counts and has no score. */
function checkScore(group: Json, measure: Resource, at: readonly Segment[], c: Collector): void {
  const scoring = isObject(measure.scoring) ? listOf(measure.scoring.coding)[0]?.code : undefined;
  if (scoring === 'cohort' && group.measureScore !== undefined) {
    const text = 'A cohort measure has no score.';
    c.report('measure-rule', text, { at: [...at, 'measureScore'] });
  }
}

function findByCode(parts: readonly Json[], concept: unknown): Json | undefined {
  return parts.find((part) => sharesCoding(part.code, concept));
}

function sharesCoding(a: unknown, b: unknown): boolean {
  if (!isObject(a) || !isObject(b)) return false;
  const codings = listOf(b.coding);
  if (listOf(a.coding).length === 0) return a.text !== undefined && a.text === b.text;
  return listOf(a.coding).some((one) =>
    codings.some((other) => one.system === other.system && one.code === other.code),
  );
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
