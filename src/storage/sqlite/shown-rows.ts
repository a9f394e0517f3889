/**
 * Rows that pages show again and again, kept in memory as they are stored (row-ring.ts) for one connection: a page of
 * them reads the index and nothing else. A row costs the look-up of its page in the file, which the cache of a large
 * file seldom has, and its checksum; both are done for what is not kept. What was written since is forgotten before a
 * search begins, in the transaction in which it reads.
 */
import type { Connection } from './connection.ts';
import { pageText, textOfKept } from './page-text.ts';
import { createRowRing } from './row-ring.ts';
import type { KeptVersion, Place } from './stored.ts';

export interface ShownRows {
  /** To be told at the beginning of a read transaction: forgets what is no longer so. */
  follow(connection: Connection, newest: number, reindexed: number): void;
  /** Whether so many of the rows of late are kept that it is sooner to ask for them first. */
  isWorthAsking(): boolean;
  /** The current version of a row, with its text and place, if it is kept. */
  atRow(rid: number): PlacedVersion | undefined;
  /** Counts rows that were kept, and so not read. */
  spared(rows: number): void;
  /** The version with its text as it leaves. What is shown for the second time is kept. In the transaction it was read in. */
  show(row: KeptVersion): KeptVersion;
  /** The same for a row that was read to see whether there is more. */
  notice(row: KeptVersion): void;
}

export interface PlacedVersion extends KeptVersion {
  readonly place: Place;
}

/** Rows after which those before count half. */
const COUNTED = 4_096;
/** Of so many rows one must be kept for it to be worth a statement more. */
const ONE_OF = 4;
/** Rows that are looked for when they were written; after more, all are forgotten. */
const FOLLOWED = 1_000;
const WRITTEN = 'SELECT rid FROM res WHERE seq > ? LIMIT ?';

/** `bytesMax`: 0 keeps none. */
export function createShownRows(bytesMax: number): ShownRows {
  const ring = createRowRing(bytesMax);
  /** Names of types by the numbers that the ring has for them. */
  const types: string[] = [];
  const known = { newest: 0, reindexed: 0 };
  let all = 0;
  let found = 0;
  const count = (kept: number, rows: number): void => {
    found += kept;
    all += rows;
    if (all < COUNTED) return;
    all /= 2;
    found /= 2;
  };
  const numberOf = (type: string): number => {
    const at = types.indexOf(type);
    return at < 0 ? types.push(type) - 1 : at;
  };
  /** Whether the row is to be kept, and is not yet. */
  const isNew = ({ place }: KeptVersion): boolean => {
    if (place === undefined) return false;
    const isKept = ring.has(place.rid);
    count(isKept ? 1 : 0, 1);
    return !isKept;
  };
  const withText = (row: KeptVersion, isToKeep: boolean): KeptVersion => {
    const made = row.op === 2 ? undefined : pageText(row.body, row);
    if (made === undefined) return row;
    const { type, id, versionId, lastUpdated, op, place } = row;
    if (isToKeep && made.kept !== undefined && place !== undefined) {
      const { bytes, from, to } = made.kept;
      const v = Number(versionId);
      ring.add({ ...place, v, t: numberOf(type), op, id, lastUpdated }, bytes, from, to);
    }
    return { type, id, versionId, lastUpdated, op, body: null, wire: made.wire };
  };
  return {
    follow(connection, newest, reindexed) {
      if (newest === known.newest && reindexed === known.reindexed) return;
      if (!ring.isEmpty()) {
        const isPlain = reindexed === known.reindexed && newest > known.newest;
        const written = isPlain ? connection.rows(WRITTEN, known.newest, FOLLOWED + 1) : [];
        if (!isPlain || written.length > FOLLOWED) ring.clear();
        else for (const [rid] of written) ring.drop(rid as number);
      }
      known.newest = newest;
      known.reindexed = reindexed;
    },
    isWorthAsking: () => found * ONE_OF >= all,
    atRow(rid) {
      const row = ring.find(rid);
      if (row === undefined) return undefined;
      const { id, lastUpdated, seq } = row;
      const facts = {
        type: types[row.t] as string,
        id,
        versionId: String(row.v),
        lastUpdated,
        op: row.op as 0 | 1,
      };
      return { ...facts, body: null, place: { rid, seq }, wire: textOfKept(row, facts) as string };
    },
    spared: (rows) => count(rows, rows),
    notice(row) {
      if (row.wire === undefined && isNew(row)) withText(row, true);
    },
    show: (row) => (row.wire === undefined ? withText(row, isNew(row)) : row),
  };
}
