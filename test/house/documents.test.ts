/** The tables of the documentation say what the code does. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readDocument, TABLES, withBlock } from '../../scripts/docs/tables.ts';

const ROOT = join(import.meta.dirname, '..', '..');

for (const { file, block, text } of TABLES) {
  t.test(`${file}: the table of ${block} is up to date (npm run docs)`, async (t) => {
    const document = readDocument(file);
    t.equal(document, withBlock(document, block, text()));
  });
}

t.test('docs/store.md names the calls of the store, each once and in their order', async (t) => {
  const contract = readFileSync(join(ROOT, 'src', 'storage', 'store.ts'), 'utf8');
  const members = contract.slice(contract.indexOf('export interface Store {'));
  const calls = [...members.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name);
  t.ok(calls.includes('transact'));
  const calledSo =
    readDocument('docs/store.md')
      .split('\n## ')
      .find((part) => part.startsWith('Calls')) ?? '';
  t.same(
    [...calledSo.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name),
    calls,
  );
  const promised = readDocument('docs/store.md').matchAll(/^\| `(\w+)\.[\w-]+` \|/gm);
  const subjects = new Set([...promised].map(([, subject]) => subject));
  t.same(
    calls.filter((name) => !subjects.has(name)),
    [],
    'each promises something',
  );
  const errors = [...contract.matchAll(/^export class (\w+)/gm)].map(([, name]) => name as string);
  for (const name of errors) t.match(readDocument('docs/store.md'), `| \`${name}\` |`);
});

/** `[call.word]`, one or more, at the end of what a case says. */
const NAMED = /((?: \[[\w]+\.[\w-]+\])+)['"`]/g;

t.test(
  'each promise of docs/store.md has cases on every engine that makes it, and no case names another',
  (t) => {
    const promised = [...readDocument('docs/store.md').matchAll(/^\| `(\w+)\.([\w-]+)` \| \S/gm)].map(
      ([, subject, word]) => ({ name: `${subject}.${word}`, subject: subject as string }),
    );
    t.ok(promised.length > 40);
    t.equal(new Set(promised.map(({ name }) => name)).size, promised.length, 'each once');
    const folder = join(ROOT, 'test');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    const named = files.flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(NAMED)].flatMap(([, names]) =>
        [...(names as string).matchAll(/\[(.*?)\]/g)].map(([, name]) => ({ name: name as string, file })),
      ),
    );
    const known = new Set(promised.map(({ name }) => name));
    t.same(
      named.filter(({ name }) => !known.has(name)),
      [],
      'each name of a case is a promise',
    );
    const isIn = (promise: string, start: string): boolean =>
      named.some(({ name, file }) => name === promise && file.startsWith(start));
    const without = promised.filter(({ name, subject }) =>
      subject === 'sqlite' || subject === 'mongodb'
        ? !isIn(name, '')
        : // what runs on both, or a case for each
          !isIn(name, 'storage/contract') && !(isIn(name, 'storage/sqlite') && isIn(name, 'storage/mongodb')),
    );
    t.same(
      without.map(({ name }) => name),
      [],
      'each promise has a case',
    );
    t.end();
  },
);

t.test('tests that tables of protections name are there', (t) => {
  const folder = join(ROOT, 'test');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const tests = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  for (const [document, least] of [
    ['docs/durability.md', 3],
    ['docs/mongodb.md', 9],
  ] as const) {
    const rows = readDocument(document).split('| Taken away |')[1]?.split('\n\n')[0] ?? '';
    const names = [...rows.matchAll(/`((?!npm )[a-z][^`]* [^`]*)`/g)].map(([, name]) => name as string);
    t.ok(names.length >= least, `${document}: ${names.length}`);
    t.same(
      names.filter((name) => !tests.includes(name)),
      [],
      document,
    );
  }
  t.end();
});

t.test('a document without its markers is an error', async (t) => {
  t.throws(() => withBlock('no markers', 'settings', ''), /no markers for settings/);
});
