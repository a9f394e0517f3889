/**
 * Lists of the index that a file of an earlier version has not, from the postings that are stored with the resources.
 */
import { hashAt, KEY_MASK, NUMBER_BYTES, readSections, type Sections } from '../packed-postings.ts';
import type { Connection } from './connection.ts';
import { createIndexChanges } from './index-changes.ts';
import { NO_ROWS, SHAPE_LIST } from './index-keys.ts';
import { createMerger } from './merge.ts';
import { shapeOf } from './shapes.ts';
import { sizeOf, valueList } from './value-sizes.ts';

/** The lists of shapes of a file that has none yet, in the transaction of the caller. */
export function fillShapes(connection: Connection): void {
  fill(connection, (t, sections) => [SHAPE_LIST, shapeOf(connection, t, sections)]);
}

/** The lists of numbers by size of a file that has none yet, in the transaction of the caller. */
export function fillValueLists(connection: Connection): void {
  fill(connection, (_t, sections) => {
    const terms: number[] = [];
    const { view } = sections;
    for (let at = sections.numbersAt, end = sections.bareAt; at < end; at += NUMBER_BYTES) {
      const k = view.getUint32(at, true) & KEY_MASK;
      terms.push(valueList(k), sizeOf(hashAt(view, at + 4), view.getFloat64(at + 11, true)));
    }
    return terms;
  });
}

const LIVE = 'SELECT rid, t, d, terms FROM res WHERE rid > ? AND op < 2 ORDER BY rid LIMIT ?';
const READ_AT_ONCE = 1_000;
/** Rows that are put in order and written together. */
const WRITTEN_AT_ONCE = 500_000;

/** `termsOf` gives k, h, k, h… The index is brought up to date first, so that it is of one moment. */
function fill(connection: Connection, termsOf: (t: number, sections: Sections) => readonly number[]): void {
  const merger = createMerger(connection);
  while (merger.behind() > 0) merger.run(Number.MAX_SAFE_INTEGER);
  const keys = new Map<number, Set<number>>();
  let changes = createIndexChanges();
  const write = (): void => {
    changes.seal();
    changes.apply(connection, 0, changes.size());
    changes = createIndexChanges();
  };
  let last = 0;
  for (;;) {
    const rows = connection.rows(LIVE, last, READ_AT_ONCE) as [number, number, number, Uint8Array][];
    for (const [rid, t, d, packed] of rows) {
      last = rid;
      const terms = termsOf(t, readSections(packed));
      for (let at = 0; at < terms.length; at += 2) {
        const k = terms[at] as number;
        const types = keys.get(k) ?? new Set();
        keys.set(k, types.add(t));
      }
      changes.add(rid, d, { ...NO_ROWS, terms });
    }
    if (changes.size() >= WRITTEN_AT_ONCE) write();
    if (rows.length < READ_AT_ONCE) break;
  }
  write();
  for (const [k, types] of keys) {
    for (const t of types) connection.run('INSERT OR IGNORE INTO keys VALUES (?, ?)', k, t);
  }
}
