/** A Questionnaire as its answers are checked against it: items by linkId, with what its extensions limit. */
import { isObject, type Json } from './items.ts';

export interface QuestionItem {
  readonly linkId: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly mayRepeat: boolean;
  readonly item: Json;
  readonly children: readonly QuestionItem[];
  /** Position in the whole questionnaire. */
  readonly order: number;
}

export interface QuestionnaireIndex {
  readonly questionnaire: Json;
  readonly items: readonly QuestionItem[];
  readonly byLinkId: ReadonlyMap<string, QuestionItem>;
  /** The first linkId that occurs again. */
  readonly doubled: string | undefined;
}

const DEPTH_MAX = 50;

export function indexQuestionnaire(questionnaire: Json): QuestionnaireIndex {
  const byLinkId = new Map<string, QuestionItem>();
  let doubled: string | undefined;
  const read = (items: unknown, depth: number): QuestionItem[] => {
    if (!Array.isArray(items) || depth > DEPTH_MAX) return [];
    return items.filter(isObject).map((item) => {
      const order = byLinkId.size;
      const linkId = typeof item.linkId === 'string' ? item.linkId : '';
      const children: QuestionItem[] = [];
      const entry: QuestionItem = {
        linkId,
        type: typeof item.type === 'string' ? item.type : '',
        isRequired: item.required === true,
        mayRepeat: item.repeats === true,
        item,
        children,
        order,
      };
      if (item.linkId !== undefined && byLinkId.has(linkId)) doubled ??= linkId;
      byLinkId.set(linkId, entry);
      children.push(...read(item.item, depth + 1));
      return entry;
    });
  };
  const items = read(questionnaire.item, 0);
  return { questionnaire, items, byLinkId, doubled };
}

/** The values of an extension by the end of its URL, whatever their type. */
export function extensionValues(
  element: Json,
  name: string,
): { readonly type: string; readonly value: unknown }[] {
  if (!Array.isArray(element.extension)) return [];
  return element.extension.flatMap((one) => {
    if (
      !isObject(one) ||
      typeof one.url !== 'string' ||
      !EXTENSION_BASES.some((base) => one.url === base + name)
    ) {
      return [];
    }
    const key = Object.keys(one).find((candidate) => candidate.startsWith('value'));
    return key === undefined ? [] : [{ type: key.slice(5), value: one[key] }];
  });
}

const EXTENSION_BASES = [
  'http://hl7.org/fhir/StructureDefinition/',
  'http://hl7.org/fhir/uv/sdc/StructureDefinition/',
  'http://phr.kanta.fi/StructureDefinition/',
];
