/** Random medications, by themselves and in other resources, and what a search for contained ones must find. */
import type { Resource } from '../../src/fhir/types.ts';
import { pick, type Random } from '../search/random-world.ts';

type Json = Readonly<Record<string, unknown>>;

const SYSTEMS = ['urn:a', 'urn:b', undefined] as const;
const CODES = ['inh', 'rif', 'pza'] as const;
const LABELS: Readonly<Record<string, string>> = {
  inh: 'Isoniazid tablet',
  rif: 'Rifampicin',
  pza: 'Pyrazinamide',
};
const STATUSES = ['active', 'inactive', 'entered-in-error'] as const;
const MAKERS = ['o1', 'o2'] as const;
const DATES = ['2024-05', '2025-01-31', '2026'] as const;

function concept(random: Random): Json {
  const codes = Array.from({ length: random() < 0.3 ? 2 : 1 }, () => pick(random, CODES));
  return {
    coding: codes.map((code) => {
      const system = pick(random, SYSTEMS);
      return { ...(system !== undefined && { system }), code, display: LABELS[code] };
    }),
  };
}

function medication(random: Random, id: string): Resource {
  const maybe = (chance: number, members: () => Json): Json => (random() < chance ? members() : {});
  return {
    resourceType: 'Medication',
    id,
    ...maybe(0.6, () => ({ code: concept(random) })),
    ...maybe(0.6, () => ({ status: pick(random, STATUSES) })),
    ...maybe(0.4, () => ({ manufacturer: { reference: `Organization/${pick(random, MAKERS)}` } })),
    ...maybe(0.4, () => ({ ingredient: [{ itemCodeableConcept: concept(random) }] })),
    ...maybe(0.4, () => ({
      batch: { lotNumber: pick(random, ['L1', 'l2']), expirationDate: pick(random, DATES) },
    })),
  };
}

export function containedWorld(random: Random): readonly Resource[] {
  const resources: Resource[] = Array.from({ length: 8 }, (_, n) => medication(random, `own${n}`));
  for (let n = 0; n < 14; n++) {
    const inside = Array.from({ length: Math.floor(random() * 4) }, (_, at) => medication(random, `m${at}`));
    // invariants of R4 want what is contained to be referred to
    const named = inside.map(({ id }) => ({ reference: `#${id}` }));
    const subject = { display: 'x' };
    const contained = inside.length > 0 ? { contained: inside } : {};
    resources.push(
      n % 3 === 0
        ? {
            resourceType: 'List',
            id: `list${n}`,
            status: 'current',
            mode: 'working',
            ...contained,
            entry: [{ item: { display: 'x' } }, ...named.map((item) => ({ item }))],
          }
        : {
            resourceType: 'MedicationRequest',
            id: `rx${n}`,
            status: 'active',
            intent: 'order',
            subject,
            ...contained,
            medicationReference: named[0] ?? { display: 'x' },
            ...(named.length > 1 && { supportingInformation: named.slice(1) }),
          },
    );
  }
  return resources;
}

export interface Criterion {
  readonly pair: string;
  readonly holds: (medication: Json) => boolean;
}

const codings = (value: unknown): readonly Json[] =>
  ((value as { coding?: Json[] } | undefined)?.coding ?? []) as Json[];
const ingredients = (one: Json): readonly Json[] =>
  ((one.ingredient ?? []) as Json[]).flatMap(({ itemCodeableConcept }) => codings(itemCodeableConcept));

/** `=`, `:not=` and `:missing=` of tokens. */
function tokenCriterion(
  random: Random,
  name: string,
  valuesOf: (one: Json) => readonly Json[],
  hasSystems: boolean,
  codes: readonly string[],
): Criterion {
  const missing = random() < 0.3;
  if (missing) {
    const wanted = random() < 0.5;
    return { pair: `${name}:missing=${wanted}`, holds: (one) => (valuesOf(one).length === 0) === wanted };
  }
  const code = pick(random, codes);
  const form = hasSystems ? pick(random, ['bare', 'full', 'none', 'system'] as const) : 'bare';
  const text = { bare: code, full: `urn:a|${code}`, none: `|${code}`, system: 'urn:a|' }[form];
  const matches = (value: Json): boolean =>
    (form === 'system' || value.code === code) &&
    (form === 'bare' || value.system === (form === 'none' ? undefined : 'urn:a'));
  const isNegated = random() < 0.4;
  return {
    pair: `${name}${isNegated ? ':not' : ''}=${text}`,
    holds: (one) => valuesOf(one).some(matches) !== isNegated,
  };
}

function criterion(random: Random): Criterion {
  switch (Math.floor(random() * 8)) {
    case 0:
    case 1:
      return tokenCriterion(random, 'code', ({ code }) => codings(code), true, CODES);
    case 2:
      return tokenCriterion(
        random,
        'status',
        ({ status }) => (status === undefined ? [] : [{ code: status }]),
        false,
        STATUSES,
      );
    case 3:
      return tokenCriterion(random, 'ingredient-code', ingredients, true, CODES);
    case 4: {
      const maker = pick(random, MAKERS);
      const isMissing = random() < 0.3;
      if (isMissing)
        return { pair: 'manufacturer:missing=true', holds: (one) => one.manufacturer === undefined };
      return {
        pair: `manufacturer=Organization/${maker}`,
        holds: (one) => (one.manufacturer as Json | undefined)?.reference === `Organization/${maker}`,
      };
    }
    case 5: {
      const code = pick(random, CODES);
      const label = LABELS[code] as string;
      return {
        pair: `code:text=${label.slice(0, 4).toLowerCase()}`,
        holds: (one) => codings(one.code).some(({ display }) => display === label),
      };
    }
    case 6: {
      const id = pick(random, ['m0', 'm1', 'own3']);
      return { pair: `_id=${id}`, holds: (one) => one.id === id };
    }
    default: {
      const code = pick(random, CODES);
      const status = pick(random, STATUSES);
      const hasCode = (one: Json): boolean => codings(one.code).some((value) => value.code === code);
      return pick(random, [
        {
          pair: `_filter=code eq ${code} or status eq ${status}`,
          holds: (one: Json) => hasCode(one) || one.status === status,
        },
        {
          pair: `_filter=not (code eq ${code}) and status eq ${status}`,
          holds: (one: Json) => !hasCode(one) && one.status === status,
        },
        {
          pair: `_filter=status pr false or code ne ${code}`,
          holds: (one: Json) => one.status === undefined || (codings(one.code).length > 0 && !hasCode(one)),
        },
      ]);
    }
  }
}

export interface ContainedSearch {
  readonly search: string;
  /** Addresses of what it finds, in the order of letters. */
  readonly found: readonly string[];
}

export function containedSearch(random: Random, world: readonly Resource[]): ContainedSearch {
  const criteria = Array.from({ length: 1 + Math.floor(random() * 3) }, () => criterion(random));
  const mode = pick(random, ['true', 'both']);
  const type = pick(random, ['container', 'contained']);
  const holds = (one: Json): boolean => criteria.every((each) => each.holds(one));
  const found = world.flatMap((resource) => {
    const address = `${resource.resourceType}/${resource.id}`;
    const isOwn = mode === 'both' && resource.resourceType === 'Medication' && holds(resource);
    const inside = ((resource.contained ?? []) as Json[]).filter(holds);
    if (type === 'container') return isOwn || inside.length > 0 ? [address] : [];
    return [...(isOwn ? [address] : []), ...inside.map(({ id }) => `${address}#${id}`)];
  });
  const pairs = criteria.map(({ pair }) => pair).join('&');
  return { search: `Medication?${pairs}&_contained=${mode}&_containedType=${type}`, found: found.sort() };
}
