/**
 * Documents behind versions that were read in order to be replaced: the write copies them to history without reading
 * them again. That they are still current is for compare-and-set to find out.
 */
import type { StoredVersion, WriteCommand } from '../store.ts';
import { type ResourceDocument, TOMBSTONE } from './documents.ts';

const DOCUMENTS = new WeakMap<StoredVersion, ResourceDocument>();

/** `documents` are whole, in the order of their versions. */
export function rememberHeads(
  versions: readonly StoredVersion[],
  documents: readonly ResourceDocument[],
): void {
  for (const [index, version] of versions.entries()) DOCUMENTS.set(version, documents[index]!);
}

/** The document that a command replaces, if it says so and is meant for no other version. */
export function knownHead({ current, expected }: WriteCommand): ResourceDocument | undefined {
  const head = current === undefined ? undefined : DOCUMENTS.get(current);
  if (head === undefined || expected === 'any') return head;
  const isExpected = expected === 'absent' ? head.m === TOMBSTONE : String(head.v) === expected.versionId;
  return isExpected ? head : undefined;
}
