/**
 * A file of definitions that is opened in milliseconds and parsed resource by resource on first use: the
 * length of the index, the index, then one compact resource per line. Beside it lies a file with the resources
 * as published, each deflated, for reading through REST.
 */
import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Resource } from '../fhir/types.ts';
import { compactDefinition } from './compact.ts';
import type { DefinitionEntry, DefinitionSource, EntryFacts } from './definitions.ts';
import { factsOf } from './entry.ts';
import { remembered } from './packed-entry.ts';

export const ARCHIVE_FILES = ['definitions.jsonl', 'originals.bin'] as const;

const LENGTH_BYTES = 16;

interface Position {
  readonly at: number;
  readonly length: number;
}

interface ArchiveIndex {
  readonly source: DefinitionSource;
  /** Ties the two files to one another. */
  readonly originalsLength: number;
  readonly entries: readonly (EntryFacts & { readonly compact: Position; readonly original: Position })[];
}

/** Writes both files into the folder, in the order of the resources. */
export function writeArchive(folder: string, source: DefinitionSource, resources: readonly Resource[]): void {
  const lines: Buffer[] = [];
  const originals: Buffer[] = [];
  const entries: ArchiveIndex['entries'][number][] = [];
  let compactAt = 0;
  let originalAt = 0;
  for (const resource of resources) {
    const line = Buffer.from(`${JSON.stringify(compactDefinition(resource))}\n`);
    const original = deflateRawSync(JSON.stringify(resource), { level: 6 });
    entries.push({
      ...factsOf(resource),
      compact: { at: compactAt, length: line.length - 1 },
      original: { at: originalAt, length: original.length },
    });
    lines.push(line);
    originals.push(original);
    compactAt += line.length;
    originalAt += original.length;
  }
  const index: ArchiveIndex = { source, originalsLength: originalAt, entries };
  const head = Buffer.from(`${JSON.stringify(index)}\n`);
  const length = Buffer.from(`${String(head.length).padStart(LENGTH_BYTES - 1)}\n`);
  writeFileSync(join(folder, ARCHIVE_FILES[1]), Buffer.concat(originals));
  writeFileSync(join(folder, ARCHIVE_FILES[0]), Buffer.concat([length, head, ...lines]));
}

/** @throws when the file is missing or not an archive. Resources are read on first use. */
export function openArchive(folder: string): readonly DefinitionEntry[] {
  const file = openSync(join(folder, ARCHIVE_FILES[0]), 'r');
  const headLength = Number(readAt(file, { at: 0, length: LENGTH_BYTES }));
  const head = readAt(file, { at: LENGTH_BYTES, length: headLength });
  const index = JSON.parse(head.toString()) as ArchiveIndex;
  const bodyAt = LENGTH_BYTES + headLength;
  const originals = openedOnce(join(folder, ARCHIVE_FILES[1]), index.originalsLength);
  return index.entries.map(({ compact: { at, length }, original, ...facts }) => ({
    ...facts,
    source: index.source,
    load: remembered(() => parse(readAt(file, { at: bodyAt + at, length }))),
    loadOriginal: () => parse(inflateRawSync(readAt(originals(), original))),
  }));
}

function parse(bytes: Buffer): Resource {
  return JSON.parse(bytes.toString()) as Resource;
}

function readAt(file: number, { at, length }: Position): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  if (readSync(file, buffer, 0, length, at) !== length)
    throw new Error('the archive of definitions is cut short');
  return buffer;
}

/** Kept open, as a rebuild replaces the file and not what is read here. */
function openedOnce(path: string, length: number): () => number {
  let file: number | undefined;
  return () => {
    if (file === undefined) {
      const opened = openSync(path, 'r');
      if (fstatSync(opened).size !== length) {
        closeSync(opened);
        throw new Error(`${path} does not belong to its index: build again`);
      }
      file = opened;
    }
    return file;
  };
}
