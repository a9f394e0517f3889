/**
 * A store in plain JavaScript that is too simple to be wrong: what every engine is compared with. It keeps all
 * versions in one list and answers each query by looking at everything.
 */
import { distanceM } from '../../../src/search/near.ts';
import { NO_DATE, type Postings } from '../../../src/search/postings.ts';
import {
  NATURAL_SORT,
  type Predicate,
  type SearchQuery,
  type SortKey,
  type SortSource,
} from '../../../src/search/query.ts';
import { rangeMatches } from '../../../src/search/ranges.ts';
import { hashTerm } from '../../../src/search/term-hash.ts';
import type { WriteCommand, WriteResult } from '../../../src/storage/store.ts';

export interface OracleVersion {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly lastUpdated: number;
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly postings: Postings | undefined;
  /** What its text says. */
  readonly mark: string;
  /** Order of the first version of the resource among all first versions. */
  readonly born: number;
  /** Position in the log of all versions. */
  readonly position: number;
}

/** Everything as of one moment. */
export interface OracleState {
  readonly live: readonly OracleVersion[];
}

export interface Oracle {
  readonly log: OracleVersion[];
  apply(commands: readonly WriteCommand[], results: readonly WriteResult[]): void;
  state(): OracleState;
}

export function createOracle(): Oracle {
  const log: OracleVersion[] = [];
  const current = new Map<string, OracleVersion>();
  return {
    log,
    apply(commands, results) {
      commands.forEach((command, index) => {
        const result = results[index] as WriteResult;
        if (!result.changed) return;
        const key = `${command.type}/${command.id}`;
        const version: OracleVersion = {
          type: command.type,
          id: command.id,
          version: Number(result.versionId),
          lastUpdated: result.lastUpdated,
          method: command.kind === 'put' ? command.method : 'DELETE',
          postings: command.kind === 'put' ? command.postings : undefined,
          mark: command.kind === 'put' ? markOf(command.text.after) : '',
          born: current.get(key)?.born ?? current.size,
          position: log.length,
        };
        log.push(version);
        current.set(key, version);
      });
    },
    state() {
      return { live: [...current.values()].filter((one) => one.postings !== undefined) };
    },
  };
}

/** The complete answer, in order. */
export function answer(state: OracleState, query: SearchQuery): OracleVersion[] {
  const hits = state.live.filter(
    (one) => (query.types.length === 0 || query.types.includes(one.type)) && matches(state, one, query.where),
  );
  const sort = query.sort.length === 0 ? NATURAL_SORT : query.sort;
  const last = sort[0]?.descending === true ? -1 : 1;
  return hits.sort((a, b) => {
    for (const key of sort) {
      const order = compareBy(state, key, a, b);
      if (order !== 0) return order;
    }
    return last * (a.born - b.born);
  });
}

function matches(state: OracleState, one: OracleVersion, where: Predicate): boolean {
  const postings = one.postings as Postings;
  switch (where.kind) {
    case 'all':
      return where.of.every((part) => matches(state, one, part));
    case 'any':
      return where.of.some((part) => matches(state, one, part));
    case 'not':
      return !matches(state, one, where.of);
    case 'term':
      return postings.terms.some((posting) => posting.k === where.k && where.terms.includes(posting.h));
    case 'code':
      return postings.terms.some((posting) => posting.k === where.k && posting.code === where.code);
    case 'system':
      return postings.terms.some((posting) => posting.k === where.k && posting.system === where.system);
    case 'text':
      return postings.texts.some((posting) => {
        if (posting.k !== where.k) return false;
        const [folded] = posting.text.split('\u0000') as [string];
        if (where.op === 'exact') return posting.text === where.value;
        if (where.op === 'whole') return folded === where.value;
        if (where.op === 'suffix') return folded.endsWith(where.value);
        return where.op === 'prefix' ? folded.startsWith(where.value) : folded.includes(where.value);
      });
    case 'date':
      return postings.dates.some(
        (posting) =>
          posting.k === where.k && rangeMatches(where.prefix, posting.lo, posting.hi, where.lo, where.hi),
      );
    case 'number':
      return postings.numbers.some(
        (posting) =>
          posting.k === where.k &&
          (where.units.length === 0 || where.units.includes(posting.u)) &&
          rangeMatches(where.prefix, posting.lo, posting.hi, where.lo, where.hi),
      );
    case 'words':
      return postings.terms.some(
        (posting) => posting.k === where.k && ` ${posting.code ?? ''}`.includes(` ${where.value}`),
      );
    case 'near':
      return postings.numbers.some(
        (posting) =>
          posting.k === where.k &&
          distanceM(where.latitude, where.longitude, posting.lo, posting.hi) <= where.radiusM,
      );
    case 'present':
      return postings.present.includes(where.k);
    case 'id':
      return where.ids.includes(one.id);
    case 'type':
      return where.types.includes(one.type);
    case 'updated':
      return rangeMatches(where.prefix, one.lastUpdated, one.lastUpdated + 1, where.lo, where.hi);
    case 'chain':
      return state.live.some(
        (target) =>
          target.type === where.target && refers(one, where.k, target) && matches(state, target, where.where),
      );
    case 'has':
      return state.live.some(
        (source) =>
          source.type === where.source && refers(source, where.k, one) && matches(state, source, where.where),
      );
    default:
      throw new Error(where satisfies never);
  }
}

/** What the end of a text says of itself. */
function markOf(after: string): string {
  return (JSON.parse(`{"meta":{${after}`) as { note: string }).note;
}

function refers(from: OracleVersion, k: number, to: OracleVersion): boolean {
  const h = hashTerm(`${to.type}/${to.id}`);
  return (from.postings as Postings).terms.some((posting) => posting.k === k && posting.h === h);
}

function compareBy(_state: OracleState, key: SortKey, a: OracleVersion, b: OracleVersion): number {
  const x = sortValue(key, a);
  const y = sortValue(key, b);
  if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? 1 : -1;
  const order = compareValues(x, y);
  return key.descending ? -order : order;
}

function sortValue(key: SortKey, one: OracleVersion): number | string | undefined {
  const postings = one.postings as Postings;
  switch (key.by) {
    case 'id':
      return one.id;
    case 'updated':
      return one.position;
    case 'primary':
      return postings.date === NO_DATE ? undefined : postings.date;
    default:
      break;
  }
  const values = key.by === 'gathered' ? key.of.flatMap((part) => valuesOf(part, one)) : valuesOf(key, one);
  values.sort(compareValues);
  return key.descending ? values.at(-1) : values[0];
}

function valuesOf(key: SortSource, one: OracleVersion): (number | string)[] {
  const postings = one.postings as Postings;
  const values: (number | string)[] = [];
  const { k } = key;
  // the only member of texts that says anything
  if (key.by === 'content') {
    const last = key.paths[0]?.steps.at(-1);
    const isOther = last?.kind === 'refersTo' && !one.mark.startsWith(`${last.type}/`);
    return one.mark === '' || one.type !== key.type || isOther ? [] : [one.mark];
  }
  if (key.by === 'date') for (const one of postings.dates) if (one.k === k) values.push(one.lo);
  if (key.by === 'number') for (const one of postings.numbers) if (one.k === k) values.push(one.lo);
  if (key.by === 'text') for (const one of postings.texts) if (one.k === k) values.push(one.text);
  if (key.by === 'term') {
    for (const one of postings.terms) if (one.k === k && one.code !== undefined) values.push(one.code);
  }
  return values;
}

/** Texts by code points, which is also the order of their UTF-8 bytes. */
function compareValues(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}
