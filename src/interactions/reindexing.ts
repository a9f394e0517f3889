/**
 * Indexes stored resources again after their search parameters changed: in the background, in batches, one
 * pass at a time.
 * https://hl7.org/fhir/R4/searchparameter.html
 */
import { parseStored } from '../fhir/json.ts';
import type { ReindexEntry, Store } from '../storage/store.ts';
import type { Generation } from './context.ts';

const BATCH = 200;

export interface Reindexing {
  /** Returns at once; types asked for during a pass are indexed by the next. */
  request(types: readonly string[]): void;
  /** Resolves when nothing is left to do. */
  idle(): Promise<void>;
  /** Stops after the batch at hand. */
  stop(): Promise<void>;
}

export function createReindexing(
  store: Store,
  generation: () => Generation,
  onFault: (error: unknown) => void,
): Reindexing {
  const waiting = new Set<string>();
  let running: Promise<void> | undefined;
  let isStopped = false;

  const pass = async () => {
    while (waiting.size > 0 && !isStopped) {
      const types = [...waiting];
      waiting.clear();
      let batch: ReindexEntry[] = [];
      for await (const { type, id, versionId, json } of store.scan(types)) {
        if (isStopped) return;
        batch.push({ type, id, versionId, postings: generation().extract(parseStored(json)) });
        if (batch.length < BATCH) continue;
        await store.reindex(batch);
        batch = [];
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (batch.length > 0) await store.reindex(batch);
    }
  };
  const start = () => {
    running ??= pass()
      .catch(onFault)
      .finally(() => {
        running = undefined;
        if (waiting.size > 0 && !isStopped) start();
      });
  };
  return {
    request(types) {
      for (const type of types) waiting.add(type);
      if (waiting.size > 0) start();
    },
    async idle() {
      while (running !== undefined) await running;
    },
    async stop() {
      isStopped = true;
      waiting.clear();
      await running;
    },
  };
}
