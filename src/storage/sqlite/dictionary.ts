/**
 * The dictionary of terms in the clear: what answers a code without its system, a system without code, and
 * words of codes.
 */
import { assertNever } from '../../fhir/types.ts';
import type { Predicate } from '../../search/query.ts';
import type { TermNames } from '../packed-postings.ts';
import type { NamedTerm } from '../store.ts';
import type { Connection } from './connection.ts';

type Named = Extract<Predicate, { kind: 'code' | 'system' | 'words' }>;

const BY_CODE = 'SELECT h FROM dict INDEXED BY dict_code WHERE k = ? AND code = ?';
const BY_SYSTEM = 'SELECT h FROM dict INDEXED BY dict_sys WHERE k = ? AND sys = ?';
const BY_WORDS = "SELECT h FROM dict WHERE k = ? AND instr(' ' || code, ' ' || ?) > 0";

/** The terms of the parameter that the condition means. */
export function namedTerms(connection: Connection, where: Named): number[] {
  const rows = ((): unknown[][] => {
    switch (where.kind) {
      case 'code':
        return connection.rows(BY_CODE, where.k, where.code);
      case 'system':
        return connection.rows(BY_SYSTEM, where.k, where.system);
      case 'words':
        return connection.rows(BY_WORDS, where.k, where.value);
      default:
        return assertNever(where);
    }
  })();
  return rows.map((row) => row[0] as number);
}

const NAMES = 'SELECT sys, code FROM dict WHERE k = ? AND h = ?';

export function createTermNames(connection: Connection): TermNames {
  const known = new Map<string, { system?: string; code?: string }>();
  return (k, h) => {
    const key = `${k}|${h}`;
    let names = known.get(key);
    if (names === undefined) {
      const row = connection.row(NAMES, k, h);
      names = row === undefined ? {} : { system: row[0] as string, code: row[1] as string };
      known.set(key, names);
    }
    return names;
  };
}

const LIST = 'SELECT sys, code FROM dict WHERE k = ? LIMIT ?';

/** Terms in the clear of any of the keys, each once. */
export function listTerms(connection: Connection, keys: readonly number[], limit: number): NamedTerm[] {
  const found = new Map<string, NamedTerm>();
  for (const k of keys) {
    for (const [system, code] of connection.rows(LIST, k, limit) as [string, string][]) {
      if (found.size === limit) return [...found.values()];
      found.set(`${system}|${code}`, { system, code });
    }
  }
  return [...found.values()];
}
