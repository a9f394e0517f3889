/** The tables of the documentation say what the code does. */
import t from 'tap';
import { readDocument, TABLES, withBlock } from '../../scripts/docs/tables.ts';

for (const { file, block, text } of TABLES) {
  t.test(`${file}: the table of ${block} is up to date (npm run docs)`, async (t) => {
    const document = readDocument(file);
    t.equal(document, withBlock(document, block, text()));
  });
}

t.test('a document without its markers is an error', async (t) => {
  t.throws(() => withBlock('no markers', 'settings', ''), /no markers for settings/);
});
