/**
 * Who refers to whom through a parameter, as columns of numbers: with them a chain or a `_has` to half a million
 * resources is joined in some milliseconds, where a look-up of each takes as many hundreds.
 * https://hl7.org/fhir/R4/search.html#chaining
 */
import { termsOf } from '../packed-match.ts';
import { type Bits, clearBit, hasBit, setBit } from './bits.ts';
import { emptyBits, type Indexed, type KeptKind, keptOrMade } from './kept-sets.ts';
import { costOfCounted } from './list-lengths.ts';
import type { Meter } from './meter.ts';
import { type Columns, membersOf, readReferences } from './read-references.ts';
import { buildLists, bytesOfLists, readList } from './source-lists.ts';
import type { View } from './view.ts';

export interface ReferenceColumns {
  /** Makes known targets that came after the columns and are not in the index yet. */
  resolve(targets: readonly { readonly rid: number; readonly h: number }[]): void;
  /** Who refers to one of the targets. */
  sourcesOf(targets: Bits): Bits;
  /** Whom one of the sources refers to. */
  targetsOf(sources: Bits): Bits;
}

export function referenceColumns(k: number, view: View, meter: Meter): ReferenceColumns {
  const columns = keptOrMade(columnsKind(k, view, meter), view, meter) as Columns;
  const ridOf = ridsByHash(view);
  return {
    resolve: (targets) => {
      for (const { rid, h } of targets) resolve(columns, rid, h);
    },
    sourcesOf: (targets) => sourcesOf(targets, columns, { view, ridOf }),
    targetsOf: (sources) => targetsOf(sources, columns, { view, ridOf }),
  };
}

/** How the columns of a parameter are read, kept and followed. */
export function columnsKind(k: number, view: View, meter: Meter): KeptKind<Columns> {
  return {
    key: `references ${k}`,
    make: () => {
      const reading = readReferences(k, () => view);
      let spent = 0;
      for (;;) {
        const step = reading.next();
        if (step.done === true) return step.value;
        const cost = costOfCounted(step.value.rows);
        meter.spend(cost - spent);
        spent = cost;
      }
    },
    bytesOf: ({ lists, members, dangling }) =>
      bytesOfLists(lists) + members.byteLength + dangling.size * DANGLING_BYTES,
    follow: (columns, versions) => follow(columns, versions, k, view),
  };
}

/** An entry of a map of numbers. */
const DANGLING_BYTES = 64;

function follow(columns: Columns, versions: readonly Indexed[], k: number, view: View): Columns {
  const { members, changed } = columns;
  for (const { rid, h, now } of versions) {
    resolve(columns, rid, h);
    const hashes = now === undefined ? [] : termsOf(now.sections, k);
    if (hashes.length > 0 || changed.has(rid) || hasBit(members, rid)) changed.set(rid, hashes);
  }
  return changed.size > view.limits.changedMax ? rewritten(columns, view) : columns;
}

/** A resource keeps its rid for good. */
function resolve({ dangling, lists: { targets } }: Columns, rid: number, h: number): void {
  const list = dangling.get(h);
  if (list === undefined) return;
  targets[list] = rid;
  dangling.delete(h);
}

/** The same with what changed in the lists: a pass over memory, where the index would be read for much longer. */
function rewritten({ lists: old, dangling: known, changed }: Columns, view: View): Columns {
  const gone = emptyBits(view);
  for (const rid of changed.keys()) setBit(gone, rid);
  const { byTarget, byHash } = changedByTarget(changed, ridsByHash(view));
  const hashes = new Map([...known].map(([h, list]) => [list, h]));
  const lists = buildLists();
  const dangling = new Map<number, number>();
  const sources = new Int32Array(old.longest + changed.size);
  const add = (target: number, h: number | undefined, count: number, more: readonly number[] = []): void => {
    sources.set(more, count);
    if (count + more.length === 0) return;
    if (target === 0) dangling.set(h as number, lists.size);
    lists.add(target, sources, count + more.length);
  };
  for (let list = 0; list < old.ends.length; list++) {
    const count = readList(old, list, sources);
    let left = 0;
    for (let at = 0; at < count; at++) {
      const rid = sources[at] as number;
      if (!hasBit(gone, rid)) sources[left++] = rid;
    }
    const target = old.targets[list] as number;
    const h = hashes.get(list);
    add(target, h, left, target === 0 ? byHash.get(h as number) : byTarget.get(target));
    if (target === 0) byHash.delete(h as number);
    else byTarget.delete(target);
  }
  for (const [target, more] of byTarget) add(target, undefined, 0, more);
  for (const [h, more] of byHash) add(0, h, 0, more);
  const done = lists.done();
  return { lists: done, members: membersOf(done, view), dangling, changed: new Map() };
}

/** Sources by what they refer to now; by hash where nothing here has it. */
function changedByTarget(changed: Columns['changed'], ridOf: RidOf) {
  const byTarget = new Map<number, number[]>();
  const byHash = new Map<number, number[]>();
  for (const [source, hashes] of changed) {
    for (const h of new Set(hashes)) {
      const target = ridOf(h);
      const [map, key] = target === undefined ? [byHash, h] : [byTarget, target];
      const list = map.get(key);
      if (list === undefined) map.set(key, [source]);
      else list.push(source);
    }
  }
  return { byTarget, byHash };
}

type RidOf = (h: number) => number | undefined;

const RID_OF = 'SELECT rid FROM res INDEXED BY res_h WHERE h = ? LIMIT 1';

function ridsByHash({ connection }: View): RidOf {
  const known = new Map<number, number | undefined>();
  return (h) => {
    if (!known.has(h)) known.set(h, connection.row(RID_OF, h)?.[0] as number | undefined);
    return known.get(h);
  };
}

interface Joining {
  readonly view: View;
  readonly ridOf: RidOf;
}

function sourcesOf(among: Bits, { lists, changed }: Columns, { view, ridOf }: Joining): Bits {
  const found = emptyBits(view);
  const { targets } = lists;
  const sources = new Int32Array(lists.longest);
  for (let list = 0; list < targets.length; list++) {
    if (!hasBit(among, targets[list] as number)) continue;
    const count = readList(lists, list, sources);
    for (let at = 0; at < count; at++) setBit(found, sources[at] as number);
  }
  for (const [rid, hashes] of changed) {
    if (hashes.some((h) => hasBit(among, ridOf(h) ?? 0))) setBit(found, rid);
    else clearBit(found, rid);
  }
  return found;
}

function targetsOf(among: Bits, { lists, changed }: Columns, { view, ridOf }: Joining): Bits {
  const found = emptyBits(view);
  const { targets } = lists;
  const sources = new Int32Array(lists.longest);
  const asListed = among.slice();
  for (const rid of changed.keys()) clearBit(asListed, rid);
  for (let list = 0; list < targets.length; list++) {
    const count = readList(lists, list, sources);
    for (let at = 0; at < count; at++) {
      if (!hasBit(asListed, sources[at] as number)) continue;
      setBit(found, targets[list] as number);
      break;
    }
  }
  for (const [rid, hashes] of changed) {
    if (hasBit(among, rid)) for (const h of hashes) setBit(found, ridOf(h) ?? 0);
  }
  // no resource has the rid of what is not here
  clearBit(found, 0);
  return found;
}
