/** Reads the imports of a source tree as text: what the house rules are checked against. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*['"]([^'"]+)['"]|import\s*\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s*['"]([^'"]+)['"]|new URL\(\s*['"](\.[^'"]+\.ts)['"]/g;

/** file -> specifiers as written; both relative to the root. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

export function readImports(root: string, folders: readonly string[]): ImportGraph {
  const graph = new Map<string, string[]>();
  for (const folder of folders.filter((name) => existsSync(join(root, name)))) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
      const file = join(entry.parentPath, entry.name);
      graph.set(relative(root, file), specifiersOf(file, root));
    }
  }
  return graph;
}

function specifiersOf(file: string, root: string): string[] {
  const found: string[] = [];
  for (const match of readFileSync(file, 'utf8').matchAll(IMPORT)) {
    const specifier = (match[1] ?? match[2] ?? match[3] ?? match[4]) as string;
    found.push(specifier.startsWith('.') ? relative(root, resolve(dirname(file), specifier)) : specifier);
  }
  return found;
}

/** Cycles as lists of files, each found once. */
export function findCycles(graph: ImportGraph): string[][] {
  const state = new Map<string, 'open' | 'done'>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (file: string): void => {
    state.set(file, 'open');
    stack.push(file);
    for (const next of graph.get(file) ?? []) {
      if (!graph.has(next)) continue;
      if (state.get(next) === 'open') cycles.push([...stack.slice(stack.indexOf(next)), next]);
      else if (!state.has(next)) visit(next);
    }
    stack.pop();
    state.set(file, 'done');
  };
  for (const file of graph.keys()) if (!state.has(file)) visit(file);
  return cycles;
}

/** Files under `src/` that nothing reachable from the entries imports. */
export function findUnreachable(graph: ImportGraph, entries: readonly string[]): string[] {
  const seen = new Set<string>();
  const queue = [...entries];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    queue.push(...(graph.get(file) ?? []));
  }
  return [...graph.keys()].filter((file) => file.startsWith('src/') && !seen.has(file));
}

/** `file: name` of what a file exports and no file of the folders names, itself included. */
export function findUnusedExports(root: string, folders: readonly string[]): string[] {
  const texts = new Map(
    [...readImports(root, folders).keys()].map((file) => [file, readFileSync(join(root, file), 'utf8')]),
  );
  const uses = new Map<string, number>();
  for (const text of texts.values()) {
    for (const [word] of text.matchAll(/[A-Za-z_$][\w$]*/g)) uses.set(word, (uses.get(word) ?? 0) + 1);
  }
  return [...texts].flatMap(([file, text]) =>
    [...text.matchAll(/^export (?:async )?(?:function\*?|const|class|interface|type) ([\w$]+)/gm)]
      .filter(([, name = '']) => uses.get(name) === 1)
      .map(([, name]) => `${file}: ${name}`),
  );
}
