/**
 * Reads that may take long: searches beyond a small budget, totals of long lists, scans of everything. They
 * run on the reading thread, or on the serving one when there are no threads.
 */
import { assertNever } from '../../fhir/types.ts';
import type { SearchQuery } from '../../search/query.ts';
import type { Explanation, SearchPageRequest } from '../store.ts';
import { scanPages } from './changes.ts';
import { type Connection, readTransaction } from './connection.ts';
import { explainSearch } from './explain.ts';
import { BudgetSpent } from './meter.ts';
import { type Ahead, createReferencesAhead } from './references-ahead.ts';
import { type KeptPage, type SearchAccount, type SearchOptions, search } from './search.ts';
import { createShownRows } from './shown-rows.ts';
import { type FlatVersions, flatten, type KeptVersion } from './stored.ts';

export type ReadRequest =
  | {
      readonly kind: 'search';
      readonly query: SearchQuery;
      readonly page: SearchPageRequest;
      /** If not those of any search of this thread. */
      readonly bounds?: SearchBounds;
    }
  | { readonly kind: 'explain'; readonly query: SearchQuery; readonly page: SearchPageRequest }
  /** The next page of a scan; the first one opens it. */
  | { readonly kind: 'scan'; readonly scan: number; readonly types: readonly string[] | undefined }
  /** The caller wants no more of a scan. */
  | { readonly kind: 'leave'; readonly scan: number }
  /** A step of what is read before anybody asks. */
  | { readonly kind: 'ahead' };

export type SearchBounds = Pick<SearchOptions, 'budget' | 'cpuMsMax'>;

export interface Searched {
  readonly page: KeptPage;
  readonly trace: Readonly<SearchAccount>;
}

export type ReadResult =
  | (Omit<Searched, 'page'> & {
      readonly kind: 'search';
      readonly page: Omit<KeptPage, 'rows'> & { readonly rows: FlatVersions };
    })
  /** It looked at as much as it may here. */
  | { readonly kind: 'spent' }
  | { readonly kind: 'explain'; readonly explanation: Explanation }
  /** Undefined after the last page. */
  | { readonly kind: 'scan'; readonly rows: FlatVersions | undefined }
  | { readonly kind: 'leave' }
  | { readonly kind: 'ahead'; readonly left: Ahead };

/** Carries out reads on a connection. */
export function createReads(
  connection: Connection,
  searching: SearchOptions,
  shownBytesMax: number,
): (request: ReadRequest) => ReadResult {
  const options = { ...searching, shown: createShownRows(shownBytesMax) };
  const readAhead = createReferencesAhead(connection, options.limits);
  const scans = new Map<number, Iterator<readonly KeptVersion[]>>();
  return (request) => {
    switch (request.kind) {
      case 'search': {
        try {
          const bounded = { ...options, ...request.bounds };
          const { page, trace } = tracedSearch(connection, request.query, request.page, bounded);
          return { kind: 'search', page: { ...page, rows: flatten(page.rows) }, trace };
        } catch (error) {
          if (error instanceof BudgetSpent) return { kind: 'spent' };
          throw error;
        }
      }
      case 'explain': {
        const { query, page } = request;
        const explanation = explainSearch(connection, query, page, options);
        return { kind: 'explain', explanation };
      }
      case 'scan': {
        const scan = scans.get(request.scan) ?? scanPages(connection, request.types)[Symbol.iterator]();
        scans.set(request.scan, scan);
        const next = scan.next();
        if (next.done !== true) return { kind: 'scan', rows: flatten(next.value) };
        scans.delete(request.scan);
        return { kind: 'scan', rows: undefined };
      }
      case 'leave':
        scans.delete(request.scan);
        return { kind: 'leave' };
      case 'ahead':
        return { kind: 'ahead', left: readAhead() };
      default:
        return assertNever(request);
    }
  };
}

/** A search with an account of what it did. */
export function tracedSearch(
  connection: Connection,
  query: SearchQuery,
  page: SearchPageRequest,
  options: SearchOptions,
): Searched {
  const trace: SearchAccount = { examined: 0, snapshot: 0 };
  const found = readTransaction(connection, () => search(connection, query, page, options, trace));
  return { page: found, trace };
}
