/**
 * How far the reads of one page go along a list of which little matches, such as what is not final among what nearly
 * always is. A read is tried as a whole for a moment; when it takes longer, the list is read in stretches of so many
 * entries each, and after as many of them as one page may look at it ends, with a next page that goes on from there.
 * https://hl7.org/fhir/R4/search.html#errors
 */
import { NO_DATE } from '../../search/postings.ts';
import { idOf, type ResourceDocument } from './documents.ts';
import { andOf, boundsMatch, type Match } from './filters.ts';
import type { MongoLimits } from './limits.ts';
import type { Order, Place } from './order.ts';
import { createdOfOrderKey, dateOfOrderKey } from './order-key.ts';
import { type FindOptions, isTooCostly, type Reader } from './reader.ts';
import type { Scan } from './scans.ts';

type Limits = Pick<MongoLimits, 'triedMs' | 'stepMax' | 'walkedMax' | 'walkedMs'>;

/** Members of a document that tell where it stands in the order of a stream. */
type Edge = Pick<ResourceDocument, 'o' | 'c' | '_id'>;

export interface Pace {
  /** The rows of a part of an order: of all of it, or up to an edge behind which it goes on. */
  read(reader: Reader, part: Part): Promise<{ readonly rows: ResourceDocument[]; readonly edge?: Edge }>;
  /** Whether a page has looked at enough, which ends at the edge, or at the last row that was read. */
  endsAt(edge: Edge): boolean;
  /** Where the page has ended before it was full. */
  end(): Edge | undefined;
}

/** A read in the order of a member. */
export interface Part {
  readonly lists: Match;
  readonly member: 'o' | 'c' | '_id';
  /** Bounds of the member, as operators. */
  readonly bounds: Readonly<Record<string, unknown>>;
  readonly descending: boolean;
  readonly filter: Match;
  /** A list of what does not match, which has a place in the same order for each of its resources. */
  readonly excluded?: Scan | undefined;
  readonly options: FindOptions & { readonly limit: number };
}

/** Without limits every read is done as a whole. `elapsed` counts ms. */
export function createPace(limits: Limits, elapsed: () => number): Pace {
  const begun = elapsed();
  let isCareful = limits.triedMs === 0;
  let walked = 0;
  let end: Edge | undefined;
  return {
    async read(reader, part) {
      const { lists, member, bounds, descending, filter, excluded, options } = part;
      if (!isCareful) {
        try {
          const rows = await readWhole(reader, part, limits.triedMs);
          walked += rows.length;
          return { rows };
        } catch (error) {
          if (!isTooCostly(error)) throw error;
          isCareful = true;
        }
      }
      const [edge] = await reader.find(andOf(lists, boundsMatch(member, bounds)), {
        projection: { _id: member === '_id' ? 1 : 0, [member]: 1 },
        sort: { [member]: descending ? -1 : 1 },
        skip: limits.stepMax - 1,
        limit: 1,
        ...(options.hint !== undefined && { hint: options.hint }),
      });
      walked += limits.stepMax;
      if (edge === undefined) return { rows: await readWhole(reader, part) };
      const upTo = { ...bounds, [descending ? '$gte' : '$lte']: edge[member] };
      if (excluded !== undefined) {
        const { match, hint } = excluded;
        const count = await reader.count(andOf(match, boundsMatch(member, upTo)), { hint });
        // as many as there are on the list: none of these matches, and no resource need be looked at
        if (count === limits.stepMax) return { rows: [], edge };
      }
      const match = andOf(lists, boundsMatch(member, upTo), filter);
      return { rows: await reader.find(match, options), edge };
    },
    endsAt(edge) {
      if (walked < limits.walkedMax && elapsed() - begun < limits.walkedMs) return false;
      end = edge;
      return true;
    },
    end: () => end,
  };
}

export async function readWhole(
  reader: Reader,
  { lists, member, bounds, filter, options }: Part,
  timeMsMax?: number,
): Promise<ResourceDocument[]> {
  const match = andOf(lists, boundsMatch(member, bounds), filter);
  return await reader.find(match, timeMsMax === undefined ? options : { ...options, timeMsMax });
}

/** After everything that stands at the edge or before it. */
export function placeOfEdge({ keys }: Order, edge: Edge): Place {
  const [first, ...others] = keys;
  const rest = others.map(() => null);
  switch (first?.by) {
    case 'updated':
      return { values: [edge.c, ...rest], created: LAST };
    case 'id':
      return { values: [idOf(edge._id), ...rest], created: first.descending ? 0n : LAST };
    default: {
      const date = dateOfOrderKey(edge.o);
      return { values: [date === NO_DATE ? null : date, ...rest], created: createdOfOrderKey(edge.o) };
    }
  }
}

/** Above every position. */
const LAST = (1n << 63n) - 1n;
