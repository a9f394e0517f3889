/** What exchange rules see: the store, with the other writes of the same transaction laid over it. */
import { FhirError } from '../../fhir/issues.ts';
import { cloneJson, parseStored } from '../../fhir/json.ts';
import { parseReference } from '../../fhir/references.ts';
import type { Resource } from '../../fhir/types.ts';
import { matches } from '../../search/match.ts';
import type { Postings } from '../../search/postings.ts';
import type { SearchQuery } from '../../search/query.ts';
import { hashCode } from '../../search/term-hash.ts';
import { StoreUnavailableError } from '../../storage/store.ts';
import type { Generation, InteractionContext } from '../context.ts';
import { findMatches, type Matches, readCriteria } from '../criteria.ts';
import type { Found, RuleScope, Sibling } from './rule.ts';

/** More than any one person has of what the rules ask for; beyond it a rule sees the first page. */
const FIND_LIMIT = 200;

export interface RuleScopeOptions {
  readonly baseUrl: string;
  /** Nothing has told yet that the store is not as it is expected to be. */
  readonly isFirst: boolean;
}

type Query = readonly (readonly [name: string, value: string])[];

export function createRuleScope(
  siblings: readonly Sibling[],
  { baseUrl, isFirst }: RuleScopeOptions,
  context: InteractionContext,
): RuleScope {
  const written = new Map(siblings.map((one) => [`${one.type}/${one.id}`, one]));
  const byType = new Map<string, readonly Resource[]>();
  const findStored = async (type: string, query: Query): Promise<Found> => {
    const { rows, precondition } = await findOurs(type, query, baseUrl, context);
    const stored = rows.filter((row) => !written.has(`${row.type}/${row.id}`));
    return { resources: stored.map((row) => parseStored(row.json)), precondition };
  };
  const nothingYet = (type: string, query: Query): Found => {
    const precondition = { query: readCriteria(type, query, { baseUrl }, context), ids: [] };
    return { resources: [], precondition };
  };
  const nobody = (type: string, system: string, value: string): Found => {
    const query = holderQuery(type, system, value, baseUrl, context);
    return { resources: [], precondition: { query, ids: [] } };
  };
  const beside = (type: string): readonly Resource[] => {
    let known = byType.get(type);
    if (known === undefined) {
      known = siblings.flatMap((one) =>
        one.type !== type || one.resource === undefined ? [] : [withId(one.resource, one.id)],
      );
      byType.set(type, known);
    }
    return known;
  };
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
    beside,
    async findHolders(type, system, value) {
      return isFirst ? nobody(type, system, value) : findStored(type, [identifierPair(system, value)]);
    },
    async find(type, query): Promise<Found> {
      // nothing in the store can refer to what is only just made
      const isNew = query.some(([, value]) => written.get(value)?.method === 'POST');
      const { resources, precondition } = isNew ? nothingYet(type, query) : await findStored(type, query);
      const made = beside(type).filter((resource) => {
        const { id = '' } = resource;
        const postings = extractOnce(resource, context);
        const candidate = { type, id, lastUpdated: context.now(), postings };
        return matches(precondition.query.where, candidate, () => []);
      });
      return { resources: [...resources, ...made], precondition };
    },
  };
}

/** The client did not ask for this search: one that takes too long is no fault of what it sent. */
async function findOurs(
  type: string,
  query: Query,
  baseUrl: string,
  context: InteractionContext,
): Promise<Matches> {
  try {
    return await findMatches(type, query, FIND_LIMIT, { baseUrl }, context);
  } catch (error) {
    if (!(error instanceof FhirError) || error.issues[0]?.key !== 'too-costly') throw error;
    throw new StoreUnavailableError('what an exchange rule asks for takes too long now', { cause: error });
  }
}

function withId(resource: Resource, id: string): Resource {
  return resource.id === id ? resource : { ...cloneJson(resource), id };
}

function identifierPair(system: string, value: string): readonly [name: string, value: string] {
  return ['identifier', `${escapeToken(system)}|${escapeToken(value)}`];
}

/** https://hl7.org/fhir/R4/search.html#escaping */
function escapeToken(text: string): string {
  return text.replace(/[\\$,|]/g, '\\$&');
}

interface HolderQuery {
  readonly generation: Generation;
  readonly query: SearchQuery;
}

/** By type: what an identifier is searched with, once it was read and turned out to be one plain term. */
const HOLDER_QUERIES = new Map<string, HolderQuery>();

/** To read each query from text, as those of clients are, was a third of what the rule costs an import. */
function holderQuery(
  type: string,
  system: string,
  value: string,
  baseUrl: string,
  context: InteractionContext,
): SearchQuery {
  const generation = context.generation();
  const terms = [hashCode(system, value)];
  const known = HOLDER_QUERIES.get(type);
  if (value !== '' && known?.generation === generation && known.query.where.kind === 'term') {
    return { ...known.query, where: { ...known.query.where, terms } };
  }
  const query = readCriteria(type, [identifierPair(system, value)], { baseUrl }, context);
  const { where } = query;
  const isPlain = where.kind === 'term' && where.terms.length === 1 && where.terms[0] === terms[0];
  if (isPlain) HOLDER_QUERIES.set(type, { generation, query });
  return query;
}

interface Extracted {
  readonly generation: Generation;
  readonly postings: Postings;
}

/** Every rule of every write of a transaction looks at the same siblings. */
const EXTRACTED = new WeakMap<Resource, Extracted>();

function extractOnce(resource: Resource, context: InteractionContext): Postings {
  const generation = context.generation();
  const before = EXTRACTED.get(resource);
  if (before?.generation === generation) return before.postings;
  const postings = generation.extract(resource);
  EXTRACTED.set(resource, { generation, postings });
  return postings;
}
