/**
 * The codes of a parameter in their order, as the dictionary has them.
 */
import type { Connection } from './connection.ts';
import type { OrderKey } from './order.ts';

export interface CodesPlan {
  readonly kind: 'codes';
  readonly key: TermKey;
  /** In the order of the search. */
  readonly codes: readonly Code[];
  readonly reads: string;
}

type TermKey = Extract<OrderKey, { k: number }>;

export interface Code {
  readonly code: string;
  /** The terms with this code, one for each system. */
  readonly hashes: readonly number[];
}

/** More codes are put in order by looking at every resource. */
export const ORDERED_CODES_MAX = 1_000;
const CODES = 'SELECT code, h FROM dict INDEXED BY dict_code WHERE k = ? ORDER BY code LIMIT ?';

/** Undefined when the parameter has too many codes. */
export function codesPlan(key: TermKey, connection: Connection): CodesPlan | undefined {
  const rows = connection.rows(CODES, key.k, ORDERED_CODES_MAX + 1) as [string, number][];
  if (rows.length > ORDERED_CODES_MAX) return undefined;
  const byCode = new Map<string, number[]>();
  for (const [code, h] of rows) {
    const known = byCode.get(code);
    if (known === undefined) byCode.set(code, [h]);
    else known.push(h);
  }
  const codes = [...byCode].map(([code, hashes]) => ({ code, hashes }));
  if (key.descending) codes.reverse();
  return { kind: 'codes', key, codes, reads: `order of ${codes.length} codes` };
}
