/**
 * Shapes: which parameters a resource has a value of, and which it has terms of. Resources have few shapes, so the
 * index lists each resource once, under its shape, and from these lists `:missing` and rare negations are read in
 * the order of the search instead of being tested on everything.
 * https://hl7.org/fhir/R4/search.html#modifiers
 */
import {
  DATE_BYTES,
  eachText,
  KEY_MASK,
  NUMBER_BYTES,
  PRESENT_BIT,
  type Sections,
  TERM_BYTES,
} from '../packed-postings.ts';
import type { Connection } from './connection.ts';

/** Resources of a type with further shapes share one list, whose members have to be looked at. */
export const SHAPES_MAX = 200;

export interface Shape {
  /** The hash of its list under SHAPE_LIST. */
  readonly id: number;
  readonly t: number;
  /** What the resources have; undefined for the list of all further shapes. */
  readonly keys: ShapeKeys | undefined;
}

interface ShapeKeys {
  readonly present: ReadonlySet<number>;
  readonly termed: ReadonlySet<number>;
}

interface Registry {
  readonly byType: Map<number, Shape[]>;
  /** By type and packed keys. */
  readonly ids: Map<string, number>;
  /** By type and keys as they follow each other in postings. */
  readonly raw: Map<string, number>;
  last: number;
}

const registries = new WeakMap<Connection, Registry>();

/** Forgets everything: what was read in a transaction that was rolled back. */
export function resetShapes(connection: Connection): void {
  registries.delete(connection);
}

/** The shapes that resources of the types have or have had. */
export function shapesOf(connection: Connection, types: readonly number[]): Shape[] {
  const { byType } = upToDate(connection);
  return types.flatMap((t) => byType.get(t) ?? []);
}

/** Shapes of the types that are searched. */
export interface PresenceShapes {
  readonly having: readonly number[];
  readonly lacking: readonly number[];
  /** Lists of resources of many shapes, each of which may have a value or not. */
  readonly mixed: readonly number[];
}

export function presenceShapes(
  k: number,
  types: readonly number[],
  { connection }: { readonly connection: Connection },
): PresenceShapes {
  const having: number[] = [];
  const lacking: number[] = [];
  const mixed: number[] = [];
  for (const { id, keys } of shapesOf(connection, types)) {
    (keys === undefined ? mixed : keys.present.has(k) ? having : lacking).push(id);
  }
  return { having, lacking, mixed };
}

const LAST = 'SELECT max(id) FROM shapes';
const NEWER = 'SELECT id, t, keys FROM shapes WHERE id > ? ORDER BY id';

/** Shapes only ever get more. */
function upToDate(connection: Connection): Registry {
  let registry = registries.get(connection);
  if (registry === undefined) {
    registry = { byType: new Map(), ids: new Map(), raw: new Map(), last: 0 };
    registries.set(connection, registry);
  }
  const last = (connection.row(LAST)?.[0] as number | null) ?? 0;
  if (last > registry.last) {
    const rows = connection.rows(NEWER, registry.last) as [number, number, Uint8Array | null][];
    for (const [id, t, packed] of rows) add(registry, id, t, packed);
  }
  return registry;
}

function add(registry: Registry, id: number, t: number, packed: Uint8Array | null): void {
  const shape = { id, t, keys: packed === null ? undefined : unpackKeys(packed) };
  const known = registry.byType.get(t);
  if (known === undefined) registry.byType.set(t, [shape]);
  else known.push(shape);
  registry.ids.set(nameOf(t, packed), id);
  registry.last = id;
}

const INSERT = 'INSERT INTO shapes(id, t, keys) VALUES (?, ?, ?)';
/** Sequences of keys whose shape is remembered. */
const RAW_MAX = 10_000;

/** The shape of a resource, made known when it is the first; for the connection that writes. */
export function shapeOf(connection: Connection, t: number, sections: Sections): number {
  const raw = rawKeys(t, sections);
  const known = registries.get(connection)?.raw.get(raw);
  if (known !== undefined) return known;
  const registry = upToDate(connection);
  const packed = packKeys(sections);
  let id = findShape(registry, t, packed);
  if (id === undefined) {
    const isFull = (registry.byType.get(t)?.length ?? 0) >= SHAPES_MAX;
    id = registry.last + 1;
    connection.run(INSERT, id, t, isFull ? null : packed);
    add(registry, id, t, isFull ? null : packed);
  }
  if (registry.raw.size >= RAW_MAX) registry.raw.clear();
  registry.raw.set(raw, id);
  return id;
}

/** The shape under which the index has a resource; undefined when no such resource has been indexed. */
export function knownShapeOf(connection: Connection, t: number, sections: Sections): number | undefined {
  return findShape(upToDate(connection), t, packKeys(sections));
}

function findShape({ ids }: Registry, t: number, packed: Uint8Array): number | undefined {
  return ids.get(nameOf(t, packed)) ?? ids.get(nameOf(t, null));
}

function nameOf(t: number, packed: Uint8Array | null): string {
  return packed === null ? `${t}` : `${t}|${Buffer.from(packed).toString('latin1')}`;
}

/** Cheap, and the same for most resources of a shape. */
function rawKeys(t: number, sections: Sections): string {
  let raw = `${t}`;
  let last = -1;
  eachKeyOf(sections, (key, isTerm) => {
    const one = isTerm ? key : key + PRESENT_BIT * 2;
    if (one !== last) raw += `,${one}`;
    last = one;
  });
  return raw;
}

const PRESENT = 1;
const TERMED = 2;
const ENTRY_BYTES = 5;

/** k:u32 flags:u8 of each parameter, ascending. */
function packKeys(sections: Sections): Uint8Array {
  const flags = new Map<number, number>();
  eachKeyOf(sections, (key, isTerm) => {
    const flag = (key >= PRESENT_BIT ? PRESENT : 0) | (isTerm ? TERMED : 0);
    const k = key % PRESENT_BIT;
    if (flag > 0) flags.set(k, (flags.get(k) ?? 0) | flag);
  });
  const packed = new Uint8Array(flags.size * ENTRY_BYTES);
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const [k, flag] of [...flags].sort(([a], [b]) => a - b)) {
    view.setUint32(at, k);
    view.setUint8(at + 4, flag);
    at += ENTRY_BYTES;
  }
  return packed;
}

function unpackKeys(packed: Uint8Array): ShapeKeys {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const present = new Set<number>();
  const termed = new Set<number>();
  for (let at = 0; at < packed.length; at += ENTRY_BYTES) {
    const flag = view.getUint8(at + 4);
    if ((flag & PRESENT) !== 0) present.add(view.getUint32(at));
    if ((flag & TERMED) !== 0) termed.add(view.getUint32(at));
  }
  return { present, termed };
}

/** The key of each posting, with the bit that says whether the parameter is present. */
function eachKeyOf(sections: Sections, visit: (key: number, isTerm: boolean) => void): void {
  const { view } = sections;
  const { termsAt, textsAt, datesAt, numbersAt, bareAt } = sections;
  for (let at = termsAt; at < textsAt; at += TERM_BYTES) visit(view.getUint32(at, true), true);
  eachText(sections, (key) => visit(key, false));
  for (let at = datesAt; at < numbersAt; at += DATE_BYTES) visit(view.getUint32(at, true), false);
  for (let at = numbersAt; at < bareAt; at += NUMBER_BYTES) visit(view.getUint32(at, true), false);
  for (let index = 0; index < sections.bare; index++) {
    visit((view.getUint32(bareAt + index * 4, true) & KEY_MASK) + PRESENT_BIT, false);
  }
}
