/**
 * The documents of each collection. `res` holds the current version of every resource, tombstones included; `hist`
 * holds superseded versions with the same members, so that one filter reads either.
 *
 *     res   { _id: 'Patient/p1', t: 'Patient', v: 3, c: Long, n: Long, m: 1, rg, sk, o: BinData, k: [...], x, h, l, b }
 *     hist  { _id: 'Patient/p1/0000000002', i: 'Patient/p1', ... as in res }
 */
import type { IndexState, StoredVersion } from '../store.ts';
import { timeOf } from './commit-clock.ts';
import type { IndexMembers } from './index-keys.ts';

export const METHODS = ['POST', 'PUT', 'DELETE'] as const;
/** Index of DELETE: `m` of live resources is below it. */
export const TOMBSTONE = 2;

export interface ResourceDocument extends IndexMembers {
  /** `Type/id`. */
  readonly _id: string;
  readonly t: string;
  readonly v: number;
  /** Position of this version, see commit-clock.ts. */
  readonly c: bigint;
  /** Position of the first version of the resource. */
  readonly n: bigint;
  /** Index into METHODS. */
  readonly m: number;
  /** Region and co-location hash: the shard key with `_id`. */
  readonly rg: string;
  readonly sk: number;
  /** See order-key.ts. */
  readonly o: Uint8Array;
  /** JSON as UTF-8; absent for a tombstone, and when the text is in `blob`. */
  readonly b?: Uint8Array;
  /** Keys of the parts of a large text. */
  readonly bp?: readonly string[];
  /** How often the meta of this version was changed in place; absent for never. */
  readonly am?: number;
}

export interface HistoryDocument extends ResourceDocument {
  readonly i: string;
}

/** A term in the clear, or a type: its key is that of the index. */
export interface TermDocument {
  readonly _id: string;
  readonly k: number;
  readonly system?: string;
  readonly code: string;
}

/** Part of a text that is too large for a document; its key is the hash of its bytes. */
export interface BlobDocument {
  readonly _id: string;
  readonly b: Uint8Array;
}

/** A conditional criterion that some transaction relies on, or the parameters that criteria name. */
export interface LockDocument {
  readonly _id: string;
  readonly exp?: Date;
  readonly by?: string;
  readonly ks?: readonly number[];
}

/** Settings of the database and counters. */
export interface MetaDocument {
  readonly _id: string;
  readonly value: number;
  /** What the resources of each type are indexed for, in the document `index`. */
  readonly types?: IndexState;
}

/** All of a document: what history keeps of it. */
export const DOCUMENT_FIELDS = {
  _id: 1,
  t: 1,
  v: 1,
  c: 1,
  n: 1,
  m: 1,
  rg: 1,
  sk: 1,
  o: 1,
  b: 1,
  bp: 1,
  am: 1,
  k: 1,
  x: 1,
  h: 1,
  l: 1,
  s: 1,
  dt: 1,
  q: 1,
  pr: 1,
} as const satisfies Record<keyof ResourceDocument, 1>;

/** What a version needs to be answered with. */
export const VERSION_FIELDS = { _id: 1, t: 1, v: 1, c: 1, m: 1, b: 1, bp: 1, i: 1 } as const;

export function resourceKey(type: string, id: string): string {
  return `${type}/${id}`;
}

/** Versions sort as numbers do. */
export function historyKey(key: string, version: number): string {
  return `${key}/${String(version).padStart(10, '0')}`;
}

/** Keys in history of all versions of a resource. */
export function versionsOf(key: string): { readonly _id: { readonly $gt: string; readonly $lt: string } } {
  return { _id: { $gt: `${key}/`, $lt: `${key}0` } };
}

/** `Type/id` of a document of either collection. */
export function keyOf(document: { readonly _id: string; readonly i?: string }): string {
  return document.i ?? document._id;
}

export function idOf(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}

export type VersionFields = Pick<ResourceDocument, '_id' | 't' | 'v' | 'c' | 'm' | 'b' | 'bp'> & {
  readonly i?: string;
};

export function versionOf(document: VersionFields, json: string): StoredVersion {
  return {
    type: document.t,
    id: idOf(keyOf(document)),
    versionId: String(document.v),
    lastUpdated: timeOf(document.c),
    method: METHODS[document.m as 0 | 1 | 2],
    deleted: document.m === TOMBSTONE,
    json,
  };
}
