/**
 * Which index finds the candidates of a search: the condition with the fewest of them, by bounded counts, so
 * that the choice costs the same at any size and never depends on gathered statistics.
 */
import { assertNever } from '../../fhir/types.ts';
import type { Predicate } from '../../search/query.ts';
import { termsOf } from '../packed-match.ts';
import { indexedText } from './index-keys.ts';
import { compilePredicate, type TermLike, termHashes } from './predicate.ts';
import { type Candidate, hashOf, type View } from './view.ts';

/** Counts go no further: what is larger is read in order instead of collected. */
export const COLLECT_MAX = 5_000;

/** A way to find every live resource that can satisfy a predicate, and perhaps others. */
export interface Driver {
  /** What it reads, for explain. */
  readonly reads: string;
  /** How many index rows it reads, at most COLLECT_MAX + 1. */
  readonly cost: number;
  rids(): Iterable<number>;
}

/** Everything that a driver finds, as of the snapshot, each once; nothing is tested yet. */
export function* collectCandidates(driver: Driver, view: View): Iterable<Candidate> {
  const seen = new Set<number>();
  for (const rid of driver.rids()) {
    if (seen.has(rid)) continue;
    seen.add(rid);
    const one = view.byRid(rid);
    if (one !== undefined) yield one;
  }
  // what was found under its old values only
  for (const one of view.replaced()) if (!seen.has(one.rid)) yield one;
}

/** The cheapest driver; undefined when every index would find too many. */
export function chooseDriver(where: Predicate, view: View, types: readonly string[]): Driver | undefined {
  switch (where.kind) {
    case 'all':
      return cheapest(where.of, view, types);
    case 'any':
      return together(where.of, view, types);
    case 'term':
    case 'code':
    case 'system':
    case 'words':
      return termDriver(where, view);
    case 'id':
      return idDriver(where.ids, view, types);
    case 'text':
      return textDriver(where, view);
    case 'chain':
      return chainDriver(where, view);
    case 'has':
      return hasDriver(where, view);
    case 'not':
    case 'present':
    case 'type':
    case 'updated':
    case 'date':
    case 'number':
    case 'near':
      return undefined;
    default:
      return assertNever(where);
  }
}

function cheapest(parts: readonly Predicate[], view: View, types: readonly string[]): Driver | undefined {
  let best: Driver | undefined;
  for (const part of parts) {
    const driver = chooseDriver(part, view, types);
    if (driver !== undefined && (best === undefined || driver.cost < best.cost)) best = driver;
  }
  return best;
}

function together(parts: readonly Predicate[], view: View, types: readonly string[]): Driver | undefined {
  const drivers: Driver[] = [];
  let cost = 0;
  for (const part of parts) {
    const driver = chooseDriver(part, view, types);
    if (driver === undefined) return undefined;
    drivers.push(driver);
    cost += driver.cost;
  }
  if (cost > COLLECT_MAX) return undefined;
  return {
    reads: `any of ${drivers.map((driver) => driver.reads).join(', ')}`,
    cost,
    *rids() {
      for (const driver of drivers) yield* driver.rids();
    },
  };
}

const COUNT_TERM = 'SELECT count(*) FROM (SELECT 1 FROM ix WHERE k = ? AND h = ? LIMIT ?)';
const RIDS_OF_TERM = 'SELECT rid FROM ix WHERE k = ? AND h = ?';

function termDriver(where: TermLike, view: View): Driver | undefined {
  return listsDriver(where.k, termHashes(where, view), view);
}

/** The lists of some terms of one key. */
function listsDriver(k: number, hashes: readonly number[], view: View): Driver | undefined {
  let cost = 0;
  for (const h of hashes) {
    cost += view.connection.row(COUNT_TERM, k, h, COLLECT_MAX + 1)?.[0] as number;
    if (cost > COLLECT_MAX) return undefined;
  }
  return {
    reads: `ix k=${k} terms=${hashes.length}`,
    cost,
    *rids() {
      for (const h of hashes)
        for (const row of view.connection.rows(RIDS_OF_TERM, k, h)) yield row[0] as number;
    },
  };
}

function idDriver(ids: readonly string[], view: View, types: readonly string[]): Driver | undefined {
  const names = types.length === 0 ? view.typeNames() : types;
  const cost = ids.length * names.length;
  if (cost > COLLECT_MAX) return undefined;
  return {
    reads: `res_h ids=${ids.length}`,
    cost,
    *rids() {
      for (const name of names) {
        for (const id of ids) for (const one of view.byHash(hashOf(name, id))) yield one.rid;
      }
    },
  };
}

const COUNT_TEXTS = 'SELECT count(*) FROM (SELECT 1 FROM ixs WHERE k = ? AND s >= ? AND s < ? LIMIT ?)';
const RIDS_OF_TEXTS = 'SELECT rid FROM ixs WHERE k = ? AND s >= ? AND s < ?';

function textDriver(where: Extract<Predicate, { kind: 'text' }>, view: View): Driver | undefined {
  if (where.op === 'contains') return undefined;
  const [lo, hi] = textRange(where.value);
  const cost = view.connection.row(COUNT_TEXTS, where.k, lo, hi, COLLECT_MAX + 1)?.[0] as number;
  if (cost > COLLECT_MAX) return undefined;
  return {
    reads: `ixs k=${where.k}`,
    cost,
    *rids() {
      for (const row of view.connection.rows(RIDS_OF_TEXTS, where.k, lo, hi)) yield row[0] as number;
    },
  };
}

/** Indexed texts that start with the value; longer values are cut, which finds more and loses nothing. */
function textRange(value: string): [lo: string, hi: string] {
  const lo = indexedText(value);
  // no text has a code point above the last one
  return [lo, `${lo}\u{10ffff}`];
}

/** Targets first, when they are few, then the lists of references to them. */
function chainDriver(where: Extract<Predicate, { kind: 'chain' }>, view: View): Driver | undefined {
  const targets = resolve(where.target, where.where, view);
  return targets === undefined
    ? undefined
    : listsDriver(
        where.k,
        targets.map((one) => one.h),
        view,
      );
}

/** Sources first, when they are few, then what they refer to. */
function hasDriver(where: Extract<Predicate, { kind: 'has' }>, view: View): Driver | undefined {
  const sources = resolve(where.source, where.where, view);
  if (sources === undefined) return undefined;
  return {
    reads: `sources=${sources.length}`,
    cost: sources.length,
    *rids() {
      for (const source of sources) {
        for (const h of source.terms(where.k)) for (const one of view.byHash(h)) yield one.rid;
      }
    },
  };
}

interface Resolved {
  readonly h: number;
  terms(k: number): readonly number[];
}

/** All resources of a type that satisfy a predicate, when they are few enough to be found first. */
function resolve(type: string, where: Predicate, view: View): Resolved[] | undefined {
  const t = view.typeId(type);
  if (t === undefined) return [];
  const driver = chooseDriver(where, view, [type]);
  if (driver === undefined) return undefined;
  const test = compilePredicate(where, view);
  const found: Resolved[] = [];
  for (const one of collectCandidates(driver, view)) {
    if (one.t === t && test(one)) found.push({ h: one.h, terms: (k) => termsOf(one.sections, k) });
  }
  return found;
}
