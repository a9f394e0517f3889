/**
 * What was asked of a store and what it acknowledged, kept outside of it, so that after a fault every promise can be
 * checked: nothing acknowledged is lost, no transaction is there in part, nothing is there twice, and the index says
 * what the resources say. The same for every engine.
 */
import { NO_DATE, type Postings } from '../../src/search/postings.ts';
import { hashParam, hashTerm } from '../../src/search/term-hash.ts';
import {
  ConflictError,
  type Store,
  StoreUnavailableError,
  type WriteCommand,
} from '../../src/storage/store.ts';

/** One call of `transact`: the tag is in everything it wrote. */
export interface Attempt {
  readonly tag: string;
  /** `Type/id` of each command. */
  readonly keys: readonly string[];
  /** Versions as acknowledged, in the order of the keys; absent while nobody knows. */
  readonly versions?: readonly string[];
}

export interface Ledger {
  readonly attempts: Map<string, Attempt>;
  begin(attempt: Attempt): void;
  acknowledge(tag: string, versions: readonly string[]): void;
}

export function createLedger(): Ledger {
  const attempts = new Map<string, Attempt>();
  return {
    attempts,
    begin: (attempt) => void attempts.set(attempt.tag, attempt),
    acknowledge(tag, versions) {
      attempts.set(tag, { ...attempts.get(tag)!, versions });
    },
  };
}

export interface LoadReport {
  acknowledged: number;
  unavailable: number;
  conflicts: number;
  /** ms of the longest call. */
  slowestMs: number;
}

/** In [0, 1). */
export type Random = () => number;

const TYPE = 'Basic';
const TAG = hashParam(TYPE, 'tag');

/**
 * One client that creates, updates and writes transactions until it is told to stop. Errors that a client can expect
 * while a server is away are counted; anything else is thrown.
 */
export async function runClient(
  store: Store,
  ledger: Ledger,
  client: string,
  random: Random,
  signal: AbortSignal,
): Promise<LoadReport> {
  const report: LoadReport = { acknowledged: 0, unavailable: 0, conflicts: 0, slowestMs: 0 };
  const own: string[] = [];
  for (let round = 0; !signal.aborted; round++) {
    const tag = `${client}.${round}`;
    const commands = commandsOf(client, round, tag, own, random);
    ledger.begin({ tag, keys: commands.map(({ type, id }) => `${type}/${id}`) });
    const begun = performance.now();
    try {
      const { results } = await store.transact(commands);
      ledger.acknowledge(
        tag,
        results.map(({ versionId }) => versionId),
      );
      report.acknowledged++;
      for (const { id } of commands) if (!own.includes(id)) own.push(id);
    } catch (error) {
      if (error instanceof StoreUnavailableError) report.unavailable++;
      else if (error instanceof ConflictError) report.conflicts++;
      else throw error;
    }
    report.slowestMs = Math.max(report.slowestMs, performance.now() - begun);
  }
  return report;
}

/** A create, an update, or a transaction of both. */
function commandsOf(
  client: string,
  round: number,
  tag: string,
  own: readonly string[],
  random: Random,
): WriteCommand[] {
  const fresh = (at: number): WriteCommand => put(`${client}-${round}-${at}`, tag, true);
  const known = own.length === 0 ? undefined : own[Math.floor(random() * own.length)];
  const kind = random();
  if (kind < 0.4 || known === undefined) return [fresh(0)];
  if (kind < 0.7) return [put(known, tag, false)];
  const size = 2 + Math.floor(random() * 8);
  return [...Array.from({ length: size }, (_, at) => fresh(at)), put(known, tag, false)];
}

function put(id: string, tag: string, isNew: boolean): WriteCommand {
  return {
    kind: 'put',
    type: TYPE,
    id,
    method: isNew ? 'POST' : 'PUT',
    text: {
      before: `{"resourceType":"${TYPE}","id":"${id}","meta":{`,
      after: `},"code":{"text":"${tag}"},"note":"${'x'.repeat(400)}"}`,
    },
    postings: postingsOf(tag),
    expected: isNew ? 'absent' : 'any',
  };
}

function postingsOf(tag: string): Postings {
  return {
    date: NO_DATE,
    terms: [{ k: TAG, h: hashTerm(tag) }],
    texts: [{ k: TAG, text: `${tag}\u0000${tag}` }],
    dates: [],
    numbers: [],
    present: [TAG],
  };
}

/** Broken promises, in words; empty when all were kept. */
export async function findBroken(store: Store, ledger: Ledger): Promise<string[]> {
  const broken: string[] = [];
  const versions = await readAllVersions(store);
  const present = new Map<string, string[]>();
  for (const [key, list] of versions) {
    for (const [index, { versionId, tag }] of list.entries()) {
      if (versionId !== String(index + 1))
        broken.push(`${key} has version ${versionId} in place ${index + 1}`);
      present.set(tag, [...(present.get(tag) ?? []), `${key} ${versionId}`]);
    }
  }
  for (const { tag, keys, versions: promised } of ledger.attempts.values()) {
    const found = (present.get(tag) ?? []).sort();
    present.delete(tag);
    if (promised !== undefined) {
      const expected = keys.map((key, index) => `${key} ${promised[index]}`).sort();
      const lost = expected.filter((one) => !found.includes(one));
      if (lost.length > 0) broken.push(`lost although acknowledged: ${lost.join(', ')}`);
      if (found.length > expected.length) broken.push(`written twice: ${found.join(', ')}`);
    } else if (found.length > 0) {
      const distinct = new Set(found.map((one) => one.slice(0, one.indexOf(' '))));
      if (distinct.size !== keys.length) broken.push(`in part: ${found.join(', ')} of ${keys.join(', ')}`);
      if (found.length > keys.length) broken.push(`written twice: ${found.join(', ')}`);
    }
  }
  for (const [tag, found] of present) broken.push(`nobody wrote ${tag}: ${found.join(', ')}`);
  broken.push(...(await findIndexDifferences(store, versions)));
  return broken;
}

interface Seen {
  readonly versionId: string;
  readonly tag: string;
}

/** All versions of everything, oldest first. */
async function readAllVersions(store: Store): Promise<Map<string, Seen[]>> {
  const versions = new Map<string, Seen[]>();
  let after: string | undefined;
  do {
    const request = { limit: 1_000, ascending: true, ...(after !== undefined && { after }) };
    const page = await store.history({ level: 'system' }, request);
    for (const { type, id, versionId, json } of page.rows) {
      const resource = JSON.parse(json) as {
        id: string;
        meta: { versionId: string };
        code: { text: string };
      };
      const isWhole = resource.id === id && resource.meta.versionId === versionId;
      const seen = { versionId, tag: isWhole ? resource.code.text : `damaged ${type}/${id}` };
      const key = `${type}/${id}`;
      const list = versions.get(key);
      if (list === undefined) versions.set(key, [seen]);
      else list.push(seen);
    }
    after = page.next;
  } while (after !== undefined);
  return versions;
}

/** Every current version against what the index holds of it. */
async function findIndexDifferences(store: Store, versions: ReadonlyMap<string, Seen[]>): Promise<string[]> {
  const differences: string[] = [];
  for (const [key, list] of versions) {
    const { tag, versionId } = list.at(-1)!;
    const [type, id] = key.split('/') as [string, string];
    const current = await store.read(type, id);
    if (current?.versionId !== versionId) {
      differences.push(`${key}: history ends at ${versionId}, current is ${current?.versionId}`);
    }
    const indexed = await store.readPostings({ type, id });
    if (JSON.stringify(indexed) !== JSON.stringify(postingsOf(tag))) {
      differences.push(`the index of ${key} does not say what the resource says`);
    }
  }
  const indexed = new Set<string>();
  let after: string | undefined;
  do {
    const page = await store.search(
      { types: [TYPE], where: { kind: 'present', k: TAG }, sort: [{ by: 'id', descending: false }] },
      { limit: 1_000, total: 'none', ...(after !== undefined && { after }) },
    );
    for (const { type, id } of page.rows) {
      if (indexed.has(`${type}/${id}`)) differences.push(`${type}/${id} is found twice`);
      indexed.add(`${type}/${id}`);
    }
    after = page.next;
  } while (after !== undefined);
  for (const key of versions.keys()) if (!indexed.has(key)) differences.push(`${key} is not found`);
  if (indexed.size > versions.size) differences.push(`${indexed.size} found, ${versions.size} stored`);
  return differences;
}

/** The same numbers for the same seed. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 0x100000000;
  };
}
