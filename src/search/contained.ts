/**
 * Which of the resources contained in a match are what was searched for. The query finds containers; several
 * contained resources may each satisfy a part of it, so each is looked at alone.
 * https://hl7.org/fhir/R4/search.html#contained
 */
import type { Resource } from '../fhir/types.ts';
import { isObject } from './emit.ts';
import type { Extract } from './extract.ts';
import { matches } from './match.ts';
import { EVERYTHING, type Predicate } from './query.ts';

/** Contained resources that satisfy the query by themselves; `where` is that of a `_contained` search. */
export function containedMatches(
  container: Resource,
  where: Predicate,
  extract: Extract,
): readonly Resource[] {
  if (!Array.isArray(container.contained)) return [];
  const own = withoutJoins(where);
  return (container.contained as readonly unknown[]).filter((contained): contained is Resource => {
    if (!isObject(contained) || typeof contained.resourceType !== 'string') return false;
    const { resourceType, id, meta } = container;
    const postings = extract({ resourceType, contained: [contained] });
    const lastUpdated = Date.parse(meta?.lastUpdated ?? '');
    // no type: what the container is must not count
    return matches(own, { type: '', id: id ?? '', lastUpdated, postings }, () => []);
  });
}

/** Whether the container satisfies the query by what it is itself (`_contained=both`). */
export function matchesItself(container: Resource, where: Predicate, extract: Extract): boolean {
  const { contained: _contained, ...alone } = container;
  const { resourceType, id, meta } = container;
  const lastUpdated = Date.parse(meta?.lastUpdated ?? '');
  const candidate = { type: resourceType, id: id ?? '', lastUpdated, postings: extract(alone as Resource) };
  return matches(withoutJoins(where), candidate, () => []);
}

/** Chains were decided by the store for the container. */
function withoutJoins(predicate: Predicate): Predicate {
  switch (predicate.kind) {
    case 'all':
    case 'any':
      return { ...predicate, of: predicate.of.map(withoutJoins) };
    case 'not':
      return hasJoin(predicate.of) ? EVERYTHING : predicate;
    case 'chain':
    case 'has':
      return EVERYTHING;
    default:
      return predicate;
  }
}

function hasJoin(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'all':
    case 'any':
      return predicate.of.some(hasJoin);
    case 'not':
      return hasJoin(predicate.of);
    default:
      return predicate.kind === 'chain' || predicate.kind === 'has';
  }
}
