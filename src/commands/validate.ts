/**
 * `passerelle validate [--json] [--errors] [--profile URL]... [--package PATH]... PATH...`: resources in files
 * (JSON, XML), folders, NDJSON or standard input, checked as `$validate` would. Exit code 0 without errors, 1
 * with, 2 when something could not be read or nothing was checked.
 */
import { isUtf8 } from 'node:buffer';
import { createReadStream, type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text as readText } from 'node:stream/consumers';
import type { Definitions } from '../definitions/definitions.ts';
import type { TypeModel } from '../definitions/type-model.ts';
import { FhirError, type Issue, isError } from '../fhir/issues.ts';
import { parseJson } from '../fhir/json.ts';
import type { Resource } from '../fhir/types.ts';
import { readXml } from '../http/xml/read-xml.ts';
import { createGenerations } from '../interactions/generations.ts';
import type { Validator } from '../validation/validator.ts';
import { COMMANDS } from './help.ts';

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
  /** FHIR packages, .tgz files or folders, beside those that the settings name. */
  readonly packages: readonly string[];
  readonly isJson: boolean;
  readonly errorsOnly: boolean;
}

/** One resource to check, or what keeps it from being read; `name` says where it is from. */
type Source = { readonly name: string } & ({ readonly text: string } | { readonly fault: string });

/** `load` gives the definitions in force with further packages. @throws FhirError for a package with faults */
export async function runValidate(
  args: readonly string[],
  load: (packages: readonly string[]) => Promise<Definitions>,
  io: ValidateIo,
): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    io.print(USAGE);
    return 0;
  }
  const options = readOptions(args);
  if (typeof options === 'string') {
    io.progress(options);
    return 2;
  }
  const unread = options.paths.filter((path) => path !== '-' && !existsSync(path));
  if (unread.length > 0) {
    io.progress(`There is no file or folder ${unread.join(', ')}.`);
    return 2;
  }
  const definitions = await load(options.packages).catch((error: unknown) => {
    if (!(error instanceof FhirError)) throw error;
    for (const { text } of error.issues.filter(isError)) io.progress(text);
    return undefined;
  });
  if (definitions === undefined) return 2;
  const extraction = { base: '', timeZone: 'UTC', fullText: false };
  const { validator, model } = createGenerations(definitions, extraction).current();
  const totals = { checked: 0, wrong: 0, unread: 0 };
  let shownMs = performance.now();
  for await (const source of sourcesOf(options.paths, io.stdin)) {
    if ('fault' in source) {
      totals.unread++;
      io.progress(`${source.name} cannot be read: ${source.fault}`);
      continue;
    }
    const issues = await check(source.text, validator, model, options);
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
  if (totals.checked === 0 || totals.unread > 0) return 2;
  return totals.wrong === 0 ? 0 : 1;
}

const USAGE = COMMANDS.validate.usage;

function readOptions(args: readonly string[]): Options | string {
  const paths: string[] = [];
  const named: Record<string, string[]> = { '--profile': [], '--package': [] };
  const flags = new Set<string>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg in named) {
      const value = args[++i];
      if (value === undefined || value.startsWith('--')) return `${arg} needs a value.\n${USAGE}`;
      named[arg]?.push(value);
    } else if (arg === '--json' || arg === '--errors') flags.add(arg);
    else if (arg.startsWith('--')) return `Unknown option ${arg}.\n${USAGE}`;
    else paths.push(arg);
  }
  if (paths.length === 0) return `Name what to check.\n${USAGE}`;
  const { '--profile': profiles = [], '--package': packages = [] } = named;
  return { paths, profiles, packages, isJson: flags.has('--json'), errorsOnly: flags.has('--errors') };
}

/** Folders are walked; each line of NDJSON is a resource. @throws for a path that cannot be read */
async function* sourcesOf(paths: readonly string[], stdin: NodeJS.ReadableStream): AsyncIterable<Source> {
  for (const path of paths) {
    try {
      if (path === '-') yield* split('stdin', await readText(stdin));
      else if (statSync(path).isDirectory()) yield* sourcesOf(filesIn(path), stdin);
      else if (path.endsWith('.ndjson')) yield* linesOf(path);
      else yield await readSource(path);
    } catch (error) {
      // a file that is not there any more, or not for us: the others are checked all the same
      if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
      yield { name: path, fault: `${(error as NodeJS.ErrnoException).code}.` };
    }
  }
}

async function readSource(path: string): Promise<Source> {
  const bytes = await readFile(path);
  return isUtf8(bytes) ? { name: path, text: bytes.toString('utf8') } : { name: path, fault: 'not UTF-8.' };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(
      (entry) => entry.isDirectory() || (isReadable(entry) && /\.(?:json|ndjson|xml)$/.test(entry.name)),
    )
    .map((entry) => join(folder, entry.name))
    .sort();
}

/** A pipe or device would keep us waiting. */
function isReadable(entry: Dirent): boolean {
  return entry.isFile() || entry.isSymbolicLink();
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
  if (lines.length < 2 || !isJson(lines[0] as string)) yield { name, text };
  else for (const [i, line] of lines.entries()) yield { name: `${name}:${i + 1}`, text: line };
}

function isJson(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

async function check(
  content: string,
  validator: Validator,
  model: TypeModel,
  { profiles, errorsOnly }: Options,
): Promise<readonly Issue[]> {
  const text = content.replace(/^\uFEFF/, '');
  const limits = { depthMax: DEPTH_MAX };
  try {
    const asked = { profiles, errorsOnly, strict: true };
    if (/^\s*</.test(text)) return await validator.validateYielding(readXml(text, model, limits), asked);
    const resource = parseJson(text, limits) as Resource;
    return await validator.validateYielding(resource, { ...asked, text });
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
  const { length: errors } = issues.filter(isError);
  print(`${name}: ${isWrong ? `${errors} error${errors === 1 ? '' : 's'}` : 'valid'}`);
  for (const one of issues) {
    const place = one.line === undefined ? '' : ` (line ${one.line}, column ${one.column})`;
    print(`  ${one.severity} ${one.expression ?? ''}${place} ${one.constraint ?? one.key}: ${one.text}`);
  }
}
