/** Servers of one store with other search parameters each: they say so once, and leave each other in peace. */
import t, { type Test } from 'tap';
import { createIndexedFor } from '../../src/interactions/indexed-for.ts';
import { createReindexing, type Reindexing } from '../../src/interactions/reindexing.ts';
import type { IndexState } from '../../src/storage/store.ts';
import { startServer } from '../http/start.ts';

const MINUTE_MS = 60_000;

t.test(
  'servers with other search parameters index each at most once, and again when the other is gone',
  async (t) => {
    const { join, others, minutes, passes, supported } = await sharedStore(t);
    const one = await join('UTC');
    await one.catchUp();
    await one.idle();
    t.same(passes(), ['UTC'], 'the first indexes what is there');
    // dates without a time zone are other moments there
    const two = await join('Asia/Bangkok');
    others.count = 1;
    await two.catchUp();
    await two.idle();
    await minutes(3);
    const before = passes();
    t.ok(before.length <= 4, `${before}`);
    await minutes(10);
    t.same(passes(), before, 'then they are calm');
    for (const zone of ['UTC', 'Asia/Bangkok']) {
      t.notOk(supported(zone, 'birthdate'), `what differs is answered by none: ${zone}`);
      t.ok(supported(zone, 'family'), `what does not, by both: ${zone}`);
    }
    await two.objectToOthers('last');
    await two.stop();
    others.count = 0;
    await one.follow();
    await one.idle();
    t.same(passes().slice(before.length), ['UTC'], 'what the other has written is indexed');
    t.ok(supported('UTC', 'birthdate'));
  },
);

t.test('the objections of a server that was killed end by themselves', async (t) => {
  const { join, others, minutes, passes, supported } = await sharedStore(t);
  const [one, two] = [await join('UTC'), await join('Asia/Bangkok')];
  others.count = 1;
  for (const server of [one, two]) {
    await server.catchUp();
    await server.idle();
  }
  await minutes(5);
  const before = passes();
  t.notOk(supported('UTC', 'birthdate'));
  await two.stop();
  // a third with the parameters of the first is there, so that it is not alone
  await minutes(4, [one]);
  t.same(passes().slice(before.length), ['UTC']);
  t.ok(supported('UTC', 'birthdate'));
});

/** A store with a patient, a note of the index that servers share, and a clock that is set. */
async function sharedStore(t: Test) {
  const server = await startServer(t);
  await server.ask('PUT Patient/p', { body: { resourceType: 'Patient', id: 'p', birthDate: '1990-01-01' } });
  const { generation } = server.app.context;
  const { definitions } = generation();
  const noted: Record<string, string> = {};
  const others = { count: 0 };
  const begun: string[] = [];
  const indexed = new Map<string, ReturnType<typeof createIndexedFor>>();
  const servers: Reindexing[] = [];
  let now = 0;
  return {
    others,
    passes: () => [...begun],
    supported: (zone: string, code: string): boolean => {
      const parameters = new Map(
        generation()
          .parameters.of('Patient')
          .map((one) => [one.code, one]),
      );
      return indexed.get(zone)?.pendingOf(definitions, 'Patient', parameters).has(code) === false;
    },
    async join(zone: string): Promise<Reindexing> {
      const its = createIndexedFor({ timeZone: zone, fullText: true });
      its.load(Object.keys(noted).length === 0 ? undefined : { ...noted }, false);
      indexed.set(zone, its);
      const reindexing = createReindexing({
        store: server.app.store,
        generations: { current: generation, settle: () => undefined } as never,
        indexed: its,
        ledger: {
          read: async () => ({ ...noted }),
          note: async (state: IndexState) => void Object.assign(noted, state),
          others: async () => others.count > 0,
        },
        onFault: (error) => t.fail(String(error)),
        onPass: (event) => event === 'begun' && begun.push(zone),
        now: () => now,
        retryMs: 1,
      });
      servers.push(reindexing);
      t.teardown(() => reindexing.stop());
      return reindexing;
    },
    async minutes(count: number, running: readonly Reindexing[] = servers): Promise<void> {
      for (let minute = 0; minute < count; minute++) {
        now += MINUTE_MS;
        for (const one of running) await one.objectToOthers();
        for (const one of running) {
          await one.follow();
          await one.idle();
        }
      }
    },
  };
}
