/**
 * A stretch of the natural order that is read from lists of the index: the conditions that can be are probed on
 * the way, and where they decide, each row is a hit.
 */
import type { SQLInputValue } from 'node:sqlite';
import type { Bound } from './bind.ts';
import type { Bits } from './bits.ts';
import { CANDIDATE, type Candidate } from './candidate.ts';
import type { Row } from './connection.ts';
import { HIT, type Hit, indexedCandidates, indexedHits, readVersion } from './hits.ts';
import { indexedByRids } from './kept-hits.ts';
import {
  type KnownPlaces,
  knownPlaces,
  type Place,
  type Places,
  type PlacesOptions,
} from './known-places.ts';
import type { Position } from './order.ts';
import { isProbed, probeSql } from './probe.ts';
import { shownHits } from './shown-hits.ts';
import type { ShownRows } from './shown-rows.ts';
import { NO_CONDITION, type SqlCondition } from './sql-condition.ts';
import type { Chunk, HitChunk, NarrowEffort, Segment } from './stream.ts';
import type { View } from './view.ts';

export interface IndexScan {
  /** For explain: a statement that reads rows. */
  readonly sql: string;
  /** How so many rows behind a position are read, of those that pass a probe of `p`; undefined when that lies behind all. */
  behind(after: Position | undefined, size: number, probe: SqlCondition): ScanPart | undefined;
  /** How what matches is read where all of it is known. */
  readonly known?: KnownScan | undefined;
}

export type Narrow = (effort: NarrowEffort, rows: number) => Bits | undefined;

export interface KnownScan extends Omit<PlacesOptions, 'scan' | 'view'> {
  /** Everything that matches, where it is worth while to know it; see `Segment.narrow`. */
  readonly narrow: Narrow;
  /** Whether others are among them, so that each is tested. */
  readonly isLoose?: boolean | undefined;
  /** The place to go on behind; undefined when a position lies behind all. */
  startOf(after: Position | undefined): Place | undefined;
}

export interface ScanPart {
  /** Selects d and rid in order; the last parameter, which is not among the args, is the number of rows. */
  readonly sql: string;
  readonly args: readonly SQLInputValue[];
  /** Behind which to go on where fewer rows come; undefined where these are all there are. */
  readonly rest?: readonly [d: number, rid: number] | undefined;
  /** Whether that tells where to go on, however many of the rows pass the probe. */
  readonly isPlaced?: boolean;
  /** Whether all of them pass. */
  readonly isProbed?: boolean;
}

/** `where` is what the lists leave to be tested; `types` too, when the lists hold others. */
export function indexSegment(
  scan: IndexScan,
  where: Bound,
  view: View,
  types: readonly number[] = [],
): Segment {
  const lists = probeSql(where, 'p');
  const probe = ofTypes(lists, types);
  const textColumns = `${CANDIDATE}, r.op, r.body, p.d`;
  const pageOf = (columns: string, sql: string, left = probe): string =>
    `SELECT ${columns} FROM (${sql}) p CROSS JOIN res r ON r.rid = p.rid ${filterOf(left)}`;
  const endOf = ({ sql, args, rest, isPlaced }: ScanPart, size: number): Place | undefined => {
    if (isPlaced === true) return rest;
    const last = view.connection.row(`SELECT d, rid FROM (${sql}) LIMIT 1 OFFSET ?`, ...args, size, size - 1);
    return (last as Place | undefined) ?? rest;
  };
  const scanned = (columns: string, after: Position | undefined, size: number): Scanned => {
    const part = scan.behind(after, size, lists);
    if (part === undefined) return NOTHING_SCANNED;
    const left = part.isProbed === true ? ofTypes(NO_CONDITION, types) : probe;
    const rows = view.connection.rows(pageOf(columns, part.sql, left), ...part.args, size, ...left.args);
    const row = rows.length === size ? (rows[size - 1] as Row) : undefined;
    // the place in the index, which a newer version of the resource has left
    const last = row && ([row.at(-1), row[0]] as unknown as Place);
    const end = last ?? (probe.sql === '' ? part.rest : endOf(part, size));
    return { rows, end: end && positionAt(end) };
  };
  const decided = isProbed(where);
  const readPlaces = (start: Place, size: number): Places => {
    const part = scan.behind(positionAt(start), size, NO_CONDITION);
    if (part === undefined) return { places: [], end: undefined };
    const places = view.connection.rows(part.sql, ...part.args, size) as unknown as readonly Place[];
    return { places, end: places.length === size ? places.at(-1) : part.rest };
  };
  const { known } = scan;
  let bits: Bits | undefined;
  let places: KnownPlaces | undefined;
  const knownOnes = (): KnownPlaces | undefined => {
    bits ??= known?.narrow('none', 0);
    if (known === undefined || bits === undefined) return undefined;
    places ??= knownPlaces(bits, { ...known, view, scan: readPlaces });
    return places;
  };
  const readKnown = (of: KnownPlaces, after: Position | undefined, size: number): Chunk => {
    const start = known?.startOf(after);
    if (start === undefined) return { candidates: [], end: undefined };
    const found = of.behind(start, size);
    const rids = found.places.map((place) => place[1]);
    return { candidates: indexedByRids(rids, view), end: found.end && positionAt(found.end) };
  };
  const readShown = (shown: ShownRows, after: Position | undefined, size: number): HitChunk => {
    const part = scan.behind(after, size, lists);
    if (part === undefined) return { hits: [], end: undefined };
    const sql = `SELECT p.d, p.rid FROM (${part.sql}) p ${filterOf(lists)}`;
    const rows = view.connection.rows(sql, ...part.args, size, ...lists.args);
    const last = rows.length === size ? (rows[size - 1] as unknown as Place) : undefined;
    const end = last ?? (lists.sql === '' ? part.rest : endOf(part, size));
    return { hits: shownHits(rows, shown, view, types), end: end && positionAt(end) };
  };
  return {
    // for explain: nobody else needs it on each page
    sql: () => pageOf(decided ? HIT_COLUMNS : textColumns, scan.sql),
    narrow: (effort, rows) => {
      bits ??= known?.narrow(effort, rows);
    },
    isSure: () => knownOnes() !== undefined,
    read(after, size, withTexts = false) {
      const ones = knownOnes();
      if (ones !== undefined) return readKnown(ones, after, size);
      const { rows, end } = scanned(withTexts ? textColumns : `${CANDIDATE}, r.op, p.d`, after, size);
      return { candidates: indexedCandidates(rows, view, withTexts), end };
    },
    readHits:
      !decided || known?.isLoose === true
        ? undefined
        : (after, size) => {
            const ones = knownOnes();
            if (ones !== undefined) {
              const { candidates, end } = readKnown(ones, after, size);
              return { hits: candidates.map((one) => hitInOrder(one, view)), end };
            }
            const { shown } = view;
            if (shown?.isWorthAsking() === true) return readShown(shown, after, size);
            const { rows, end } = scanned(HIT_COLUMNS, after, size);
            return { hits: indexedHits(rows, view), end };
          },
  };
}

/** The row of a resource tells its type: no look-up in the index is needed. */
function ofTypes(probe: SqlCondition, types: readonly number[]): SqlCondition {
  if (types.length === 0) return probe;
  const sql = `${probe.sql === '' ? '' : `${probe.sql} AND `}r.t IN (${types.map(() => '?').join()})`;
  return { sql, args: [...probe.args, ...types] };
}

interface Scanned {
  readonly rows: readonly Row[];
  readonly end: Position | undefined;
}

const HIT_COLUMNS = `${HIT}, p.d`;
const NOTHING_SCANNED: Scanned = { rows: [], end: undefined };

function hitInOrder(candidate: Candidate, view: View): Hit {
  const { rid, v, d } = candidate;
  return { rid, v, position: positionAt([d, rid]), ...readVersion(candidate, view) };
}

function positionAt([d, rid]: Place): Position {
  return { values: [d === 0 ? null : d], rid };
}

function filterOf({ sql }: SqlCondition): string {
  return sql === '' ? '' : `WHERE ${sql}`;
}
