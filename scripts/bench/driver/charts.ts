/** Two charts as SVG: shares of the baseline, and how latency grows with the data. */
import { rungsOf } from './goals.ts';
import { type Parts, partsOf, type Row, type Rung } from './parts.ts';

const BAR_HEIGHT = 18;
const LABEL_WIDTH = 220;
const BAR_WIDTH = 420;
const COLOURS = ['#0033a0', '#5b92e5', '#8a8d8f', '#d0a000', '#2e8b57', '#b5338a', '#c0504d', '#444444'];

/** Horizontal bars: share of the baseline, which is 1. */
export function shareChart(parts: Parts): string {
  const reports = partsOf(parts, 'workloads').map(({ result }) => result);
  const names = [
    ...new Set(reports.flatMap(({ rows }) => rows.filter(hasRatio).map(({ workload }) => workload))),
  ];
  const groupHeight = reports.length * BAR_HEIGHT + 10;
  const top = 50;
  const height = top + names.length * groupHeight + 10;
  const lines = [
    open(LABEL_WIDTH + BAR_WIDTH + 150, height),
    '<text x="10" y="18" font-size="14">Requests per second, as a share of bare node:http that echoes bodies of the same size</text>',
    ...reports.map(({ name }, index) => legend(name, 10 + index * 260, index)),
  ];
  for (const [group, name] of names.entries()) {
    const y = top + group * groupHeight;
    lines.push(`<text x="${LABEL_WIDTH - 8}" y="${y + 13}" text-anchor="end">${escapeXml(name)}</text>`);
    for (const [index, { rows }] of reports.entries()) {
      const row = rows.find(({ workload }) => workload === name);
      if (row !== undefined && hasRatio(row)) lines.push(bar(row, y + index * BAR_HEIGHT, index));
    }
  }
  return `${lines.join('\n')}\n</svg>\n`;
}

function hasRatio({ baseline }: Row): boolean {
  return baseline !== undefined;
}

function legend(name: string, x: number, index: number): string {
  return `<rect x="${x}" y="27" width="12" height="12" fill="${colour(index)}"/><text x="${x + 18}" y="37">${escapeXml(name)}</text>`;
}

function bar({ perSecond, baseline = 1, unit }: Row, y: number, index: number): string {
  const share = perSecond / baseline;
  const width = Math.max(1, Math.min(1, share) * BAR_WIDTH);
  return `<rect x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT - 4}" fill="${colour(index)}"/><text x="${(LABEL_WIDTH + width + 6).toFixed(1)}" y="${y + 12}">${share.toFixed(2)} (${Math.round(perSecond).toLocaleString('en-US')} ${unit})</text>`;
}

const PLOT = { left: 60, top: 60, width: 520, height: 300 } as const;

/** Lines: p50 of each family over the number of resources, both on logarithmic scales. */
export function ladderChart(parts: Parts): string {
  const ladders = (['sqlite', 'mongodb'] as const)
    .map((engine) => ({ engine, rungs: rungsOf(parts, engine) }))
    .filter(({ rungs }) => rungs.filter(({ loads }) => loads.length > 0).length > 1);
  const all = ladders.flatMap(({ rungs }) => rungs);
  const scale = scaleOf(all);
  const names = [...new Set(all.flatMap(({ loads }) => loads.map(({ name }) => name)))];
  const lines = [
    open(PLOT.left + PLOT.width + 230, PLOT.top + PLOT.height + 60),
    '<text x="10" y="18" font-size="14">p50 of searches (ms, 16 users) over the number of resources; both scales are logarithmic</text>',
    '<text x="10" y="38">unbroken: SQLite; dashed: MongoDB</text>',
    ...grid(scale, all),
    ...names.map(
      (name, index) =>
        `<rect x="${PLOT.left + PLOT.width + 20}" y="${PLOT.top + index * 20}" width="12" height="12" fill="${colour(index)}"/><text x="${PLOT.left + PLOT.width + 38}" y="${PLOT.top + 10 + index * 20}">${escapeXml(name)}</text>`,
    ),
  ];
  for (const { engine, rungs } of ladders) {
    for (const [index, name] of names.entries()) {
      const points = rungs.flatMap((rung) => {
        const load = rung.loads.find((one) => one.name === name);
        return load === undefined
          ? []
          : [`${scale.x(rung.resources).toFixed(1)},${scale.y(load.p50).toFixed(1)}`];
      });
      const dash = engine === 'mongodb' ? ' stroke-dasharray="5 4"' : '';
      lines.push(
        `<polyline points="${points.join(' ')}" fill="none" stroke="${colour(index)}" stroke-width="2"${dash}/>`,
      );
    }
  }
  return `${lines.join('\n')}\n</svg>\n`;
}

interface Scale {
  readonly x: (resources: number) => number;
  readonly y: (ms: number) => number;
  readonly topMs: number;
  readonly bottomMs: number;
}

function scaleOf(rungs: readonly Rung[]): Scale {
  const sizes = rungs.map(({ resources }) => resources);
  const times = rungs.flatMap(({ loads }) => loads.map(({ p50 }) => p50)).filter((ms) => ms > 0);
  const [small, large] = [Math.min(...sizes), Math.max(...sizes)];
  const bottomMs = 10 ** Math.floor(Math.log10(Math.min(...times, 1)));
  const topMs = 10 ** Math.ceil(Math.log10(Math.max(...times, 10)));
  const share = (value: number, lo: number, hi: number): number =>
    lo >= hi ? 0.5 : Math.log(Math.max(value, lo) / lo) / Math.log(hi / lo);
  return {
    x: (resources) => PLOT.left + share(resources, small, large) * PLOT.width,
    y: (ms) => PLOT.top + (1 - share(ms, bottomMs, topMs)) * PLOT.height,
    topMs,
    bottomMs,
  };
}

function grid(scale: Scale, rungs: readonly Rung[]): string[] {
  const lines: string[] = [];
  for (let ms = scale.bottomMs; ms <= scale.topMs * 1.001; ms *= 10) {
    const y = scale.y(ms).toFixed(1);
    lines.push(
      `<line x1="${PLOT.left}" y1="${y}" x2="${PLOT.left + PLOT.width}" y2="${y}" stroke="#ddd"/>`,
      `<text x="${PLOT.left - 6}" y="${y}" dy="4" text-anchor="end">${Number(ms.toPrecision(1))}</text>`,
    );
  }
  for (const resources of new Set(rungs.map((rung) => rung.resources))) {
    const x = scale.x(resources).toFixed(1);
    lines.push(
      `<line x1="${x}" y1="${PLOT.top}" x2="${x}" y2="${PLOT.top + PLOT.height}" stroke="#ddd"/>`,
      `<text x="${x}" y="${PLOT.top + PLOT.height + 20}" text-anchor="middle">${resources.toLocaleString('en-US')}</text>`,
    );
  }
  return lines;
}

function open(width: number, height: number): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="#fff"/>`;
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length] as string;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
