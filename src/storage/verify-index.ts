/**
 * The compare command: every live resource is read, its postings are extracted again and held against what the
 * store has indexed. What differs is found by no search, or by the wrong one, and is mended by re-indexing.
 */
import type { Resource } from '../fhir/types.ts';
import type { Postings } from '../search/postings.ts';
import type { IndexFault, ReindexEntry, Store } from './store.ts';

/** Entries that the index lacks, and those that it should not have, in words. */
export type IndexDifference = IndexFault;

export interface IndexReport {
  readonly compared: number;
  readonly different: number;
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
  for await (const version of store.scan()) {
    const key = { type: version.type, id: version.id };
    const indexed = await store.readPostings(key);
    const current = await store.read(version.type, version.id);
    // replaced meanwhile: the write has indexed the new version itself
    if (indexed === undefined || current?.versionId !== version.versionId) continue;
    compared++;
    const postings = extract(JSON.parse(version.json) as Resource);
    const { missing, extra } = comparePostings(postings, indexed);
    if (missing.length === 0 && extra.length === 0) continue;
    tell({ ...key, missing, extra });
    const entry: ReindexEntry = { ...key, versionId: version.versionId, postings };
    if (options.mend === true) await store.reindex([entry]);
  }
  // what is right by the postings can still be missing from a list beside them, or be in one too many
  for await (const fault of store.checkIndex(options.mend === true)) tell(fault);
  return { compared, different: different.size };
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
