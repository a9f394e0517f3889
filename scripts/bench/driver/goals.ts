/**
 * The goals, and whether what was measured meets them: computed, never written by hand. They hold for two cores that
 * the load generator shares, with validation on.
 */
import { type Part, type Parts, partsOf, type Report, type Rung } from './parts.ts';

/** Sizes of the ladder that the goals hold for, as a multiple of the smallest. */
const GOAL_TIMES = 64;

export interface Goal {
  readonly what: string;
  readonly target: string;
  /** Undefined while it was not measured. */
  readonly measured?: string;
  readonly isMet?: boolean;
}

interface Bound {
  readonly what: string;
  readonly target: string;
  readonly value: number | undefined;
  readonly isMet: (value: number) => boolean;
  readonly show: (value: number) => string;
}

export function goalsOf(parts: Parts): Goal[] {
  const reports = partsOf(parts, 'workloads').map(({ result }) => result);
  const sqlite = reports.find(({ engine }) => engine === 'sqlite');
  const mongodb = reports.find(({ engine }) => engine === 'mongodb');
  const validation = partsOf(parts, 'validation')[0]?.result;
  return [
    ...ofWorkloads(sqlite),
    atLeast('Import over HTTP, MongoDB test server', 1_500, 'resources/s', rate(mongodb, 'import')),
    atLeast('Validation alone, one core', 10_000, 'resources/s', validation?.perSecond),
    ...ofProcess(sqlite),
    ...ofLadder(goalRungsOf(rungsOf(parts, 'sqlite')), 'SQLite'),
    ...ofLadder(goalRungsOf(rungsOf(parts, 'mongodb')), 'MongoDB test server').slice(0, 1),
  ].map(toGoal);
}

export function rungsOf(parts: Parts, engine: Rung['engine']): readonly Rung[] {
  return partsOf(parts, 'rung')
    .map(({ result }) => result)
    .filter((rung) => rung.engine === engine)
    .sort((a, b) => a.patients - b.patients);
}

/** Up to 64 times the smallest, which the goals are set for; what is larger is told, and held against nothing. */
export function goalRungsOf(rungs: readonly Rung[]): readonly Rung[] {
  const [first] = rungs;
  return first === undefined ? [] : rungs.filter((rung) => times(first, rung) <= GOAL_TIMES);
}

function ofWorkloads(report: Report | undefined): Bound[] {
  const crud = report?.rows.find(({ workload }) => workload.startsWith('CRUD, 36'));
  const families = report?.rows.filter(({ workload }) => /^search, (?!30)/.test(workload)) ?? [];
  const errors = report?.rows.reduce((sum, row) => sum + row.errors, 0);
  return [
    atLeast('CRUD, iterations of 36 requests, 32 users', 3_400, 'req/s', crud?.perSecond),
    atMost('CRUD, p99', 100, 'ms', crud?.outcome?.p99),
    atLeast('Import over HTTP, validated', 6_000, 'resources/s', rate(report, 'import')),
    atLeast('30 search shapes, 16 users', 2_300, 'req/s', rate(report, 'search, 30')),
    atMost(
      'Slowest family of searches, p99',
      100,
      'ms',
      families.length === 0 ? undefined : Math.max(...families.map(({ outcome }) => outcome?.p99 ?? 0)),
    ),
    atLeast('Read, of bare node:http', 0.5, '', ratio(report, 'read')),
    atLeast('Validated, durable create, of bare node:http', 0.25, '', ratio(report, 'validated create')),
    atMost('Errors in all workloads', 0, '', errors),
  ];
}

function ofProcess(report: Report | undefined): Bound[] {
  const own = report?.process;
  const mebibytes = (bytes: number | undefined): number | undefined =>
    bytes === undefined ? undefined : bytes / 2 ** 20;
  return [
    atMost('Ready after its start, empty', 1_000, 'ms', own?.readyEmptyMs),
    atMost('Ready after its start, on the data', 1_000, 'ms', own?.readyOnDataMs),
    atMost('Resident when ready', 250, 'MiB', mebibytes(own?.memoryReady.residentBytes)),
    atMost('Resident after all workloads', 250, 'MiB', mebibytes(own?.memoryAfter.residentBytes)),
  ];
}

/** Totals of a million hits are only asked for where there are so many. */
const MANY_HITS = 1_000_000;

function ofLadder(rungs: readonly Rung[], name: string): Bound[] {
  const [first, last] = [rungs[0], rungs.at(-1)];
  const size = first === undefined || last === undefined ? '64x' : `${times(first, last)}x`;
  const isLadder = first !== undefined && last !== undefined && first !== last;
  const totals = last?.totals.filter(({ hits }) => hits >= MANY_HITS).map(({ p50 }) => p50) ?? [];
  const mix = (rung: Rung | undefined): number | undefined =>
    rung?.loads.find((load) => load.name.startsWith('search, 30'))?.p50;
  const slowest = (rung: Rung): number =>
    Math.max(...rung.loads.filter((load) => !load.name.startsWith('search, 30')).map(({ p99 }) => p99));
  const stored = last === undefined || last.storedBytes === 0 ? undefined : last.storedBytes / last.resources;
  return [
    atMost(
      `Import slows down over ${size} data, ${name}`,
      20,
      '%',
      isLadder && first.importPerSecond !== undefined && last.importPerSecond !== undefined
        ? Math.max(0, 100 * (1 - last.importPerSecond / first.importPerSecond))
        : undefined,
    ),
    atMost(
      `30 shapes, p50(${size}) / p50(1x)`,
      1.35,
      '',
      isLadder ? divide(mix(last), mix(first)) : undefined,
    ),
    atMost(
      `Slowest family at ${size}, p99, 16 users`,
      100,
      'ms',
      last === undefined || last.loads.length < 2 ? undefined : slowest(last),
    ),
    atMost(
      'Exact total of more than a million hits',
      200,
      'ms',
      totals.length === 0 ? undefined : Math.max(...totals),
    ),
    atMost('On disk per resource, with indexes', 2_048, 'bytes', stored),
  ];
}

/** How many times the resources of the smallest. */
export function times(first: Rung, one: Rung): number {
  return Math.round(one.patients / first.patients);
}

function rate(report: Report | undefined, start: string): number | undefined {
  return report?.rows.find(({ workload }) => workload.startsWith(start))?.perSecond;
}

function ratio(report: Report | undefined, name: string): number | undefined {
  const row = report?.rows.find(({ workload }) => workload === name);
  return divide(row?.perSecond, row?.baseline);
}

function divide(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined || b === 0 ? undefined : a / b;
}

function atLeast(what: string, least: number, unit: string, value: number | undefined): Bound {
  const target = `at least ${withUnit(least, unit)}`;
  return { what, target, value, isMet: (one) => one >= least, show: (one) => withUnit(one, unit) };
}

function atMost(what: string, most: number, unit: string, value: number | undefined): Bound {
  const target = most === 0 ? 'none' : `at most ${withUnit(most, unit)}`;
  return { what, target, value, isMet: (one) => one <= most, show: (one) => withUnit(one, unit) };
}

function withUnit(value: number, unit: string): string {
  const digits = value !== 0 && value < 10 && !Number.isInteger(value) ? 2 : 0;
  const text = value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return unit === '' ? text : `${text} ${unit}`;
}

function toGoal({ what, target, value, isMet, show }: Bound): Goal {
  return value === undefined
    ? { what, target }
    : { what, target, measured: show(value), isMet: isMet(value) };
}

/** What stands in the column of the verdict. */
export function verdictOf({ isMet }: Goal): string {
  if (isMet === undefined) return 'not measured';
  return isMet ? 'met' : '**missed**';
}

/** The dates and versions that parts are from. */
export function originsOf(parts: readonly Part[]): string {
  return [
    ...new Set(parts.map(({ when, machine }) => `${when.slice(0, 10)}, version ${machine.commit}`)),
  ].join('; ');
}
