/**
 * References, literal and logical.
 * https://hl7.org/fhir/R4/search.html#reference
 */

import { type Emit, type EmitContext, isObject } from './emit.ts';
import { addIdentifier } from './emit-token.ts';
import type { ParamKey } from './postings.ts';
import { canonicalForms, referenceForms } from './reference-forms.ts';
import { referenceForm } from './term-forms.ts';
import { hashTerm } from './term-hash.ts';

export interface ReferenceKeys {
  readonly k: ParamKey;
  readonly identifier: ParamKey;
}

export function referenceEmitter(type: string, keys: ReferenceKeys, context: EmitContext): Emit | undefined {
  const { k } = keys;
  switch (type) {
    case 'Reference':
      return (value, builder) => {
        if (!isObject(value)) return;
        if (typeof value.reference === 'string') {
          for (const form of referenceForms(value.reference, context.base))
            builder.addTerm(k, hashTerm(form));
        }
        if (isObject(value.identifier)) addIdentifier(value.identifier, keys.identifier, builder);
      };
    case 'canonical':
      // in the clear too, for `:below`
      return (value, builder) => {
        for (const form of urlForms(value, context.base)) builder.addCode(k, hashTerm(form), '', form);
      };
    case 'uri':
    case 'url':
      return (value, builder) => {
        for (const form of urlForms(value, context.base)) builder.addTerm(k, hashTerm(form));
      };
    case 'Attachment':
      return (value, builder) => {
        if (!isObject(value)) return;
        for (const form of urlForms(value.url, context.base)) builder.addTerm(k, hashTerm(form));
      };
    // Bundle.entry[0].resource: the resource itself
    case 'Resource':
      return (value, builder) => {
        if (!isObject(value) || typeof value.resourceType !== 'string' || typeof value.id !== 'string')
          return;
        builder.addTerm(k, hashTerm(referenceForm(value.resourceType, value.id)));
      };
    default:
      return undefined;
  }
}

function urlForms(value: unknown, base: string): readonly string[] {
  if (typeof value !== 'string') return [];
  return value.includes('|') ? canonicalForms(value) : referenceForms(value, base);
}

/** The forms of a value of a reference-typed component of a composite. */
export function referenceFormsOf(type: string, value: unknown, base: string): readonly string[] {
  if (type !== 'Reference') return urlForms(value, base);
  return isObject(value) && typeof value.reference === 'string' ? referenceForms(value.reference, base) : [];
}
