/** What exchange rules see: the store, with the other writes of the same transaction laid over it. */
import { cloneJson, parseStored } from '../../fhir/json.ts';
import { parseReference } from '../../fhir/references.ts';
import type { Resource } from '../../fhir/types.ts';
import { matches } from '../../search/match.ts';
import type { Postings } from '../../search/postings.ts';
import type { Generation, InteractionContext } from '../context.ts';
import { findMatches } from '../criteria.ts';
import type { Found, RuleScope, Sibling } from './rule.ts';

/** More than any one person has of what the rules ask for; beyond it a rule sees the first page. */
const FIND_LIMIT = 200;

export function createRuleScope(
  siblings: readonly Sibling[],
  baseUrl: string,
  context: InteractionContext,
): RuleScope {
  const written = new Map(siblings.map((one) => [`${one.type}/${one.id}`, one]));
  return {
    now: context.now(),
    async read(reference) {
      const address = parseReference(reference);
      if (address === undefined) return undefined;
      const key = `${address.type}/${address.id}`;
      const sibling = written.get(key);
      if (sibling !== undefined) return sibling.resource;
      const stored = await context.store.read(address.type, address.id);
      return stored === undefined || stored.deleted ? undefined : parseStored(stored.json);
    },
    async find(type, query): Promise<Found> {
      const { rows, precondition } = await findMatches(type, query, FIND_LIMIT, { baseUrl }, context);
      const stored = rows
        .filter((row) => !written.has(`${row.type}/${row.id}`))
        .map((row) => parseStored(row.json));
      const beside = siblings.flatMap((one) => {
        const { resource, id } = one;
        if (one.type !== type || resource === undefined) return [];
        const candidate = {
          type,
          id,
          lastUpdated: context.now(),
          postings: extractAs(resource, id, context),
        };
        return matches(precondition.query.where, candidate, () => []) ? [{ ...resource, id }] : [];
      });
      return { resources: [...stored, ...beside], precondition };
    },
  };
}

interface Extracted {
  readonly generation: Generation;
  readonly postings: Postings;
}

/** Every rule of every write of a transaction looks at the same siblings. */
const EXTRACTED = new WeakMap<Resource, Extracted>();

function extractAs(resource: Resource, id: string, context: InteractionContext): Postings {
  const generation = context.generation();
  const before = EXTRACTED.get(resource);
  if (before?.generation === generation) return before.postings;
  const postings = generation.extract({ ...cloneJson(resource), id });
  EXTRACTED.set(resource, { generation, postings });
  return postings;
}
