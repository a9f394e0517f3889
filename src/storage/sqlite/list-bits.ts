/**
 * Reading rows of the index into a set of resources: as one text of many numbers, which costs a third of what as many
 * rows do, and in stretches, so that no statement runs for long.
 */
import type { SQLInputValue } from 'node:sqlite';
import { addList, type Bits } from './bits.ts';
import { costOfCounted, countedFor } from './list-lengths.ts';
import type { Meter } from './meter.ts';
import type { SqlCondition } from './sql-condition.ts';
import type { View } from './view.ts';

export interface Scan {
  readonly table: string;
  /** The column that the index is in the order of, before rid. */
  readonly order: string;
  readonly where: string;
  readonly args: readonly (number | string)[];
  /** The least value of that column. */
  readonly from?: number | string;
  /** Values of that column are less. */
  readonly to?: number | string;
  /** What else a row must be. */
  readonly filter?: string;
  readonly filterArgs?: readonly SQLInputValue[];
}

export interface ScanContext {
  readonly view: View;
  readonly meter: Meter;
}

/** How many rows there were. */
export function addRids(bits: Bits, scan: Scan, context: ScanContext): number {
  return eachList(scan, (list) => addList(bits, list), context);
}

/** Gives out rids between commas, and adds up how many the receiver says they were. */
export function eachList(scan: Scan, add: (list: string) => number, { view, meter }: ScanContext): number {
  const { connection, limits } = view;
  const { stretchMax } = limits;
  const { table, order, where, args, to, filter = '', filterArgs = [] } = scan;
  const upTo: Clause = to === undefined ? EVERYTHING : { sql: `${order} < ?`, args: [to] };
  let start: Clause = scan.from === undefined ? EVERYTHING : { sql: `${order} >= ?`, args: [scan.from] };
  const resources = connection.row('SELECT max(rid) FROM res')?.[0] as number;
  if (filter === '' || table !== 'ixs') {
    const sql = `FROM ${table} WHERE ${allSql(where, start.sql, upTo.sql, filter)}`;
    refuseLonger(
      { sql, args: [...args, ...start.args, ...upTo.args, ...filterArgs] },
      resources,
      view,
      meter,
    );
  }
  let added = 0;
  let passed = 0;
  const pass = (count: number): void => {
    meter.spend(costOfCounted(passed + count) - costOfCounted(passed));
    passed += count;
  };
  for (;;) {
    const rows = (...more: string[]): string => `FROM ${table} WHERE ${allSql(where, start.sql, ...more)}`;
    const inOrder = `SELECT ${order}, rid ${rows(upTo.sql)} ORDER BY ${order}, rid LIMIT 1 OFFSET ?`;
    const rowAt = (offset: number): Place | undefined =>
      connection.row(inOrder, ...args, ...start.args, ...upTo.args, offset) as Place | undefined;
    // a list names each resource once or a few times: where they are fewer, nothing needs to be counted
    const next = resources <= stretchMax ? undefined : rowAt(stretchMax);
    if (next !== undefined) pass(stretchMax);
    const split = next && splitAt(next, order, rowAt(0)?.[0] === next[0]);
    const end = split?.before ?? upTo;
    const sql = `SELECT group_concat(rid) ${rows(end.sql, filter)}`;
    const list = connection.row(sql, ...args, ...start.args, ...end.args, ...filterArgs)?.[0];
    const count = typeof list === 'string' ? add(list) : 0;
    added += count;
    if (split === undefined) {
      pass(count);
      return added;
    }
    start = split.rest;
  }
}

/**
 * What is refused in the end is not read first: to pass over a row is a fifth of what it takes to read it.
 * @throws as the meter does
 */
function refuseLonger(
  { sql, args }: SqlCondition,
  resources: number,
  { connection }: View,
  meter: Meter,
): void {
  const rowsMax = Math.floor(countedFor(meter.left()));
  if (resources <= rowsMax) return;
  if (connection.row(`SELECT 1 ${sql} LIMIT 1 OFFSET ?`, ...args, rowsMax) !== undefined)
    meter.spend(meter.left() + 1);
}

interface Clause {
  readonly sql: string;
  readonly args: readonly (number | string)[];
}

const EVERYTHING: Clause = { sql: '', args: [] };

function allSql(...clauses: readonly string[]): string {
  return clauses.filter((clause) => clause !== '').join(' AND ');
}

type Place = readonly [order: number | string, rid: number];

/** To compare one column takes half the time of two, which only a stretch of one value needs. */
function splitAt(
  place: Place,
  order: string,
  isOneValue: boolean,
): { readonly before: Clause; readonly rest: Clause } {
  const column = isOneValue ? `(${order}, rid)` : order;
  const values = isOneValue ? place : [place[0]];
  const marks = isOneValue ? '(?, ?)' : '?';
  return {
    before: { sql: `${column} < ${marks}`, args: values },
    rest: { sql: `${column} >= ${marks}`, args: values },
  };
}

/** Adds a row with one list of numbers, which is NULL when it is empty. */
export function addRow(bits: Bits, row: readonly unknown[] | undefined): void {
  if (typeof row?.[0] === 'string') addList(bits, row[0]);
}
