/**
 * Another meta for a version, in place. A version can be on its way to history meanwhile: every change counts in
 * `am`, writers replace only the count that they have read, and history takes the text with the higher count.
 * https://hl7.org/fhir/R4/resource-operation-meta-add.html
 */
import type { Filter } from 'mongodb';
import type { Amendment } from '../store.ts';
import type { Collections } from './connect.ts';
import {
  type HistoryDocument,
  historyKey,
  type ResourceDocument,
  resourceKey,
  TOMBSTONE,
} from './documents.ts';
import { tellInPlace } from './in-place.ts';
import { indexMembersOf } from './index-keys.ts';
import { orderKey } from './order-key.ts';
import { spreadOf } from './plan-writes.ts';
import type { TermDictionary } from './term-dictionary.ts';
import { type EncodedText, encodeText, readVersions, writeParts } from './texts.ts';

/** The document as it was read: the same version, amended as often. */
export function asPlanned({ _id, sk, c, am }: ResourceDocument): Filter<ResourceDocument> {
  return { _id, sk, c, am: am ?? null } as Filter<ResourceDocument>;
}

/** Gives versions that are in history already the texts they have got since. */
export async function amendHistory(
  { hist }: Pick<Collections, 'hist'>,
  replaced: readonly ResourceDocument[],
): Promise<void> {
  for (const { _id, sk, v, am, b, bp } of replaced) {
    if (am === undefined) continue;
    await raise(hist, historyKey(_id, v), sk, am, { b, bp });
  }
}

/** False when the version has another text by now. */
export async function amend(
  collections: Collections,
  dictionary: TermDictionary,
  { type, id, versionId, from, to, postings }: Amendment,
): Promise<boolean> {
  await dictionary.add([postings], []);
  const key = resourceKey(type, id);
  const sk = spreadOf(key);
  const v = Number(versionId);
  const { parts, ...body } = encodeText(to);
  await writeParts(collections, parts);
  const current = await collections.res.findOne({ _id: key, sk, v, m: { $lt: TOMBSTONE } });
  if (current !== null) {
    const [version] = await readVersions(collections, [current]);
    if (version?.json !== from) return false;
    const { k, ...optional } = indexMembersOf(type, id, postings);
    const am = (current.am ?? 0) + 1;
    const { matchedCount } = await collections.res.updateOne(
      asPlanned(current),
      replacing({ ...OPTIONAL, ...optional, ...body, k, o: orderKey(postings.date, current.n), am }),
    );
    // a writer may have copied the version to history just before
    if (matchedCount === 0) return false;
    await raise(collections.hist, historyKey(key, v), sk, am, body);
    await tellInPlace(collections);
    return true;
  }
  const past = await collections.hist.findOne({ _id: historyKey(key, v), sk });
  if (past === null) return false;
  const [version] = await readVersions(collections, [past]);
  if (version?.json !== from) return false;
  return await raise(collections.hist, past._id, sk, (past.am ?? 0) + 1, body);
}

/** Members that a document need not have. */
const OPTIONAL = {
  x: undefined,
  s: undefined,
  dt: undefined,
  q: undefined,
  pr: undefined,
  b: undefined,
  bp: undefined,
};

function replacing(members: Readonly<Record<string, unknown>>): Record<string, object> {
  const present = Object.entries(members).filter(([, value]) => value !== undefined);
  const absent = Object.entries(members).filter(([, value]) => value === undefined);
  return {
    $set: Object.fromEntries(present),
    ...(absent.length > 0 && { $unset: Object.fromEntries(absent.map(([name]) => [name, ''])) }),
  };
}

async function raise(
  hist: Collections['hist'],
  _id: string,
  sk: number,
  am: number,
  { b, bp }: Omit<EncodedText, 'parts'>,
): Promise<boolean> {
  const isLower = [{ am: null }, { am: { $lt: am } }];
  const filter = { _id, sk, $or: isLower } as unknown as Filter<HistoryDocument>;
  const { matchedCount } = await hist.updateOne(filter, replacing({ b, bp, am }));
  return matchedCount === 1;
}
