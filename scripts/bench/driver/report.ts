/** What the bench found, as Markdown and as a chart. */
import { cpus, loadavg, totalmem } from 'node:os';
import type { Outcome } from './load.ts';

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

export interface Report {
  /** Server and engine. */
  readonly name: string;
  readonly rows: readonly Row[];
  /** Further facts, such as the time to start. */
  readonly facts: readonly string[];
  readonly problems: readonly string[];
}

export interface Run {
  readonly seed: number;
  readonly patients: number;
  readonly seconds: number;
}

/** Work that others did on the machine when the run began, in processes that wanted a processor. */
const LOAD_BEFORE = loadavg()[0] ?? 0;

export function describeRun({ seed, patients, seconds }: Run): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} x ${model}, ${gibibytes} GiB, Node ${process.versions.node}; seed ${seed}, ${patients} patients, ${seconds} s a workload; load generator on the same machine; ${LOAD_BEFORE.toFixed(1)} other processes were busy when the run began.`;
}

export function toMarkdown(report: Report): string {
  const lines = [
    `### ${report.name}`,
    '',
    '| Workload | Rate | p50 ms | p99 ms | Errors | Of the baseline |',
    '|---|---:|---:|---:|---:|---:|',
    ...report.rows.map(toLine),
    '',
    ...report.facts.map((fact) => `- ${fact}`),
    ...report.problems.map((problem) => `- **Broken: ${problem}**`),
    '',
  ];
  return lines.join('\n');
}

function toLine({ workload, unit, perSecond, outcome, errors, baseline }: Row): string {
  const time = (ms: number | undefined): string => (ms === undefined ? '' : ms.toFixed(ms < 10 ? 1 : 0));
  const ratio = baseline === undefined ? '' : (perSecond / baseline).toFixed(3);
  return `| ${workload} | ${Math.round(perSecond).toLocaleString('en-US')} ${unit} | ${time(outcome?.p50)} | ${time(outcome?.p99)} | ${errors} | ${ratio} |`;
}

const BAR_HEIGHT = 18;
const LABEL_WIDTH = 220;
const BAR_WIDTH = 420;
const COLOURS = ['#0033a0', '#5b92e5', '#8a8d8f', '#d0a000'];

/** Horizontal bars: share of the baseline, which is 1. */
export function toSvg(reports: readonly Report[]): string {
  const names = [
    ...new Set(reports.flatMap(({ rows }) => rows.filter(hasRatio).map(({ workload }) => workload))),
  ];
  const groupHeight = reports.length * BAR_HEIGHT + 10;
  const top = 50;
  const height = top + names.length * groupHeight + 10;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LABEL_WIDTH + BAR_WIDTH + 110}" height="${height}" font-family="sans-serif" font-size="12">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    '<text x="10" y="18" font-size="14">Requests per second, as a share of bare node:http that echoes bodies of the same size</text>',
    ...reports.map(({ name }, index) => legend(name, index)),
  ];
  for (const [group, name] of names.entries()) {
    const y = top + group * groupHeight;
    parts.push(`<text x="${LABEL_WIDTH - 8}" y="${y + 13}" text-anchor="end">${escapeXml(name)}</text>`);
    for (const [index, { rows }] of reports.entries()) {
      const row = rows.find(({ workload }) => workload === name);
      if (row !== undefined && hasRatio(row)) parts.push(bar(row, y + index * BAR_HEIGHT, index));
    }
  }
  return `${parts.join('\n')}\n</svg>\n`;
}

function hasRatio({ baseline }: Row): boolean {
  return baseline !== undefined;
}

function legend(name: string, index: number): string {
  const x = 10 + index * 220;
  return `<rect x="${x}" y="27" width="12" height="12" fill="${COLOURS[index % COLOURS.length]}"/><text x="${x + 18}" y="37">${escapeXml(name)}</text>`;
}

function bar({ perSecond, baseline = 1, unit }: Row, y: number, index: number): string {
  const share = perSecond / baseline;
  const width = Math.max(1, Math.min(1, share) * BAR_WIDTH);
  const colour = COLOURS[index % COLOURS.length];
  return `<rect x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT - 4}" fill="${colour}"/><text x="${(LABEL_WIDTH + width + 6).toFixed(1)}" y="${y + 12}">${share.toFixed(2)} (${Math.round(perSecond)} ${unit})</text>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
