/**
 * The compare command: every live resource is read, its postings are extracted again and held against what the
 * store has indexed. What differs is found by no search, or by the wrong one, and is mended by re-indexing.
 */
import { FhirError } from '../fhir/issues.ts';
import type { Resource } from '../fhir/types.ts';
import type { Postings } from '../search/postings.ts';
import {
  type IndexFault,
  type ReindexEntry,
  type Store,
  type StoredVersion,
  StoreUnavailableError,
} from './store.ts';

/** Entries that the index lacks, and those that it should not have, in words. */
export type IndexDifference = IndexFault;

export interface IndexReport {
  readonly compared: number;
  readonly different: number;
  /** What could not be read: nothing mends it. */
  readonly damaged: number;
}

export interface VerifyOptions {
  readonly onDifference?: (difference: IndexDifference) => void;
  /** Re-indexes what differs. */
  readonly mend?: boolean;
}

/** Resources that were changed while they were compared are compared again in their new version. */
export async function verifyIndex(
  store: Store,
  extract: (resource: Resource) => Postings,
  options: VerifyOptions = {},
): Promise<IndexReport> {
  let compared = 0;
  const different = new Set<string>();
  const tell = (difference: IndexDifference): void => {
    const key = `${difference.type}/${difference.id}`;
    if (!different.has(key)) options.onDifference?.(difference);
    different.add(key);
  };
  let damaged = 0;
  try {
    for await (const version of store.scan()) {
      const key = { type: version.type, id: version.id };
      if (version.damaged === true) {
        compared++;
        damaged++;
        tell({ ...key, missing: [DAMAGED], extra: [] });
        continue;
      }
      const found = await readBoth(store, version, extract);
      if (found === undefined) continue;
      compared++;
      if (found === 'damaged') {
        damaged++;
        tell({ ...key, missing: [DAMAGED], extra: [] });
        continue;
      }
      const { missing, extra } = comparePostings(found.postings, found.indexed);
      if (missing.length === 0 && extra.length === 0) continue;
      tell({ ...key, missing, extra });
      const entry: ReindexEntry = { ...key, versionId: version.versionId, postings: found.postings };
      if (options.mend === true) await store.reindex([entry]);
    }
    // what is right by the postings can still be missing from a list beside them, or be in one too many
    for await (const fault of store.checkIndex(options.mend === true)) {
      if (fault.isDamage === true) damaged++;
      tell(fault);
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    damaged++;
  }
  return { compared, different: different.size, damaged };
}

const DAMAGED = 'stored text or postings are damaged';

/** Undefined when it was replaced meanwhile: the write has indexed the new version itself. */
async function readBoth(
  store: Store,
  { type, id, versionId, json }: StoredVersion,
  extract: (resource: Resource) => Postings,
): Promise<{ readonly indexed: Postings; readonly postings: Postings } | 'damaged' | undefined> {
  try {
    const indexed = await store.readPostings({ type, id });
    const current = await store.read(type, id);
    if (indexed === undefined || current?.versionId !== versionId) return undefined;
    return { indexed, postings: extract(JSON.parse(json) as Resource) };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return 'damaged';
  }
}

/** What is stored makes no sense, as it cannot come about by what a server writes. */
function isDamage(error: unknown): boolean {
  return !(error instanceof StoreUnavailableError || error instanceof FhirError);
}

/** What one has and the other lacks; order and repeats do not matter. */
export function comparePostings(
  expected: Postings,
  indexed: Postings,
): { readonly missing: readonly string[]; readonly extra: readonly string[] } {
  const wanted = describe(expected);
  const found = describe(indexed);
  return {
    missing: [...wanted].filter((one) => !found.has(one)),
    extra: [...found].filter((one) => !wanted.has(one)),
  };
}

function describe(postings: Postings): Set<string> {
  return new Set([
    `date ${postings.date}`,
    ...postings.terms.map(({ k, h, system, code }) => `term ${k} ${h} ${system ?? ''}|${code ?? ''}`),
    ...postings.texts.map(({ k, text }) => `text ${k} ${JSON.stringify(text)}`),
    ...postings.dates.map(({ k, lo, hi }) => `date ${k} ${lo} ${hi}`),
    ...postings.numbers.map(({ k, u, lo, hi }) => `number ${k} ${u} ${lo} ${hi}`),
    ...postings.present.map((k) => `present ${k}`),
  ]);
}
