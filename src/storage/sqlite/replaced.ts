/**
 * Versions that were replaced since the commit that pages show. Each connection keeps them for the commits that were
 * asked for last: the next page reads what was replaced since the one before, and not all of it again.
 */
import { createRecent, type Recent } from '../recent.ts';
import { type Candidate, candidateOf } from './candidate.ts';
import type { Connection } from './connection.ts';

interface Replaced {
  readonly upTo: number;
  readonly versions: readonly Candidate[];
}

const SINCE = `SELECT p.rid, p.t, r.h, p.v, p.seq, p.ts, p.d, r.id, p.terms
  FROM hist p CROSS JOIN res r ON r.rid = p.rid WHERE p.rseq > ? AND p.rseq <= ? AND p.seq <= ? AND p.op < 2`;

const COMMITS_MAX = 16;
/** Versions that are kept: some 600 bytes each. */
const VERSIONS_MAX = 8_000;

const kept = new WeakMap<object, Recent<Replaced>>();

/** Live at `seen`, and replaced up to `newest`, which is the newest commit that this transaction sees. */
export function replacedSince(connection: Connection, seen: number, newest: number): readonly Candidate[] {
  if (seen >= newest) return [];
  const commits = keptOn(connection);
  const known = commits.get(String(seen));
  // what is further than this transaction sees is of a later one
  const start = known !== undefined && known.upTo <= newest ? known : { upTo: seen, versions: [] };
  const more = connection.rows(SINCE, start.upTo, newest, seen).map((row) => candidateOf(row));
  const versions = more.length === 0 ? start.versions : [...start.versions, ...more];
  commits.put(String(seen), { upTo: newest, versions });
  return versions;
}

function keptOn({ memory }: Connection): Recent<Replaced> {
  let commits = kept.get(memory);
  if (commits === undefined) {
    const sizeOf = ({ versions }: Replaced): number => versions.length;
    commits = createRecent({ countMax: COMMITS_MAX, sizeMax: VERSIONS_MAX, sizeOf });
    kept.set(memory, commits);
  }
  return commits;
}
