/**
 * Conditions that hardly anything satisfies although every list they could be read from is long, such as what is not
 * final where nearly all is. What matches is found out once, along the list, and kept: with whatever was written
 * since it is all that a page has to look at, in any order. The whole condition is tested again on it, so what is kept
 * may be too much and is never too little.
 * https://hl7.org/fhir/R4/search.html#modifiers
 */
import { hash } from 'node:crypto';
import { createRecent } from '../recent.ts';
import { choosePath } from './choose-path.ts';
import { type Condition, isEverything } from './conditions.ts';
import { countRest } from './count-matches.ts';
import { filterOf } from './filters.ts';
import type { SearchContext } from './joins.ts';
import { findAlong } from './path-reads.ts';
import { wholePath } from './paths.ts';
import { isTooCostly, type Reader } from './reader.ts';
import { naturalRows } from './streams.ts';
import { createPace } from './walk-pace.ts';
import {
  type AskedMatches,
  changesInPlace,
  earliest,
  mayStillCome,
  type Present,
  timeless,
  writtenSince,
} from './written-since.ts';

export interface FewMatches {
  /** Whether little may match and be found out: false for all of a list, and for what took too long a moment ago. */
  mayHelp(asked: AskedMatches): boolean;
  /** Resources among which all matches are, when that was found out before and still holds. */
  known(asked: AskedMatches, now: Present): Promise<readonly string[] | undefined>;
  /** The same, found out now; undefined when there are too many, or they take too long to find. */
  find(asked: AskedMatches, now: Present): Promise<readonly string[] | undefined>;
}

interface Kept {
  readonly keys: readonly string[];
  /** What was written at this position or later may match without being among them. */
  readonly from: bigint;
  /** How often resources had been changed without a new version. */
  readonly inPlace: number;
}

const KEPT_MAX = 200;
/** Resources of all that is kept. */
const KEYS_MAX = 200_000;
/** With more changes since, what is kept is found out again among them. */
const RENEWED_MIN = 1_000;

/** `now` is the clock of positions, ms since the epoch. */
export function createFewMatches(now: () => number): FewMatches {
  const kept = createRecent<Kept>({
    countMax: KEPT_MAX,
    sizeMax: KEYS_MAX,
    sizeOf: ({ keys }) => keys.length,
  });
  const underway = new Map<string, Promise<readonly string[] | undefined>>();
  const known: FewMatches['known'] = async (plan, { present, latest }) => {
    const name = nameOf(plan);
    const before = kept.get(name);
    if (before === undefined) return undefined;
    const since = earliest(before.from, latest);
    const from = mayStillCome(now());
    const inPlace = await changesInPlace(present);
    const changed = inPlace === before.inPlace ? await writtenSince(plan, present, since) : undefined;
    if (changed === undefined) return undefined;
    const keys = [...new Set([...before.keys, ...changed.map(({ key }) => key)])];
    if (changed.length > RENEWED_MIN && latest === undefined) {
      kept.put(name, { keys: await stillMatching(plan, present, keys), from, inPlace });
    }
    return keys;
  };
  const findNow = async (
    name: string,
    plan: AskedMatches,
    { present, elapsed, latest }: Present,
  ): Promise<readonly string[] | undefined> => {
    const from = mayStillCome(now());
    const inPlace = await changesInPlace(present);
    const keys = await gather(plan, elapsed);
    if (keys === undefined) plan.context.counts.tellLong(name);
    // what was found at the moment of an earlier page is not what there is now
    else if (latest === undefined) kept.put(name, { keys, from, inPlace });
    return keys;
  };
  return {
    mayHelp: (asked) => !isList(timeless(asked.condition)) && !asked.context.counts.isLong(nameOf(asked)),
    known,
    async find(plan, moment) {
      const name = nameOf(plan);
      // many who ask for the same at once wait for one of them
      const other = underway.get(name);
      if (other !== undefined) {
        await other.catch(() => undefined);
        return await known(plan, moment);
      }
      const finding = findNow(name, plan, moment).finally(() => underway.delete(name));
      underway.set(name, finding);
      return await finding;
    },
  };
}

function nameOf({ types, condition }: AskedMatches): string {
  return `few ${hash('sha256', JSON.stringify([types, timeless(condition)]), 'base64')}`;
}

/** Whatever is read along a list matches. */
function isList(condition: Condition): boolean {
  return isEverything(condition) || condition.kind === 'keys';
}

async function stillMatching(
  { types, condition }: AskedMatches,
  present: Reader,
  keys: readonly string[],
): Promise<readonly string[]> {
  const filter = filterOf(types, timeless(condition));
  const found = await findAlong(present, { kind: 'ids', ids: keys }, filter, { _id: 1 }, keys.length);
  return found.map(({ _id }) => _id);
}

/** Along the list of something that all matches have. Undefined when there are too many or it takes too long. */
async function gather(plan: AskedMatches, elapsed: () => number): Promise<readonly string[] | undefined> {
  const { types, context } = plan;
  const { fewMax } = context.limits;
  const condition = timeless(plan.condition);
  try {
    const rest = await countRest(context, types, condition);
    if (rest === 0) return [];
    if (rest !== undefined && rest > fewMax) return undefined;
    return await readAll(context, types, condition, elapsed, rest ?? fewMax + 1);
  } catch (error) {
    if (!isTooCostly(error)) throw error;
    return undefined;
  }
}

/** No more than `count` of them are looked for. */
async function readAll(
  context: SearchContext,
  types: readonly string[],
  condition: Condition,
  elapsed: () => number,
  count: number,
): Promise<readonly string[] | undefined> {
  const { reader, allTypes, limits } = context;
  const { path } = await choosePath(context, types, condition, true);
  const list = path.kind === 'keys' ? path : wholePath(types, allTypes);
  const pace = createPace({ ...limits, triedMs: 0 }, elapsed);
  const request = {
    types,
    condition,
    descending: true,
    batch: limits.batchMax,
    fields: { _id: 1, o: 1 },
    pace,
  } as const;
  const keys: string[] = [];
  for await (const documents of naturalRows(reader, list, request, undefined)) {
    keys.push(...documents.map(({ _id }) => _id));
    if (keys.length >= count) break;
  }
  return pace.end() !== undefined || keys.length > limits.fewMax ? undefined : keys;
}
