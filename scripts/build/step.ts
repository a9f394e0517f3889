/**
 * The shape of a build step and the runner that skips steps whose inputs have not changed. A step writes
 * into a folder of its own under `build/`; its files are moved into place only when all of them are there,
 * and two processes that build at the same time wait for one another.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { holdLock } from './lock.ts';

export interface StepContext {
  /** Folder of the repository, absolute. */
  readonly root: string;
  /** Empty folder to write into; its files end up in `build/<name>/`. */
  readonly out: string;
  /** Says what the step is doing; shown once the step has taken a second. */
  report(text: string): void;
}

export interface Step {
  /** Also the folder: `build/<name>/`. */
  readonly name: string;
  /** Files and folders (taken whole) relative to the root: data and code that decide the result. */
  readonly inputs: readonly string[];
  /** Files that must exist in `build/<name>/` afterwards. */
  readonly outputs: readonly string[];
  run(context: StepContext): Promise<void>;
}

export interface StepResult {
  readonly name: string;
  readonly status: 'current' | 'built';
  readonly durationMs: number;
}

const STAMP = '.stamp.json';
const SHOW_AFTER_MS = 1_000;

/** Runs the step unless its outputs are those of its present inputs. @throws when the step fails. */
export async function runStep(step: Step, root: string, show: (line: string) => void): Promise<StepResult> {
  const startedMs = performance.now();
  const result = (status: StepResult['status']): StepResult => ({
    name: step.name,
    status,
    durationMs: performance.now() - startedMs,
  });
  const folder = join(root, 'build', step.name);
  if (isCurrent(step, root, folder)) return result('current');
  const release = await holdLock(join(root, 'build', `.${step.name}.lock`), () =>
    show(`build ${step.name}: waiting for another build to finish it`),
  );
  try {
    if (isCurrent(step, root, folder)) return result('current');
    await build(step, root, folder, startedMs, show);
  } finally {
    release();
  }
  return result('built');
}

async function build(
  step: Step,
  root: string,
  folder: string,
  startedMs: number,
  show: (line: string) => void,
): Promise<void> {
  const out = mkdtempSync(join(root, 'build', `.${step.name}-`));
  let last = '';
  const timer = setTimeout(() => show(`build ${step.name}: ${last || 'working'}`), SHOW_AFTER_MS);
  const report = (text: string): void => {
    last = text;
    if (performance.now() - startedMs < SHOW_AFTER_MS) return;
    clearTimeout(timer);
    show(`build ${step.name}: ${text}`);
  };
  try {
    const stamp = takeStamp(step, root, undefined);
    await step.run({ root, out, report });
    for (const output of step.outputs) {
      if (!existsSync(join(out, output))) throw new Error(`step ${step.name} did not write ${output}`);
    }
    moveInto(out, folder);
    writeFileSync(join(folder, STAMP), JSON.stringify(stamp));
  } finally {
    clearTimeout(timer);
    rmSync(out, { recursive: true, force: true });
  }
}

/** Size and time spare reading a file whose hash is known, as git's index does. */
type Stamp = Record<string, { readonly size: number; readonly mtimeMs: number; readonly hash: string }>;

function isCurrent(step: Step, root: string, folder: string): boolean {
  const path = join(folder, STAMP);
  if (!existsSync(path) || step.outputs.some((output) => !existsSync(join(folder, output)))) return false;
  let old: Stamp;
  try {
    old = JSON.parse(readFileSync(path, 'utf8')) as Stamp;
  } catch {
    return false;
  }
  const now = takeStamp(step, root, old);
  const files = Object.keys(now);
  const same =
    files.length === Object.keys(old).length && files.every((file) => old[file]?.hash === now[file]?.hash);
  if (same && files.some((file) => old[file]?.mtimeMs !== now[file]?.mtimeMs)) {
    writeFileSync(`${path}.${process.pid}`, JSON.stringify(now));
    renameSync(`${path}.${process.pid}`, path);
  }
  return same;
}

function takeStamp(step: Step, root: string, known: Stamp | undefined): Stamp {
  const stamp: Stamp = {};
  for (const input of [...step.inputs].sort()) {
    for (const file of filesOf(root, input)) {
      const { size, mtimeMs } = statSync(join(root, file));
      const before = known?.[file];
      const hash =
        before !== undefined && before.size === size && before.mtimeMs === mtimeMs
          ? before.hash
          : createHash('sha256')
              .update(readFileSync(join(root, file)))
              .digest('base64url');
      stamp[file] = { size, mtimeMs, hash };
    }
  }
  return stamp;
}

function filesOf(root: string, input: string): readonly string[] {
  const path = join(root, input);
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [input];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(input, join(entry.parentPath, entry.name).slice(path.length + 1)))
    .sort();
}

/** Each file replaces its predecessor in one rename; files of an earlier build that are no more go last. */
function moveInto(out: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  rmSync(join(folder, STAMP), { force: true });
  const fresh = new Set<string>();
  for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const name = from.slice(out.length + 1);
    fresh.add(name);
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    renameSync(from, join(folder, name));
  }
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (!fresh.has(path.slice(folder.length + 1))) rmSync(path, { force: true });
  }
}
