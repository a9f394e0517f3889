/**
 * What was read from the index for a total and is worth keeping on a connection: sets of resources, and who refers to
 * whom. Each is as of the commit that the index had reached; asked for again, it follows the versions since, so that
 * the second total with a condition does not read its list again.
 */
import type { Bits } from './bits.ts';
import { CANDIDATE, type Candidate, candidateOf } from './candidate.ts';
import type { Meter } from './meter.ts';
import type { View } from './view.ts';

/** A version that the index has come to know; `now` is undefined when it deletes. */
export interface Indexed {
  readonly rid: number;
  readonly h: number;
  readonly now: Candidate | undefined;
}

export interface KeptKind<Value> {
  readonly key: string;
  /** From the index as it is; undefined when it cannot tell. */
  make(): Value | undefined;
  /** What it takes in memory; undefined when it is not worth keeping. */
  bytesOf(value: Value): number | undefined;
  /** The same after these versions; undefined when it is to be made anew. */
  follow(value: Value, versions: readonly Indexed[]): Value | undefined;
  /** The commit as of which it has to be, if not what the index has reached. */
  readonly least?: number;
  /** Versions that it follows at most, if more than others. */
  followedMax?(value: Value): number;
}

/** Sets grow in steps, so that most that are kept still have room. */
const WORDS_STEP = 1_024;

/** An empty set that has room for every resource there is. */
export function emptyBits({ connection }: View): Bits {
  const rids = ((connection.row('SELECT max(rid) FROM res')?.[0] as number | null) ?? 0) + 1;
  return new Uint32Array(Math.ceil(rids / 32 / WORDS_STEP) * WORDS_STEP);
}

interface One {
  readonly merged: number;
  readonly bytes: number;
  readonly value: unknown;
  /** Whether it was read before anybody asked, and stays. */
  readonly isAhead: boolean;
}

interface Kept {
  readonly byKey: Map<string, One>;
  bytes: number;
  /** How often postings had been replaced without a new version. */
  reindexed: number;
  /** The versions that the last one followed, which the next one follows as a rule. */
  versions: { readonly from: number; readonly to: number; readonly of: readonly Indexed[] } | undefined;
}

const kept = new WeakMap<object, Kept>();

/** What is kept under a key, up to date with the index; made when it is not. Nobody may change it. */
export function keptOrMade<Value>(kind: KeptKind<Value>, view: View, meter: Meter): Value | undefined {
  const all = keptOn(view);
  const known = all.byKey.get(kind.key);
  if (known !== undefined && kind.least !== undefined && known.merged >= kind.least) {
    all.byKey.delete(kind.key);
    all.byKey.set(kind.key, known);
    return known.value as Value;
  }
  const value = (known && followed(known, kind, { all, view, meter })) ?? kind.make();
  drop(all, kind.key);
  keep(all, kind, { value, merged: view.merged, isAhead: known?.isAhead === true }, view);
  return value;
}

/** Whether something is kept under a key, of whatever commit. */
export function isKept(key: string, view: View): boolean {
  return keptOn(view).byKey.has(key);
}

/** Brings up to date what was read ahead; what it takes, or undefined when it is to be read anew. */
export function followedAhead<Value>(kind: KeptKind<Value>, view: View, meter: Meter): number | undefined {
  const all = keptOn(view);
  const known = all.byKey.get(kind.key);
  const value = known?.isAhead === true ? followed(known, kind, { all, view, meter }) : undefined;
  return value === undefined ? undefined : keptAhead(kind, { value, merged: view.merged }, view);
}

/** Keeps what was read ahead, as of a commit, among what stays; what it takes, or undefined when it is too much. */
export function keptAhead<Value>(
  kind: KeptKind<Value>,
  { value, merged }: { readonly value: Value; readonly merged: number },
  view: View,
): number | undefined {
  const all = keptOn(view);
  drop(all, kind.key);
  keep(all, kind, { value, merged, isAhead: true }, view);
  return all.byKey.get(kind.key)?.bytes;
}

function keep<Value>(
  all: Kept,
  kind: KeptKind<Value>,
  one: Omit<One, 'bytes'> & { readonly value: Value | undefined },
  { limits: { keptSetsBytesMax } }: View,
): void {
  const bytes = one.value === undefined ? undefined : kind.bytesOf(one.value);
  if (bytes === undefined || bytes > keptSetsBytesMax) return;
  all.byKey.set(kind.key, { ...one, bytes });
  all.bytes += bytes;
  for (const [key, { isAhead }] of all.byKey) {
    // those that were asked for last stay
    if (all.bytes <= keptSetsBytesMax) break;
    if (!isAhead) drop(all, key);
  }
}

function keptOn({ connection: { memory }, reindexed }: View): Kept {
  let all = kept.get(memory);
  if (all === undefined || all.reindexed !== reindexed) {
    all = { byKey: new Map(), bytes: 0, reindexed, versions: undefined };
    kept.set(memory, all);
  }
  return all;
}

function drop(all: Kept, key: string): void {
  const known = all.byKey.get(key);
  if (known === undefined) return;
  all.bytes -= known.bytes;
  all.byKey.delete(key);
}

interface FollowContext {
  readonly all: Kept;
  readonly view: View;
  readonly meter: Meter;
}

function followed<Value>(
  { merged, value }: One,
  kind: KeptKind<Value>,
  { all, view, meter }: FollowContext,
): Value | undefined {
  if (merged === view.merged) return value as Value;
  const followedMax = Math.max(view.limits.followedMax, kind.followedMax?.(value as Value) ?? 0);
  if (merged > view.merged || view.merged - merged > followedMax) return undefined;
  const versions = indexedSince(merged, all, view, meter);
  return kind.follow(value as Value, versions);
}

const SINCE = `SELECT ${CANDIDATE}, r.op FROM res r INDEXED BY res_seq WHERE r.seq > ? AND r.seq <= ?`;

/** Current versions that the index took in since; those that were replaced again follow with what replaced them. */
function indexedSince(
  merged: number,
  all: Kept,
  { connection, merged: to }: View,
  meter: Meter,
): readonly Indexed[] {
  if (all.versions?.from === merged && all.versions.to === to) return all.versions.of;
  const of = connection.rows(SINCE, merged, to).map((row): Indexed => {
    const isLive = (row[9] as number) < 2;
    return { rid: row[0] as number, h: row[2] as number, now: isLive ? candidateOf(row) : undefined };
  });
  meter.spend(of.length);
  all.versions = { from: merged, to, of };
  return of;
}
