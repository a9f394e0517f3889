/**
 * The numbers that plans are chosen by. They are the same for every size of the data; tests set them low to
 * see every plan on a few resources.
 */

export interface PlanLimits {
  /** Index rows that are counted to compare conditions; what has more is called long. */
  readonly countedMax: number;
  /** Candidates that are collected and put in order, rather than read in order. */
  readonly collectedMax: number;
  /** Matches that are read and put in order where no index is in the order, rather than everything of their types. */
  readonly gatheredMax: number;
  /** Resources for each value that an order of everything of some types remembers. */
  readonly sampledEvery: number;
  /** Index rows of lists that are read in order without a thought, and candidates that are always collected. */
  readonly fewRows: number;
  /** Index rows that are read in order before candidates are counted, or what matches is found out as a set. */
  readonly triedFirst: number;
  /** Index rows that a page in natural order has to take, about, for it to be worth while to find out all that match. */
  readonly narrowedFrom: number;
  /** Lists that are merged in order. */
  readonly listsMax: number;
  /** Of these, as many as one statement unites: each further one adds to every row of it. */
  readonly unitedMax: number;
  /** Lists of numbers by size that are looked into for those that come first, of whatever units. */
  readonly sizesMax: number;
  /** The same of equal strings, of which there are more than of codes. */
  readonly textListsMax: number;
  /** Lists that are merged in order where a parameter is missing or has other values. */
  readonly shapesMax: number;
  /** Resources with equal first values that are put in order by the other keys together, at most. */
  readonly groupMax: number;
  /** Index rows that are read at once, at first (unless a page has more) and at most. */
  readonly chunkMin: number;
  readonly chunkMax: number;
  /** Rows of the shortest list of an AND that are looked up in the others for a total, rather than joined as sets. */
  readonly probedMax: number;
  /** Targets of a chain that are looked up one by one, where the columns of the parameter are not needed. */
  readonly targetsMax: number;
  /** Index rows that one statement reads into a set: some 150 ms, and 16 MB of text. */
  readonly stretchMax: number;
  /** Memory of the sets that a connection keeps for totals, the least used going first. */
  readonly keptSetsBytesMax: number;
  /** Rows from which on a set is kept. */
  readonly keptRowsMin: number;
  /** Versions that a set follows; after more it is read anew. */
  readonly followedMax: number;
  /** Sources whose references changed since they were listed; with more the lists are written anew. */
  readonly changedMax: number;
  /** Index rows of references that one statement reads: some 20 ms. */
  readonly referencesAtOnce: number;
  /** Rows from which on the references of a parameter are read before anybody asks, and what they may take in all. */
  readonly aheadRowsMin: number;
  readonly aheadBytesMax: number;
  /** What the sets may take that are read before anybody asks. */
  readonly aheadSetsBytesMax: number;
  /** Index rows that an estimate of a total looks at. */
  readonly sampled: number;
}

export const PLAN_LIMITS: PlanLimits = {
  countedMax: 3_000,
  collectedMax: 3_000,
  gatheredMax: 20_000,
  sampledEvery: 256,
  fewRows: 64,
  triedFirst: 128,
  narrowedFrom: 1_000,
  listsMax: 64,
  unitedMax: 10,
  sizesMax: 4_096,
  textListsMax: 128,
  shapesMax: 128,
  groupMax: 5_000,
  chunkMin: 32,
  chunkMax: 4_096,
  probedMax: 8_000,
  targetsMax: 2_000,
  stretchMax: 2_000_000,
  keptSetsBytesMax: 32 * 1024 * 1024,
  keptRowsMin: 4_000,
  followedMax: 4_000,
  changedMax: 4_000,
  referencesAtOnce: 128 * 1024,
  aheadRowsMin: 100_000,
  aheadBytesMax: 16 * 1024 * 1024,
  aheadSetsBytesMax: 6 * 1024 * 1024,
  sampled: 400,
};
