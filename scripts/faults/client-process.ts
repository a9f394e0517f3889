/**
 * A server process under load, to be killed: it writes without end, and says on its output what it began and what
 * was acknowledged. Started by killed-process.ts with the place as JSON, a name and a seed.
 */
import { writeSync } from 'node:fs';
import { openPlace, type Place } from './engines.ts';
import { createRandom, type Ledger, runClient } from './ledger.ts';

const CLIENTS = 4;
/** A MongoDB server on a busy machine may be slow to answer the first time. */
const SERVER_WAIT_MS = 60_000;

const [place, name, seed] = process.argv.slice(2) as [string, string, string];
const store = await openPlace(JSON.parse(place) as Place, SERVER_WAIT_MS);
// a write to a pipe is whole and at once, so that whatever was acknowledged is known to have been
const say = (message: object): void => void writeSync(1, `${JSON.stringify(message)}\n`);
const ledger: Ledger = {
  attempts: new Map(),
  begin: (attempt) => say({ begin: attempt }),
  acknowledge: (tag, versions) => say({ acknowledge: tag, versions }),
};
say({ ready: true });
await Promise.all(
  Array.from({ length: CLIENTS }, (_, index) =>
    runClient(
      store,
      ledger,
      `${name}c${index}`,
      createRandom(Number(seed) + index),
      new AbortController().signal,
    ),
  ),
);
