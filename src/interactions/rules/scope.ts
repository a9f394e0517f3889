/** What exchange rules see: the store, with the other writes of the same transaction laid over it. */
import { cloneJson, parseStored } from '../../fhir/json.ts';
import { parseReference } from '../../fhir/references.ts';
import type { Resource } from '../../fhir/types.ts';
import { matches } from '../../search/match.ts';
import type { SearchQuery } from '../../search/query.ts';
import { hashCode } from '../../search/term-hash.ts';
import type { Generation, InteractionContext } from '../context.ts';
import { readCriteria } from '../criteria.ts';
import { extractOnce } from './extract-once.ts';
import { findOurs, type Query } from './find-ours.ts';
import { createForeseen, type Question } from './foreseen.ts';
import type { Found, RuleScope, Sibling } from './rule.ts';

export interface RuleScopeOptions {
  readonly baseUrl: string;
  /** Nothing has told yet that the store is not as it is expected to be. */
  readonly isFirst: boolean;
}

export function createRuleScope(
  siblings: readonly Sibling[],
  { baseUrl, isFirst }: RuleScopeOptions,
  context: InteractionContext,
): RuleScope {
  const written = new Map(siblings.map((one) => [`${one.type}/${one.id}`, one]));
  const byType = new Map<string, readonly Resource[]>();
  const foreseen = createForeseen(baseUrl, context);
  const isMade = (value: string): boolean => written.get(value)?.method === 'POST';
  const findStored = async (type: string, query: Query): Promise<Found> => {
    const known = foreseen.found(type, query);
    const { rows, precondition } = known ?? (await findOurs(type, query, baseUrl, context));
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
    async foresee(lookups) {
      const reads: string[] = [];
      const questions: Question[] = [];
      for (const one of lookups) {
        if (one.kind === 'read') reads.push(one.reference);
        else if (one.kind === 'find' && !isMade(one.value)) questions.push(one);
        else if (one.kind === 'holders' && !isFirst) {
          const [name, value] = identifierPair(one.system, one.value);
          questions.push({ type: one.type, name, value });
        }
      }
      await foreseen.read(reads.filter((reference) => !written.has(reference)));
      await foreseen.find(questions);
    },
    async read(reference) {
      const address = parseReference(reference);
      if (address === undefined) return undefined;
      const key = `${address.type}/${address.id}`;
      const sibling = written.get(key);
      if (sibling !== undefined) return sibling.resource;
      const stored = foreseen.has(key)
        ? foreseen.version(key)
        : await context.store.read(address.type, address.id);
      return stored === undefined || stored.deleted ? undefined : parseStored(stored.json);
    },
    beside,
    async findHolders(type, system, value) {
      return isFirst ? nobody(type, system, value) : findStored(type, [identifierPair(system, value)]);
    },
    async find(type, query): Promise<Found> {
      // nothing in the store can refer to what is only just made
      const isNew = query.some(([, value]) => isMade(value));
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
