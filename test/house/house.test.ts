/** The house rules of ARCHITECTURE.md that a machine can check: arrows between layers, cycles, dead files. */
import { join } from 'node:path';
import t from 'tap';
import { findCycles, findUnreachable, findUnusedExports, readImports } from './imports.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const graph = readImports(ROOT, ['src', 'scripts', 'conformance']);

/** Lower numbers know nothing of higher ones; rooms of the same number do not know each other. */
const LAYERS: Readonly<Record<string, number>> = {
  fhir: 0,
  seed: 1,
  definitions: 1,
  fhirpath: 2,
  terminology: 3,
  search: 4,
  validation: 4,
  storage: 5,
  interactions: 6,
  access: 7,
  subscriptions: 7,
  bulk: 7,
  operations: 8,
  http: 9,
  web: 9,
  commands: 10,
  'app.ts': 10,
  'config.ts': 0,
  'main.ts': 11,
};

function roomOf(file: string): string {
  return file.split('/')[1] as string;
}

function layerOf(file: string): number {
  return LAYERS[roomOf(file)] ?? Number.NaN;
}

t.test('every file of src is in a known room', async (t) => {
  const unknown = [...graph.keys()].filter((file) => file.startsWith('src/') && Number.isNaN(layerOf(file)));
  t.same(unknown, []);
});

t.test('imports only point to lower layers or into the same room', async (t) => {
  const wrong: string[] = [];
  for (const [file, specifiers] of graph) {
    if (!file.startsWith('src/')) continue;
    for (const target of specifiers) {
      if (!target.startsWith('src/') || roomOf(target) === roomOf(file)) continue;
      if (!(layerOf(target) < layerOf(file))) wrong.push(`${file} -> ${target}`);
    }
  }
  t.same(wrong, []);
});

t.test('one engine never sees the other, and only composition roots see the engines', async (t) => {
  const wrong: string[] = [];
  for (const [file, specifiers] of graph) {
    for (const target of specifiers) {
      const engine = /^src\/storage\/(sqlite|mongodb)\//.exec(target)?.[1];
      if (engine === undefined || file.startsWith(`src/storage/${engine}/`)) continue;
      if (!/^(src\/(app|main)\.ts|src\/commands\/|scripts\/)/.test(file)) wrong.push(`${file} -> ${target}`);
    }
  }
  t.same(wrong, []);
});

t.test(
  'only the http room knows Fastify, and only app, commands and main know the configuration',
  async (t) => {
    const wrong: string[] = [];
    for (const [file, specifiers] of graph) {
      if (!file.startsWith('src/')) continue;
      for (const target of specifiers) {
        if (/^@?fastify/.test(target) && roomOf(file) !== 'http') wrong.push(`${file} -> ${target}`);
        const composition = ['app.ts', 'main.ts', 'commands', 'config.ts'].includes(roomOf(file));
        if (target === 'src/config.ts' && !composition) wrong.push(`${file} -> ${target}`);
      }
    }
    t.same(wrong, []);
  },
);

t.test('the conformance suite imports nothing of the server', async (t) => {
  const wrong = [...graph].filter(
    ([file, specifiers]) =>
      file.startsWith('conformance/') && specifiers.some((target) => target.startsWith('src/')),
  );
  t.same(wrong, []);
});

t.test('no import cycles', async (t) => {
  t.same(findCycles(graph), []);
});

t.test('no file of src is dead: the command line leads to every one', async (t) => {
  t.same(findUnreachable(graph, ['src/main.ts']), []);
});

t.test('nothing is exported from src that only tests use, or nobody', async (t) => {
  t.same(findUnusedExports(ROOT, ['src', 'scripts', 'conformance']), []);
});

t.test('the checks themselves find a cycle and a dead file', async (t) => {
  const sample = new Map([
    ['src/main.ts', ['src/a.ts']],
    ['src/a.ts', ['src/b.ts']],
    ['src/b.ts', ['src/a.ts']],
    ['src/dead.ts', []],
  ]);
  t.same(findCycles(sample), [['src/a.ts', 'src/b.ts', 'src/a.ts']]);
  t.same(findUnreachable(sample, ['src/main.ts']), ['src/dead.ts']);
});
