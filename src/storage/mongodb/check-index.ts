/**
 * The check of every document: the keys in the index against the members that they come from, the text and its parts,
 * the versions in history against the current one, and the dictionary of terms. Postings themselves are compared with
 * the resource by whoever asks for this.
 */
import type { Filter, UpdateFilter } from 'mongodb';
import type { IndexFault, ResourceKey } from '../store.ts';
import { type Collections, INDEX_ID } from './connect.ts';
import { type HistoryDocument, historyKey, idOf, type ResourceDocument, TOMBSTONE } from './documents.ts';
import { tellInPlace } from './in-place.ts';
import { DELETED_KEY, type IndexMembers, indexMembersOf, paramText, typeKey } from './index-keys.ts';
import { dateOfOrderKey, orderKey } from './order-key.ts';
import { spreadOf } from './plan-writes.ts';
import { storedPostings } from './read-postings.ts';
import { TYPES } from './term-dictionary.ts';

/** Runs every read and write. */
type Call = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Documents of one read. */
const BATCH = 200;
const AFTER_ALL = '\u{10ffff}';
const MEMBERS = { b: 0 } as const;

/** What is missing or too many, in words; `mend` puts the index right. Nobody else may write meanwhile. */
export async function* checkIndex(
  collections: Collections,
  useHints: boolean,
  mend: boolean,
  call: Call,
): AsyncGenerator<IndexFault> {
  const hint = useHints ? { hint: INDEX_ID } : {};
  for await (const documents of batches(call, (after) =>
    collections.res.find({ _id: { $gt: after } }, { projection: MEMBERS, ...hint }),
  )) {
    const parts = await missingParts(collections, documents, call);
    const versions = await versionsOf(collections, documents, hint, call);
    for (const document of documents as ResourceDocument[]) {
      const index = indexFault(document);
      if (index.differs && mend) await call(() => replaceIndex(collections, document));
      const kept = lacksVersions(document, versions.get(document._id)) ? ['older versions'] : [];
      const lost = document.bp?.some((part) => parts.has(part)) === true ? ['parts of the text'] : [];
      const fault = {
        ...keyIn(document._id),
        missing: [...index.missing, ...kept, ...lost],
        extra: index.extra,
      };
      const isDamage = kept.length + lost.length > 0;
      if (fault.missing.length + fault.extra.length > 0) yield { ...fault, ...(isDamage && { isDamage }) };
    }
  }
  if (mend) await call(() => tellInPlace(collections));
  yield* checkHistory(collections, hint, call);
  yield* checkTerms(collections, call);
}

/** Versions of nothing, later ones than the current, and such of which a part of the text is lost. */
async function* checkHistory(collections: Collections, hint: object, call: Call): AsyncGenerator<IndexFault> {
  const { res, hist } = collections;
  for await (const documents of batches(call, (after) =>
    hist.find({ _id: { $gt: after } }, { projection: { _id: 1, i: 1, v: 1, bp: 1 }, ...hint }),
  )) {
    const parts = await missingParts(collections, documents, call);
    const keys = [...new Set(documents.map(({ i }) => i))];
    const current = await call(
      async () => await res.find({ _id: { $in: keys } }, { projection: { _id: 1, v: 1 } }).toArray(),
    );
    const newest = new Map(current.map(({ _id, v }) => [_id, v]));
    for (const { _id, i, v, bp } of documents) {
      const missing = bp?.some((part) => parts.has(part)) === true ? ['parts of the text of a version'] : [];
      // the current one may be among them already
      const isStray = v > (newest.get(i) ?? 0) || _id !== historyKey(i, v);
      if (missing.length === 0 && !isStray) continue;
      yield { ...keyIn(i), missing, extra: isStray ? ['versions of what is not there'] : [], isDamage: true };
    }
  }
}

/** A term is found by its parameter, which its key begins with. */
async function* checkTerms({ term }: Collections, call: Call): AsyncGenerator<IndexFault> {
  for await (const documents of batches(call, (after) => term.find({ _id: { $gt: after } }))) {
    const wrong = documents.filter(({ _id, k, code }) =>
      k === TYPES ? _id !== typeKey(code) : !_id.startsWith(`${paramText(k)}t`),
    );
    if (wrong.length > 0) yield { type: '', id: '', missing: [], extra: ['terms under another parameter'] };
  }
}

interface Cursor<Row> {
  sort(order: { readonly _id: 1 }): { limit(count: number): { toArray(): Promise<Row[]> } };
}

/** All documents by key; nothing is open on the server between two batches. */
async function* batches<Row extends { readonly _id: string }>(
  call: Call,
  find: (after: string) => Cursor<Row>,
): AsyncGenerator<readonly Row[]> {
  let after = '';
  for (;;) {
    const rows = await call(async () => await find(after).sort({ _id: 1 }).limit(BATCH).toArray());
    if (rows.length > 0) yield rows;
    if (rows.length < BATCH) return;
    after = rows.at(-1)!._id;
  }
}

interface Found {
  readonly missing: readonly string[];
  readonly extra: readonly string[];
}

/** The members that a document should have, from those that its keys come from. */
function expectedOf(document: ResourceDocument): Pick<ResourceDocument, 'k' | 'h' | 'l' | 'o' | 'sk' | 't'> {
  const { type, id } = keyIn(document._id);
  const date = dateOfOrderKey(document.o);
  const { k, h, l }: IndexMembers =
    document.m === TOMBSTONE ? { k: [DELETED_KEY] } : indexMembersOf(type, id, storedPostings(document));
  return {
    k,
    ...(h !== undefined && { h }),
    ...(l !== undefined && { l }),
    o: orderKey(date, document.n),
    sk: spreadOf(document._id),
    t: type,
  };
}

function indexFault(document: ResourceDocument): Found & { readonly differs: boolean } {
  const expected = expectedOf(document);
  const held = new Set(document.k);
  const wanted = new Set(expected.k);
  const missing = expected.k.filter((key) => !held.has(key)).map(nameOfKey);
  const extra = document.k.filter((key) => !wanted.has(key)).map(nameOfKey);
  if (expected.h !== document.h) missing.push('what refers to the resource');
  if (expected.l !== document.l) (expected.l === undefined ? extra : missing).push('resources of the type');
  if (Buffer.compare(expected.o, document.o) !== 0) missing.push('the place in lists');
  if (expected.sk !== document.sk) missing.push('the place among shards');
  if (expected.t !== document.t) missing.push('the type');
  return { missing, extra, differs: missing.length + extra.length > 0 };
}

/** The shard key stays: a document cannot be moved by an update. */
async function replaceIndex({ res }: Collections, document: ResourceDocument): Promise<void> {
  const { k, h, l, o, t } = expectedOf(document);
  const { _id, c } = document;
  const update = {
    $set: { k, o, t, ...(h !== undefined && { h }), ...(l !== undefined && { l }) },
    // a tombstone has neither
    ...(h === undefined && { $unset: { h: '', l: '' } }),
  };
  await res.updateOne({ _id, c } as Filter<ResourceDocument>, update as UpdateFilter<ResourceDocument>);
}

/** In words, without what is in the resource. */
function nameOfKey(key: string): string {
  if (key === DELETED_KEY) return 'what is deleted';
  const kinds: Readonly<Record<string, string>> = {
    t: 'terms',
    s: 'texts',
    d: 'dates',
    n: 'numbers',
    p: 'values',
  };
  return kinds[key[6] ?? ''] ?? 'long intervals';
}

/** Versions are numbered without gaps. */
function lacksVersions({ v }: ResourceDocument, held: ReadonlySet<number> | undefined): boolean {
  for (let version = 1; version < v; version++) if (held?.has(version) !== true) return true;
  return false;
}

/** Numbers of the versions in history, of resources that should have some. */
async function versionsOf(
  { hist }: Collections,
  documents: readonly ResourceDocument[],
  hint: object,
  call: Call,
): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const versions = new Map<string, Set<number>>();
  const changed = documents.filter(({ v }) => v > 1);
  if (changed.length === 0) return versions;
  const ranges = changed.map(({ _id }) => ({ _id: { $gt: `${_id}/`, $lt: `${_id}/${AFTER_ALL}` } }));
  const found = await call(
    async () =>
      await hist
        .find({ $or: ranges } as Filter<HistoryDocument>, { projection: { _id: 0, i: 1, v: 1 }, ...hint })
        .toArray(),
  );
  for (const { i, v } of found) versions.set(i, (versions.get(i) ?? new Set()).add(v));
  return versions;
}

async function missingParts(
  { blob }: Collections,
  documents: readonly { readonly bp?: readonly string[] }[],
  call: Call,
): Promise<ReadonlySet<string>> {
  const parts = [...new Set(documents.flatMap(({ bp }) => bp ?? []))];
  if (parts.length === 0) return new Set();
  const found = await call(
    async () => await blob.find({ _id: { $in: parts } }, { projection: { _id: 1 } }).toArray(),
  );
  const there = new Set(found.map(({ _id }) => _id));
  return new Set(parts.filter((part) => !there.has(part)));
}

function keyIn(key: string): ResourceKey {
  return { type: key.slice(0, Math.max(0, key.indexOf('/'))), id: idOf(key) };
}
