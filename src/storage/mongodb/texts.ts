/**
 * Resource texts as bytes: within the document, or for large ones in parts beside it, because a document holds no
 * more than 16 MB. Parts are named by what they contain and written before the document that refers to them, so
 * that a failure leaves at worst a part that nobody reads.
 */
import { createHash } from 'node:crypto';
import { damagedVersion } from '../damaged-version.ts';
import type { StoredVersion } from '../store.ts';
import type { Collections } from './connect.ts';
import { type BlobDocument, idOf, keyOf, TOMBSTONE, type VersionFields, versionOf } from './documents.ts';
import { isOnlyDuplicates } from './failures.ts';

/** Texts up to this stay within the document. */
export const INLINE_BYTES_MAX = 4 << 20;
const PART_BYTES = 4 << 20;

export interface EncodedText {
  readonly b?: Uint8Array;
  readonly bp?: readonly string[];
  readonly parts: readonly BlobDocument[];
}

export function encodeText(json: string): EncodedText {
  const bytes = Buffer.from(json, 'utf8');
  if (bytes.length <= INLINE_BYTES_MAX) return { b: bytes, parts: [] };
  const parts: BlobDocument[] = [];
  for (let start = 0; start < bytes.length; start += PART_BYTES) {
    const b = bytes.subarray(start, start + PART_BYTES);
    parts.push({ _id: createHash('sha256').update(b).digest('base64url'), b });
  }
  return { bp: parts.map(({ _id }) => _id), parts };
}

/** Writes parts that are not there yet; the same part twice is one part. */
export async function writeParts(
  { blob }: Pick<Collections, 'blob'>,
  parts: readonly BlobDocument[],
): Promise<void> {
  for (const part of parts) {
    try {
      await blob.insertOne(part);
    } catch (error) {
      if (!isOnlyDuplicates(error)) throw error;
    }
  }
}

/** Versions with their texts, in the order of the documents; one whose text is gone says so when it is read. */
export async function readVersions(
  { blob }: Pick<Collections, 'blob'>,
  documents: readonly VersionFields[],
): Promise<StoredVersion[]> {
  const versions: StoredVersion[] = [];
  for (const document of documents) {
    const json = document.bp === undefined ? decode(document) : await readParts(blob, document.bp);
    versions.push(json === undefined ? damaged(document) : versionOf(document, json));
  }
  return versions;
}

function damaged(document: VersionFields): StoredVersion {
  return damagedVersion({ type: document.t, id: idOf(keyOf(document)), versionId: String(document.v) });
}

/** Only a tombstone has no text. */
function decode({ b: bytes, m }: VersionFields): string | undefined {
  if (bytes === undefined) return m === TOMBSTONE ? '' : undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** Undefined when a part is gone. */
export async function readParts(
  blob: Collections['blob'],
  keys: readonly string[],
): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  for (const _id of keys) {
    const part = await blob.findOne({ _id });
    if (part === null) return undefined;
    chunks.push(part.b);
  }
  return Buffer.concat(chunks).toString('utf8');
}
