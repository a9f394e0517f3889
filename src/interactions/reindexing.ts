/**
 * Keeps the index in step with the search parameters: stored resources are indexed again after a parameter
 * was written, after an upgrade brought other parameters, and after a crash that cut such work short. In the
 * background, in batches, one pass at a time.
 * https://hl7.org/fhir/R4/searchparameter.html
 */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Definitions } from '../definitions/definitions.ts';
import { parseStored } from '../fhir/json.ts';
import { EVERYTHING } from '../search/query.ts';
import {
  type IndexLedger,
  type IndexState,
  type ReindexEntry,
  type Store,
  StoreUnavailableError,
} from '../storage/store.ts';
import type { Generations } from './generations.ts';

export interface Reindexing {
  /** Returns at once; types asked for during a pass are indexed by the next. */
  request(types: readonly string[]): void;
  /**
   * Asks for the types whose parameters differ from those that they were last indexed for. `isEmpty`: nothing was
   * stored when this server opened the store, so that all it will hold is indexed for its parameters.
   */
  catchUp(isEmpty: boolean): Promise<void>;
  /**
   * Takes back what servers with other search parameters have noted: as long as this one writes beside them, some of
   * the resources are indexed for its own, and the next server that starts has to look at all.
   */
  objectToOthers(): Promise<void>;
  /** How far the pass under way is; undefined when there is none. */
  progress(): IndexProgress | undefined;
  /** Resolves when nothing is left to do. */
  idle(): Promise<void>;
  /** Stops after the batch at hand. */
  stop(): Promise<void>;
}

export interface IndexProgress {
  /** Resources that were indexed, and that there were when the pass began. */
  readonly done: number;
  readonly total: number;
}

export interface ReindexingParts {
  readonly store: Store;
  readonly generations: Generations;
  readonly ledger: IndexLedger;
  readonly onFault: (error: unknown) => void;
  /** Between two attempts on a store that is away, ms. */
  readonly retryMs?: number;
}

/** Raised when the extraction itself changes what it makes of the same parameters. */
const EXTRACTION = 3;
const BATCH = 200;
/** Between two attempts on a store that is away. */
const RETRY_MS = 1_000;

export function createReindexing({
  store,
  generations,
  ledger,
  onFault,
  retryMs = RETRY_MS,
}: ReindexingParts): Reindexing {
  const waiting = new Set<string>();
  let running: Promise<void> | undefined;
  let isStopped = false;
  const stopping = new AbortController();
  let progress: { done: number; total: number } | undefined;

  let latest: { readonly of: Definitions; readonly state: IndexState } | undefined;
  const currentState = async (): Promise<IndexState> => {
    const of = generations.current().definitions;
    if (latest?.of !== of) latest = { of, state: await fingerprints(of) };
    return latest.state;
  };

  const indexTypes = async (types: readonly string[]): Promise<void> => {
    const all = { types, where: EVERYTHING, sort: [] };
    const counted = await store.search(all, { limit: 0, total: 'accurate' });
    const state = { done: 0, total: counted.total?.value ?? 0 };
    progress = state;
    let batch: ReindexEntry[] = [];
    for await (const version of store.scan(types)) {
      if (isStopped) return;
      // one that is damaged stays as it is indexed, and must not end the pass for all others
      if (version.damaged === true) continue;
      const { type, id, versionId, json } = version;
      batch.push({ type, id, versionId, postings: generations.current().extract(parseStored(json)) });
      if (batch.length < BATCH) continue;
      await store.reindex(batch);
      state.done += batch.length;
      batch = [];
      await nextTurn();
    }
    if (batch.length > 0) await store.reindex(batch);
  };
  const pass = async (): Promise<void> => {
    while (waiting.size > 0 && !isStopped) {
      const types = [...waiting];
      waiting.clear();
      const state = await currentState();
      try {
        await indexTypes(types);
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        onFault(error);
        for (const type of types) waiting.add(type);
        await pause(retryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        continue;
      }
      if (isStopped) return;
      await ledger.note(Object.fromEntries(types.map((type) => [type, state[type] ?? ''])));
      if (waiting.size === 0) generations.settle();
    }
  };
  const start = (): void => {
    running ??= pass()
      .catch(onFault)
      .finally(() => {
        progress = undefined;
        running = undefined;
      });
  };
  const request = (types: readonly string[]): void => {
    for (const type of types) waiting.add(type);
    if (waiting.size > 0 && !isStopped) start();
  };
  return {
    request,
    async catchUp(isEmpty) {
      const state = await currentState();
      if (isEmpty) {
        await ledger.note(state);
      } else {
        const known = await ledger.read();
        request(Object.keys(state).filter((type) => known?.[type] !== state[type]));
      }
      // a pass that has begun no longer has its types among those that wait
      if (running === undefined && waiting.size === 0) generations.settle();
    },
    async objectToOthers() {
      if (running !== undefined) return;
      const [known, state] = [(await ledger.read()) ?? {}, await currentState()];
      const others = Object.keys(state).filter((type) => (known[type] || state[type]) !== state[type]);
      if (others.length > 0 && running === undefined) {
        await ledger.note(Object.fromEntries(others.map((type) => [type, ''])));
      }
    },
    progress: () => progress && { ...progress },
    async idle() {
      while (running !== undefined) await running;
    },
    async stop() {
      isStopped = true;
      stopping.abort();
      waiting.clear();
      await running;
    },
  };
}

async function fingerprints(definitions: Definitions): Promise<IndexState> {
  const state: Record<string, string> = {};
  for (const type of definitions.resourceTypes) {
    const hash = createHash('sha256').update(`${EXTRACTION}`);
    for (const { url, code, type: kind, expression, target, component } of definitions.searchParameters(
      type,
    )) {
      hash.update(JSON.stringify([url, code, kind, expression, target, component]));
    }
    state[type] = hash.digest('base64url').slice(0, 22);
    await nextTurn();
  }
  return state;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
