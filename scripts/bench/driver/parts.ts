/**
 * What a run of the bench finds, part by part: each part stands on its own, is kept as JSON as soon as it is done, and
 * says on what machine and when it was found, so that a run can be resumed and a page made of several runs.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Outcome } from './load.ts';
import type { Machine, Memory } from './machine.ts';

export interface Row {
  readonly workload: string;
  /** `req/s`, or `resources/s` for import and validation. */
  readonly unit: string;
  readonly perSecond: number;
  readonly outcome?: Outcome;
  readonly errors: number;
  /** Of the baseline in the same run, in the same unit. */
  readonly baseline?: number;
}

/** All workloads on one server. */
export interface Report {
  readonly kind: 'workloads';
  /** Server and engine. */
  readonly name: string;
  readonly engine: 'sqlite' | 'mongodb' | 'foreign';
  readonly rows: readonly Row[];
  /** Promises that were broken. */
  readonly problems: readonly string[];
  readonly resources: number;
  /** Shapes of the 30 that found nothing in this data, so that a rate is not taken for more than it is. */
  readonly emptyShapes: readonly string[];
  /** Undefined for servers that were not started here. */
  readonly process?: {
    readonly readyEmptyMs: number;
    readonly readyOnDataMs: number;
    readonly memoryReady: Memory;
    readonly memoryAfter: Memory;
    /** On the disk, after the server has stopped; 0 on MongoDB. */
    readonly storedBytes: number;
    /** Of JSON text, in the mean. */
    readonly jsonBytes: number;
  };
}

/** Passerelle on SQLite and another server, measured one after the other in one run. */
export interface Beside {
  readonly kind: 'beside';
  readonly own: Report;
  readonly peer: Report;
}

export interface ValidationReport {
  readonly kind: 'validation';
  readonly name: string;
  readonly perSecond: number;
  readonly errors: number;
  /** Resources per second of JSON.parse of the same texts. */
  readonly parsesPerSecond: number;
}

/** One size of the ladder. */
export interface Rung {
  readonly kind: 'rung';
  readonly name: string;
  readonly engine: 'sqlite' | 'mongodb';
  readonly patients: number;
  readonly resources: number;
  readonly readyMs: number;
  readonly memory: Memory;
  readonly storedBytes: number;
  readonly jsonBytes: number;
  /** Straight into the store, when the data was made in this run. */
  readonly seedPerSecond?: number;
  /** Over HTTP in transactions, on top of the data; absent when the data was not to be changed. */
  readonly importPerSecond?: number;
  /** One user, one shape at a time. */
  readonly shapes: readonly {
    readonly name: string;
    readonly p50: number;
    readonly errors: number;
    /** Matches on a page, in the mean; absent where nothing is searched for, and in parts of earlier versions. */
    readonly rows?: number;
    /** The same search where a page has one row at most: what is left of growth is not the answer's. */
    readonly oneRowP50?: number;
  }[];
  /** 16 users: the 30 shapes at random, then each family. */
  readonly loads: readonly {
    readonly name: string;
    readonly p50: number;
    readonly p99: number;
    readonly perSecond: number;
    readonly errors: number;
  }[];
  /** Exact totals, one user. */
  readonly totals: readonly { readonly query: string; readonly hits: number; readonly p50: number }[];
}

export interface Options {
  readonly seed: number;
  readonly patients: number;
  readonly seconds: number;
}

export interface Part {
  readonly when: string;
  readonly machine: Machine;
  readonly options: Options;
  readonly result: Report | Beside | ValidationReport | Rung;
}

/** By name, such as `workloads/sqlite` and `ladder/sqlite/900`. */
export type Parts = Readonly<Record<string, Part>>;

/** Nothing when there is no such file yet. */
export function readParts(path: string): Parts {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Parts;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** Adds to what is there; a part of the same name is replaced. */
export function writeParts(path: string, parts: Parts): void {
  const all = { ...readParts(path), ...parts };
  const sorted = Object.fromEntries(
    Object.entries(all).sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })),
  );
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(sorted, shorten, 1)}\n`);
  renameSync(`${path}.new`, path);
}

/** Four digits say as much as seventeen. */
function shorten(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}

/** Whether a kept part answers the same question, so that it need not be measured again. */
export function isSame(kept: Part | undefined, machine: Machine, options: Options): kept is Part {
  if (kept === undefined || kept.machine.commit !== machine.commit) return false;
  return JSON.stringify(kept.options) === JSON.stringify(options);
}

export function partsOf<Kind extends Part['result']['kind']>(
  parts: Parts,
  kind: Kind,
): (Part & { readonly result: Extract<Part['result'], { kind: Kind }> })[] {
  return Object.values(parts).filter(({ result }) => result.kind === kind) as never;
}
