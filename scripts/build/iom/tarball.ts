/**
 * Writes a FHIR package: a gzipped ustar archive whose bytes depend on the files alone (no times, owners or
 * order of the file system).
 * https://hl7.org/fhir/R4/packages.html, https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 */
import { gzipSync } from 'node:zlib';

const BLOCK = 512;
/** Byte of the gzip header that names the operating system; 255 is "unknown". */
const GZIP_OS = 9;

/** `files`: path inside the archive -> content. */
export function packTarball(files: ReadonlyMap<string, string>): Buffer {
  const blocks: Buffer[] = [];
  for (const path of [...files.keys()].sort()) {
    const content = Buffer.from(files.get(path) ?? '', 'utf8');
    blocks.push(header(path, content.length), content);
    const rest = content.length % BLOCK;
    if (rest > 0) blocks.push(Buffer.alloc(BLOCK - rest));
  }
  blocks.push(Buffer.alloc(2 * BLOCK));
  const packed = gzipSync(Buffer.concat(blocks), { level: 9 });
  packed[GZIP_OS] = 255;
  return packed;
}

function header(path: string, size: number): Buffer {
  const { name, prefix } = split(path);
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100, 'utf8');
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\0', 257);
  block.write('00', 263);
  block.write(prefix, 345, 155, 'utf8');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function split(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  const cut = path.lastIndexOf('/');
  const parts = { name: path.slice(cut + 1), prefix: path.slice(0, cut) };
  if (cut < 0 || Buffer.byteLength(parts.name) > 100 || Buffer.byteLength(parts.prefix) > 155) {
    throw new Error(`path too long for an archive: ${path}`);
  }
  return parts;
}
