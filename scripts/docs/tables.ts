/** Tables of the documentation that come from the code: settings and errors. `npm run docs` writes them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsTable } from '../../src/config.ts';
import { ISSUES } from '../../src/fhir/issues.ts';
import { parseDateRange } from '../../src/search/date-range.ts';
import { LIMIT_MEANINGS, SEARCH_LIMITS } from '../../src/search/limits.ts';
import { createTimeZone } from '../../src/search/time-zone.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** File -> name of the marked block -> its text. */
export const TABLES: readonly {
  readonly file: string;
  readonly block: string;
  readonly text: () => string;
}[] = [
  { file: 'README.md', block: 'settings', text: settingsTable },
  { file: 'docs/errors.md', block: 'errors', text: errorsTable },
  { file: 'docs/search.md', block: 'dates', text: datesTable },
  { file: 'docs/search.md', block: 'limits', text: limitsTable },
];

function errorsTable(): string {
  const rows = Object.entries(ISSUES).map(([key, row]) => {
    return `| \`${key}\` | ${row.status} | ${row.severity} | ${row.code} | ${escapeCell(row.meaning)} |`;
  });
  return ['| Key | Status | Severity | Issue type | Meaning |', '|---|---|---|---|---|', ...rows].join('\n');
}

/** Values whose meaning depends on the zone, or that people ask about. */
const DATES: readonly (readonly [value: string, zone: string])[] = [
  ['2024', 'UTC'],
  ['2024-02', 'UTC'],
  ['2024-02-29', 'UTC'],
  ['2024-02-29', 'Asia/Kathmandu'],
  ['2024-02-29', '-05:00'],
  ['2024-02-29T13:30', 'UTC'],
  ['2024-02-29T13:30:05', '+05:45'],
  ['2024-02-29T13:30:05Z', '+05:45'],
  ['2024-02-29T13:30:05.25+07:00', 'UTC'],
  ['2024-03-10', 'America/Havana'],
  ['2024-03-31', 'Europe/Berlin'],
  ['2024-03-31T02:30', 'Europe/Berlin'],
  ['2024-10-27T02:30', 'Europe/Berlin'],
];

function datesTable(): string {
  const rows = DATES.map(([value, zone]) => {
    const range = parseDateRange(value, createTimeZone(zone));
    const [from, to] = [range?.lo, range?.hi].map((ms) =>
      new Date(ms ?? 0).toISOString().replace('.000', ''),
    );
    return `| \`${value}\` | ${zone} | ${from} | ${to} |`;
  });
  return ['| Value | Zone of the server | From | Until before |', '|---|---|---|---|', ...rows].join('\n');
}

function limitsTable(): string {
  const rows = Object.entries(LIMIT_MEANINGS).map(([name, meaning]) => {
    return `| \`${name}\` | ${SEARCH_LIMITS[name as keyof typeof LIMIT_MEANINGS]} | ${meaning} |`;
  });
  return ['| Bound | Default | Counts |', '|---|---|---|', ...rows].join('\n');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** The document with the block between its two marker comments replaced. @throws when a marker is missing */
export function withBlock(document: string, block: string, text: string): string {
  const [start, end] = [`<!-- ${block}: written by npm run docs -->`, `<!-- /${block} -->`];
  const from = document.indexOf(start);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`no markers for ${block}`);
  return `${document.slice(0, from + start.length)}\n${text}\n${document.slice(to)}`;
}

export function readDocument(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

export function writeTables(): void {
  for (const { file, block, text } of TABLES) {
    writeFileSync(join(ROOT, file), withBlock(readDocument(file), block, text()));
  }
}
