/**
 * A FHIR package: a `package.tgz`, or a folder of resources with or without its `package.json`.
 * https://hl7.org/fhir/R4/packages.html
 */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { FhirError, fail } from '../fhir/issues.ts';
import type { Resource } from '../fhir/types.ts';
import { readTar, type TarLimits } from './tar.ts';

export interface PackageFile {
  /** Name within the package: `StructureDefinition-migrant-patient.json`. */
  readonly name: string;
  readonly resource: Resource;
}

export interface FhirPackage {
  readonly id: string;
  readonly version: string;
  readonly fhirVersions: readonly string[];
  /** Package id -> version. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** Every resource outside of `example/` and other folders, by file name. */
  readonly files: readonly PackageFile[];
}

export interface PackageLimits extends TarLimits {
  readonly archiveBytesMax: number;
  readonly unpackedBytesMax: number;
  readonly depthMax: number;
}

const MIB = 1_048_576;
export const PACKAGE_LIMITS: PackageLimits = {
  archiveBytesMax: 64 * MIB,
  unpackedBytesMax: 512 * MIB,
  fileBytesMax: 64 * MIB,
  entriesMax: 50_000,
  depthMax: 100,
};

/** From a file, a folder or the bytes of an archive. @throws FhirError that names the file at fault. */
export async function readPackage(
  source: string | Uint8Array,
  limits: PackageLimits = PACKAGE_LIMITS,
): Promise<FhirPackage> {
  const isFolder = typeof source === 'string' && (await statOf(source)).isDirectory();
  if (isFolder) return parsePackage(await readFolder(source, limits), limits, basename(source));
  const archive = typeof source === 'string' ? await readBounded(source, limits.archiveBytesMax) : source;
  if (archive.byteLength > limits.archiveBytesMax) throw tooLarge(limits);
  return parsePackage(packageFiles(await unpack(archive, limits), limits), limits);
}

async function statOf(path: string): ReturnType<typeof stat> {
  try {
    return await stat(path);
  } catch (cause) {
    const text = `There is no package at ${path}.`;
    throw new FhirError(fail('package-unreadable', text).issues, { cause });
  }
}

async function readBounded(path: string, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of createReadStream(path)) {
    length += (chunk as Buffer).length;
    if (length > bytesMax) throw fail('package-unreadable', `${path} is larger than ${bytesMax} bytes.`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function tooLarge(limits: PackageLimits): FhirError {
  return fail('package-unreadable', `The package is larger than ${limits.archiveBytesMax} bytes.`);
}

async function unpack(archive: Uint8Array, limits: PackageLimits): Promise<Buffer> {
  try {
    return await promisify(gunzip)(archive, { maxOutputLength: limits.unpackedBytesMax });
  } catch (cause) {
    const isLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    const text = isLarge
      ? `The package unpacks to more than ${limits.unpackedBytesMax} bytes.`
      : 'The package is not a gzip archive (.tgz).';
    throw new FhirError(fail('package-unreadable', text).issues, { cause });
  }
}

/** Those directly in `package/`, by name. */
function packageFiles(archive: Buffer, limits: PackageLimits): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const [path, content] of readTar(archive, limits)) {
    const name = /^(?:\.\/)?package\/([^/]+\.json)$/.exec(path)?.[1];
    if (name !== undefined) files.set(name, content);
  }
  if (files.size === 0)
    throw fail('package-unreadable', 'The archive has no package/*.json: it is no FHIR package.');
  return files;
}

async function readFolder(folder: string, limits: PackageLimits): Promise<ReadonlyMap<string, Buffer>> {
  const names = await readdir(folder, { withFileTypes: true });
  if (names.some((one) => one.name === 'package' && one.isDirectory())) {
    return readFolder(join(folder, 'package'), limits);
  }
  const files = new Map<string, Buffer>();
  let length = 0;
  for (const { name } of names.filter((one) => one.isFile() && one.name.endsWith('.json'))) {
    const content = await readBounded(join(folder, name), limits.fileBytesMax);
    length += content.length;
    if (files.size >= limits.entriesMax || length > limits.unpackedBytesMax) throw tooLarge(limits);
    files.set(name, content);
  }
  return files;
}

interface Manifest {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly fhirVersions?: unknown;
  readonly 'fhir-version-list'?: unknown;
  readonly dependencies?: unknown;
}

/** A folder without a manifest takes the name of the folder. */
function parsePackage(
  contents: ReadonlyMap<string, Buffer>,
  limits: PackageLimits,
  folder?: string,
): FhirPackage {
  const text = contents.get('package.json');
  if (text === undefined && folder === undefined) {
    throw fail('package-unreadable', 'The package has no package/package.json.');
  }
  const manifest = (text === undefined ? {} : parseJson('package.json', text, limits)) as Manifest;
  const id = manifest.name ?? folder;
  if (typeof id !== 'string' || id === '')
    throw fail('package-unreadable', 'package.json: there is no name.');
  const files: PackageFile[] = [];
  for (const name of [...contents.keys()].sort()) {
    if (name === 'package.json' || name.startsWith('.')) continue;
    const resource = parseJson(name, contents.get(name) as Buffer, limits);
    if (typeof resource.resourceType === 'string') files.push({ name, resource: resource as Resource });
  }
  const versions = manifest.fhirVersions ?? manifest['fhir-version-list'];
  return {
    id,
    version: typeof manifest.version === 'string' ? manifest.version : '0.0.0',
    fhirVersions: Array.isArray(versions) ? versions.map(String) : [],
    dependencies: dependenciesOf(manifest),
    files,
  };
}

function dependenciesOf({ dependencies }: Manifest): Readonly<Record<string, string>> {
  if (typeof dependencies !== 'object' || dependencies === null) return {};
  return Object.fromEntries(Object.entries(dependencies).map(([id, version]) => [id, String(version)]));
}

function parseJson(name: string, bytes: Buffer, { depthMax }: PackageLimits): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    const text = `${name} is not JSON: ${(cause as Error).message}.`;
    throw new FhirError(fail('package-unreadable', text).issues, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fail('package-unreadable', `${name} is not a JSON object.`);
  }
  if (isDeeper(bytes, depthMax)) {
    throw fail('package-unreadable', `${name} is nested deeper than ${depthMax} levels.`);
  }
  return value as Record<string, unknown>;
}

/** Counts brackets outside of strings. The bytes are known to be JSON. */
function isDeeper(bytes: Buffer, depthMax: number): boolean {
  let depth = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === 0x22) {
      while (bytes[++i] !== 0x22) if (bytes[i] === 0x5c) i++;
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > depthMax) return true;
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--;
    }
  }
  return false;
}
