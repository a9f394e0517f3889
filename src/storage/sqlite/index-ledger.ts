/**
 * What the resources of each type are indexed for, in the file itself: a copy of it knows too.
 */
import type { IndexLedger, IndexState } from '../store.ts';
import type { Connection } from './connection.ts';

const PREFIX = 'index ';
const NOTED = `SELECT name, value FROM meta WHERE name >= '${PREFIX}' AND name < 'index!'`;
const NOTE = 'INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value';

export function createIndexLedger(
  read: <Result>(work: (connection: Connection) => Result) => Promise<Result>,
  write: (state: IndexState) => Promise<unknown>,
): IndexLedger {
  return {
    read: () => read(notedState),
    note: async (state) => {
      await write(state);
    },
  };
}

function notedState(connection: Connection): IndexState | undefined {
  const rows = connection
    .rows(NOTED)
    .map(([name, value]) => [String(name).slice(PREFIX.length), String(value)]);
  return rows.length === 0 ? undefined : (Object.fromEntries(rows) as IndexState);
}

/** Part of the transaction at hand. */
export function noteState(connection: Connection, state: IndexState): void {
  for (const [type, text] of Object.entries(state)) connection.run(NOTE, PREFIX + type, text);
}
