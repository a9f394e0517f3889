/**
 * Rules of datatypes that no StructureDefinition states: what a Coding, Quantity, Identifier or Attachment
 * must be beyond its structure.
 * https://hl7.org/fhir/R4/datatypes.html
 */
import type { Terminology } from '../terminology/terminology.ts';
import type { Collector } from './collector.ts';
import { nearest, show } from './suggestion.ts';

type Json = Readonly<Record<string, unknown>>;

const UCUM = 'http://unitsofmeasure.org';
const URI_SYSTEM = 'urn:ietf:rfc:3986';

export interface CodingSources {
  readonly terminology: Terminology;
  isValueSet(url: string): boolean;
  isSupplement(system: string): boolean;
}

export function createTypeRules({ terminology, isValueSet, isSupplement }: CodingSources) {
  const supplements = new Map<string, boolean>();

  function isKnownSupplement(system: string): boolean {
    let answer = supplements.get(system);
    if (answer === undefined) {
      answer = isSupplement(system);
      if (supplements.size > 10_000) supplements.clear();
      supplements.set(system, answer);
    }
    return answer;
  }

  function coding(o: Json, c: Collector): void {
    const system = o.system;
    if (typeof system !== 'string' || system === URI_SYSTEM) return;
    const code = o.code;
    if (typeof code !== 'string') return;
    const exists = terminology.codeExists(system, code);
    if (exists !== 'unknown' && isKnownSupplement(system)) {
      const text = `${show(system)} is a supplement: the system of a code is the code system that it adds to.`;
      c.report('code-unknown', text, { at: 'system' });
    } else if (exists === 'yes') {
      if ((!c.errorsOnly || c.strict) && typeof o.display === 'string')
        checkDisplay(system, code, o.display, c);
    } else if (exists === 'no') reportUnknownCode(system, code, c);
    else if (!system.includes(':')) {
      const text = `The system of a code is an absolute URI, not ${show(system)}.`;
      c.report('code-unknown', text, { at: 'system' });
    } else if (isValueSet(system)) {
      const text = `${show(system)} is a value set; the system of a code is the code system that defines it.`;
      c.report('code-unknown', text);
    }
  }

  function reportUnknownCode(system: string, code: string, c: Collector): void {
    const text = `The code system ${system} has no code ${show(code)}.`;
    c.report('code-unknown', text);
  }

  function checkDisplay(system: string, code: string, display: string, c: Collector): void {
    const concept = terminology.lookup(system, code);
    if (concept?.display === undefined) return;
    const plain = normalise(display);
    if (normalise(concept.display) === plain) return;
    if (concept.designations.some((one) => normalise(one.value) === plain)) return;
    const text = `The display of ${show(code)} in ${system} is ${show(concept.display)}, not ${show(display)}.`;
    c.report('display-mismatch', text, { at: 'display', severity: c.strict ? 'error' : 'warning' });
  }

  function quantity(o: Json, c: Collector): void {
    if (o.system !== UCUM || typeof o.code !== 'string') return;
    if (terminology.codeExists(UCUM, o.code) !== 'no') return;
    const near = nearest(o.code, [
      'kg',
      'g',
      'mg',
      'cm',
      'mm',
      '%',
      'mm[Hg]',
      'Cel',
      '/min',
      'mL',
      'L',
      'mmol/L',
    ]);
    const hint = near === undefined ? '' : ` Did you mean ${show(near)}?`;
    c.report('code-unknown', `${show(o.code)} is not a unit of UCUM.${hint}`, { at: 'code' });
  }

  function identifier(o: Json, c: Collector): void {
    if (o.system !== URI_SYSTEM || typeof o.value !== 'string') return;
    if (/^[a-z][a-z0-9+.-]*:/i.test(o.value)) return;
    const text = `With the system ${URI_SYSTEM} the value is a whole URI such as urn:oid:1.2.3, not ${show(o.value)}.`;
    c.report('invalid-primitive', text, { at: 'value' });
  }

  return { coding, quantity, identifier };
}

function normalise(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase();
}
