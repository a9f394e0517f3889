/**
 * Reading all references of a parameter from the index, by target, some ten thousand rows at a time: as one text of many
 * numbers, which costs a third of what as many rows do.
 */
import { type Bits, setBit } from './bits.ts';
import { emptyBits } from './kept-sets.ts';
import { buildLists, readList, type SourceLists } from './source-lists.ts';
import type { View } from './view.ts';

export interface Columns {
  readonly lists: SourceLists;
  /** Every source in the lists. */
  readonly members: Bits;
  /** Lists without a target, by hash. */
  readonly dangling: Map<number, number>;
  /** What sources that were written since refer to now, by rid. */
  readonly changed: Map<number, readonly number[]>;
}

/** Rows that can be read in the time that a group takes besides. */
const ROWS_A_GROUP = 8;
/** Groups between `;`, each the rid of its target, or its negative hash, then `:` and its sources. */
const GROUPS = `SELECT group_concat(coalesce((SELECT r.rid FROM res r INDEXED BY res_h WHERE r.h = g.h LIMIT 1), -g.h)
    || ':' || g.rids, ';'), max(g.h), count(*)
  FROM (SELECT h, group_concat(rid) AS rids FROM ix WHERE k = ? AND h > ? GROUP BY h ORDER BY h LIMIT ?) g`;

/**
 * Yields how many rows have been read, and whose memory they take. `viewOf` is asked for each part: who reads them in
 * transactions of their own has what was written meanwhile followed from the first one on.
 */
export function* readReferences(
  k: number,
  viewOf: () => View,
): Generator<{ readonly rows: number; readonly bytes: number }, Columns> {
  const lists = buildLists();
  const dangling = new Map<number, number>();
  const group: Group = { sources: new Int32Array(1_024), size: 0 };
  let rows = 0;
  const add = (target: number, hash: number): void => {
    if (target === 0) dangling.set(hash, lists.size);
    lists.add(target, group.sources, group.size);
    rows += group.size;
  };
  // some parameters have few groups of very many
  let groups = 1;
  let last = -1;
  for (;;) {
    const { connection, limits } = viewOf();
    const row = connection.row(GROUPS, k, last, groups) as [string | null, number, number];
    const [text, greatest, count] = row;
    const before = rows;
    if (text !== null) eachGroup(text, group, add);
    yield { rows, bytes: lists.bytes };
    if (count < groups) break;
    last = greatest;
    // a group has a target to look up, too
    const weight = rows - before + count * ROWS_A_GROUP;
    groups = Math.max(1, Math.min(groups * 4, Math.floor((count * limits.referencesAtOnce) / weight)));
  }
  const done = lists.done();
  return { lists: done, members: membersOf(done, viewOf()), dangling, changed: new Map() };
}

/** Every source in the lists. */
export function membersOf(lists: SourceLists, view: View): Bits {
  const members = emptyBits(view);
  const sources = new Int32Array(lists.longest);
  for (let list = 0; list < lists.ends.length; list++) {
    const count = readList(lists, list, sources);
    for (let at = 0; at < count; at++) setBit(members, sources[at] as number);
  }
  return members;
}

interface Group {
  sources: Int32Array;
  size: number;
}

const [MINUS, COLON, SEMICOLON, ZERO] = [0x2d, 0x3a, 0x3b, 0x30];

/** In one pass over the text: to cut it into pieces first takes as long as the database does. */
function eachGroup(text: string, group: Group, add: (target: number, hash: number) => void): void {
  let number = 0;
  let isDangling = false;
  let target = 0;
  let hash = 0;
  for (let at = 0; at <= text.length; at++) {
    const unit = at < text.length ? text.charCodeAt(at) : SEMICOLON;
    if (unit >= ZERO && unit < COLON) {
      number = number * 10 + unit - ZERO;
      continue;
    }
    if (unit === COLON) {
      target = isDangling ? 0 : number;
      hash = number;
      group.size = 0;
      isDangling = false;
    } else if (unit === MINUS) {
      isDangling = true;
    } else {
      push(group, number);
      if (unit === SEMICOLON) add(target, hash);
    }
    number = 0;
  }
}

function push(group: Group, source: number): void {
  if (group.size === group.sources.length) {
    const wider = new Int32Array(group.size * 2);
    wider.set(group.sources);
    group.sources = wider;
  }
  group.sources[group.size++] = source;
}
