/**
 * What the generated code calls when the shape of the JSON is wrong: one function per kind of fault, each
 * with the sentence that a person reads.
 * https://hl7.org/fhir/R4/json.html
 */
import type { TypeModel } from '../definitions/type-model.ts';
import type { Collector } from './collector.ts';
import { jsonName, type Segment } from './path.ts';
import { PRIMITIVES } from './primitives.ts';
import { list, nearest, show } from './suggestion.ts';

type At = Segment | readonly Segment[];

export function notObject(at: Segment, value: unknown, c: Collector): void {
  if (value === null) {
    reportNull(at, c);
    return;
  }
  const text = Array.isArray(value)
    ? `${name(at)} occurs once: write a single object without [ ].`
    : `${name(at)} is an object in FHIR, not ${show(value)}.`;
  const isEmpty = Array.isArray(value) && value.length === 0;
  c.report(isEmpty ? 'empty-element' : 'wrong-json-type', text, { at });
}

export function badArray(at: Segment, value: unknown, c: Collector): void {
  if (value === null) {
    reportNull(at, c);
    return;
  }
  if (Array.isArray(value)) {
    c.report('empty-element', `${name(at)} is an empty array: leave it out.`, { at });
  } else {
    c.report('wrong-json-type', `${name(at)} can repeat: write an array, not ${show(value)}.`, { at });
  }
}

/** An element of an array that should be an object; the path already has its index. */
export function badItem(value: unknown, c: Collector): void {
  if (value === null) c.report('empty-element', 'null is not allowed in an array of objects: leave it out.');
  else c.report('wrong-json-type', `An object is expected here, not ${show(value)}.`);
}

export function badPrimitive(type: string, at: At, value: unknown, c: Collector): void {
  if (value === null) {
    reportNull(at, c);
    return;
  }
  const rule = PRIMITIVES[type];
  const label = name(at);
  if (Array.isArray(value)) {
    const text = `${label} occurs once: write a single value without [ ].`;
    c.report(value.length === 0 ? 'empty-element' : 'wrong-json-type', text, { at });
  } else if (typeof value !== rule?.json) {
    const article = rule?.json === 'boolean' ? 'true or false' : `a JSON ${rule?.json}`;
    c.report('wrong-json-type', `${label} (${type}) must be ${article}, not ${show(value)}.`, { at });
  } else if (value === '') {
    c.report('empty-element', `${label} is empty: leave it out.`, { at });
  } else {
    c.report(
      'invalid-primitive',
      `${label}: ${show(value)} is not ${typeName(type)}; expected ${rule.expected}.`,
      {
        at,
      },
    );
  }
}

/** With its article. */
function typeName(type: string): string {
  if (type === 'elementId') return 'an id of an element';
  return /^(?:[aeio]|un)/.test(type) ? `an ${type}` : `a ${type}`;
}

export function conflict(element: string, json: string, c: Collector): void {
  const text = `${element}[x] may have one type only: ${json} stands beside another variant.`;
  c.report('choice-conflict', text, { at: element });
}

/** `bits` has one bit for each name of `required` that was found. */
export function missing(bits: number, required: readonly string[], path: string, c: Collector): void {
  required.forEach((element, i) => {
    if ((bits & (1 << i)) !== 0) return;
    const text = `${path}.${element} is required: found 0, expected at least 1.`;
    c.report('min-cardinality', text, { subject: element.replace('[x]', '') });
  });
}

export function empty(c: Collector): void {
  c.report('empty-element', 'An element must have a value or children: fill it or leave it out.', {
    constraint: 'ele-1',
  });
}

export function tooDeep(c: Collector): void {
  c.report('too-deep', `Nested deeper than ${c.limits.depthMax} steps: the rest was not looked at.`, {
    severity: 'error',
  });
}

/** null in an array of primitives stands for a value with extensions only. */
export function nullItem(at: Segment, index: number, owner: Record<string, unknown>, c: Collector): void {
  const twin = owner[`_${jsonName(String(at))}`];
  if (Array.isArray(twin) && typeof twin[index] === 'object' && twin[index] !== null) return;
  const text = `null needs an object at the same place of _${at}: otherwise leave it out.`;
  c.report('empty-element', text, { at: [at, index] });
}

/** Properties that R4 does not have, with the nearest that it has. */
export function createUnknown(model: TypeModel) {
  return (type: string, json: string, _value: unknown, c: Collector): void => {
    c.report('unknown-element', unknownText(model, type, json), { at: json });
  };
}

function unknownText(model: TypeModel, type: string, json: string): string {
  const known = model.type(type)?.byProperty;
  const shown = show(json);
  if (json === 'fhir_comments')
    return 'fhir_comments belongs to DSTU1 and is not allowed in R4: leave it out.';
  if (json === 'resourceType') return `resourceType is for resources; ${type} is a datatype.`;
  if (json === '_id' || json === '_url') {
    return `${shown} is not allowed: ${json.slice(1)} identifies, so it has a value and nothing else.`;
  }
  if (json.startsWith('_') && known?.has(json.slice(1)) === true) {
    return `${shown} is not allowed: only primitives have a twin with an underscore.`;
  }
  for (const node of model.type(type)?.elements.values() ?? []) {
    if (!node.isChoice || !json.startsWith(node.name)) continue;
    const allowed = node.properties.map((property) => property.json);
    if (json === node.name)
      return `${type} has no property ${shown}: its type is part of the name, as in ${list(allowed)}.`;
    return `${type} has no property ${shown}: ${node.name}[x] can be ${list(allowed)}.`;
  }
  const near = synonymOf(json, known) ?? nearest(json, known?.keys() ?? []);
  return `${type} has no property ${shown}${near === undefined ? '.' : `: did you mean ${near}?`}`;
}

/** What other systems call the property. */
function synonymOf(json: string, known: ReadonlyMap<string, unknown> | undefined): string | undefined {
  return SYNONYMS.get(json.toLowerCase().replace(/[_-]/g, ''))?.find((name) => known?.has(name) === true);
}

const SYNONYMS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    firstname: ['given'],
    givenname: ['given'],
    middlename: ['given'],
    lastname: ['family'],
    surname: ['family'],
    familyname: ['family'],
    fullname: ['text', 'name'],
    dateofbirth: ['birthDate'],
    dob: ['birthDate'],
    birthday: ['birthDate'],
    sex: ['gender'],
    phone: ['telecom'],
    phonenumber: ['telecom'],
    mobile: ['telecom'],
    email: ['telecom'],
    zip: ['postalCode'],
    zipcode: ['postalCode'],
    street: ['line'],
    province: ['state'],
    patient: ['subject', 'patient'],
    subject: ['patient', 'subject'],
    encounter: ['context', 'encounter'],
    description: ['text', 'description'],
    notes: ['note'],
    comment: ['note', 'comment'],
    comments: ['note', 'comment'],
    identifiers: ['identifier'],
    mrn: ['identifier'],
    nationality: ['extension'],
  }),
);

function reportNull(at: At, c: Collector): void {
  c.report('empty-element', `${name(at)} is null: leave it out.`, { at });
}

function name(at: At): string {
  if (typeof at !== 'object') return show(jsonName(String(at))).slice(1, -1);
  const text = at.filter((segment) => typeof segment === 'string').join('.');
  return text === '' ? 'The value' : text;
}
