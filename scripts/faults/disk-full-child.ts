/**
 * A store on a disk that gets full: writes until it is refused, reads meanwhile, makes room, goes on. Prints
 * what it saw as JSON. Argument: a folder on a small disk.
 */
import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkSqliteIndex } from '../../src/storage/sqlite/check-index.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import { StoreUnavailableError } from '../../src/storage/store.ts';
import { transactionOf } from './kill-child.ts';

const folder = process.argv[2] as string;
const path = join(folder, 'store.db');
const ballast = join(folder, 'ballast');
const { bsize, bavail } = await statfs(folder);
await writeFile(ballast, Buffer.alloc(Math.floor((bsize * bavail) / 2)));
const store = await openSqliteStore({ path, now: Date.now, mergeVersions: 500, walBytes: 1_000_000 });

let tx = 0;
const write = async (): Promise<string> => {
  try {
    await store.transact(transactionOf(0, tx + 1));
    tx++;
    return 'done';
  } catch (error) {
    return error instanceof StoreUnavailableError ? 'unavailable' : String(error);
  }
};

const refused: string[] = [];
while (refused.length < 5) {
  const outcome = await write();
  if (outcome !== 'done') refused.push(outcome);
}
const acknowledged = tx;
const readWhileFull = (await store.read('Basic', 'w0'))?.json;
const searchedWhileFull = (
  await store.search(
    { types: ['Basic'], where: { kind: 'all', of: [] }, sort: [] },
    { limit: 5, total: 'accurate' },
  )
).rows.length;
await rm(ballast);
const after: string[] = [];
for (let count = 0; count < 20; count++) after.push(await write());
await store.close();
console.log(
  JSON.stringify({
    acknowledged,
    refused,
    lastRead: readWhileFull === undefined ? 0 : (JSON.parse(readWhileFull) as { tx: number }).tx,
    searched: searchedWhileFull,
    after,
    index: checkSqliteIndex(path),
  }),
);
