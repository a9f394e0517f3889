/**
 * Rows of the tables as versions, and reads by key.
 */
import { fromWireText } from '../../fhir/wire-text.ts';
import { damagedVersion } from '../damaged-version.ts';
import type { StoredVersion } from '../store.ts';
import { type RowFacts, soundText } from './checked-text.ts';
import type { Connection, Row } from './connection.ts';
import { hashOf } from './index-keys.ts';
import { pageText } from './page-text.ts';

const METHODS = ['POST', 'PUT', 'DELETE'] as const;
const VERSION = 'y.name, r.id, r.v, r.ts, r.op, r.body';

/** A version as its row has it. Its text is made whole where it is used: until then it is a fifth as long. */
export interface KeptVersion extends RowFacts {
  readonly body: string | null;
  /** Where it stands, of current versions. */
  readonly place?: Place;
  /** The text as it leaves, when it has been made: then `body` is null. */
  readonly wire?: string;
}

/** Where a version stands in the file. */
export interface Place {
  readonly rid: number;
  readonly seq: number;
}

/** From the columns id, v, ts, op, body, which begin at `at`. */
export function keptOf(row: Row, type: string, at: number): KeptVersion {
  return {
    type,
    id: row[at] as string,
    versionId: String(row[at + 1]),
    lastUpdated: row[at + 2] as number,
    op: row[at + 3] as 0 | 1 | 2,
    body: row[at + 4] as string | null,
  };
}

/**
 * Versions as one list of six values each: what another thread reads in a fraction of the time of objects. Text as it
 * leaves is told by the number before it.
 */
export type FlatVersions = readonly (string | number | null)[];

/** What text as it leaves adds to `op`. */
const IS_WIRE = 4;

export function flatten(versions: readonly KeptVersion[]): FlatVersions {
  const flat: (string | number | null)[] = [];
  for (const { type, id, versionId, lastUpdated, op, body, wire } of versions) {
    if (wire === undefined) flat.push(type, id, versionId, lastUpdated, op, body);
    else flat.push(type, id, versionId, lastUpdated, op + IS_WIRE, wire);
  }
  return flat;
}

export function unflatten(flat: FlatVersions): KeptVersion[] {
  const versions: KeptVersion[] = [];
  for (let at = 0; at < flat.length; at += 6) {
    const [type, id, versionId] = [flat[at] as string, flat[at + 1] as string, flat[at + 2] as string];
    const [lastUpdated, op] = [flat[at + 3] as number, flat[at + 4] as number];
    const text = flat[at + 5] as string | null;
    const facts = { type, id, versionId, lastUpdated, op: (op % IS_WIRE) as 0 | 1 | 2 };
    versions.push(op < IS_WIRE ? { ...facts, body: text } : { ...facts, body: null, wire: text as string });
  }
  return versions;
}

/** One whose text is damaged says so when it is read, and takes no others with it. */
export function wholeVersion(kept: KeptVersion): StoredVersion {
  const { type, id, versionId, lastUpdated, op, body } = kept;
  const deleted = op === 2;
  const json = deleted && body === null ? '' : soundText(body, kept);
  // a tombstone has no text, and of late a checksum
  if (json === undefined || (deleted && json !== '')) return damagedVersion({ type, id, versionId });
  return { type, id, versionId, lastUpdated, method: METHODS[op], deleted, json };
}

/** The same for a page, with its text as it leaves. */
export function wireVersion(kept: KeptVersion): StoredVersion {
  const wire = kept.wire ?? (kept.op === 2 ? undefined : pageText(kept.body, kept)?.wire);
  return wire === undefined ? wholeVersion(kept) : new PageVersion(kept, wire);
}

/** A class, for an object with a getter of its own has a shape of its own too, which V8 finds dear. */
class PageVersion implements StoredVersion {
  readonly type: string;
  readonly id: string;
  readonly versionId: string;
  readonly lastUpdated: number;
  readonly method: StoredVersion['method'];
  readonly deleted = false;
  readonly wire: string;

  constructor({ type, id, versionId, lastUpdated, op }: KeptVersion, wire: string) {
    this.type = type;
    this.id = id;
    this.versionId = versionId;
    this.lastUpdated = lastUpdated;
    this.method = METHODS[op];
    this.wire = wire;
  }

  get json(): string {
    return fromWireText(this.wire);
  }
}

/** From the columns type name, id, v, ts, op, body. */
export function namedRowOf(row: Row, at: number): KeptVersion {
  return keptOf(row, row[at] as string, at + 1);
}

export function namedVersionOf(row: Row, at = 0): StoredVersion {
  return wholeVersion(namedRowOf(row, at));
}

const READ = `SELECT ${VERSION}, r.rid FROM res r INDEXED BY res_h CROSS JOIN typ y ON y.id = r.t WHERE r.h = ?`;

export function readRow(connection: Connection, type: string, id: string): Row | undefined {
  for (const row of connection.rows(READ, hashOf(type, id))) if (row[0] === type && row[1] === id) return row;
  return undefined;
}

export function readCurrent(connection: Connection, type: string, id: string): StoredVersion | undefined {
  const row = readRow(connection, type, id);
  return row === undefined ? undefined : namedVersionOf(row);
}

export const VERSION_ID = /^[1-9]\d{0,14}$/;
const READ_OLD = `SELECT y.name, r.id, p.v, p.ts, p.op, p.body FROM hist p INDEXED BY hist_v
  CROSS JOIN res r ON r.rid = p.rid CROSS JOIN typ y ON y.id = p.t WHERE p.rid = ? AND p.v = ?`;

export function readOldVersion(
  connection: Connection,
  type: string,
  id: string,
  versionId: string,
): StoredVersion | undefined {
  if (!VERSION_ID.test(versionId)) return undefined;
  const row = readRow(connection, type, id);
  if (row === undefined) return undefined;
  if (String(row[2]) === versionId) return namedVersionOf(row);
  const old = connection.row(READ_OLD, row[6] as number, Number(versionId));
  return old === undefined ? undefined : namedVersionOf(old);
}

const BY_RID = `SELECT ${VERSION}, r.seq FROM res r CROSS JOIN typ y ON y.id = r.t WHERE r.rid = ? AND r.v = ?`;

/** A version of a row, wherever it is now. */
export function readByRid(connection: Connection, rid: number, v: number): KeptVersion {
  const current = connection.row(BY_RID, rid, v);
  if (current !== undefined) {
    return { ...keptOf(current, current[0] as string, 1), place: { rid, seq: current[6] as number } };
  }
  const old = connection.row(READ_OLD, rid, v);
  if (old === undefined) throw new Error(`version ${v} of row ${rid} is missing`);
  return keptOf(old, old[0] as string, 1);
}
