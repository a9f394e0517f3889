/**
 * Narratives in several languages: the sections that a narrative has, and what a profile asks of them.
 * https://hl7.org/fhir/R4/narrative.html, http://hl7.org/fhir/StructureDefinition/narrative-language-control
 */
import type { ElementDefinition } from '@medplum/fhirtypes';
import type { ItemCheck, OverlayContext } from './collector.ts';
import { isObject } from './items.ts';
import { list, show } from './suggestion.ts';

const CONTROL = 'http://hl7.org/fhir/StructureDefinition/narrative-language-control';

export function languageCheck(element: ElementDefinition, context: OverlayContext): ItemCheck | undefined {
  const wishes = (element.extension ?? []).flatMap((one) =>
    one.url === CONTROL && one.valueCode !== undefined ? [one.valueCode] : [],
  );
  if (wishes.length === 0) return undefined;
  return ({ value }, c) => {
    if (!isObject(value) || typeof value.div !== 'string') return;
    const found = languagesOf(value.div);
    for (const wish of wishes) {
      const text = faultOf(wish, found, c.resource.language);
      if (text === undefined) continue;
      const { source, profileName } = context;
      c.report('narrative', `${text} (${profileName}).`, { at: 'div', source, subject: wish });
    }
  };
}

/** `wish` is `_no`, `_yes`, `_resource`, or the language that must be there. */
function faultOf(wish: string, found: readonly string[], own: unknown): string | undefined {
  const shown = found.length === 0 ? 'none' : list(found);
  switch (wish) {
    case '_no':
      return found.length === 0 ? undefined : `The narrative may have no language sections, found ${shown}`;
    case '_yes':
      return found.length > 0 ? undefined : 'The narrative needs a section for each language, found none';
    case '_resource':
      if (typeof own !== 'string' || found.includes(own)) return undefined;
      return `The narrative needs a section in the language of the resource, ${show(own)}, found ${shown}`;
    default:
      return found.includes(wish)
        ? undefined
        : `The narrative needs a section in ${show(wish)}, found ${shown}`;
  }
}

const TAG = /<(\/?)([A-Za-z][A-Za-z0-9]*)((?:"[^"]*"|'[^']*'|[^"'>])*)>/g;
const LANGUAGE = /\s(?:xml:)?lang\s*=\s*(?:"([^"]*)"|'([^']*)')/;

/** Languages of the sections: the <div>s right below the outermost one. Its form is checked elsewhere. */
function languagesOf(div: string): string[] {
  const languages: string[] = [];
  let depth = 0;
  for (const [, slash, name, attributes = ''] of div.matchAll(TAG)) {
    if (slash === '/') depth--;
    else {
      const match = depth === 1 && name === 'div' ? LANGUAGE.exec(attributes) : null;
      if (match !== null) languages.push((match[1] ?? match[2]) as string);
      if (!attributes.endsWith('/')) depth++;
    }
  }
  return languages;
}
