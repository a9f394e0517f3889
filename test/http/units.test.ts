/** Quantities of UCUM are found in any unit of the same kind. */
import t from 'tap';
import { startServer } from './start.ts';

t.test('a search in another unit finds the same amount', async (t) => {
  const { ask } = await startServer(t);
  const observe = (id: string, value: number, code: string) =>
    ask(`PUT Observation/${id}`, {
      body: {
        resourceType: 'Observation',
        id,
        status: 'final',
        code: { text: 'measured' },
        valueQuantity: { value, unit: code, system: 'http://unitsofmeasure.org', code },
      },
    });
  for (const [id, value, code] of [
    ['kg', 70, 'kg'],
    ['lb', 100, '[lb_av]'],
    ['temp', 38.5, 'Cel'],
    ['count', 250, '10*6/L'],
  ] as const) {
    t.equal((await observe(id, value, code)).status, 201, id);
  }
  const cases: [string, string[]][] = [
    ['70000|http://unitsofmeasure.org|g', ['kg']],
    ['gt50000|http://unitsofmeasure.org|g', ['kg']],
    ['lt50|http://unitsofmeasure.org|kg', ['lb']],
    ['gt101|http://unitsofmeasure.org|[degF]', ['temp']],
    ['0.25|http://unitsofmeasure.org|10*3/uL', ['count']],
    ['gt1|http://unitsofmeasure.org|m', []],
  ];
  for (const [search, expected] of cases) {
    const { body } = await ask(`GET Observation?value-quantity=${encodeURIComponent(search)}`);
    const ids = (body.entry ?? []).map((one: { resource: { id: string } }) => one.resource.id);
    t.same(ids.sort(), expected, search);
  }
});
