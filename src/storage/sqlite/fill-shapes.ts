/**
 * The lists of shapes of a file that has none yet, from the postings that are stored with the resources.
 */
import { readSections } from '../packed-postings.ts';
import type { Connection } from './connection.ts';
import { createIndexChanges } from './index-changes.ts';
import { NO_ROWS, SHAPE_LIST } from './index-keys.ts';
import { createMerger } from './merge.ts';
import { shapeOf } from './shapes.ts';

const LIVE = 'SELECT rid, t, d, terms FROM res WHERE rid > ? AND op < 2 ORDER BY rid LIMIT ?';
const READ_AT_ONCE = 1_000;
/** Rows that are put in order and written together. */
const WRITTEN_AT_ONCE = 500_000;

/** In the transaction of the caller. The index is brought up to date first, so that it is of one moment. */
export function fillShapes(connection: Connection): void {
  const merger = createMerger(connection);
  while (merger.behind() > 0) merger.run(Number.MAX_SAFE_INTEGER);
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
      const shape = shapeOf(connection, t, readSections(packed));
      changes.add(rid, d, { ...NO_ROWS, terms: [SHAPE_LIST, shape] });
    }
    if (changes.size() >= WRITTEN_AT_ONCE) write();
    if (rows.length < READ_AT_ONCE) break;
  }
  write();
  const types = 'SELECT DISTINCT t FROM shapes';
  for (const [t] of connection.rows(types)) {
    connection.run('INSERT OR IGNORE INTO keys VALUES (?, ?)', SHAPE_LIST, t as number);
  }
}
