/**
 * Request bodies sent with Content-Encoding. The size limit counts unpacked bytes, so a small body cannot
 * unpack into a large one.
 * https://www.rfc-editor.org/rfc/rfc9110#name-content-encoding
 */
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { fail } from '../fhir/issues.ts';

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** @throws FhirError `unsupported-media-type` for an encoding that is not known */
export function decompress(payload: Readable, encoding: string): Readable {
  const create = DECODERS[encoding.trim().toLowerCase()];
  if (create === undefined) {
    const text = 'Content-Encoding may be gzip, br or deflate.';
    throw fail('unsupported-media-type', text, { expression: 'http.Content-Encoding' });
  }
  const decoder = create() as NodeJS.ReadWriteStream & Readable;
  payload.on('error', (error) => decoder.destroy(error));
  // The limit is checked against what comes out, not against Content-Length.
  (decoder as unknown as { receivedEncodedLength: number }).receivedEncodedLength = 0;
  payload.on('data', (chunk: Buffer) => {
    (decoder as unknown as { receivedEncodedLength: number }).receivedEncodedLength += chunk.length;
  });
  payload.pipe(decoder);
  return decoder;
}
