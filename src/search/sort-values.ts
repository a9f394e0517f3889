/**
 * What a resource is sorted by where its postings cannot tell: they hold digests of references, identifiers and
 * addresses of contact, which have no order. Such values are read from the resource itself.
 * https://hl7.org/fhir/R4/search.html#sort
 */
import { isObject, objectsOf } from './emit.ts';
import { stringParts } from './emit-text.ts';
import { valuesAt } from './path-values.ts';
import { phoneticKeys } from './phonetic.ts';
import type { ContentSource, SortKey } from './query.ts';
import { referenceForms } from './reference-forms.ts';
import { contactValue, stringToken } from './term-forms.ts';

/** UTF-16 units of a value that count. */
const LENGTH_MAX = 200;
/** Digits of the longest whole number. */
const DIGITS_MAX = 16;

/** Whether the order looks at the text of resources. */
export function readsContent(sort: readonly { readonly by: string }[]): boolean {
  return sort.some(
    (key) => key.by === 'gathered' && (key as GatheredKey).of.some(({ by }) => by === 'content'),
  );
}

export type GatheredKey = Extract<SortKey, { readonly by: 'gathered' }>;

/** The values of a resource, in no order; what has not the shape that its type promises is passed over. */
export function contentValues(source: ContentSource, resource: unknown): string[] {
  const values: string[] = [];
  const roots = rootsOf(source, resource);
  for (const path of source.paths) {
    for (const value of roots.flatMap((root) => valuesAt(path, root))) {
      for (const text of textsOf(path.type, value, source.base)) if (text !== '') values.push(cut(text));
    }
  }
  return values;
}

function rootsOf({ type, isContained }: ContentSource, resource: unknown): readonly unknown[] {
  const of = isContained && isObject(resource) ? resource.contained : resource;
  return objectsOf(of).filter(({ resourceType }) => resourceType === type);
}

/** Whether values of a type have texts to be sorted by. */
export function hasContent(type: string): boolean {
  return CONTENT.has(type);
}

const CONTENT: ReadonlySet<string> = new Set(
  (
    'Reference canonical uri url oid uuid id Attachment Resource Identifier ContactPoint string markdown HumanName ' +
    'integer positiveInt unsignedInt'
  ).split(' '),
);

function textsOf(type: string, value: unknown, base: string): readonly string[] {
  switch (type) {
    case 'Reference':
      return isObject(value) ? literal(value.reference, base) : [];
    case 'canonical':
    case 'uri':
    case 'url':
      return literal(value, base);
    case 'Attachment':
      return isObject(value) ? literal(value.url, base) : [];
    case 'Resource':
      return isObject(value) ? [`${String(value.resourceType)}/${String(value.id)}`] : [];
    case 'Identifier':
      return isObject(value) && typeof value.value === 'string' ? [value.value] : [];
    case 'ContactPoint':
      return isObject(value) && typeof value.value === 'string' ? [contactValue(value.value)] : [];
    case 'string':
    case 'markdown':
      return typeof value === 'string' ? [stringToken(value)] : [];
    case 'HumanName':
      return isObject(value) ? sounds(value) : [];
    case 'integer':
    case 'positiveInt':
    case 'unsignedInt':
      return [String(value).padStart(DIGITS_MAX, '0')];
    default:
      return typeof value === 'string' ? [value] : [];
  }
}

/** As it is searched: without our own address and version. */
function literal(value: unknown, base: string): readonly string[] {
  return typeof value === 'string' ? referenceForms(value, base).slice(0, 1) : [];
}

/** The parts of a name by their sound, for `phonetic`. */
function sounds(name: Readonly<Record<string, unknown>>): readonly string[] {
  return (stringParts('HumanName') ?? []).flatMap((part) =>
    [name[part]]
      .flat()
      .filter((one) => typeof one === 'string')
      .map((one) => phoneticKeys(one).join(' ')),
  );
}

function cut(given: string): string {
  // half of a character is none, and comes back from no store
  const text = given.isWellFormed() ? given : given.toWellFormed();
  if (text.length <= LENGTH_MAX) return text;
  const last = text.charCodeAt(LENGTH_MAX - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? LENGTH_MAX - 1 : LENGTH_MAX);
}
