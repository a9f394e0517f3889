/**
 * Who refers to whom through a parameter, as columns of numbers: with them a chain or a `_has` to half a million
 * resources is joined in some milliseconds, where a look-up of each takes as many hundreds.
 * https://hl7.org/fhir/R4/search.html#chaining
 */
import { termsOf } from '../packed-match.ts';
import { type Bits, clearBit, hasBit, setBit } from './bits.ts';
import { emptyBits, type Indexed, keptOrMade } from './kept-sets.ts';
import type { Meter } from './meter.ts';
import type { View } from './view.ts';

export interface ReferenceColumns {
  /** Makes known targets that came after the columns and are not in the index yet. */
  resolve(targets: readonly { readonly rid: number; readonly h: number }[]): void;
  /** Adds who refers to one of the targets. */
  addSources(bits: Bits, targets: Bits): void;
  /** Adds whom one of the sources refers to. */
  addTargets(bits: Bits, sources: Bits): void;
}

interface Columns {
  /** The rid of the target of each group, 0 where nothing here has its hash. */
  readonly targets: Int32Array;
  /** Where its sources begin; one more for the end. */
  readonly starts: Int32Array;
  readonly sources: Int32Array;
  /** Everything in `sources`. */
  readonly members: Bits;
  /** Groups without a target, by hash. */
  readonly dangling: Map<number, number>;
  /** What sources that were written since refer to now, by rid. */
  readonly changed: Map<number, readonly number[]>;
}

export function referenceColumns(k: number, view: View, meter: Meter): ReferenceColumns {
  const kind = {
    key: `references ${k}`,
    make: () => makeColumns(k, view, meter),
    bytesOf,
    follow: (columns: Columns, versions: readonly Indexed[]) =>
      follow(columns, versions, k, view.limits.followedMax),
  };
  const columns = keptOrMade(kind, view, meter) as Columns;
  const rid = ridsByHash(view);
  return {
    resolve: (targets) => {
      for (const { rid, h } of targets) resolve(columns, rid, h);
    },
    addSources: (bits, targets) => addSources(bits, targets, columns, rid),
    addTargets: (bits, sources) => addTargets(bits, sources, columns, rid),
  };
}

function bytesOf({ targets, starts, sources, members, dangling }: Columns): number {
  return (
    targets.byteLength + starts.byteLength + sources.byteLength + members.byteLength + dangling.size * 64
  );
}

const GROUPS_AT_ONCE = 8_000;
const ROWS_PER_CANDIDATE = 16;
/** Groups between `;`, each the rid of its target, or its negative hash, then `:` and its sources. */
const GROUPS = `SELECT group_concat(coalesce((SELECT r.rid FROM res r INDEXED BY res_h WHERE r.h = g.h LIMIT 1), -g.h)
    || ':' || g.rids, ';'), max(g.h), count(*)
  FROM (SELECT h, group_concat(rid) AS rids FROM ix WHERE k = ? AND h > ? GROUP BY h ORDER BY h LIMIT ?) g`;

function makeColumns(k: number, view: View, meter: Meter): Columns {
  const { connection } = view;
  const [targets, starts, sources] = [growing(), growing(), growing()];
  const dangling = new Map<number, number>();
  const members = emptyBits(view);
  let last = -1;
  for (;;) {
    const row = connection.row(GROUPS, k, last, GROUPS_AT_ONCE) as [string | null, number, number];
    const [text, greatest, count] = row;
    const before = sources.size;
    if (text !== null) readGroups(text, { targets, starts, sources, dangling });
    meter.spend(Math.ceil((sources.size - before) / ROWS_PER_CANDIDATE));
    if (count < GROUPS_AT_ONCE) break;
    last = greatest;
  }
  push(starts, sources.size);
  const columns = { targets: cut(targets), starts: cut(starts), sources: cut(sources) };
  for (const rid of columns.sources) setBit(members, rid);
  return { ...columns, members, dangling, changed: new Map() };
}

interface Groups {
  readonly targets: Growing;
  readonly starts: Growing;
  readonly sources: Growing;
  readonly dangling: Map<number, number>;
}

const [MINUS, COLON, SEMICOLON, COMMA, ZERO] = [0x2d, 0x3a, 0x3b, 0x2c, 0x30];

/** In one pass over the text: to cut it into pieces first takes as long as the database does. */
function readGroups(text: string, { targets, starts, sources, dangling }: Groups): void {
  let number = 0;
  let isDangling = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= ZERO && unit < COLON) {
      number = number * 10 + unit - ZERO;
      continue;
    }
    if (unit === COLON) {
      if (isDangling) dangling.set(number, targets.size);
      push(targets, isDangling ? 0 : number);
      push(starts, sources.size);
      isDangling = false;
    } else if (unit === MINUS) {
      isDangling = true;
    } else if (unit === COMMA || unit === SEMICOLON) {
      push(sources, number);
    }
    number = 0;
  }
  push(sources, number);
}

interface Growing {
  values: Int32Array;
  size: number;
}

function growing(): Growing {
  return { values: new Int32Array(16_384), size: 0 };
}

function push(growing: Growing, value: number): void {
  if (growing.size === growing.values.length) {
    const wider = new Int32Array(growing.size * 2);
    wider.set(growing.values);
    growing.values = wider;
  }
  growing.values[growing.size++] = value;
}

function cut({ values, size }: Growing): Int32Array {
  return values.slice(0, size);
}

function follow(
  columns: Columns,
  versions: readonly Indexed[],
  k: number,
  changedMax: number,
): Columns | undefined {
  const { members, changed } = columns;
  for (const { rid, h, now } of versions) {
    resolve(columns, rid, h);
    const hashes = now === undefined ? [] : termsOf(now.sections, k);
    if (hashes.length > 0 || changed.has(rid) || hasBit(members, rid)) changed.set(rid, hashes);
  }
  return changed.size > changedMax ? undefined : columns;
}

/** A resource keeps its rid for good. */
function resolve({ dangling, targets }: Columns, rid: number, h: number): void {
  const group = dangling.get(h);
  if (group === undefined) return;
  targets[group] = rid;
  dangling.delete(h);
}

type RidOf = (h: number) => number | undefined;

const RID_OF = 'SELECT rid FROM res INDEXED BY res_h WHERE h = ? LIMIT 1';

function ridsByHash({ connection }: View): RidOf {
  const known = new Map<number, number | undefined>();
  return (h) => {
    if (!known.has(h)) known.set(h, connection.row(RID_OF, h)?.[0] as number | undefined);
    return known.get(h);
  };
}

function addSources(bits: Bits, among: Bits, columns: Columns, ridOf: RidOf): void {
  const { targets, starts, sources, changed } = columns;
  for (let group = 0; group < targets.length; group++) {
    if (!hasBit(among, targets[group] as number)) continue;
    const end = starts[group + 1] as number;
    for (let at = starts[group] as number; at < end; at++) {
      const rid = sources[at] as number;
      if (!changed.has(rid)) setBit(bits, rid);
    }
  }
  for (const [rid, hashes] of changed) {
    if (hashes.some((h) => hasBit(among, ridOf(h) ?? 0))) setBit(bits, rid);
  }
}

function addTargets(bits: Bits, among: Bits, columns: Columns, ridOf: RidOf): void {
  const { targets, starts, sources, changed } = columns;
  for (let group = 0; group < targets.length; group++) {
    const end = starts[group + 1] as number;
    for (let at = starts[group] as number; at < end; at++) {
      const rid = sources[at] as number;
      if (!hasBit(among, rid) || changed.has(rid)) continue;
      setBit(bits, targets[group] as number);
      break;
    }
  }
  for (const [rid, hashes] of changed) {
    if (hasBit(among, rid)) for (const h of hashes) setBit(bits, ridOf(h) ?? 0);
  }
  // no resource has the rid of what is not here
  clearBit(bits, 0);
}
