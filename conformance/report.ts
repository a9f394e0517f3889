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
  const header = ['area', ...STRENGTHS, 'left out', 'ms'];
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
    const some = tried(verdicts).filter((one) => one.case.strength === strength);
    return some.length === 0 ? '-' : `${some.filter((one) => one.passed).length}/${some.length}`;
  });
  const durationMs = verdicts.reduce((sum, one) => sum + one.durationMs, 0);
  return [area, ...cells, String(verdicts.length - tried(verdicts).length), durationMs.toFixed(0)];
}

function tried(verdicts: readonly Verdict[]): readonly Verdict[] {
  return verdicts.filter((one) => one.skipped === undefined);
}

/** Cases that were left out, by what the server does not state. */
export function omissions(verdicts: readonly Verdict[]): string {
  const byNeed = new Map<string, string[]>();
  for (const { skipped, case: one } of verdicts) {
    if (skipped !== undefined) byNeed.set(skipped, [...(byNeed.get(skipped) ?? []), one.id]);
  }
  return [...byNeed].map(([need, ids]) => `not stated: ${need} (${ids.join(', ')})`).join('\n');
}

/** https://github.com/testmoapp/junitxml */
export function toJUnit(verdicts: readonly Verdict[]): string {
  const failures = verdicts.filter((one) => !one.passed && one.skipped === undefined).length;
  const cases = verdicts.map(({ case: one, passed, skipped, why = '', durationMs }) => {
    const head = `<testcase classname="${escapeXml(one.area)}" name="${escapeXml(`${one.strength} ${one.id}`)}" time="${(durationMs / 1000).toFixed(3)}"`;
    if (skipped !== undefined) return `${head}><skipped message="${escapeXml(skipped)}"/></testcase>`;
    if (passed) return `${head}/>`;
    return `${head}><failure message="${escapeXml(one.says)}">${escapeXml(`${one.cite}\n${why}`)}</failure></testcase>`;
  });
  const sizes = `tests="${verdicts.length}" failures="${failures}" skipped="${verdicts.length - tried(verdicts).length}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="FHIR R4" ${sizes}>\n${cases.join('\n')}\n</testsuite>\n`;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML cannot carry
  return text.replace(/[&<>"\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (char) => ESCAPES[char] ?? '?');
}

export function differences(verdicts: readonly Verdict[]): string {
  return verdicts
    .filter((one) => !one.passed && one.skipped === undefined)
    .map(
      (one) => `${one.case.strength} ${one.case.id}: ${one.case.says}\n    ${one.case.cite}\n    ${one.why}`,
    )
    .join('\n');
}
