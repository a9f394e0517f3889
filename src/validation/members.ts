/**
 * Picks what a profile speaks of out of an object. One loop over the properties that are there: to load each by
 * its name costs V8 a microsecond where objects come in more shapes than it keeps apart.
 * https://hl7.org/fhir/R4/json.html
 */
import type { Collector } from './collector.ts';
import type { ElementSchema, PropertySchema } from './element-schema.ts';
import type { Json } from './items.ts';

/** `property` is the variant that is there, undefined when there is neither a value nor its `_` twin. */
export type MemberCheck = (
  value: unknown,
  twin: unknown,
  property: PropertySchema | undefined,
  c: Collector,
) => void;

export interface Member {
  readonly element: ElementSchema;
  readonly check: MemberCheck;
  /** Finds no errors: not asked where nobody wants to hear anything else. */
  readonly isRemark: boolean;
}

export type OwnerCheck = (owner: Json, c: Collector) => void;

/** The checks run in the order of the members, whatever the order of the properties. */
export function compileMembers(members: readonly Member[]): OwnerCheck {
  const all = compileList(members);
  const strict = members.filter((one) => !one.isRemark);
  if (strict.length === members.length) return all;
  const errorsOnly = compileList(strict);
  return (owner, c) => (c.errorsOnly ? errorsOnly(owner, c) : all(owner, c));
}

function compileList(members: readonly Member[]): OwnerCheck {
  const [first] = members;
  if (first === undefined) return () => undefined;
  if (members.length === 1 && first.element.properties.length === 1) return compileOne(first);
  const places = placesOf(members);
  const checks = members.map((one) => one.check);
  const none: readonly unknown[] = new Array(members.length * PARTS).fill(undefined);
  return (owner, c) => {
    const found = none.slice();
    for (const key in owner) {
      const place = places.get(key);
      if (place === undefined) continue;
      // of two variants of a choice, which is wrong anyway, the first counts
      const known = found[place.at + PROPERTY];
      if (known === undefined) found[place.at + PROPERTY] = place.property;
      else if (known !== place.property) continue;
      found[place.at + place.part] = owner[key];
    }
    for (let i = 0, at = 0; i < checks.length; i++, at += PARTS) {
      const property = found[at + PROPERTY] as PropertySchema | undefined;
      (checks[i] as MemberCheck)(found[at + VALUE], found[at + TWIN], property, c);
      if (c.isSettled()) return;
    }
  };
}

const VALUE = 0;
const TWIN = 1;
const PROPERTY = 2;
const PARTS = 3;

interface Place {
  readonly at: number;
  readonly part: typeof VALUE | typeof TWIN;
  readonly property: PropertySchema;
}

function placesOf(members: readonly Member[]): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  members.forEach(({ element }, i) => {
    for (const property of element.properties) {
      const at = i * PARTS;
      places.set(propertyName(property.json), { at, part: VALUE, property });
      if (property.kind !== 'primitive') continue;
      places.set(propertyName(`_${property.json}`), { at, part: TWIN, property });
    }
  });
  return places;
}

function compileOne({ element, check }: Member): OwnerCheck {
  const property = element.properties[0] as PropertySchema;
  const json = propertyName(property.json);
  const twinJson = property.kind === 'primitive' ? propertyName(`_${property.json}`) : undefined;
  return (owner, c) => {
    let value: unknown;
    let twin: unknown;
    for (const key in owner) {
      if (key === json) value = owner[key];
      else if (key === twinJson) twin = owner[key];
    }
    check(value, twin, property, c);
  };
}

/** The text as V8 keeps names of properties, each once: so that comparing looks at no characters. */
function propertyName(text: string): string {
  return Object.keys({ [text]: true })[0] as string;
}
