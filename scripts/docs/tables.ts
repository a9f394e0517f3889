/** Tables of the documentation that come from the code: settings and errors. `npm run docs` writes them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsTable } from '../../src/config.ts';
import { ISSUES } from '../../src/fhir/issues.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** File -> name of the marked block -> its text. */
export const TABLES: readonly {
  readonly file: string;
  readonly block: string;
  readonly text: () => string;
}[] = [
  { file: 'README.md', block: 'settings', text: settingsTable },
  { file: 'docs/errors.md', block: 'errors', text: errorsTable },
];

function errorsTable(): string {
  const rows = Object.entries(ISSUES).map(([key, row]) => {
    return `| \`${key}\` | ${row.status} | ${row.severity} | ${row.code} | ${escapeCell(row.meaning)} |`;
  });
  return ['| Key | Status | Severity | Issue type | Meaning |', '|---|---|---|---|---|', ...rows].join('\n');
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
