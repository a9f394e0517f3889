/**
 * `passerelle validate [--json] [--errors] [--profile URL]... PATH...`: resources in files, folders, NDJSON
 * or standard input, checked as `$validate` would. Exit code 0 without errors, 1 with, 2 when nothing was
 * checked.
 */
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text as readText } from 'node:stream/consumers';
import type { Definitions } from '../definitions/definitions.ts';
import { FhirError, type Issue, isError } from '../fhir/issues.ts';
import { parseJson } from '../fhir/json.ts';
import type { Resource } from '../fhir/types.ts';
import { createGenerations } from '../interactions/generations.ts';
import type { Validator } from '../validation/validator.ts';

const DEPTH_MAX = 100;
const PROGRESS_MS = 2_000;

export interface ValidateIo {
  readonly print: (line: string) => void;
  /** Progress of long runs; kept apart so that output can be piped. */
  readonly progress: (line: string) => void;
  readonly stdin: NodeJS.ReadableStream;
}

interface Options {
  readonly paths: readonly string[];
  readonly profiles: readonly string[];
  readonly isJson: boolean;
  readonly errorsOnly: boolean;
}

/** One resource to check; `name` says where it is from. */
interface Source {
  readonly name: string;
  readonly text: string;
}

export async function runValidate(
  args: readonly string[],
  definitions: Definitions,
  io: ValidateIo,
): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'string') {
    io.progress(options);
    return 2;
  }
  const extraction = { base: '', timeZone: 'UTC', fullText: false };
  const { validator } = createGenerations(definitions, extraction).current();
  const totals = { checked: 0, wrong: 0 };
  let shownMs = performance.now();
  for await (const source of sourcesOf(options.paths, io.stdin)) {
    const issues = await check(source, validator, options);
    const isWrong = issues.some(isError);
    totals.checked++;
    if (isWrong) totals.wrong++;
    if (options.isJson) io.print(JSON.stringify({ source: source.name, valid: !isWrong, issues }));
    else printIssues(source.name, issues, isWrong, io.print);
    if (performance.now() - shownMs < PROGRESS_MS) continue;
    shownMs = performance.now();
    io.progress(`${totals.checked} checked, ${totals.wrong} with errors`);
  }
  io.progress(`${totals.checked} checked, ${totals.wrong} with errors`);
  if (totals.checked === 0) return 2;
  return totals.wrong === 0 ? 0 : 1;
}

const USAGE =
  'passerelle validate [--json] [--errors] [--profile URL] PATH...: files, folders, .ndjson files, or - for standard input';

function readOptions(args: readonly string[]): Options | string {
  const paths: string[] = [];
  const profiles: string[] = [];
  const flags = new Set<string>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === '--profile') {
      const profile = args[++i];
      if (profile === undefined) return `--profile needs a canonical URL.\n${USAGE}`;
      profiles.push(profile);
    } else if (arg === '--json' || arg === '--errors') flags.add(arg);
    else if (arg.startsWith('--')) return `Unknown option ${arg}.\n${USAGE}`;
    else paths.push(arg);
  }
  if (paths.length === 0) return `Name what to check.\n${USAGE}`;
  return { paths, profiles, isJson: flags.has('--json'), errorsOnly: flags.has('--errors') };
}

/** Folders are walked; each line of NDJSON is a resource. @throws for a path that cannot be read */
async function* sourcesOf(paths: readonly string[], stdin: NodeJS.ReadableStream): AsyncIterable<Source> {
  for (const path of paths) {
    if (path === '-') yield* split('stdin', await readText(stdin));
    else if (statSync(path).isDirectory()) yield* sourcesOf(filesIn(path), stdin);
    else if (path.endsWith('.ndjson')) yield* linesOf(path);
    else yield { name: path, text: await readFile(path, 'utf8') };
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || /\.(?:json|ndjson)$/.test(entry.name))
    .map((entry) => join(folder, entry.name))
    .sort();
}

async function* linesOf(path: string): AsyncIterable<Source> {
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path, 'utf8') })) {
    line++;
    if (text.trim() !== '') yield { name: `${path}:${line}`, text };
  }
}

/** Standard input is one resource, or one a line. */
function* split(name: string, text: string): Iterable<Source> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const isNdjson =
    lines.length > 1 &&
    lines.every((line) => line.trimStart().startsWith('{') && line.trimEnd().endsWith('}'));
  if (!isNdjson) yield { name, text };
  else for (const [i, line] of lines.entries()) yield { name: `${name}:${i + 1}`, text: line };
}

async function check({ text }: Source, validator: Validator, options: Options): Promise<readonly Issue[]> {
  try {
    const resource = parseJson(text.replace(/^\uFEFF/, ''), { depthMax: DEPTH_MAX }) as Resource;
    const { profiles, errorsOnly } = options;
    return await validator.validateYielding(resource, { profiles, errorsOnly, strict: true, text });
  } catch (error) {
    if (error instanceof FhirError) return error.issues;
    throw error;
  }
}

function printIssues(
  name: string,
  issues: readonly Issue[],
  isWrong: boolean,
  print: (line: string) => void,
): void {
  print(`${name}: ${isWrong ? `${issues.filter(isError).length} errors` : 'valid'}`);
  for (const one of issues) {
    const place = one.line === undefined ? '' : ` (line ${one.line}, column ${one.column})`;
    print(`  ${one.severity} ${one.expression ?? ''}${place} ${one.constraint ?? one.key}: ${one.text}`);
  }
}
