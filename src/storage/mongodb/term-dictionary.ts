/**
 * Terms in the clear, once each: they answer a code without its system, a system without a code, and the words of a
 * code. The dictionary only grows; its rows are durable before a resource that uses them is.
 */
import type { ParamKey, Postings } from '../../search/postings.ts';
import type { NamedTerm } from '../store.ts';
import type { Collections } from './connect.ts';
import type { TermDocument } from './documents.ts';
import { isOnlyDuplicates } from './failures.ts';
import { termKey, typeKey } from './index-keys.ts';

export interface AskedWords {
  readonly k: ParamKey;
  readonly value: string;
}

export interface TermDictionary {
  /** Makes sure that the terms of some postings, and the types of what is written, are in the dictionary. */
  add(postings: readonly Postings[], types: readonly string[]): Promise<void>;
  /** Of which something has been written. */
  types(): Promise<readonly string[]>;
  /** Keys of the terms of `k` with this code, whatever their system. */
  findCode(k: ParamKey, code: string): Promise<readonly string[]>;
  findSystem(k: ParamKey, system: string): Promise<readonly string[]>;
  /** Keys of the terms with a word of the code that starts with the value, of any of some parameters. */
  findWords(asked: readonly AskedWords[]): Promise<readonly string[]>;
  /** All terms of `k` by ascending code, in code point order. */
  list(k: ParamKey): Promise<readonly TermDocument[]>;
  /** At most `limit` terms of any of the keys, each once. */
  listAny(keys: readonly ParamKey[], limit: number): Promise<readonly NamedTerm[]>;
  read(keys: readonly string[]): Promise<ReadonlyMap<string, TermDocument>>;
}

/** Under what types are listed: no parameter is below 0. */
export const TYPES = -1;

/** Terms that are known to be in the dictionary: a bound on memory, not on the dictionary. */
const KNOWN_MAX = 200_000;

export function createTermDictionary({ term }: Pick<Collections, 'term'>): TermDictionary {
  let known = new Set<string>();
  const keysOf = async (filter: object): Promise<readonly string[]> =>
    (await term.find(filter, { projection: { _id: 1 } }).toArray()).map(({ _id }) => _id);
  return {
    async add(postings, types) {
      const unknown = new Map<string, TermDocument>();
      for (const type of types) {
        const _id = typeKey(type);
        if (!known.has(_id)) unknown.set(_id, { _id, k: TYPES, code: type });
      }
      for (const { terms } of postings) {
        for (const { k, h, system, code } of terms) {
          if (code === undefined) continue;
          const _id = termKey(k, h);
          if (!known.has(_id)) unknown.set(_id, { _id, k, ...(system !== undefined && { system }), code });
        }
      }
      if (unknown.size === 0) return;
      try {
        await term.insertMany([...unknown.values()], { ordered: false });
      } catch (error) {
        if (!isOnlyDuplicates(error)) throw error;
      }
      if (known.size + unknown.size > KNOWN_MAX) known = new Set();
      for (const _id of unknown.keys()) known.add(_id);
    },
    async types() {
      return (await term.find({ k: TYPES }, { projection: { code: 1 } }).toArray()).map(({ code }) => code);
    },
    findCode: (k, code) => keysOf({ k, code }),
    findSystem: (k, system) => keysOf({ k, system }),
    async findWords(asked) {
      const keys = [...new Set(asked.map(({ k }) => k))];
      const found = await term.find({ k: keys.length === 1 ? keys[0]! : { $in: keys } }).toArray();
      const isAsked = ({ k, code }: TermDocument): boolean =>
        asked.some((one) => one.k === k && ` ${code}`.includes(` ${one.value}`));
      return found.filter(isAsked).map(({ _id }) => _id);
    },
    async list(k) {
      return await term.find({ k }).sort({ code: 1, _id: 1 }).hint('k_code').toArray();
    },
    async listAny(keys, limit) {
      const found = new Map<string, NamedTerm>();
      for (const k of keys) {
        if (found.size === limit) break;
        const rows = term.find({ k }, { projection: { system: 1, code: 1 }, limit });
        for (const { system = '', code } of await rows.toArray()) {
          if (found.size < limit) found.set(`${system}|${code}`, { system, code });
        }
      }
      return [...found.values()];
    },
    async read(keys) {
      const found = await term.find({ _id: { $in: [...keys] } }).toArray();
      return new Map(found.map((row) => [row._id, row]));
    },
  };
}
