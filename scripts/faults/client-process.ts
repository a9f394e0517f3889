/**
 * A server process under load, to be killed: it writes without end, and says on its output what it began and what
 * was acknowledged. Started by killed-process.ts with the place as JSON, a name and a seed.
 */
import { openPlace, type Place } from './engines.ts';
import { createRandom, type Ledger, runClient } from './ledger.ts';
import { say } from './say.ts';

const CLIENTS = 4;
/** A MongoDB server on a busy machine may be slow to answer the first time. */
const SERVER_WAIT_MS = 60_000;

const [place, name, seed] = process.argv.slice(2) as [string, string, string];
const store = await openPlace(JSON.parse(place) as Place, SERVER_WAIT_MS);
const tell = (message: object): void => say(JSON.stringify(message));
const ledger: Ledger = {
  attempts: new Map(),
  begin: (attempt) => tell({ begin: attempt }),
  acknowledge: (tag, versions) => tell({ acknowledge: tag, versions }),
};
tell({ ready: true });
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
