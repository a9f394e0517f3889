/**
 * The bytes of a narrative, the elements that are open in it, and the reading of its plain parts: by WebAssembly
 * where the text fits into its memory, in JavaScript where it is longer or there is no WebAssembly.
 * https://hl7.org/fhir/R4/narrative.html#xhtml
 */

import { LOOKS_AHEAD } from '../fhir/vector-code.ts';
import { loadVectorCode, vectorMemory } from '../fhir/vector-memory.ts';
import {
  MEMORY,
  NESTING_MAX,
  narrativeCode,
  TAG_CHARS_MAX,
  type TAG_KINDS,
  TAG_SLOTS,
  tagEntry,
} from './narrative-code.ts';

export interface NarrativeMemory {
  readonly bytes: Buffer;
  /** Those from where the text begins. */
  readonly text: Uint8Array;
  /** How many elements are open, and not 0 when there was text. */
  readonly state: Int32Array;
  /** The numbers of the elements that are open, from 1 on. */
  readonly stack: Uint8Array;
  /**
   * Reads text and tags without attributes from an index on, and gives the index of what it does not know: another
   * tag, an entity, a control character, the end. It also stops after the last end tag.
   */
  scan(at: number): number;
}

/** Tags without < and > with their kind and the number of their element. */
export type PlainTags = ReadonlyMap<string, { readonly kind: keyof typeof TAG_KINDS; readonly id: number }>;

/** How many bytes a memory must have for a text of so many. */
export function memoryBytes(textBytes: number): number {
  return MEMORY.text + textBytes + LOOKS_AHEAD;
}

/** Undefined where there is no WebAssembly with vectors. */
export function createCodeMemory(tags: PlainTags): NarrativeMemory | undefined {
  const scan = loadVectorCode(narrativeCode());
  if (scan === undefined || vectorMemory === undefined) return undefined;
  const table = new BigUint64Array(vectorMemory.buffer, MEMORY.tags, TAG_SLOTS);
  for (const [tag, { kind, id }] of tags) {
    if (tag.length > TAG_CHARS_MAX) continue;
    const [slot, entry] = tagEntry(tag, kind, id);
    // of two tags in one slot the later takes the longer way
    if (table[slot] === 0n) table[slot] = entry;
  }
  return { ...viewsOf(vectorMemory), scan };
}

export function createPlainMemory(tags: PlainTags, bytes: number): NarrativeMemory {
  const views = viewsOf(Buffer.alloc(bytes));
  return { ...views, scan: (at) => scanPlain(views, tags, at) };
}

function viewsOf(bytes: Buffer): Omit<NarrativeMemory, 'scan'> {
  return {
    bytes,
    text: bytes.subarray(MEMORY.text),
    state: new Int32Array(bytes.buffer, bytes.byteOffset + MEMORY.depth, 2),
    stack: new Uint8Array(bytes.buffer, bytes.byteOffset + MEMORY.stack, NESTING_MAX + 1),
  };
}

/** What the code does, byte by byte. */
function scanPlain(
  { bytes, state, stack }: Omit<NarrativeMemory, 'scan'>,
  tags: PlainTags,
  from: number,
): number {
  for (let at = from; ; ) {
    let byte = bytes[at] as number;
    while ((byte >= 32 && byte !== 60 && byte !== 38) || byte === 9 || byte === 10) {
      if (byte > 32) state[1] = 1;
      byte = bytes[++at] as number;
    }
    if (byte !== 60) return at;
    let end = at + 1;
    while (bytes[end] !== 62) if (++end > at + 1 + TAG_CHARS_MAX) return at;
    const tag = tags.get(bytes.toString('latin1', at + 1, end));
    const depth = state[0] as number;
    if (tag === undefined) return at;
    if (tag.kind === 'start') {
      if (depth >= NESTING_MAX) return at;
      stack[depth + 1] = tag.id;
      state[0] = depth + 1;
    } else if (tag.kind === 'end') {
      if (stack[depth] !== tag.id) return at;
      state[0] = depth - 1;
    }
    at = end + 1;
    if (state[0] === 0) return at;
  }
}
