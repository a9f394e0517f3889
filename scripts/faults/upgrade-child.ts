/**
 * The process that gets killed while it opens a file of an earlier version. Arguments: path of the database, and what
 * to leave out: `nothing`, or `transaction` (every step counts at once, and the version is written first).
 */
import { type Connection, openConnection } from '../../src/storage/sqlite/connection.ts';
import { migrate, SCHEMA_VERSION } from '../../src/storage/sqlite/schema.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import { say } from './say.ts';

function migrateWithoutTransaction(path: string): void {
  const own = openConnection({ path, role: 'writer', cacheBytes: 1 << 24, busyTimeoutMs: 5_000 });
  const connection: Connection = {
    ...own,
    run(sql, ...args) {
      if (sql === 'BEGIN IMMEDIATE') own.run(`PRAGMA user_version=${SCHEMA_VERSION}`);
      else if (sql !== 'COMMIT') own.run(sql, ...args);
    },
  };
  migrate(connection);
  own.close();
}

const [path, without] = process.argv.slice(2) as [string, string];
say('opening');
if (without === 'transaction') migrateWithoutTransaction(path);
const store = await openSqliteStore({ path, now: Date.now, threads: false });
say('opened');
await store.close();
