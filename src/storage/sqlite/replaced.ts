/**
 * Versions that were replaced since the commit that pages show. Each connection keeps them for the commits that were
 * asked for last, and which of them a search finds: the next page looks at what was replaced since the one before, and
 * not at all of it again.
 */
import { createRecent } from '../recent.ts';
import { type Candidate, candidateOf } from './candidate.ts';
import type { Connection } from './connection.ts';
import { recentOfConnection } from './on-connection.ts';

/** It grows as further ones are replaced. */
export interface Replaced {
  readonly versions: readonly Candidate[];
  byRid(rid: number): Candidate | undefined;
  byHash(h: number): readonly Candidate[];
  /** Those that pass a test, for which the name stands: each is tested once. */
  matching(name: string | undefined, test: (one: Candidate) => boolean): readonly Candidate[];
}

interface Growing extends Replaced {
  readonly upTo: number;
  grow(rows: readonly Candidate[], upTo: number): void;
}

const SINCE = `SELECT p.rid, p.t, r.h, p.v, p.seq, p.ts, p.d, r.id, p.terms
  FROM hist p CROSS JOIN res r ON r.rid = p.rid WHERE p.rseq > ? AND p.rseq <= ? AND p.seq <= ? AND p.op < 2`;

interface Kept {
  readonly replaced: Growing;
  readonly size: number;
}

const COMMITS_MAX = 16;
/** Versions that are kept: some 600 bytes each. */
const VERSIONS_MAX = 16_000;

const commitsOf = recentOfConnection<Kept>({
  countMax: COMMITS_MAX,
  sizeMax: VERSIONS_MAX,
  sizeOf: ({ size }) => size,
});

/** Live at `seen`, and replaced up to `newest`, which is the newest commit that this transaction sees. */
export function replacedSince(connection: Connection, seen: number, newest: number): Replaced {
  if (seen >= newest) return NONE;
  const commits = commitsOf(connection);
  const known = commits.get(String(seen))?.replaced;
  const replaced = known !== undefined && known.upTo <= newest ? known : growing(seen);
  const more = connection.rows(SINCE, replaced.upTo, newest, seen).map((row) => candidateOf(row));
  replaced.grow(more, newest);
  commits.put(String(seen), { replaced, size: replaced.versions.length });
  return replaced;
}

interface Matches {
  readonly found: Candidate[];
  tested: number;
}

const SEARCHES_MAX = 64;

function growing(seen: number): Growing {
  const versions: Candidate[] = [];
  const byRid = new Map<number, Candidate>();
  const byHash = new Map<number, Candidate[]>();
  const matches = createRecent<Matches>({ countMax: SEARCHES_MAX });
  let reached = seen;
  return {
    versions,
    get upTo() {
      return reached;
    },
    byRid: (rid) => byRid.get(rid),
    byHash: (h) => byHash.get(h) ?? [],
    matching(name, test) {
      if (name === undefined || versions.length === 0) return versions.filter(test);
      const known = matches.get(name) ?? { found: [], tested: 0 };
      matches.put(name, known);
      while (known.tested < versions.length) {
        const one = versions[known.tested] as Candidate;
        if (test(one)) known.found.push(one);
        known.tested++;
      }
      return known.found;
    },
    grow(more, upTo) {
      for (const one of more) {
        versions.push(one);
        byRid.set(one.rid, one);
        const same = byHash.get(one.h);
        if (same === undefined) byHash.set(one.h, [one]);
        else same.push(one);
      }
      reached = upTo;
    },
  };
}

const NONE: Replaced = growing(0);
