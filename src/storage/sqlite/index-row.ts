/** One row of the index tables as its check sees it. */
import type { Connection } from './connection.ts';
import { BIRTH_LIST, SHAPE_LIST, TYPE_LIST } from './index-keys.ts';

/** Columns in the order of the primary key, which is all of them. */
export const INDEX_COLUMNS = {
  ix: ['k', 'h', 'd', 'rid'],
  ixs: ['k', 's', 'rid'],
  ixd: ['k', 'lo', 'rid', 'hi'],
  ixq: ['k', 'u', 'lo', 'rid', 'hi'],
  keys: ['k', 't'],
} as const;

export interface IndexRow {
  readonly table: keyof typeof INDEX_COLUMNS;
  readonly values: readonly (number | string)[];
}

export function hasRow(connection: Connection, { table, values }: IndexRow): boolean {
  return connection.row(`SELECT 1 FROM ${table} WHERE ${matchOf(table)}`, ...values) !== undefined;
}

export function dropRow(connection: Connection, { table, values }: IndexRow): void {
  connection.run(`DELETE FROM ${table} WHERE ${matchOf(table)}`, ...values);
}

function matchOf(table: IndexRow['table']): string {
  return INDEX_COLUMNS[table].map((column) => `${column} = ?`).join(' AND ');
}

/** What a row is for, in words. */
export function kindOfRow({ table, values }: IndexRow): string {
  const k = values[0] as number;
  switch (table) {
    case 'ix':
      return kindOfList(k);
    case 'ixs':
      return k < 0 ? 'ids' : 'texts';
    case 'ixd':
      return 'dates';
    case 'ixq':
      return 'numbers';
    default:
      return 'types of a list';
  }
}

/** As index-keys.ts and value-sizes.ts number them. */
function kindOfList(k: number): string {
  if (k >= 0) return 'terms';
  if (k === TYPE_LIST) return 'resources of the type';
  if (k === BIRTH_LIST) return 'resources by creation';
  if (k === SHAPE_LIST) return 'resources by what they have values of';
  if (k <= -0x180000000) return 'numbers by size';
  return k <= -0x100000000 ? 'ranges' : 'long intervals';
}
