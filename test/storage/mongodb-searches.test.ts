/**
 * The searches of the contract on MongoDB, told which index to use and choosing it itself: a server gets other filters
 * then. And texts that are too large for a document.
 */
import t from 'tap';
import { all, put, query } from './contract/build.ts';
import { runStoreContract } from './contract/suite.ts';
import { opener } from './mongodb-contract.ts';
import { mongoFor } from './mongodb-server.ts';

const server = await mongoFor(t);
if (server !== undefined) {
  await runStoreContract(t, 'mongodb, told', opener(server, {}, true), ['searches']);
  await runStoreContract(t, 'mongodb, choosing', opener(server, {}, false), ['searches']);
  await t.test('texts above what a document holds come back whole [mongodb.large]', async (t) => {
    const { store, destroy } = await opener(server, {})(Date.now);
    t.teardown(destroy);
    const marks = ['é'.repeat(2_200_000), 'x'.repeat(17_000_000)];
    await store.transact(marks.map((mark, index) => put('Binary', `large${index}`, { mark })));
    await store.transact([put('Binary', 'large0', { mark: 'small now' })]);
    const found = await Promise.all([
      store.readVersion('Binary', 'large0', '1'),
      store.readVersion('Binary', 'large0', '2'),
      store.read('Binary', 'large1'),
    ]);
    t.same(
      found.map((version) => (JSON.parse(version?.json ?? '{}') as { note?: string }).note?.length),
      [2_200_000, 'small now'.length, 17_000_000],
    );
    const page = await store.search(query('Binary', all()), { limit: 10, total: 'none' });
    t.same(
      page.rows.map(({ json }) => json.length > 17_000_000),
      [true, false],
    );
  });
}
