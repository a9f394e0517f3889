/**
 * The bounds of one search on MongoDB. They trade memory against round trips and never change a result, but for
 * `countedMax`, which ends an estimate, `walkedMax` and `walkedMs`, which end a page early, `refusedMs`, and `changedMax`,
 * past which pages show the present.
 */

export interface MongoLimits {
  /** Resources on the far side of a chain up to which they are listed first, rather than asked for in batches. */
  readonly joinedMax: number;
  /** As far as the ways into the index are counted before one is chosen. */
  readonly surveyedMax: number;
  /** Matches up to which they are sorted here, rather than walked in order. */
  readonly sortedMax: number;
  /** Changes with which an order that is kept is looked at again, before it follows them; and with which it is made anew. */
  readonly followedMin: number;
  readonly followedMax: number;
  /** Resources of one stretch of a walk. */
  readonly stretchMax: number;
  /** Candidates that are checked together. */
  readonly batchMax: number;
  /** Matches up to which an estimated total is counted. */
  readonly countedMax: number;
  /** Resources that a total tells apart in memory; with more it takes longer. */
  readonly distinctMax: number;
  /** Matches up to which they are found out once and kept where little matches. */
  readonly fewMax: number;
  /** ms for which a page is tried as it comes, before it is looked for how little matches; 0 for never. */
  readonly triedMs: number;
  /** Entries of a list that are read together once that took too long. */
  readonly stepMax: number;
  /** Entries that a page looks at before it ends early, and the ms that it takes for them. */
  readonly walkedMax: number;
  readonly walkedMs: number;
  /** ms after which a page that cannot end early is refused. */
  readonly refusedMs: number;
  /** Resources that may change while somebody pages on for longer than the server keeps a moment. */
  readonly changedMax: number;
}

export const MONGO_LIMITS: MongoLimits = {
  joinedMax: 2_000,
  surveyedMax: 1_000,
  sortedMax: 5_000,
  followedMin: 1_000,
  followedMax: 20_000,
  stretchMax: 1_000,
  batchMax: 200,
  countedMax: 10_000,
  distinctMax: 500_000,
  fewMax: 10_000,
  triedMs: 1_000,
  stepMax: 20_000,
  walkedMax: 3_000_000,
  walkedMs: 10_000,
  refusedMs: 30_000,
  changedMax: 10_000,
};

/** Memory for orders that no list is in, some 40 bytes a resource and the texts that differ. */
export const ORDERS_BYTES_MAX = 128 * 2 ** 20;
