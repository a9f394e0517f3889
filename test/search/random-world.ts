/**
 * Random resources and random searches over them, with what each search must find: told by looking at the JSON
 * with rules written a second time and differently, not by what the server extracts.
 */
import type { Resource } from '../../src/fhir/types.ts';

export type Random = () => number;

/** mulberry32: the same numbers for the same seed. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}

function maybe<T>(random: Random, chance: number, make: () => T): T | undefined {
  return random() < chance ? make() : undefined;
}

const SYSTEMS = ['http://loinc.org', 'http://snomed.info/sct', undefined] as const;
const CODES = ['1-8', '2-2', '3-3', '4'] as const;
const DISPLAYS = ['Body weight', 'Weight at birth', 'Blood pressure', 'Tuberculosis class'] as const;
const NAMES = ['Saw Htoo', 'Sawyer', 'Ñuñez', 'nunes', "O'Brien", 'Al-Hamwi'] as const;
const DATES = [
  '2024',
  '2024-02',
  '2024-02-29',
  '2024-03-01',
  '2024-02-29T23:30:00Z',
  '2024-03-01T01:00:00+02:00',
  '2024-02-29T10:15:30.250Z',
  '2025-01-01',
] as const;
const VALUES = [0, 1, 5.4, 5.44, 5.45, 99.5, 100, 100.4, -3, 1000] as const;
const UNITS = [
  { unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  { unit: 'gram', system: 'http://unitsofmeasure.org', code: 'g' },
  { unit: 'stone' },
  {},
] as const;
const ID_SYSTEMS = ['urn:case', 'urn:passport', undefined] as const;
const ID_VALUES = ['A1', 'A2', 'a1'] as const;

interface Coded {
  readonly system?: string;
  readonly code?: string;
  readonly display?: string;
}

function coding(random: Random): Coded {
  const system = pick(random, SYSTEMS);
  const code = pick(random, CODES);
  return {
    ...(system === undefined ? {} : { system }),
    code,
    ...(random() < 0.6 ? { display: pick(random, DISPLAYS) } : {}),
  };
}

function concept(random: Random): Record<string, unknown> {
  const codings = Array.from({ length: Math.floor(random() * 3) }, () => coding(random));
  const text = maybe(random, codings.length === 0 ? 1 : 0.3, () => pick(random, DISPLAYS));
  return { ...(codings.length === 0 ? {} : { coding: codings }), ...(text === undefined ? {} : { text }) };
}

function without(resource: Record<string, unknown>): Resource {
  return Object.fromEntries(Object.entries(resource).filter(([, value]) => value !== undefined)) as Resource;
}

function patient(random: Random, id: string): Resource {
  return without({
    resourceType: 'Patient',
    id,
    identifier: maybe(random, 0.7, () =>
      Array.from({ length: 1 + Math.floor(random() * 2) }, () => {
        return without({ system: pick(random, ID_SYSTEMS), value: pick(random, ID_VALUES) });
      }),
    ),
    active: maybe(random, 0.5, () => random() < 0.5),
    name: maybe(random, 0.8, () => [{ family: pick(random, NAMES), given: [pick(random, NAMES)] }]),
    gender: maybe(random, 0.7, () => pick(random, ['male', 'female', 'other'])),
    birthDate: maybe(random, 0.7, () => pick(random, DATES.slice(0, 4))),
    contained: [{ resourceType: 'Practitioner', id: 'in', name: [{ family: pick(random, NAMES) }] }],
    // one of this server, the contained one, or both
    generalPractitioner: maybe(random, 0.6, () =>
      pick(random, [
        [{ reference: `Practitioner/d${Math.floor(random() * 3)}` }],
        [{ reference: '#in' }],
        [{ reference: '#in' }, { reference: `Practitioner/d${Math.floor(random() * 3)}` }],
      ]),
    ),
  });
}

function quantity(random: Random): Record<string, unknown> {
  return { value: pick(random, VALUES), ...pick(random, UNITS) };
}

function observation(random: Random, id: string): Resource {
  const effective = random();
  return without({
    resourceType: 'Observation',
    id,
    status: pick(random, ['final', 'preliminary']),
    code: concept(random),
    subject: maybe(random, 0.8, () => ({
      reference: `${pick(random, ['', 'https://clinic.example/fhir/'])}Patient/p${Math.floor(random() * 6)}`,
    })),
    effectiveDateTime: effective < 0.6 ? pick(random, DATES) : undefined,
    effectivePeriod:
      effective >= 0.6 && effective < 0.8
        ? pick(random, [{ start: '2024-02-10' }, { end: '2024-03' }, { start: '2024-02-10', end: '2024-03' }])
        : undefined,
    valueQuantity: maybe(random, 0.5, () => quantity(random)),
    component: maybe(random, 0.4, () =>
      Array.from({ length: 2 }, () => ({ code: concept(random), valueQuantity: quantity(random) })),
    ),
  });
}

export function randomResources(random: Random): Resource[] {
  const resources: Resource[] = [];
  for (let at = 0; at < 3; at++) {
    resources.push({ resourceType: 'Practitioner', id: `d${at}`, name: [{ family: pick(random, NAMES) }] });
  }
  for (let at = 0; at < 6; at++) resources.push(patient(random, `p${at}`));
  for (let at = 0; at < 12; at++) resources.push(observation(random, `o${at}`));
  return resources;
}

/** Whether a resource is found; `all` is the world. */
type Holds = (resource: Resource, all: readonly Resource[]) => boolean;

export interface RandomSearch {
  readonly type: string;
  readonly pairs: readonly (readonly [name: string, value: string])[];
  readonly holds: Holds;
}

interface Part {
  readonly name: string;
  readonly value: string;
  readonly holds: Holds;
}

export function randomSearch(random: Random): RandomSearch {
  const type = pick(random, ['Patient', 'Observation', 'Observation']);
  const parts = Array.from({ length: 1 + Math.floor(random() * 2.5) }, () => randomPart(random, type, 0));
  if (type === 'Patient' && random() < 0.3) parts.push(filterPart(random));
  return {
    type,
    pairs: parts.map(({ name, value }) => [name, value] as const),
    holds: (resource, all) =>
      resource.resourceType === type && parts.every((part) => part.holds(resource, all)),
  };
}

function randomPart(random: Random, type: string, depth: number): Part {
  if (type === 'Practitioner') return stringPart(random, 'family', familyOf);
  if (type === 'Patient') return patientPart(random, depth);
  return observationPart(random, depth);
}

function patientPart(random: Random, depth: number): Part {
  const choice = Math.floor(random() * (depth < 2 ? 8 : 6));
  switch (choice) {
    case 0:
      return identifierPart(random);
    case 1:
      return codePart(random, 'gender', ['male', 'female'], ({ gender }) => gender as string | undefined);
    case 2:
      return codePart(random, 'active', ['true', 'false'], ({ active }) => active as boolean | undefined);
    case 3:
      return stringPart(random, 'family', familyOf);
    case 4:
      return stringPart(random, 'name', (resource) => {
        return objects(resource.name).flatMap(
          ({ family, given }) => [family, ...(given as string[])] as string[],
        );
      });
    case 5:
      return datePart(random, 'birthdate', ({ birthDate }) =>
        birthDate === undefined ? undefined : interval(birthDate as string),
      );
    case 6:
      return chainPart(random, 'general-practitioner', 'Practitioner', depth, (resource) => {
        return objects(resource.generalPractitioner).map(({ reference }) => reference as string);
      });
    default:
      return hasPart(random, depth);
  }
}

function observationPart(random: Random, depth: number): Part {
  const choice = Math.floor(random() * (depth < 2 ? 8 : 7));
  switch (choice) {
    case 0:
      return tokenPart(random, 'code', (resource) => [resource.code as Record<string, unknown>]);
    case 1:
      return tokenPart(random, 'combo-code', (resource) => [
        resource.code as Record<string, unknown>,
        ...objects(resource.component).map(({ code }) => code as Record<string, unknown>),
      ]);
    case 2:
      return datePart(random, 'date', effectiveOf);
    case 3:
      return quantityPart(random, 'value-quantity', ({ valueQuantity }) =>
        valueQuantity === undefined ? [] : [valueQuantity as Quantity],
      );
    case 4:
      return quantityPart(random, 'component-value-quantity', ({ component }) =>
        objects(component).map(({ valueQuantity }) => valueQuantity as Quantity),
      );
    case 5:
      return compositePart(random);
    case 6:
      return subjectPart(random);
    default:
      return chainPart(random, pick(random, ['subject:Patient', 'patient']), 'Patient', depth, (resource) => {
        return resource.subject === undefined ? [] : [localOf(resource.subject)];
      });
  }
}

type Quantity = {
  readonly value: number;
  readonly unit?: string;
  readonly system?: string;
  readonly code?: string;
};

function objects(value: unknown): Record<string, unknown>[] {
  return (value ?? []) as Record<string, unknown>[];
}

function localOf(reference: unknown): string {
  return (reference as { reference: string }).reference.replace('https://clinic.example/fhir/', '');
}

function familyOf(resource: Resource): string[] {
  return objects(resource.name).flatMap(({ family }) => (family === undefined ? [] : [family as string]));
}

function missing(random: Random, name: string, isPresent: (resource: Resource) => boolean): Part {
  const wanted = random() < 0.5;
  return {
    name: `${name}:missing`,
    value: String(wanted),
    holds: (resource) => isPresent(resource) !== wanted,
  };
}

function codePart(
  random: Random,
  name: string,
  codes: readonly string[],
  readValue: (resource: Resource) => string | boolean | undefined,
): Part {
  if (random() < 0.2) return missing(random, name, (resource) => readValue(resource) !== undefined);
  const code = pick(random, codes);
  const isNot = random() < 0.3;
  return {
    name: isNot ? `${name}:not` : name,
    value: code,
    holds: (resource) => (String(readValue(resource)) === code) !== isNot,
  };
}

function tokenText(system: string | undefined, code: string, form: number): string {
  if (form < 0.4) return code;
  if (form < 0.8 || system === undefined) return `${system ?? ''}|${code}`;
  return `${system}|`;
}

function tokenHolds(text: string, codings: readonly Coded[]): boolean {
  const bar = text.indexOf('|');
  return codings.some(({ system, code }) => {
    if (bar < 0) return code === text;
    const [wantedSystem, wantedCode] = [text.slice(0, bar), text.slice(bar + 1)];
    return (system ?? '') === wantedSystem && (wantedCode === '' || code === wantedCode);
  });
}

function tokenPart(
  random: Random,
  name: string,
  conceptsOf: (resource: Resource) => readonly Record<string, unknown>[],
): Part {
  if (random() < 0.25) return labelPart(random, name, conceptsOf);
  const texts = Array.from({ length: 1 + Math.floor(random() * 2) }, () =>
    tokenText(pick(random, SYSTEMS), pick(random, CODES), random()),
  );
  const isNot = random() < 0.2;
  return {
    name: isNot ? `${name}:not` : name,
    value: texts.join(','),
    holds: (resource) => {
      const codings = conceptsOf(resource).flatMap((one) => objects(one.coding) as Coded[]);
      return texts.some((text) => tokenHolds(text, codings)) !== isNot;
    },
  };
}

function labelPart(
  random: Random,
  name: string,
  conceptsOf: (resource: Resource) => readonly Record<string, unknown>[],
): Part {
  const text = pick(random, ['weight', 'Body', 'blood pres', 'eight', 'class']);
  return {
    name: `${name}:text`,
    value: text,
    holds: (resource) => {
      const labels = conceptsOf(resource).flatMap((one) => [
        ...objects(one.coding).map(({ display }) => display),
        one.text,
      ]);
      return labels.some((label) => typeof label === 'string' && new RegExp(`(^| )${text}`, 'i').test(label));
    },
  };
}

function identifierPart(random: Random): Part {
  const text = tokenText(pick(random, ID_SYSTEMS), pick(random, ID_VALUES), random());
  return {
    name: 'identifier',
    value: text,
    holds: (resource) =>
      tokenHolds(
        text,
        objects(resource.identifier).map(({ system, value }) => ({ system, code: value }) as Coded),
      ),
  };
}

function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[-' ]+/g, ' ');
}

function stringPart(random: Random, name: string, valuesOf: (resource: Resource) => readonly string[]): Part {
  const value = pick(random, ['saw', 'SAW HTOO', 'Sawyer', 'nun', 'ñ', "o'b", 'hamwi', 'htoo']);
  switch (Math.floor(random() * 4)) {
    case 0:
      return { name: `${name}:exact`, value, holds: (resource) => valuesOf(resource).includes(value) };
    case 1: {
      const part = value.slice(0, 4).trim();
      const isLong = plain(part).length >= 2;
      const text = isLong ? part : 'saw';
      return {
        name: `${name}:contains`,
        value: text,
        holds: (resource) => valuesOf(resource).some((one) => plain(one).includes(plain(text))),
      };
    }
    case 2:
      return missing(random, name, (resource) => valuesOf(resource).length > 0);
    default:
      return {
        name,
        value,
        holds: (resource) =>
          [...valuesOf(resource), ...familyOf(resource).flatMap(furtherWords)].some((one) =>
            plain(one).startsWith(plain(value)),
          ),
      };
  }
}

/** `Htoo Wah` and `Wah` of `Saw Htoo Wah`. */
function furtherWords(family: string): string[] {
  const words = plain(family).split(' ');
  return words.slice(1).map((_, at) => words.slice(at + 1).join(' '));
}

type Interval = readonly [from: number, to: number];

/** By the length of the text. */
function interval(text: string): Interval {
  const start = Date.parse(/T/.test(text) ? text : `${`${text}-01-01`.slice(0, 10)}T00:00:00Z`);
  const next = new Date(start);
  if (text.length === 4) next.setUTCFullYear(next.getUTCFullYear() + 1);
  else if (text.length === 7) next.setUTCMonth(next.getUTCMonth() + 1);
  else if (text.length === 10) next.setUTCDate(next.getUTCDate() + 1);
  else next.setTime(start + (text.includes('.') ? 1 : 1000));
  return [start, next.getTime()];
}

function effectiveOf(resource: Resource): Interval | undefined {
  if (typeof resource.effectiveDateTime === 'string') return interval(resource.effectiveDateTime);
  const period = resource.effectivePeriod as { start?: string; end?: string } | undefined;
  if (period === undefined || (period.start === undefined && period.end === undefined)) return undefined;
  return [
    period.start === undefined ? Number.NEGATIVE_INFINITY : interval(period.start)[0],
    period.end === undefined ? Number.POSITIVE_INFINITY : interval(period.end)[1],
  ];
}

const PREFIXES = ['', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb'] as const;

/** In the words of R4's table of prefixes. */
function compare(prefix: string, [from, to]: Interval, [wantedFrom, wantedTo]: Interval): boolean {
  const contained = wantedFrom <= from && to <= wantedTo;
  const reachesAbove = to > wantedTo;
  const reachesBelow = from < wantedFrom;
  switch (prefix) {
    case 'ne':
      return !contained;
    case 'gt':
      return reachesAbove;
    case 'lt':
      return reachesBelow;
    case 'ge':
      return reachesAbove || contained;
    case 'le':
      return reachesBelow || contained;
    case 'sa':
      return from >= wantedTo;
    case 'eb':
      return to <= wantedFrom;
    default:
      return contained;
  }
}

function datePart(
  random: Random,
  name: string,
  readValue: (resource: Resource) => Interval | undefined,
): Part {
  if (random() < 0.15) return missing(random, name, (resource) => readValue(resource) !== undefined);
  const prefix = pick(random, PREFIXES);
  const text = pick(random, DATES);
  return {
    name,
    value: `${prefix}${text}`,
    holds: (resource) => {
      const value = readValue(resource);
      return value !== undefined && compare(prefix, value, interval(text));
    },
  };
}

function numberHolds(prefix: string, value: number, wanted: number, precision: number): boolean {
  switch (prefix) {
    case 'gt':
    case 'sa':
      return value > wanted;
    case 'lt':
    case 'eb':
      return value < wanted;
    case 'ge':
      return value >= wanted;
    case 'le':
      return value <= wanted;
    case 'ne':
      return value < wanted - precision || value >= wanted + precision;
    default:
      return value >= wanted - precision && value < wanted + precision;
  }
}

/** Number as text with half a unit of its last digit. */
const WANTED = [
  ['5', 0.5],
  ['5.4', 0.05],
  ['100', 0.5],
  ['99.5', 0.05],
  ['0', 0.5],
  ['-3', 0.5],
] as const;

function quantityText(random: Random): {
  readonly text: string;
  readonly holds: (quantity: Quantity) => boolean;
} {
  const prefix = pick(random, PREFIXES);
  const [number, precision] = pick(random, WANTED);
  const wanted = Number(number);
  const inUnit = (quantity: Quantity): boolean => numberHolds(prefix, quantity.value, wanted, precision);
  switch (Math.floor(random() * 3)) {
    case 0:
      return { text: `${prefix}${number}`, holds: inUnit };
    case 1:
      return {
        text: `${prefix}${number}||stone`,
        holds: (quantity) => quantity.unit === 'stone' && inUnit(quantity),
      };
    default:
      return {
        text: `${prefix}${number}|http://unitsofmeasure.org|kg`,
        // kg and g are the units with this system; values are compared in thousandths to stay whole
        holds: (quantity) => {
          if (quantity.system === undefined) return false;
          const grams = Math.round(quantity.value * (quantity.code === 'kg' ? 1e6 : 1e3));
          return numberHolds(prefix, grams, Math.round(wanted * 1e6), Math.round(precision * 1e6));
        },
      };
  }
}

function quantityPart(
  random: Random,
  name: string,
  valuesOf: (resource: Resource) => readonly Quantity[],
): Part {
  const { text, holds } = quantityText(random);
  return { name, value: text, holds: (resource) => valuesOf(resource).some(holds) };
}

function compositePart(random: Random): Part {
  const [name, ofOwn, ofComponents] = pick(random, [
    ['code-value-quantity', true, false],
    ['component-code-value-quantity', false, true],
    ['combo-code-value-quantity', true, true],
  ] as const);
  const token = tokenText(pick(random, SYSTEMS), pick(random, CODES), random() * 0.8);
  let { text, holds } = quantityText(random);
  while (text.includes('||')) ({ text, holds } = quantityText(random));
  return {
    name,
    value: `${token}$${text}`,
    holds: (resource) => {
      const pairs = [
        ...(ofOwn ? [resource as Record<string, unknown>] : []),
        ...(ofComponents ? objects(resource.component) : []),
      ];
      return pairs.some(({ code, valueQuantity }) => {
        const codings = objects((code as Record<string, unknown>).coding) as Coded[];
        return valueQuantity !== undefined && tokenHolds(token, codings) && holds(valueQuantity as Quantity);
      });
    },
  };
}

function subjectPart(random: Random): Part {
  const id = `p${Math.floor(random() * 7)}`;
  const [name, value] = pick(random, [
    ['subject', `Patient/${id}`],
    ['patient', id],
    ['subject:Patient', id],
    ['subject', `https://clinic.example/fhir/Patient/${id}`],
  ] as const);
  if (random() < 0.2) return missing(random, 'patient', ({ subject }) => subject !== undefined);
  return {
    name,
    value,
    holds: ({ subject }) => subject !== undefined && localOf(subject) === `Patient/${id}`,
  };
}

function chainPart(
  random: Random,
  name: string,
  target: string,
  depth: number,
  referencesOf: (resource: Resource) => readonly string[],
): Part {
  const inner = randomPart(random, target, depth + 1);
  return {
    name: `${name}.${inner.name}`,
    value: inner.value,
    holds: (resource, all) => {
      const references = referencesOf(resource);
      const isInside = (one: Record<string, unknown>): boolean =>
        one.resourceType === target && references.includes(`#${one.id}`) && inner.holds(one as Resource, all);
      if (objects(resource.contained).some(isInside)) return true;
      return all.some(
        (one) =>
          one.resourceType === target && references.includes(`${target}/${one.id}`) && inner.holds(one, all),
      );
    },
  };
}

interface Comparison {
  readonly text: string;
  readonly holds: (resource: Resource) => boolean;
}

const first = (text: string): number => text.codePointAt(0) ?? 0;

const OPERATORS: Readonly<Record<string, (value: string, wanted: string) => boolean>> = {
  gt: (value, wanted) => first(value) > first(wanted),
  ge: (value, wanted) => first(value) >= first(wanted),
  lt: (value, wanted) => first(value) < first(wanted),
  le: (value, wanted) => first(value) <= first(wanted),
  eq: (value, wanted) => value === wanted,
  sw: (value, wanted) => value.startsWith(wanted),
  ew: (value, wanted) => value.endsWith(wanted),
  co: (value, wanted) => value.includes(wanted),
};

function familyComparison(random: Random): Comparison {
  const op = pick(random, [...Object.keys(OPERATORS), 'ne', 'pr']);
  if (op === 'pr') return { text: 'family pr true', holds: (resource) => familyOf(resource).length > 0 };
  const wanted = pick(random, ['SAWYER', 'saw htoo', 'hamwi', 'nunez', 'ien', 'saw', 'ez']);
  const text = `family ${op} "${wanted}"`;
  const test = OPERATORS[op === 'ne' ? 'eq' : op] as (value: string, wanted: string) => boolean;
  const isFound = (resource: Resource): boolean =>
    familyOf(resource).some((family) => test(plain(family), plain(wanted)));
  if (op !== 'ne') return { text, holds: isFound };
  return { text, holds: (resource) => familyOf(resource).length > 0 && !isFound(resource) };
}

function birthComparison(random: Random): Comparison {
  const op = pick(random, ['co', 'po', 'eq']);
  const text = pick(random, DATES);
  const [wantedFrom, wantedTo] = interval(text);
  return {
    text: `birthdate ${op} ${text}`,
    holds: ({ birthDate }) => {
      if (typeof birthDate !== 'string') return false;
      const [from, to] = interval(birthDate);
      if (op === 'co') return from <= wantedFrom && wantedTo <= to;
      return op === 'po' ? from < wantedTo && wantedFrom < to : wantedFrom <= from && to <= wantedTo;
    },
  };
}

/** Comparisons joined, or both asked of the same practitioner, contained or not. */
function filterPart(random: Random): Part {
  const first = familyComparison(random);
  const second = familyComparison(random);
  const of = (value: string, holds: Holds): Part => ({ name: '_filter', value, holds });
  const born = birthComparison(random);
  switch (Math.floor(random() * 6)) {
    case 0:
      return of(`${first.text} and not (${second.text})`, (one) => first.holds(one) && !second.holds(one));
    case 3:
      // from left to right
      return of(
        `${first.text} or ${second.text} and ${born.text}`,
        (one) => (first.holds(one) || second.holds(one)) && born.holds(one),
      );
    case 4:
      return of(`not (${born.text})`, (one) => !born.holds(one));
    case 1:
      return of(`(${first.text}) or ${second.text}`, (one) => first.holds(one) || second.holds(one));
    case 2:
      return of(`not (${first.text} or ${second.text})`, (one) => !first.holds(one) && !second.holds(one));
    default:
      return of(`general-practitioner[${first.text}].${second.text}`, (resource, all) => {
        const references = objects(resource.generalPractitioner).map(({ reference }) => reference);
        const contained = objects(resource.contained).filter(({ id }) => references.includes(`#${id}`));
        const others = all.filter(({ resourceType, id }) => references.includes(`${resourceType}/${id}`));
        return [...(contained as Resource[]), ...others].some((one) => first.holds(one) && second.holds(one));
      });
  }
}

function hasPart(random: Random, depth: number): Part {
  const inner = randomPart(random, 'Observation', depth + 1);
  return {
    name: `_has:Observation:${pick(random, ['patient', 'subject'])}:${inner.name}`,
    value: inner.value,
    holds: (resource, all) =>
      all.some(
        (one) =>
          one.resourceType === 'Observation' &&
          one.subject !== undefined &&
          localOf(one.subject) === `Patient/${resource.id}` &&
          inner.holds(one, all),
      ),
  };
}
