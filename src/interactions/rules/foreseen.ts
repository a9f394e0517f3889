/**
 * What exchange rules will look at, looked up before they ask: questions that differ in a value only are one search,
 * whose matches are told apart as the index would.
 */
import { FhirError } from '../../fhir/issues.ts';
import { parseStored } from '../../fhir/json.ts';
import { parseReference } from '../../fhir/references.ts';
import { matches } from '../../search/match.ts';
import type { StoredVersion } from '../../storage/store.ts';
import type { InteractionContext } from '../context.ts';
import { type Matches, readCriteria } from '../criteria.ts';
import { extractOnce } from './extract-once.ts';
import { findOurs, type Query } from './find-ours.ts';

/** A search by one parameter. */
export interface Question {
  readonly type: string;
  readonly name: string;
  readonly value: string;
}

export interface Foreseen {
  read(references: readonly string[]): Promise<void>;
  find(questions: readonly Question[]): Promise<void>;
  /** Whether `Type/id` was read. */
  has(key: string): boolean;
  version(key: string): StoredVersion | undefined;
  found(type: string, query: Query): Matches | undefined;
}

/** Values that one search asks for. */
const LOT = 50;
/** With so many matches nobody knows to whom the others belong, and each question is asked by itself. */
const MATCHES_MAX = 1_000;

export function createForeseen(baseUrl: string, context: InteractionContext): Foreseen {
  const versions = new Map<string, StoredVersion | undefined>();
  const answers = new Map<string, Matches>();
  const answerLot = async (type: string, name: string, values: readonly string[]): Promise<void> => {
    const { rows } = await findOurs(type, [[name, values.join(',')]], baseUrl, context, MATCHES_MAX);
    if (rows.length === MATCHES_MAX) return;
    const candidates = rows.map((row) => {
      const postings = extractOnce(parseStored(row.json), context);
      return { row, candidate: { type, id: row.id, lastUpdated: row.lastUpdated, postings } };
    });
    for (const value of values) {
      const query = readCriteria(type, [[name, value]], { baseUrl }, context);
      const own = candidates.filter(({ candidate }) => matches(query.where, candidate, () => []));
      const ids = own.map(({ row }) => row.id);
      answers.set(nameOf({ type, name, value }), {
        rows: own.map(({ row }) => row),
        precondition: { query, ids },
      });
    }
  };
  return {
    async read(references) {
      const addresses = new Map(
        references.flatMap((reference) => {
          const address = parseReference(reference);
          return address === undefined ? [] : [[`${address.type}/${address.id}`, address] as const];
        }),
      );
      if (addresses.size < 2) return;
      const found = await context.store.readMany([...addresses.values()]);
      for (const key of addresses.keys()) versions.set(key, undefined);
      for (const version of found) versions.set(`${version.type}/${version.id}`, version);
    },
    async find(questions) {
      const alike = Map.groupBy(questions, ({ type, name }) => `${type}?${name}`);
      for (const group of alike.values()) {
        const { type, name } = group[0] as Question;
        const values = [...new Set(group.map(({ value }) => value))];
        if (values.length < 2) continue;
        try {
          for (let start = 0; start < values.length; start += LOT) {
            await answerLot(type, name, values.slice(start, start + LOT));
          }
        } catch (error) {
          // whoever asks the question that cannot be answered is told
          if (!(error instanceof FhirError)) throw error;
        }
      }
    },
    has: (key) => versions.has(key),
    version: (key) => versions.get(key),
    found(type, query) {
      const [only] = query;
      if (only === undefined || query.length > 1) return undefined;
      return answers.get(nameOf({ type, name: only[0], value: only[1] }));
    },
  };
}

function nameOf({ type, name, value }: Question): string {
  return `${type}?${name}=${value}`;
}
