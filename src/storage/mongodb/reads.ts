/**
 * Reads by key, and of everything.
 */
import type { ResourceKey, StoredVersion } from '../store.ts';
import { type Collections, INDEX_ID } from './connect.ts';
import { historyKey, type ResourceDocument, resourceKey, TOMBSTONE, VERSION_FIELDS } from './documents.ts';
import { rememberHeads } from './known-heads.ts';
import { spreadOf } from './plan-writes.ts';
import { readVersions } from './texts.ts';

export const VERSION_ID = /^[1-9]\d{0,8}$/;
/** Resources of one read of a scan. */
const SCANNED = 500;

export async function readCurrent(
  collections: Collections,
  type: string,
  id: string,
): Promise<StoredVersion | undefined> {
  const _id = resourceKey(type, id);
  const found = await collections.res.findOne({ _id, sk: spreadOf(_id) }, { projection: VERSION_FIELDS });
  return found === null ? undefined : (await readVersions(collections, [found]))[0];
}

export async function readVersion(
  collections: Collections,
  type: string,
  id: string,
  versionId: string,
): Promise<StoredVersion | undefined> {
  if (!VERSION_ID.test(versionId)) return undefined;
  const key = resourceKey(type, id);
  const v = Number(versionId);
  // current first: a version on its way to history is in both
  const current = await collections.res.findOne(
    { _id: key, sk: spreadOf(key), v },
    { projection: VERSION_FIELDS },
  );
  const found =
    current ??
    (await collections.hist.findOne(
      { _id: historyKey(key, v), sk: spreadOf(key) },
      { projection: VERSION_FIELDS },
    ));
  return found === null ? undefined : (await readVersions(collections, [found]))[0];
}

/** The current version of each, tombstones included, with all that history will hold of them. */
export async function readEach(
  collections: Collections,
  keys: readonly ResourceKey[],
): Promise<readonly (StoredVersion | undefined)[]> {
  const { documents, versions } = await readCurrents(collections, keys, undefined);
  rememberHeads(versions, documents);
  const byKey = new Map(documents.map(({ _id }, index) => [_id, versions[index]]));
  return keys.map(({ type, id }) => byKey.get(resourceKey(type, id)));
}

export async function readMany(
  collections: Collections,
  keys: readonly ResourceKey[],
): Promise<readonly StoredVersion[]> {
  const { documents, versions } = await readCurrents(collections, keys, VERSION_FIELDS);
  const byKey = new Map(documents.map(({ _id }, index) => [_id, versions[index]!]));
  return keys.flatMap(({ type, id }) => {
    const version = byKey.get(resourceKey(type, id));
    return version === undefined || version.deleted ? [] : version;
  });
}

async function readCurrents(
  collections: Collections,
  keys: readonly ResourceKey[],
  projection: Record<string, 1> | undefined,
): Promise<{ readonly documents: readonly ResourceDocument[]; readonly versions: readonly StoredVersion[] }> {
  if (keys.length === 0) return { documents: [], versions: [] };
  const ids = keys.map(({ type, id }) => resourceKey(type, id));
  const filter = ids.length === 1 ? { _id: ids[0]!, sk: spreadOf(ids[0]!) } : { _id: { $in: ids } };
  const documents = await collections.res.find(filter, projection && { projection }).toArray();
  return { documents, versions: await readVersions(collections, documents) };
}

/** Live resources by key, each as it is when its turn comes. `call` runs every read. */
export async function* scan(
  collections: Collections,
  useHints: boolean,
  types: readonly string[] | undefined,
  call: <Result>(work: () => Promise<Result>) => Promise<Result>,
): AsyncGenerator<StoredVersion> {
  for (const type of types === undefined ? [undefined] : new Set(types)) {
    let from = type === undefined ? '' : `${type}/`;
    const to = type === undefined ? '\u{10ffff}' : `${type}0`;
    for (;;) {
      const found = await call(
        async () =>
          await collections.res
            .find(
              { _id: { $gt: from, $lt: to }, m: { $lt: TOMBSTONE } },
              {
                projection: VERSION_FIELDS,
                sort: { _id: 1 },
                limit: SCANNED,
                ...(useHints && { hint: INDEX_ID }),
              },
            )
            .toArray(),
      );
      yield* await call(() => readVersions(collections, found));
      if (found.length < SCANNED) break;
      from = found.at(-1)!._id;
    }
  }
}
