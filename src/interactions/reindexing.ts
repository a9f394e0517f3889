/**
 * Keeps the index in step with the search parameters: stored resources are indexed again after a parameter
 * was written, after an upgrade brought other parameters, and after a crash that cut such work short. In the
 * background, one pass at a time, from where it was left.
 * https://hl7.org/fhir/R4/searchparameter.html
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type IndexLedger, type IndexState, type Store, StoreUnavailableError } from '../storage/store.ts';
import type { Generations } from './generations.ts';
import { agreed, objectedTypes, objecting } from './index-objections.ts';
import { beginPass, type IndexProgress, indexFrom, type PassPosition, progressOf } from './index-pass.ts';
import { hashOf } from './index-prints.ts';
import type { IndexedFor } from './indexed-for.ts';
import { isTaken, notedPass, notedText, PASS } from './noted-pass.ts';
import { nextTurn } from './pace.ts';

export interface Reindexing {
  /** Types whose parameters changed. Resolves once this is noted; what is to be indexed is indexed afterwards. */
  request(types: readonly string[], by?: 'us' | 'others'): Promise<void>;
  /** Asks for the types that stored resources are not indexed for. */
  catchUp(): Promise<void>;
  /** Sees what other servers of the store have indexed, or have taken back. */
  follow(): Promise<void>;
  /**
   * Takes back what servers with other search parameters have noted: as long as this one writes beside them, some of
   * the resources are indexed for its own. To be called each minute, and at last when it stops.
   */
  objectToOthers(when?: 'last'): Promise<void>;
  /** How far the pass under way is, also that of another server; undefined when there is none. */
  progress(): IndexProgress | undefined;
  /** Resolves when nothing is left to do. */
  idle(): Promise<void>;
  /** Stops after the batch at hand. */
  stop(): Promise<void>;
}

export interface ReindexingParts {
  readonly store: Store;
  readonly generations: Generations;
  readonly indexed: IndexedFor;
  readonly ledger: IndexLedger;
  readonly onFault: (error: unknown) => void;
  /** Told of the types that wait because others object to them, each time these are others. */
  readonly onObjected?: (types: readonly string[]) => void;
  /** Told when a pass begins, goes on after a restart, and is done. */
  readonly onPass?: (
    event: 'begun' | 'resumed' | 'done',
    types: readonly string[],
    progress: IndexProgress,
  ) => void;
  /** Resolves when all writes that have begun are over: they may be indexed for what was before. */
  readonly quiet?: () => Promise<void>;
  readonly now?: () => number;
  /** Between two attempts on a store that is away, ms. */
  readonly retryMs?: number;
  /** How long other servers of the store may take to see a definition, ms. */
  readonly othersSeeMs?: number;
}

const RETRY_MS = 1_000;
/** What a server may take from seeing that nobody is at it to noting that it is. */
const CLAIM_MS = 500;

export function createReindexing(parts: ReindexingParts): Reindexing {
  const { store, generations, indexed, ledger, onFault, now = Date.now, othersSeeMs = 0 } = parts;
  const me = hashOf([process.pid, Math.random()]);
  const waiting = new Set<string>();
  let running: Promise<void> | undefined;
  let isStopped = false;
  const stopping = new AbortController();
  let position: PassPosition | undefined;
  /** Of the pass of another server that is waited for. */
  let theirs: PassPosition | undefined;
  /** Until when others may still write for what was before, or are likely to index themselves; ms. */
  let waitUntil = 0;
  let changes = 0;
  /** What others had noted otherwise. */
  const objected = new Set<string>();
  /** What waits for others to end, as it was told. */
  let toldObjected = '';

  const definitions = () => generations.current().definitions;
  const isBehind = (type: string): boolean => !indexed.isWhole(definitions(), type);
  const rest = async (ms: number): Promise<void> => {
    await pause(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  };
  /** Repeats what fails because the store is away, until the end. */
  const insist = async (work: () => Promise<void>): Promise<void> => {
    while (!isStopped) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        onFault(error);
        await rest(parts.retryMs ?? RETRY_MS);
      }
    }
  };
  // one after the other, so that none is noted over a later one
  let noting: Promise<void> = Promise.resolve();
  const note = (state: () => IndexState): Promise<void> => {
    changes++;
    noting = noting.catch(() => undefined).then(() => ledger.note(state()));
    return noting;
  };
  const makes = (types: readonly string[]): string =>
    hashOf(types.map((type) => [type, ...[...indexed.target(type)].map((entry) => entry.join())]));
  const passAt = (of: PassPosition): string =>
    notedText({ position: of, makes: makes(of.types), by: me, beat: now() });
  const notePosition = (of: PassPosition): Promise<void> => note(() => ({ [PASS]: passAt(of) }));

  const follow = async (): Promise<void> => {
    await noting.catch(() => undefined);
    const [before, of] = [changes, definitions()];
    const state = await ledger.read();
    // what has changed since is known here only
    if (before !== changes || state === undefined || position !== undefined) return;
    const types = of.resourceTypes.filter((type) => state[type] !== undefined);
    const had = indexed.entries(types, of);
    if (types.every((type) => had[type] === state[type])) return;
    indexed.load(state, false);
    generations.settle();
    const behind = of.resourceTypes.filter(isBehind);
    if (behind.length > 0) await request(behind, 'others');
  };

  const makesNow = (type: string): string => hashOf([...indexed.wanted(definitions(), type)]);
  /** Without those that another server would only take back. */
  const unopposed = (state: IndexState | undefined, hasOthers: boolean): readonly string[] => {
    const theirs = hasOthers ? objectedTypes(state, { me, now: now(), makes: makesNow }) : new Set();
    const held = [...waiting].filter((type) => theirs.has(type)).sort();
    if (toldObjected !== held.join()) {
      toldObjected = held.join();
      if (held.length > 0) parts.onObjected?.(held);
    }
    return [...waiting].filter((type) => !theirs.has(type));
  };

  const begin = async (): Promise<PassPosition | undefined> => {
    while (!isStopped) {
      const wait = waitUntil - now();
      const hasOthers = (await ledger.others?.()) === true;
      if (wait > 0 && hasOthers) await rest(wait);
      if (hasOthers) await follow();
      for (const type of waiting) if (!isBehind(type)) waiting.delete(type);
      if (waiting.size === 0) return undefined;
      if (hasOthers && waitUntil > now()) continue;
      await parts.quiet?.();
      const state = await ledger.read();
      const open = unopposed(state, hasOthers);
      if (open.length === 0) return undefined;
      const noted = notedPass(state);
      theirs = hasOthers && isTaken(noted, open, me, now()) ? noted?.position : undefined;
      if (theirs !== undefined) {
        await rest(parts.retryMs ?? RETRY_MS);
        continue;
      }
      const isWanted = noted?.position.types.every((type) => open.includes(type)) === true;
      const types = isWanted ? noted.position.types : open;
      indexed.begin(types, definitions());
      for (const type of types) waiting.delete(type);
      if (isWanted && noted.makes === makes(types)) {
        parts.onPass?.('resumed', types, progressOf(noted.position));
        return noted.position;
      }
      try {
        const fresh = await beginPass(store, types, definitions().resourceTypes.length);
        parts.onPass?.('begun', types, progressOf(fresh));
        await notePosition(fresh);
        if (!hasOthers) return fresh;
        // of two that began at once, the one that noted it last goes on
        await rest(CLAIM_MS);
        if (notedPass(await ledger.read())?.by === me) return fresh;
        for (const type of types) waiting.add(type);
      } catch (error) {
        for (const type of types) waiting.add(type);
        throw error;
      }
    }
    return undefined;
  };

  const pass = async (): Promise<void> => {
    while (waiting.size > 0 && !isStopped) {
      let at: PassPosition | undefined;
      await insist(async () => {
        at = await begin();
      });
      [position, theirs] = [at, undefined];
      if (at !== undefined) {
        const of = at;
        const onProgress = (): Promise<void> => notePosition(of);
        await insist(() => indexFrom(of, { store, generations, isStopped: () => isStopped, onProgress }));
        if (isStopped) return;
        indexed.finish(of.types);
        await insist(() => note(() => ({ ...indexed.entries(of.types, definitions()), [PASS]: '' })));
        for (const type of of.types) if (isBehind(type)) waiting.add(type);
        position = undefined;
        parts.onPass?.('done', of.types, progressOf(of));
      }
      generations.settle();
      // the rest when others object no more, which `follow` sees
      if (at === undefined) return;
    }
  };
  const start = (): void => {
    running ??= pass()
      .catch(onFault)
      .finally(() => {
        position = undefined;
        running = undefined;
      });
  };
  const request = async (types: readonly string[], by: 'us' | 'others' = 'us'): Promise<void> => {
    // a change of ours may have been seen as one of others first, and is noted all the same
    if (types.length === 0 && (by === 'others' || waiting.size === 0)) return;
    changes++;
    waitUntil = Math.max(waitUntil, now() + othersSeeMs * (by === 'us' ? 1 : 2));
    for (const type of types) waiting.add(type);
    const state = (): IndexState => ({
      ...indexed.entries([...new Set([...types, ...waiting])], definitions()),
      // what it made until now is not what it makes from here on
      [PASS]: position === undefined ? '' : passAt(position),
    });
    try {
      if (by === 'us') await note(state);
    } catch (error) {
      // it is noted when it is done
      onFault(error);
    }
    if (!isStopped) start();
  };
  return {
    request,
    async catchUp() {
      const behind: string[] = [];
      const { resourceTypes } = definitions();
      for (const type of resourceTypes) {
        if (isBehind(type)) behind.push(type);
        await nextTurn();
      }
      const known = await ledger.read();
      const entries = indexed.entries(resourceTypes, definitions());
      const differs = Object.entries(entries).filter(([type, text]) => known?.[type] !== text);
      if (differs.length > 0) await note(() => Object.fromEntries(differs));
      if (behind.length === 0) return;
      for (const type of behind) waiting.add(type);
      if (!isStopped) start();
    },
    async follow() {
      await follow();
      if (waiting.size > 0 && !isStopped) start();
    },
    async objectToOthers(when) {
      const of = definitions();
      const taken: Record<string, string> = {};
      const state = await ledger.read();
      for (const [type, text] of Object.entries(state ?? {})) {
        if (type === PASS || text === '' || !of.isResourceType(type)) continue;
        const left = agreed(text, indexed.wanted(of, type));
        if (left === text) continue;
        taken[type] = left;
        objected.add(type);
      }
      if (when === 'last' || (await ledger.others?.()) !== true) objected.clear();
      const objections = Object.fromEntries([...objected].map((type) => [type, makesNow(type)]));
      const noting = { ...taken, ...objecting(state, { me, now: now(), makes: objections }) };
      if (Object.keys(noting).length > 0) await note(() => noting);
    },
    progress() {
      const at = position ?? theirs;
      return at && progressOf(at);
    },
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
