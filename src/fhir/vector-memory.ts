/**
 * The memory that JavaScript and code with vectors share. One for all of them: none runs while another does.
 * https://webassembly.github.io/spec/js-api/index.html
 */

/** What is used of it here: its types come with those of browsers only. */
declare const WebAssembly:
  | {
      validate(code: Uint8Array): boolean;
      Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
      Module: new (code: Uint8Array) => object;
      Instance: new (
        module: object,
        imports: object,
      ) => { readonly exports: Readonly<Record<string, unknown>> };
    }
  | undefined;

export type Scan = (at: number) => number;

/** It takes real memory only as far as it is written to. */
const VECTOR_MEMORY_BYTES = 4 * 1024 * 1024;
/** Texts begin here; what lies before belongs to the code that uses it. */
export const TEXT_AT = 16384;
const PAGE_BYTES = 65536;

const memory =
  typeof WebAssembly === 'undefined'
    ? undefined
    : new WebAssembly.Memory({ initial: VECTOR_MEMORY_BYTES / PAGE_BYTES });

export const vectorMemory = memory === undefined ? undefined : Buffer.from(memory.buffer);

/** Undefined where there are no vectors. */
export function loadVectorCode(code: Uint8Array): Scan | undefined {
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(code)) return undefined;
  const instance = new WebAssembly.Instance(new WebAssembly.Module(code), { e: { m: memory } });
  return instance.exports.scan as Scan;
}
