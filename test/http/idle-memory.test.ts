/** Memory goes back to the system when the server is idle, and only then. */
import t from 'tap';
import { createIdleRound } from '../../src/http/idle-memory.ts';
import { handBackMemory } from '../../src/storage/hand-back.ts';

const MIB = 2 ** 20;

t.test('it is handed back once after a burst, when nothing was asked for five rounds', async (t) => {
  const state = { inFlight: 0, answered: 0, resident: 100 * MIB };
  let times = 0;
  const round = createIdleRound({
    inFlight: () => state.inFlight,
    answered: () => state.answered,
    residentBytes: () => state.resident,
    handBack: () => {
      times++;
      state.resident = 120 * MIB;
    },
  });
  const rounds = (count: number): number => {
    for (let index = 0; index < count; index++) round();
    return times;
  };
  t.equal(rounds(20), 0, 'nothing has grown');
  state.answered = 1000;
  state.resident = 400 * MIB;
  t.equal(rounds(5), 0, 'the first round saw requests');
  t.equal(rounds(1), 1);
  t.equal(rounds(60), 1, 'once');
  state.inFlight = 1;
  state.resident = 400 * MIB;
  t.equal(rounds(60), 1, 'not while something is asked');
  state.inFlight = 0;
  t.equal(rounds(4), 1);
  state.answered++;
  t.equal(rounds(5), 1, 'a request begins it anew');
  t.equal(rounds(1), 2);
  for (let probe = 0; probe < 10; probe++) {
    state.answered++;
    state.resident += 4 * MIB;
    rounds(10);
  }
  t.equal(times, 2, 'probes now and then, and a little more memory, are not worth a pause');
});

t.test('what a burst took is given back', async (t) => {
  let kept: object[] = [];
  for (let index = 0; index < 400_000; index++) kept.push({ index, text: `x${index}`, list: [index] });
  const before = process.memoryUsage.rss();
  kept = [];
  handBackMemory();
  const after = process.memoryUsage.rss();
  t.ok(after < before - 20 * MIB, `${Math.round(before / MIB)} to ${Math.round(after / MIB)} MiB`);
  t.equal(typeof (globalThis as { gc?: unknown }).gc, 'undefined', 'nothing is left in the way of others');
  t.same(kept, []);
});
