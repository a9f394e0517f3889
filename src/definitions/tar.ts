/**
 * Files of a tar archive, as npm and FHIR packages are: ustar with the long names of pax and GNU tar. Nothing
 * is written to disk; names that point outside are refused all the same.
 * https://hl7.org/fhir/R4/packages.html
 */
import { fail } from '../fhir/issues.ts';

export interface TarLimits {
  readonly entriesMax: number;
  readonly fileBytesMax: number;
}

const BLOCK_BYTES = 512;
const NAME_BYTES_MAX = 4_096;

/** By name, with `/` between folders. The contents are views of the archive. @throws FhirError */
export function readTar(archive: Buffer, limits: TarLimits): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  let longName: string | undefined;
  let entries = 0;
  for (let at = 0; at + BLOCK_BYTES <= archive.length; ) {
    const header = archive.subarray(at, at + BLOCK_BYTES);
    if (header.every((byte) => byte === 0)) return files;
    checkSum(header);
    const size = readOctal(header, 124, 12);
    const start = at + BLOCK_BYTES;
    const end = start + size;
    if (end > archive.length) throw fail('package-unreadable', 'The archive is cut short.');
    if (++entries > limits.entriesMax) {
      throw fail('package-unreadable', `The archive has more than ${limits.entriesMax} entries.`);
    }
    at = start + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
    const content = archive.subarray(start, end);
    const kind = String.fromCharCode(header[156] ?? 0);
    if (kind === 'x' || kind === 'L') {
      longName = (kind === 'x' ? paxPath(content) : readText(content, 0, content.length)) ?? longName;
      continue;
    }
    const name = longName ?? readName(header);
    longName = undefined;
    if (kind !== '0' && kind !== '\0' && kind !== '7') continue;
    checkFile(name, size, limits);
    files.set(name, content);
  }
  return files;
}

function checkFile(name: string, size: number, limits: TarLimits): void {
  const parts = name.split('/');
  if (name.startsWith('/') || /[\\:\0]/.test(name) || parts.includes('..')) {
    throw fail(
      'package-unreadable',
      `The archive has a file with the name ${JSON.stringify(name.slice(0, 200))}.`,
    );
  }
  if (size > limits.fileBytesMax) {
    throw fail('package-unreadable', `${name.slice(0, 200)} is larger than ${limits.fileBytesMax} bytes.`);
  }
}

function checkSum(header: Buffer): void {
  let sum = 8 * 32;
  for (let i = 0; i < BLOCK_BYTES; i++) if (i < 148 || i >= 156) sum += header[i] ?? 0;
  if (sum !== readOctal(header, 148, 8)) throw fail('package-unreadable', 'The file is not a tar archive.');
}

function readName(header: Buffer): string {
  const name = readText(header, 0, 100);
  const isUstar = header.toString('latin1', 257, 262) === 'ustar';
  const prefix = isUstar ? readText(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function readText(bytes: Buffer, at: number, length: number): string {
  const field = bytes.subarray(at, at + Math.min(length, NAME_BYTES_MAX));
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

function readOctal(header: Buffer, at: number, length: number): number {
  const text = header
    .toString('latin1', at, at + length)
    .replace(/[\0 ]+$/, '')
    .trim();
  if (text === '') return 0;
  if (!/^[0-7]+$/.test(text)) throw fail('package-unreadable', 'The file is not a tar archive.');
  return Number.parseInt(text, 8);
}

/** Records of `<length> <key>=<value>\n`. */
function paxPath(records: Buffer): string | undefined {
  for (let at = 0; at < records.length; ) {
    const space = records.indexOf(32, at);
    const length = Number(records.toString('latin1', at, space));
    if (space < 0 || !Number.isInteger(length) || length <= space - at) return undefined;
    const [key, value = ''] = splitOnce(records.toString('utf8', space + 1, at + length - 1), '=');
    if (key === 'path') return value.slice(0, NAME_BYTES_MAX);
    at += length;
  }
  return undefined;
}

function splitOnce(text: string, mark: string): readonly [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
