/**
 * Conditional writes without races. A transaction touches one lock document for each thing its preconditions look
 * at: of two that look at the same, MongoDB lets one commit, and the other runs again and sees what was written.
 * Within a process they queue, so that many clients who create the same person do not collide over and over.
 *
 * Two transactions are in each other's way when each would write what the other's precondition looks for. A
 * precondition that names exact terms locks these terms, and every transaction with preconditions locks the terms it
 * posts under a parameter that some precondition has ever named: `!criteria` keeps these parameters. Whoever names a
 * new one registers it first and gets all others, so of any two transactions one knows the other's. A precondition
 * without an exact term, also one of a whole system of identifiers, locks `!criteria` itself, and so nobody registers
 * anything while it looks.
 */
import type { ClientSession, Document } from 'mongodb';
import type { ParamKey } from '../../search/postings.ts';
import type { Predicate } from '../../search/query.ts';
import type { Precondition, WriteCommand } from '../store.ts';
import type { Collections } from './connect.ts';
import { paramText, termKey } from './index-keys.ts';
import { insertInto, type WriteOperation } from './write-operations.ts';

export interface Locks {
  /**
   * Runs `work` once everybody before has finished with all of these names. Whoever has to wait runs `lookAgain` as
   * soon as the first of them has: most likely it was the one that makes the wait pointless.
   */
  inTurn<Result>(
    names: readonly string[],
    lookAgain: () => Promise<void>,
    work: () => Promise<Result>,
  ): Promise<Result>;
  /** What a transaction has to lock. Parameters that were never named before are registered. */
  namesFor(
    preconditions: readonly Precondition[],
    commands: readonly WriteCommand[],
  ): Promise<readonly string[]>;
  /**
   * For a transaction to carry out: whoever else touches one of these names meanwhile will fail or make this one fail.
   */
  operations(
    names: readonly string[],
    commands: readonly WriteCommand[],
    session: ClientSession,
  ): Promise<LockOperations>;
}

export interface LockOperations {
  readonly operations: readonly WriteOperation[];
  /** Whether the session was asked for them. */
  readonly hasAsked: boolean;
}

/** The document of the parameters that preconditions name. */
const CRITERIA = '!criteria';

/** Lock documents are of no use after their transaction; this only keeps the collection small. */
const KEPT_MS = 600_000;

/** Names that may have a document: a bound on memory. */
const TOUCHED_MAX = 100_000;

export function createLocks({ lock }: Pick<Collections, 'lock'>, process: number): Locks {
  const tails = new Map<string, Promise<void>>();
  const holders = new Map<string, Promise<void>>();
  let known: ReadonlySet<ParamKey> = new Set();
  let touched = new Set<string>();
  let registering: Promise<void> | undefined;
  const register = async (named: readonly ParamKey[]): Promise<void> => {
    const found = await lock.findOneAndUpdate(
      { _id: CRITERIA },
      { $addToSet: { ks: { $each: [...named] } } },
      { upsert: true, returnDocument: 'after' },
    );
    known = new Set(found?.ks);
  };
  return {
    async inTurn(names, lookAgain, work) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const before = names.flatMap((name) => tails.get(name) ?? []);
      const holding = names.flatMap((name) => holders.get(name) ?? []);
      for (const name of names) tails.set(name, promise);
      try {
        if (before.length > 0) {
          if (holding.length > 0) await Promise.race(holding);
          await lookAgain();
          await Promise.all(before);
        }
        for (const name of names) holders.set(name, promise);
        return await work();
      } finally {
        for (const name of names) {
          if (tails.get(name) === promise) tails.delete(name);
          if (holders.get(name) === promise) holders.delete(name);
        }
        resolve();
      }
    },
    async namesFor(preconditions, commands) {
      if (preconditions.length === 0) return [];
      const criteria = preconditions.map(({ query }) => exactTerms(query.where));
      const named = criteria.flat().map(({ k }) => k);
      while (!named.every((k) => known.has(k))) {
        // one at a time: many clients at once would only stand in each other's way
        registering ??= register(named).finally(() => {
          registering = undefined;
        });
        await registering;
      }
      const names = new Set(criteria.flat().flatMap(({ keys }) => keys));
      if (criteria.some((terms) => terms.length === 0)) names.add(CRITERIA);
      for (const name of postedNames(commands, known)) names.add(name);
      return [...names];
    },
    async operations(names, commands, session) {
      const all = new Set(names);
      const hasAsked = all.delete(CRITERIA);
      if (hasAsked) {
        const update = { $set: { by: String(process) } };
        const found = await lock.findOneAndUpdate({ _id: CRITERIA }, update, { upsert: true, session });
        for (const name of postedNames(commands, new Set(found?.ks))) all.add(name);
      }
      const exp = new Date(Date.now() + KEPT_MS);
      const by = String(process);
      // sorted, so that two transactions lock in one order
      const sorted = [...all].sort();
      const [fresh, known] = [
        sorted.filter((name) => !touched.has(name)),
        sorted.filter((name) => touched.has(name)),
      ];
      if (touched.size + fresh.length > TOUCHED_MAX) touched = new Set();
      for (const name of fresh) touched.add(name);
      // most names are new, and an insert costs the server a fraction of an upsert; of one that is not, the
      // transaction runs again, and then the name is known
      const operations = [
        ...fresh.map((_id) => insertInto(lock, { _id, exp, by })),
        ...known.map((_id): WriteOperation => {
          const filter: Document = { _id };
          const update = { $set: { exp, by } };
          return { namespace: lock.namespace, name: 'updateOne', filter, update, upsert: true };
        }),
      ];
      return { operations, hasAsked };
    },
  };
}

/** The terms of these parameters that commands post. */
function postedNames(commands: readonly WriteCommand[], parameters: ReadonlySet<ParamKey>): string[] {
  const names: string[] = [];
  for (const command of commands) {
    if (command.kind !== 'put') continue;
    for (const { k, h, code, isSystem } of command.postings.terms) {
      // all who register a person share the system of its number: nobody locks it, see exactTerms
      if (!parameters.has(k) || isSystem === true) continue;
      names.push(termKey(k, h));
      if (code !== undefined) names.push(codeName(k, code));
    }
  }
  return names;
}

/** A code whatever its system. */
function codeName(k: ParamKey, code: string): string {
  return `${paramText(k)}t|${code}`;
}

/** Terms of which a match must have one, for each part of an AND that is exact. */
function exactTerms(where: Predicate): { readonly k: ParamKey; readonly keys: readonly string[] }[] {
  switch (where.kind) {
    case 'all':
      return where.of.flatMap(exactTerms);
    case 'term':
      // a whole system is no exact term
      if (where.isSystem === true) return [];
      return [{ k: where.k, keys: where.terms.map((hash) => termKey(where.k, hash)) }];
    case 'code':
      return [{ k: where.k, keys: [codeName(where.k, where.code)] }];
    default:
      return [];
  }
}
