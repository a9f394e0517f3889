/**
 * Conditional writes without races. A transaction touches one lock document for each thing its preconditions look
 * at: of two that look at the same, MongoDB lets one commit, and the other runs again and sees what was written.
 * Within a process they queue, so that many clients who create the same person do not collide over and over.
 *
 * A precondition that names exact terms locks these terms; the terms that a command posts under the same
 * parameters are locked as well, so that a person with two identifiers is not created once by each. Without an
 * exact term it locks the whole type. What is not covered: two transactions whose preconditions use different
 * parameters, each of which would match what the other creates.
 */
import type { ClientSession } from 'mongodb';
import type { ParamKey } from '../../search/postings.ts';
import type { Predicate } from '../../search/query.ts';
import type { Precondition, WriteCommand } from '../store.ts';
import type { Collections } from './connect.ts';
import { paramText, termKey, typeKey } from './index-keys.ts';

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
  /** Within a transaction: whoever else touches one of these names now will fail or make this one fail. */
  touch(names: readonly string[], session: ClientSession): Promise<void>;
}

/** Lock documents are of no use after their transaction; this only keeps the collection small. */
const KEPT_MS = 600_000;

export function createLocks({ lock }: Pick<Collections, 'lock'>, process: number): Locks {
  const tails = new Map<string, Promise<void>>();
  const holders = new Map<string, Promise<void>>();
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
    async touch(names, session) {
      const exp = new Date(Date.now() + KEPT_MS);
      await lock.bulkWrite(
        names.map((_id) => ({
          updateOne: { filter: { _id }, update: { $set: { exp, by: String(process) } }, upsert: true },
        })),
        { session, ordered: true },
      );
    },
  };
}

/** What a transaction has to lock, sorted so that two transactions lock in one order. */
export function lockNames(
  preconditions: readonly Precondition[],
  commands: readonly WriteCommand[],
): readonly string[] {
  const names = new Set<string>();
  const parameters = new Set<ParamKey>();
  for (const { query } of preconditions) {
    const terms = exactTerms(query.where);
    if (terms.length === 0) {
      for (const type of query.types.length === 0 ? ['*'] : query.types) names.add(typeKey(type));
    }
    for (const { k, keys } of terms) {
      parameters.add(k);
      for (const key of keys) names.add(key);
    }
  }
  for (const command of commands) {
    if (command.kind !== 'put') continue;
    for (const { k, h, code } of command.postings.terms) {
      if (!parameters.has(k)) continue;
      names.add(termKey(k, h));
      if (code !== undefined) names.add(codeName(k, code));
    }
  }
  return [...names].sort();
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
      return [{ k: where.k, keys: where.terms.map((hash) => termKey(where.k, hash)) }];
    case 'code':
      return [{ k: where.k, keys: [codeName(where.k, where.code)] }];
    default:
      return [];
  }
}
