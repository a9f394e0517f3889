/** The built IOM package as tests need it: file by file, or its definitions. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export const PACKAGE_FILE = join(import.meta.dirname, '..', '..', 'build', 'iom', 'iom.mhd.tgz');

export interface Definition {
  readonly resourceType: string;
  readonly id: string;
  readonly [name: string]: unknown;
}

/** Path -> text. The server's package reader is tested elsewhere; this one only needs plain ustar entries. */
export function readFiles(): ReadonlyMap<string, string> {
  const bytes = gunzipSync(readFileSync(PACKAGE_FILE));
  const files = new Map<string, string>();
  for (let at = 0; bytes[at] !== 0; ) {
    const text = (from: number, length: number): string =>
      bytes.toString('utf8', at + from, at + from + length).replace(/\0.*$/, '');
    const size = Number.parseInt(text(124, 12), 8);
    const prefix = text(345, 155);
    const path = prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`;
    files.set(path, bytes.toString('utf8', at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

/** File name -> definition. */
export function readPackage(): ReadonlyMap<string, Definition> {
  const definitions = new Map<string, Definition>();
  for (const [path, text] of readFiles()) {
    const [, name] = /^package\/([A-Z][^/]*\.json)$/.exec(path) ?? [];
    if (name !== undefined) definitions.set(name, JSON.parse(text) as Definition);
  }
  return definitions;
}
