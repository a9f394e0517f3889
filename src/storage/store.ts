/**
 * The storage contract, the same for every engine: versions, atomic writes with preconditions inside,
 * search over postings, history, and changes in commit order. Nothing engine-specific appears in a
 * signature. One contract suite (test/storage) runs on every engine.
 */
import type { ParamKey, Postings } from '../search/postings.ts';
import type { SearchQuery } from '../search/query.ts';

export interface ResourceKey {
  readonly type: string;
  readonly id: string;
}

/** A version as stored. `json` is the complete resource as UTF-8 JSON text, meta included. */
export interface StoredVersion extends ResourceKey {
  readonly versionId: string;
  /** ms since the epoch; equal to meta.lastUpdated in `json`. */
  readonly lastUpdated: number;
  /** The interaction that made it. */
  readonly method: 'POST' | 'PUT' | 'DELETE';
  /** True for the tombstone of a delete, which has no `json`. */
  readonly deleted: boolean;
  /** @throws FhirError `stored-damaged` when the version is `damaged` */
  readonly json: string;
  /**
   * The same as `json`, as fhir/wire-text.ts has it, where that is at hand; `json` is then made from it each time that it
   * is asked for.
   */
  readonly wire?: string;
  /** True when what is stored is not what was written: only its key and number are known. */
  readonly damaged?: boolean;
}

/**
 * Resource text around the two members that only the commit knows. The engine stores
 * `before + '"versionId":"3","lastUpdated":"2026-01-31T12:00:00.000Z"' + after`.
 */
export interface ResourceText {
  readonly before: string;
  readonly after: string;
}

/** What the current version must be for a write to happen: a version id, `absent`, or `any`. */
export type Expected = { readonly versionId: string } | 'absent' | 'any';

interface WriteTarget extends ResourceKey {
  /** What the current version must be. `absent` includes a tombstone: a deleted resource may be brought back. */
  readonly expected: Expected;
  /**
   * What `readEach` or a search for a write gave for it: an engine may spare itself reading it again. It does not
   * stand in for `expected`, and another version than the expected one is as good as none.
   */
  readonly current?: StoredVersion;
}

export type WriteCommand =
  | (WriteTarget & {
      readonly kind: 'put';
      /** POST for create, PUT for update and update-as-create: kept for history. */
      readonly method: 'POST' | 'PUT';
      readonly text: ResourceText;
      readonly postings: Postings;
    })
  | (WriteTarget & { readonly kind: 'delete' });

/**
 * A conditional criterion that was resolved outside and must still hold inside the transaction: the query
 * matches exactly these ids (none for a conditional create).
 */
export interface Precondition {
  readonly query: SearchQuery;
  readonly ids: readonly string[];
}

export interface WriteResult {
  readonly versionId: string;
  readonly lastUpdated: number;
  /** True when no live version was there before. */
  readonly created: boolean;
  /** False when a delete found nothing to delete. */
  readonly changed: boolean;
}

export interface CommitResult {
  /** In the order of the commands. */
  readonly results: readonly WriteResult[];
}

/** Thrown by `transact`; nothing was written. */
export class ConflictError extends Error {
  /** Index of the command, or of the precondition, that failed. */
  readonly index: number;
  readonly reason: 'expected' | 'precondition';

  constructor(reason: 'expected' | 'precondition', index: number) {
    super(`write conflict: ${reason} ${index}`);
    this.name = 'ConflictError';
    this.reason = reason;
    this.index = index;
  }
}

/** Thrown by any call while the engine cannot be reached or is shutting down; retrying later may help. */
export class StoreUnavailableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreUnavailableError';
  }
}

/** Thrown when a store is opened that cannot be used as it is; the message says what to change. */
export class StoreRefusedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreRefusedError';
  }
}

export interface SearchPageRequest {
  readonly limit: number;
  /** Opaque to everyone but the engine; comes from `SearchPage.next`. */
  readonly after?: string;
  readonly total: 'none' | 'estimate' | 'accurate';
  /** On behalf of a write, which may replace what is found. No later page is asked for, so there need not be one. */
  readonly forWrite?: boolean;
}

export interface SearchPage {
  readonly rows: readonly StoredVersion[];
  /** Present when there may be more. */
  readonly next?: string;
  readonly total?: { readonly value: number; readonly exact: boolean };
}

export type HistoryScope =
  | { readonly level: 'instance'; readonly type: string; readonly id: string }
  | { readonly level: 'type'; readonly type: string }
  | { readonly level: 'system' }
  /** All versions of some resources, or one version each where it is named; each resource at most once. */
  | { readonly level: 'listed'; readonly versions: readonly ListedVersions[] };

export interface ListedVersions extends ResourceKey {
  readonly versionId?: string;
}

export interface HistoryRequest {
  readonly limit: number;
  readonly after?: string;
  /** Inclusive, ms. */
  readonly since?: number;
  /** Versions that were current at some time within [lo, hi). */
  readonly at?: { readonly lo: number; readonly hi: number };
  /** Oldest first instead of newest first. */
  readonly ascending?: boolean;
}

export interface HistoryPage {
  readonly rows: readonly StoredVersion[];
  readonly next?: string;
  readonly total?: number;
}

/** A committed write, in commit order. */
export interface Change {
  /** Opaque, increasing position to resume after. */
  readonly cursor: string;
  readonly version: StoredVersion;
}

export interface ReindexEntry extends ResourceKey {
  readonly versionId: string;
  readonly postings: Postings;
}

/** Another meta for one version, in place: tags, profiles and security labels may change without a new version. */
export interface Amendment extends ResourceKey {
  readonly versionId: string;
  /** The text as it was read: when it is another by now, nothing happens. */
  readonly from: string;
  /** What takes its place, with the same versionId and lastUpdated. */
  readonly to: string;
  /** Of `to`; they are used when the version is the current one. */
  readonly postings: Postings;
}

/** A term in the clear. */
export interface NamedTerm {
  readonly system: string;
  readonly code: string;
}

export interface StoreStatus {
  readonly engine: string;
  /** Human-readable place of the data without credentials. */
  readonly location: string;
  readonly resources: number;
}

/** What resources of each type are indexed for, in the words of whoever notes it, and how far a pass is. */
export type IndexState = Readonly<Record<string, string>>;

/** Where it is noted what the resources are indexed for, so that a server that starts goes on from there. */
export interface IndexLedger {
  /** Undefined when nothing was ever noted. */
  read(): Promise<IndexState | undefined>;
  /** Types that are not named stay as they are. Resolves once it is durable. */
  note(state: IndexState): Promise<void>;
  /** Whether other servers use the store, or did a minute ago; absent where there is only one. */
  others?(): Promise<boolean>;
}

/** One statement or command of a search. */
export interface ExplainedStep {
  /** SQL, or a command as JSON. */
  readonly statement: string;
  /** How the database carries it out: indexes and bounds. */
  readonly plan: readonly string[];
  /** How often it was carried out. */
  readonly calls: number;
  /** What it gave. */
  readonly rows?: number;
  /** Index entries and rows that the database says it looked at. */
  readonly examined?: number;
  readonly ms?: number;
}

export interface Explanation {
  readonly engine: string;
  /** The engine's way to this search in a few words. */
  readonly how: string;
  /** Index rows and candidates that the engine looked at. */
  readonly examined?: number;
  /** Rows on the page. */
  readonly returned: number;
  readonly total?: SearchPage['total'];
  readonly steps: readonly ExplainedStep[];
  /** What else an engine tells, for its own tests. */
  readonly [more: string]: unknown;
}

/** Entries of the index, in words, of a resource; the type is empty where there is none. */
export interface IndexFault extends ResourceKey {
  readonly missing: readonly string[];
  readonly extra: readonly string[];
  /** True when what is stored is damaged, which nothing mends. */
  readonly isDamage?: boolean;
}

export interface Store {
  /** The current version, tombstones included. */
  read(type: string, id: string): Promise<StoredVersion | undefined>;
  readVersion(type: string, id: string, versionId: string): Promise<StoredVersion | undefined>;
  /** Live current versions in the order of the keys; missing and deleted ones are left out. */
  readMany(keys: readonly ResourceKey[]): Promise<readonly StoredVersion[]>;
  /** What `read` gives for each of the keys, in their order: for whoever replaces them, see `WriteCommand`. */
  readEach(keys: readonly ResourceKey[]): Promise<readonly (StoredVersion | undefined)[]>;
  /**
   * All commands or none. Resolves once the commit is durable.
   * @throws ConflictError when a precondition or an expected version does not hold
   */
  transact(commands: readonly WriteCommand[], preconditions?: readonly Precondition[]): Promise<CommitResult>;
  search(query: SearchQuery, page: SearchPageRequest): Promise<SearchPage>;
  history(scope: HistoryScope, request: HistoryRequest): Promise<HistoryPage>;
  /** Every live resource, optionally of some types, for export and re-indexing. */
  scan(types?: readonly string[]): AsyncIterable<StoredVersion>;
  /** Commits after the cursor (from the beginning without one), and new ones as they come until aborted. */
  changes(after: string | undefined, signal: AbortSignal): AsyncIterable<Change>;
  /** Replaces the postings of live versions that are still current; others are skipped. No new version. */
  reindex(entries: readonly ReindexEntry[]): Promise<void>;
  /** False when the text of the version is not `from`. No new version, and no change of the feed. */
  amend(amendment: Amendment): Promise<boolean>;
  /** At most `limit` terms in the clear that resources have or have had under any of the keys, without repeats. */
  listTerms(keys: readonly ParamKey[], limit: number): Promise<readonly NamedTerm[]>;
  /** The postings as indexed, for the compare command and for tests; undefined for missing resources. */
  readPostings(key: ResourceKey): Promise<Postings | undefined>;
  /**
   * Entries of the index that the stored postings call for and that are missing, or that belong to nothing, with those
   * that the engine adds of its own, numbers of resources too; `mend` puts them right. And what else is damaged of
   * what is stored, such as older versions. Nobody may write meanwhile.
   */
  checkIndex(mend: boolean): AsyncIterable<IndexFault>;
  /** Carries the search out and tells an administrator how. Holds what was searched for: not for logs. */
  explain(query: SearchQuery, page: SearchPageRequest): Promise<Explanation>;
  status(): Promise<StoreStatus>;
  readonly indexLedger: IndexLedger;
  close(): Promise<void>;
}
