/**
 * The process that gets killed: writers that each carry out one transaction after another and say so once it is
 * acknowledged. Arguments: path of the database, and what to leave out: `nothing`, `waiting` (acknowledges
 * before the store does) or `transactions` (a command at a time).
 */
import { NO_POSTINGS, type Postings } from '../../src/search/postings.ts';
import { hashParam, hashTerm } from '../../src/search/term-hash.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import type { Store, WriteCommand } from '../../src/storage/store.ts';
import { say } from './say.ts';

export const WRITERS = 8;
export const RESOURCES = 6;

/** Transaction number `tx` of a writer: new resources, an update of one, the end of an older one. */
export function transactionOf(writer: number, tx: number): WriteCommand[] {
  const commands = Array.from({ length: RESOURCES }, (_, index) =>
    put(writer, `w${writer}-${tx}-${index}`, tx),
  );
  commands.push(put(writer, `w${writer}`, tx));
  if (tx > 1) commands.push({ kind: 'delete', type: 'Basic', id: `w${writer}-${tx - 1}-0`, expected: 'any' });
  return commands;
}

function put(writer: number, id: string, tx: number): WriteCommand {
  const date = Date.UTC(2000, tx % 300);
  const postings: Postings = {
    ...NO_POSTINGS,
    date,
    terms: [
      { k: hashParam('Basic', 'writer'), h: hashTerm(String(writer)), system: 's', code: String(writer) },
      { k: hashParam('Basic', 'tx'), h: hashTerm(String(tx)) },
    ],
    texts: [{ k: hashParam('Basic', 'name'), text: `${tx}\u0000${tx}` }],
    dates: [{ k: hashParam('Basic', 'created'), lo: date, hi: date + 1 }],
    present: [hashParam('Basic', 'writer')],
  };
  const text = { before: `{"resourceType":"Basic","id":"${id}","meta":{`, after: `},"tx":${tx}}` };
  return { kind: 'put', type: 'Basic', id, method: 'PUT', text, postings, expected: 'any' };
}

async function write(store: Store, writer: number, without: string): Promise<void> {
  const last = await store.read('Basic', `w${writer}`);
  let tx = last === undefined ? 0 : (JSON.parse(last.json) as { tx: number }).tx;
  for (;;) {
    tx++;
    const commands = transactionOf(writer, tx);
    if (without === 'waiting') say(`${writer} ${tx}`);
    if (without === 'transactions') await writeOneByOne(store, commands, `${writer} ${tx - 1}`);
    else await store.transact(commands);
    if (without !== 'waiting') say(`${writer} ${tx}`);
  }
}

/** Says again and again what was done before, so that the kill can come half way. */
async function writeOneByOne(store: Store, commands: readonly WriteCommand[], done: string): Promise<void> {
  for (const one of commands.toReversed()) {
    await store.transact([one]);
    say(done);
  }
}

if (import.meta.main) {
  const [path, without] = process.argv.slice(2) as [string, string];
  const store = await openSqliteStore({
    path,
    now: Date.now,
    mergeVersions: 200,
    mergeChanges: 100,
    walBytes: 500_000,
  });
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(store, writer, without)));
}
