/**
 * The discriminator that most profiles have: a path of plain elements to one fixed text, such as `coding.code`.
 * It is followed through the JSON itself, without a list of items at each step.
 * https://hl7.org/fhir/R4/profiling.html#discriminator
 */
import type { ItemTest, OverlayEnvironment } from './collector.ts';
import type { PropertySchema } from './element-schema.ts';
import { isObject } from './items.ts';

interface Link {
  readonly json: string;
  readonly isArray: boolean;
}

/** Whether the text is at the end of the path; where the path is not plain for a type, `general` tells. */
export function compileTextTest(
  names: readonly string[],
  text: string,
  env: OverlayEnvironment,
  general: ItemTest,
): ItemTest {
  let type = '';
  let links: readonly Link[] | undefined;
  return (item, c) => {
    if (item.type !== type) {
      type = item.type;
      links = linksOf(type, names, env);
    }
    return links === undefined || !isObject(item.value)
      ? general(item, c)
      : leadsTo(item.value, links, 0, text);
  };
}

/** Undefined where a choice, a resource or something unknown is on the way. */
function linksOf(
  type: string,
  names: readonly string[],
  env: OverlayEnvironment,
): readonly Link[] | undefined {
  const links: Link[] = [];
  let owner = type;
  for (let i = 0; i < names.length; i++) {
    const element = env.schemas.element(owner, names[i] as string);
    if (element === undefined || element.isChoice || element.properties.length !== 1) return undefined;
    const property = element.properties[0] as PropertySchema;
    const isLast = i === names.length - 1;
    if (property.kind === 'resource' || (property.kind === 'primitive') !== isLast) return undefined;
    links.push({ json: property.json, isArray: element.isArray });
    owner = property.type;
  }
  return links;
}

function leadsTo(value: unknown, links: readonly Link[], at: number, text: string): boolean {
  if (at === links.length) return value === text;
  if (!isObject(value)) return false;
  const { json, isArray } = links[at] as Link;
  const next = value[json];
  if (!isArray || !Array.isArray(next)) return leadsTo(next, links, at + 1, text);
  for (let i = 0; i < next.length; i++) if (leadsTo(next[i], links, at + 1, text)) return true;
  return false;
}
