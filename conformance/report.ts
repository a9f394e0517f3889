/** The scoreboard: a row an area, then every case that differed, with the sentence it breaks. */
import type { Strength } from './case.ts';
import type { Verdict } from './run.ts';

const STRENGTHS: readonly Strength[] = ['SHALL', 'SHOULD', 'MAY'];

export function scoreboard(verdicts: readonly Verdict[]): string {
  const areas = [...new Set(verdicts.map((one) => one.case.area))];
  const rows = areas.map((area) =>
    row(
      area,
      verdicts.filter((one) => one.case.area === area),
    ),
  );
  rows.push(row('total', verdicts));
  const header = ['area', ...STRENGTHS, 'ms'];
  const widths = header.map((name, i) =>
    Math.max(name.length, ...rows.map((cells) => (cells[i] as string).length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number)))
      .join('  ');
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(header), rule, ...rows.slice(0, -1).map(line), rule, line(rows.at(-1) as string[])].join('\n');
}

function row(area: string, verdicts: readonly Verdict[]): string[] {
  const cells = STRENGTHS.map((strength) => {
    const some = verdicts.filter((one) => one.case.strength === strength);
    return some.length === 0 ? '-' : `${some.filter((one) => one.passed).length}/${some.length}`;
  });
  const durationMs = verdicts.reduce((sum, one) => sum + one.durationMs, 0);
  return [area, ...cells, durationMs.toFixed(0)];
}

export function differences(verdicts: readonly Verdict[]): string {
  return verdicts
    .filter((one) => !one.passed)
    .map(
      (one) => `${one.case.strength} ${one.case.id}: ${one.case.says}\n    ${one.case.cite}\n    ${one.why}`,
    )
    .join('\n');
}
