/** The tables of the documentation say what the code does. */
import { readFileSync } from 'node:fs';
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
  const errors = [...contract.matchAll(/^export class (\w+)/gm)].map(([, name]) => name as string);
  for (const name of errors) t.match(readDocument('docs/store.md'), `| \`${name}\` |`);
});

t.test('a document without its markers is an error', async (t) => {
  t.throws(() => withBlock('no markers', 'settings', ''), /no markers for settings/);
});
