/**
 * The data as of one commit: what a search sees on all its pages. The index tells what it has merged; versions
 * that came after that are read from the overlay, those that were replaced since the commit from the history,
 * and what came since the commit is skipped.
 */
import { hasTerm } from '../packed-match.ts';
import { CANDIDATE, type Candidate, candidateOf } from './candidate.ts';
import type { Connection, Row } from './connection.ts';
import type { Position } from './order.ts';
import { overlayOf, type ValuesOf } from './overlay.ts';
import type { PlanLimits } from './plan-limits.ts';
import { type Replaced, replacedSince } from './replaced.ts';
import type { ShownRows } from './shown-rows.ts';
import { NO_CONDITION, type SqlCondition } from './sql-condition.ts';

/** What narrows the versions that the index does not tell. Both are ORs; absent means any. */
export interface Hint {
  readonly types?: readonly number[];
  /** Hashes of terms, one of which every match has. */
  readonly hashes?: readonly number[];
}

export interface View {
  readonly connection: Connection;
  readonly limits: PlanLimits;
  /** The commit that is seen. */
  readonly snapshot: number;
  /** Whether nothing has been committed since. */
  readonly isNewest: boolean;
  /** Index rows of resources whose version is newer than this are to be skipped. */
  readonly indexed: number;
  /** The commit that the index has reached; beyond `indexed` when an older one is seen. */
  readonly merged: number;
  /** How often postings were replaced without a new version. */
  readonly reindexed: number;
  /** Versions as of the snapshot that the index does not tell; perhaps others than the hint asks for. */
  loose(hint: Hint): Iterable<Candidate>;
  /** The part of these that the index has not merged. */
  fresh(hint: Hint): Iterable<Candidate>;
  /** The same part in natural order, behind a place if there is one. */
  freshInOrder(hint: Hint, descending: boolean, after: Position | undefined): Iterable<Candidate>;
  /** Whether some of them may have a value of the parameter. */
  mayHaveLoose(values: ValuesOf): boolean;
  /** The other part. */
  replaced(): Replaced;
  /** Whether there can be any. */
  readonly hasLoose: boolean;
  /** The live version of a row at the snapshot. */
  byRid(rid: number): Candidate | undefined;
  /** The same of many, in their order. */
  byRids(rids: readonly number[] | Uint32Array): Candidate[];
  /** Live resources whose `Type/id` has the hash. */
  byHash(h: number): Candidate[];
  /** Live resources with the term; those that the index tells also pass the probe. */
  byTerm(k: number, h: number, probe?: SqlCondition): Iterable<Candidate>;
  typeId(name: string): number | undefined;
  typeName(t: number): string;
  typeIds(): readonly number[];
  /** What need not be read, where that is known. */
  readonly shown: ShownRows | undefined;
}

const BY_RID = `SELECT ${CANDIDATE} FROM res r WHERE r.rid = ? AND r.op < 2`;
/** Its argument is JSON. */
const BY_RIDS = `SELECT ${CANDIDATE}, r.op FROM json_each(?) j CROSS JOIN res r ON r.rid = j.value`;
const BY_HASH = `SELECT ${CANDIDATE} FROM res r INDEXED BY res_h WHERE r.h = ? AND r.op < 2`;
const BY_TERM = `SELECT ${CANDIDATE}, r.op, p.d, p.rid FROM ix p CROSS JOIN res r ON r.rid = p.rid
  WHERE p.k = ? AND p.h = ? AND (p.d, p.rid) > (?, ?)`;
const AT_ONCE = 64;
/** Live versions as of a commit that were replaced since. */
export const REPLACED = `SELECT p.rid, p.t, r.h, p.v, p.seq, p.ts, p.d, r.id, p.terms
  FROM hist p CROSS JOIN res r ON r.rid = p.rid WHERE p.rseq > ? AND p.seq <= ? AND p.op < 2`;
const STATE = `SELECT (SELECT max(seq) FROM res), (SELECT value FROM meta WHERE name = 'merged'),
  (SELECT count(*) FROM typ), (SELECT value FROM meta WHERE name = 'reindexed')`;

/** Must be used within one read transaction. Without a snapshot the newest commit is seen. */
export function openView(
  connection: Connection,
  limits: PlanLimits,
  snapshot?: number,
  shown?: ShownRows,
): View {
  const state = connection.row(STATE) as [
    seq: number | null,
    merged: number | null,
    types: number,
    reindexed: number | null,
  ];
  const newest = state[0] ?? 0;
  shown?.follow(connection, newest, state[3] ?? 0);
  const merged = state[1] ?? 0;
  const seen = Math.min(snapshot ?? newest, newest);
  const types = typesOf(connection, state[2]);
  let shadow: Replaced | undefined;
  const replaced = (): Replaced => {
    shadow ??= replacedSince(connection, seen, newest);
    return shadow;
  };
  const commits: Commits = { connection, merged, seen, newest };
  const fresh = (hint: Hint): Iterable<Candidate> => freshIn(commits, hint);
  const seenOnly = (rows: readonly Row[]): Candidate[] => {
    const found: Candidate[] = [];
    for (const row of rows) if ((row[4] as number) <= seen) found.push(candidateOf(row));
    return found;
  };
  const indexed = Math.min(seen, merged);
  return {
    connection,
    limits,
    snapshot: seen,
    isNewest: seen >= newest,
    indexed,
    merged,
    reindexed: state[3] ?? 0,
    hasLoose: merged < seen || seen < newest,
    fresh,
    freshInOrder: (hint, descending, after) => freshInOrder(commits, hint, descending, after),
    mayHaveLoose: (values) =>
      seen < newest || (merged < seen && overlayOf(connection, merged, newest).hasValues(values)),
    replaced,
    loose: (hint) => looseIn(fresh(hint), replaced),
    byRid: (rid) => seenOnly(connection.rows(BY_RID, rid))[0] ?? replaced().byRid(rid),
    byRids(rids) {
      const found: Candidate[] = [];
      for (const row of connection.rows(BY_RIDS, `[${rids.join()}]`)) {
        const isSeen = (row[4] as number) <= seen && (row[9] as number) < 2;
        const one = isSeen ? candidateOf(row) : replaced().byRid(row[0] as number);
        if (one !== undefined) found.push(one);
      }
      return found;
    },
    byHash: (h) => [...seenOnly(connection.rows(BY_HASH, h)), ...replaced().byHash(h)],
    byTerm: (k, h, probe = NO_CONDITION) => byTerm({ connection, indexed, fresh, replaced }, k, h, probe),
    typeId: (name) => types.ids.get(name),
    typeName: (t) => types.names.get(t) ?? '',
    typeIds: () => [...types.names.keys()],
    shown,
  };
}

interface Commits {
  readonly connection: Connection;
  readonly merged: number;
  readonly seen: number;
  readonly newest: number;
}

// no closures: V8 makes a shape for each generator function that is called, and that holds on to what the function sees

function* freshIn(
  { connection, merged, seen, newest }: Commits,
  { types, hashes }: Hint,
): Iterable<Candidate> {
  if (merged >= seen) return;
  for (const one of overlayOf(connection, merged, newest).find(types, hashes)) if (one.seq <= seen) yield one;
}

function* freshInOrder(
  { connection, merged, seen, newest }: Commits,
  { types, hashes }: Hint,
  descending: boolean,
  after: Position | undefined,
): Iterable<Candidate> {
  if (merged >= seen) return;
  const overlay = overlayOf(connection, merged, newest);
  for (const one of overlay.findInOrder(types, hashes, { descending, after })) if (one.seq <= seen) yield one;
}

function* looseIn(fresh: Iterable<Candidate>, replaced: () => Replaced): Iterable<Candidate> {
  yield* fresh;
  yield* replaced().versions;
}

type Indexed = Pick<View, 'connection' | 'indexed' | 'fresh' | 'replaced'>;

function* byTerm(
  { connection, indexed, fresh, replaced }: Indexed,
  k: number,
  h: number,
  probe: SqlCondition,
): Iterable<Candidate> {
  const filter = probe.sql === '' ? '' : `AND ${probe.sql}`;
  const sql = `${BY_TERM} ${filter} ORDER BY p.d, p.rid LIMIT ${AT_ONCE}`;
  let after: [d: number, rid: number] | undefined = [-1, -1];
  while (after !== undefined) {
    const rows: Row[] = connection.rows(sql, k, h, ...after, ...probe.args);
    for (const row of rows) {
      if ((row[4] as number) <= indexed && (row[9] as number) < 2) yield candidateOf(row);
    }
    const last: Row | undefined = rows.length < AT_ONCE ? undefined : rows.at(-1);
    after = last && [last[10] as number, last[11] as number];
  }
  const hashes = new Set([h]);
  for (const one of fresh({ hashes: [h] })) if (hasTerm(one.sections, k, hashes)) yield one;
  for (const one of replaced().versions) if (hasTerm(one.sections, k, hashes)) yield one;
}

interface Types {
  readonly ids: ReadonlyMap<string, number>;
  readonly names: ReadonlyMap<number, string>;
}

const knownTypes = new WeakMap<Connection, Types>();

/** Types only ever get more. */
function typesOf(connection: Connection, count: number): Types {
  const known = knownTypes.get(connection);
  if (known?.ids.size === count) return known;
  const rows = connection.rows('SELECT name, id FROM typ') as [string, number][];
  const types = { ids: new Map(rows), names: new Map(rows.map(([name, t]) => [t, name])) };
  knownTypes.set(connection, types);
  return types;
}

export function newestSeq(connection: Connection): number {
  return (connection.row('SELECT max(seq) FROM res')?.[0] as number | null) ?? 0;
}

/** Live resources. */
export function liveIn(connection: Connection): number {
  return (connection.row('SELECT sum(live) FROM typ')?.[0] as number | null) ?? 0;
}

/** Live resources of the types. */
export function liveOf(types: readonly number[], { connection }: View): number {
  return types.reduce(
    (sum, t) => sum + (connection.row('SELECT live FROM typ WHERE id = ?', t)?.[0] as number),
    0,
  );
}
