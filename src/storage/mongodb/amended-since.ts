/**
 * The texts of versions that a change stream tells of as they were written, as they are by now: their meta may have
 * been changed in place since.
 */
import type { StoredVersion } from '../store.ts';
import type { Collections } from './connect.ts';
import { historyKey, keyOf, VERSION_FIELDS, type VersionFields } from './documents.ts';
import { readVersions } from './texts.ts';

/** In the order of the documents, of which none was amended when it was written. */
export async function versionsNow(
  collections: Collections,
  written: readonly VersionFields[],
): Promise<readonly StoredVersion[]> {
  const { res, hist } = collections;
  const amended = { am: { $gte: 1 } };
  // current first: a version on its way to history is in both
  const keys = [...new Set(written.map(({ _id }) => _id))];
  const current = await res
    .find({ _id: { $in: keys }, ...amended }, { projection: VERSION_FIELDS })
    .toArray();
  const pastKeys = written.map(({ _id, v }) => historyKey(_id, v));
  const past = await hist
    .find({ _id: { $in: pastKeys }, ...amended }, { projection: VERSION_FIELDS })
    .toArray();
  const byVersion = new Map<string, VersionFields>();
  for (const document of [...current, ...past])
    byVersion.set(historyKey(keyOf(document), document.v), document);
  return await readVersions(
    collections,
    written.map((document) => byVersion.get(historyKey(document._id, document.v)) ?? document),
  );
}
