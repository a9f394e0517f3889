/**
 * What only a careful reading of every value shows, for `$validate`: texts that look like HTML, which a
 * careless display would run, and codes that have extensions instead of a value.
 * https://hl7.org/fhir/R4/security.html#narrative, https://hl7.org/fhir/R4/terminologies.html#required
 */
import type { TypeModel } from '../definitions/type-model.ts';
import type { Resource } from '../fhir/types.ts';
import type { Collector } from './collector.ts';
import { isObject, type Json } from './items.ts';
import { findNarrativeProblem } from './narrative.ts';
import { readNarrative } from './narrative-reading.ts';
import type { Segment } from './path.ts';
import { show } from './suggestion.ts';

/** A tag of HTML: `<b>`, `</a >`, `<img src=...`, `<!-- `. Not `<5` or `a < b`. */
const MARKUP = /<(?:[A-Za-z][A-Za-z0-9]*(?:\s+[A-Za-z-]+\s*=|\s*\/?>)|\/[A-Za-z][A-Za-z0-9]*\s*>|!--)/;
const TEXTS: ReadonlySet<string> = new Set(['string', 'markdown']);

/** Of `entry[0].resource`. */
const ENTRY_DEPTH = 3;

export function checkTexts(root: Resource, c: Collector): void {
  const { model, schemas } = c.env;
  const at: Segment[] = [];
  visit(root, typeOf(root, 'Resource', model));

  /** Their turn comes one by one. */
  function isEntry(): boolean {
    return (
      c.skipsEntries &&
      c.depth === 1 &&
      at.length === ENTRY_DEPTH &&
      at[0] === 'entry' &&
      at[2] === 'resource'
    );
  }

  function visit(owner: Json, type: string): void {
    if (at.length > c.depthMax || isEntry()) return;
    const node = model.type(type);
    for (const key of Object.keys(owner)) {
      const isTwin = key.startsWith('_');
      const property = node?.byProperty.get(isTwin ? key.slice(1) : key);
      if (property === undefined) continue;
      const { element } = property;
      at.push(element.isChoice ? `${element.name}.ofType(${property.type})` : element.name);
      const value = owner[key];
      const values = Array.isArray(value) ? value : [value];
      for (let i = 0; i < values.length; i++) {
        if (Array.isArray(value)) at.push(i);
        if (isTwin) checkTwin(owner, key.slice(1), i, values[i], type);
        else checkValue(values[i], property.type);
        if (Array.isArray(value)) at.pop();
      }
      at.pop();
    }
  }

  function checkValue(value: unknown, type: string): void {
    if (isObject(value)) visit(value, typeOf(value, type, model));
    else if (type === 'xhtml') {
      if (typeof value === 'string' && findNarrativeProblem(value) === undefined)
        readNarrative(value, [...at], c);
    } else if (typeof value === 'string' && TEXTS.has(type) && value.includes('<') && MARKUP.test(value)) {
      const text = `${show(value)} looks like HTML: who displays it must escape it.`;
      c.report('markup-in-text', text, { at: [...at] });
    }
  }

  /** A code from a required value set must be there; what is unknown has a code of its own, or none. */
  function checkTwin(owner: Json, json: string, i: number, twin: unknown, type: string): void {
    const value = owner[json];
    const own = Array.isArray(value) ? value[i] : value;
    if (!isObject(twin)) return;
    visit(twin, 'Element');
    if (own !== undefined && own !== null) return;
    const binding = schemas.element(type, json)?.bindings.find((one) => one.strength === 'required');
    if (binding === undefined || model.type(type)?.byProperty.get(json)?.type !== 'code') return;
    const text = `There is no code, but one from the value set ${binding.valueSet} is required.`;
    c.report('binding-required', text, { at: [...at], subject: 'absent' });
  }
}

function typeOf(value: Json, declared: string, model: TypeModel): string {
  const { resourceType } = value;
  if (typeof resourceType !== 'string') return declared;
  return model.type(resourceType) === undefined ? declared : resourceType;
}
