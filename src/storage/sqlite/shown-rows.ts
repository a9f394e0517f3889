/**
 * Rows that pages show again and again, whose versions are kept as they leave (kept-versions.ts): a page of them reads
 * the index and nothing else. A row costs the look-up of its page in the file, which the cache of a large file seldom
 * has, its checksum and the making of its text; all of that is done for what is not kept.
 */

import type { StoredVersion } from '../store.ts';
import type { KeptVersions, PlacedVersion } from './kept-versions.ts';
import type { KeptVersion } from './stored.ts';
import { lastingVersion, wireVersion } from './stored.ts';

export interface ShownRows {
  /** Whether so many of the rows of late are kept that it is sooner to ask for them first. */
  isWorthAsking(): boolean;
  atRow(rid: number): PlacedVersion | undefined;
  /** Counts rows that were kept, and so not read. */
  spared(rows: number): void;
  /** The version as it leaves. What is shown for the second time is kept. In the turn in which the row was read. */
  show(row: KeptVersion): StoredVersion;
  /** The same for a row that was read to see whether there is more. */
  notice(row: KeptVersion): void;
}

/** Rows of late that are remembered, a power of two: a row that is shown once drives out none that is shown often. */
const REMEMBERED = 16 * 1024;
/** Rows after which those before count half. */
const COUNTED = 4_096;
/** Of so many rows one must be kept for it to be worth a statement more. */
const ONE_OF = 4;

export function createShownRows(versions: KeptVersions): ShownRows {
  const lately = new Uint32Array(REMEMBERED);
  let all = 0;
  let found = 0;
  const count = (kept: number, rows: number): void => {
    found += kept;
    all += rows;
    if (all < COUNTED) return;
    all /= 2;
    found /= 2;
  };
  /** What is kept of the row, or whether it was shown before. */
  const lookUp = ({ place }: KeptVersion): StoredVersion | boolean => {
    if (place === undefined) return false;
    const kept = versions.atRow(place.rid);
    const isKept = kept?.seq === place.seq;
    count(isKept ? 1 : 0, 1);
    if (isKept) return kept.version;
    const at = place.rid & (REMEMBERED - 1);
    if (lately[at] === place.rid >>> 0) return true;
    lately[at] = place.rid;
    return false;
  };
  const keep = (row: KeptVersion, version: StoredVersion): void => {
    const lasting = lastingVersion(row, version);
    if (lasting !== undefined) versions.keep(lasting, row.place);
  };
  return {
    isWorthAsking: () => found * ONE_OF >= all,
    atRow: (rid) => versions.atRow(rid),
    spared: (rows) => count(rows, rows),
    notice(row) {
      if (lookUp(row) === true) keep(row, wireVersion(row));
    },
    show(row) {
      const known = lookUp(row);
      if (typeof known === 'object') return known;
      const version = wireVersion(row);
      if (known) keep(row, version);
      return version;
    },
  };
}
