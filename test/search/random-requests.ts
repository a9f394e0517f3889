/**
 * Random requests as a client sends them, over the resources of random-world.ts: filters beside orders of several keys,
 * includes, totals, summaries, compartments, several types, and what is to be ignored or refused. What each must give
 * is told from the JSON.
 */
import type { Resource } from '../../src/fhir/types.ts';
import { pick, type Random, randomResources, randomSearch } from './random-world.ts';
import { BASE } from './world.ts';

type Json = Readonly<Record<string, unknown>>;
type Pair = readonly [name: string, value: string];

export interface RandomRequest {
  /** Below the base, without parameters: a type, a compartment, or nothing. */
  readonly path: string;
  /** What is to be applied, then what is to be ignored. */
  readonly applied: readonly Pair[];
  readonly ignored: readonly Pair[];
  /** Ignored, however strict: a parameter without a value. */
  readonly empty: readonly Pair[];
  readonly holds: (resource: Resource, all: readonly Resource[]) => boolean;
  /** Absent for the order that the server chooses. */
  readonly sort?: readonly RandomKey[];
  readonly includes: readonly RandomInclude[];
  /** Whether another resource can decide what matches. */
  readonly looksFurther: boolean;
}

interface RandomKey {
  readonly name: string;
  readonly descending: boolean;
  readonly valuesOf: (resource: Resource) => readonly (string | number)[];
}

interface RandomInclude {
  readonly pair: Pair;
  readonly isIterated: boolean;
  /** What it adds for one resource. */
  readonly of: (resource: Resource, all: readonly Resource[]) => readonly Resource[];
}

const objects = (value: unknown): readonly Json[] => (value ?? []) as readonly Json[];
const keyOf = ({ resourceType, id }: Resource): string => `${resourceType}/${id}`;
const local = (reference: unknown): string => String(reference).replace(`${BASE}/`, '');
const subjectsOf = ({ subject }: Resource): readonly string[] =>
  subject === undefined ? [] : [local((subject as Json).reference)];
const doctorsOf = ({ generalPractitioner }: Resource): readonly string[] =>
  objects(generalPractitioner)
    .map(({ reference }) => String(reference))
    .filter((reference) => !reference.startsWith('#'));
const codesOf = (concept: unknown): readonly string[] =>
  objects((concept as Json | undefined)?.coding).map(({ code }) => String(code));

const TAGS = ['a', 'b'] as const;
const PROFILES = ['http://a.b/one', 'http://a.b/two|2'] as const;
const SOURCES = ['http://s.t/x', 'http://s.t/x/y', 'urn:z'] as const;

/** The resources of random-world.ts with labels, and lists of some of them. */
export function labelledResources(random: Random): Resource[] {
  const resources = randomResources(random).map((resource): Resource => {
    const meta = {
      ...(random() < 0.6 && { tag: [{ system: 'urn:t', code: pick(random, TAGS) }] }),
      ...(random() < 0.5 && { profile: [pick(random, PROFILES)] }),
      ...(random() < 0.5 && { source: pick(random, SOURCES) }),
      ...(random() < 0.3 && { security: [{ system: 'urn:s', code: pick(random, TAGS) }] }),
    };
    return { ...resource, meta } as Resource;
  });
  const list = (id: string): Resource =>
    ({
      resourceType: 'List',
      id,
      status: 'current',
      mode: 'working',
      entry: resources
        .filter(() => random() < 0.4)
        .map((resource) => ({ item: { reference: keyOf(resource) } })),
    }) as unknown as Resource;
  return [...resources, list('l1'), list('l2')];
}

interface Common {
  readonly pair: Pair;
  readonly holds: RandomRequest['holds'];
}

/** A filter that every type has. */
function commonPart(random: Random, all: readonly Resource[]): Common {
  const meta = (resource: Resource): Json => (resource.meta ?? {}) as Json;
  const isNot = random() < 0.3;
  switch (Math.floor(random() * 6)) {
    case 0: {
      const ids = Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(random, all).id as string);
      return { pair: ['_id', ids.join()], holds: ({ id }) => ids.includes(id as string) };
    }
    case 1:
    case 2: {
      const name = pick(random, ['tag', 'security'] as const);
      const system = name === 'tag' ? 'urn:t' : 'urn:s';
      const code = pick(random, TAGS);
      return {
        pair: [`_${name}${isNot ? ':not' : ''}`, random() < 0.5 ? code : `${system}|${code}`],
        holds: (resource) => objects(meta(resource)[name]).some((one) => one.code === code) !== isNot,
      };
    }
    case 3: {
      const profile = pick(random, [
        'http://a.b/one',
        'http://a.b/two',
        'http://a.b/two|2',
        'http://a.b/two|1',
      ]);
      return {
        pair: ['_profile', profile],
        holds: (resource) =>
          ((meta(resource).profile ?? []) as string[]).some(
            (one) => one === profile || one.replace(/\|.*/, '') === profile,
          ),
      };
    }
    case 4: {
      const isMissing = random() < 0.5;
      if (random() < 0.3) {
        return {
          pair: ['_source:missing', String(isMissing)],
          holds: (resource) => (meta(resource).source === undefined) === isMissing,
        };
      }
      const source = pick(random, SOURCES);
      return { pair: ['_source', source], holds: (resource) => meta(resource).source === source };
    }
    default: {
      const id = pick(random, ['l1', 'l2']);
      return {
        pair: ['_list', id],
        holds: (resource, world) => {
          const list = world.find((one) => keyOf(one) === `List/${id}`);
          return objects(list?.entry).some(({ item }) => (item as Json).reference === keyOf(resource));
        },
      };
    }
  }
}

const KEYS: Readonly<Record<string, Readonly<Record<string, RandomKey['valuesOf']>>>> = {
  Observation: {
    status: ({ status }) => [String(status)],
    code: ({ code }) => codesOf(code),
    subject: subjectsOf,
    patient: subjectsOf,
    'combo-code': ({ code, component }) => [
      ...codesOf(code),
      ...objects(component).flatMap((one) => codesOf(one.code)),
    ],
    _id: ({ id }) => [String(id)],
  },
  Patient: {
    gender: ({ gender }) => (gender === undefined ? [] : [String(gender)]),
    active: ({ active }) => (active === undefined ? [] : [String(active)]),
    identifier: ({ identifier }) =>
      objects(identifier).flatMap(({ value }) => (value === undefined ? [] : [String(value)])),
    'general-practitioner': doctorsOf,
    birthdate: ({ birthDate }) => (birthDate === undefined ? [] : [`${birthDate}-01-01`.slice(0, 10)]),
    _id: ({ id }) => [String(id)],
  },
  '': { _id: ({ id }) => [String(id)] },
};

function randomKeys(random: Random, type: string): readonly RandomKey[] {
  const names = Object.keys(KEYS[type] as object);
  return Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
    const name = pick(random, names);
    return { name, descending: random() < 0.5, valuesOf: KEYS[type]?.[name] as RandomKey['valuesOf'] };
  });
}

const found = (keys: readonly string[], all: readonly Resource[]): readonly Resource[] =>
  all.filter((one) => keys.includes(keyOf(one)));

function randomInclude(random: Random): RandomInclude {
  const isIterated = random() < 0.4;
  const iterate = isIterated ? ':iterate' : '';
  const includes: readonly Omit<RandomInclude, 'isIterated'>[] = [
    {
      pair: [
        `_include${iterate}`,
        pick(random, [
          'Observation:subject',
          'Observation:patient',
          'Observation:subject:Patient',
          'Observation:*',
        ]),
      ],
      of: (one, all) => (one.resourceType === 'Observation' ? found(subjectsOf(one), all) : []),
    },
    {
      pair: [`_include${iterate}`, 'Patient:general-practitioner'],
      of: (one, all) => (one.resourceType === 'Patient' ? found(doctorsOf(one), all) : []),
    },
    {
      pair: [`_revinclude${iterate}`, pick(random, ['Observation:subject', 'Observation:patient'])],
      of: (one, all) =>
        all.filter((other) => other.resourceType === 'Observation' && subjectsOf(other).includes(keyOf(one))),
    },
    {
      pair: [`_revinclude${iterate}`, 'Patient:general-practitioner'],
      of: (one, all) =>
        all.filter((other) => other.resourceType === 'Patient' && doctorsOf(other).includes(keyOf(one))),
    },
  ];
  return { ...pick(random, includes), isIterated };
}

const NOISE: readonly Pair[] = [
  ['nope', '1'],
  ['Patient', 'x'],
  ['subject.nope.name', 'x'],
  ['_has:Observation:nope:code', 'x'],
  ['_unknown', 'x'],
  ['__proto__', 'x'],
];
const EMPTY: readonly Pair[] = [
  ['_tag', ''],
  ['_id', ',,'],
  ['_sort', ','],
  ['_elements', ''],
  ['_count', ''],
];

export function randomRequest(random: Random, all: readonly Resource[]): RandomRequest {
  const kind = random();
  const { type, pairs, holds } = randomSearch(random);
  const commons = Array.from({ length: Math.floor(random() * 2.2) }, () => commonPart(random, all));
  const some = <Item>(list: readonly Item[], chance: number): Item[] =>
    random() < chance ? [pick(random, list)] : [];
  const ignored = some(NOISE, 0.3);
  const empty = some(EMPTY, 0.2);
  const includes = random() < 0.3 ? [randomInclude(random), ...some([randomInclude(random)], 0.5)] : [];
  const heldBy = (resource: Resource, world: readonly Resource[]) =>
    commons.every((one) => one.holds(resource, world));
  const isSystem = kind < 0.12;
  const patient = pick(random, ['p0', 'p1', 'p2']);
  const isCompartment = !isSystem && kind < 0.25 && type === 'Observation';
  const types = pick(random, ['Patient,Observation', 'Observation,Practitioner,List', 'Patient']);
  const sort = random() < 0.7 ? randomKeys(random, isSystem ? '' : type) : undefined;
  const filters: readonly Pair[] = isSystem ? [['_type', types]] : pairs;
  return {
    path: isSystem ? '' : isCompartment ? `Patient/${patient}/Observation` : type,
    applied: [
      ...filters,
      ...commons.map(({ pair }) => pair),
      ...(sort === undefined
        ? []
        : [['_sort', sort.map(({ name, descending }) => (descending ? `-${name}` : name)).join()] as const]),
      ...includes.map(({ pair }) => pair),
    ],
    ignored,
    empty,
    holds: isSystem
      ? (resource, world) => types.split(',').includes(resource.resourceType) && heldBy(resource, world)
      : (resource, world) =>
          holds(resource, world) &&
          heldBy(resource, world) &&
          (!isCompartment || subjectsOf(resource).includes(`Patient/${patient}`)),
    ...(sort !== undefined && { sort }),
    includes,
    looksFurther:
      filters.some(([name, value]) => /\.|_has|^_filter/.test(name) || /\[/.test(value)) ||
      commons.some(({ pair }) => pair[0] === '_list'),
  };
}

/** Keys of all that match, in the order asked for. */
export function expectedMatches({ holds, sort }: RandomRequest, all: readonly Resource[]): string[] {
  const placed = all.map((resource, at) => ({ resource, at })).filter(({ resource }) => holds(resource, all));
  if (sort === undefined) return placed.map(({ resource }) => keyOf(resource));
  const isNewestFirst = sort[0]?.descending === true;
  placed.sort((a, b) => {
    for (const { valuesOf, descending } of sort) {
      const [x, y] = [a, b].map(({ resource }) => {
        const values = [...valuesOf(resource)].sort();
        return descending ? values.at(-1) : values[0];
      });
      if (x === y) continue;
      if (x === undefined) return 1;
      if (y === undefined) return -1;
      return x < y === descending ? 1 : -1;
    }
    return isNewestFirst ? b.at - a.at : a.at - b.at;
  });
  return placed.map(({ resource }) => keyOf(resource));
}

/** Keys of what includes add to some matches. */
export function expectedIncludes(
  { includes }: RandomRequest,
  matches: readonly string[],
  all: readonly Resource[],
): string[] {
  const seen = new Set(matches);
  let fresh = found(matches, all);
  for (let round = 0; round < 5 && fresh.length > 0; round++) {
    const next: Resource[] = [];
    for (const { of } of includes.filter(({ isIterated }) => isIterated || round === 0)) {
      for (const one of fresh.flatMap((resource) => of(resource, all))) {
        if (!seen.has(keyOf(one))) next.push(one);
        seen.add(keyOf(one));
      }
    }
    fresh = next;
  }
  return [...seen].slice(matches.length).sort();
}
