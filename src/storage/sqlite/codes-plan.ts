/**
 * The codes of a parameter in their order, as the dictionary has them.
 */
import type { Connection } from './connection.ts';

export interface CodesPlan {
  readonly kind: 'codes';
  readonly k: number;
  readonly descending: boolean;
  /** In the order of the search. */
  readonly codes: readonly Code[];
  readonly reads: string;
}

interface Code {
  readonly code: string;
  /** The terms with this code, one for each system. */
  readonly hashes: readonly number[];
}

/** More codes are put in order by looking at every resource. */
const TERMS_MAX = 1_000;
const CODES = 'SELECT code, h FROM dict INDEXED BY dict_code WHERE k = ? ORDER BY code LIMIT ?';

/** Undefined when the parameter has too many codes. */
export function codesPlan(
  { k, descending }: { readonly k: number; readonly descending: boolean },
  connection: Connection,
): CodesPlan | undefined {
  const rows = connection.rows(CODES, k, TERMS_MAX + 1) as [string, number][];
  if (rows.length > TERMS_MAX) return undefined;
  const byCode = new Map<string, number[]>();
  for (const [code, h] of rows) {
    const known = byCode.get(code);
    if (known === undefined) byCode.set(code, [h]);
    else known.push(h);
  }
  const codes = [...byCode].map(([code, hashes]) => ({ code, hashes }));
  if (descending) codes.reverse();
  return { kind: 'codes', k, descending, codes, reads: `order of ${codes.length} codes` };
}
