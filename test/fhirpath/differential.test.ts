/** An engine of other authors gives the same results on a sample of R4's examples; the whole is a script. */
process.env.TZ = 'UTC';

import t from 'tap';
import { runDifferential } from '../../scripts/fhirpath/differential.ts';

t.test('fhirpath.js gives the same results for invariants and search expressions', async (t) => {
  const result = runDifferential({ every: 83, offset: 7, bytesMax: 50_000 });
  t.same(result.differences, [], 'no unexplained difference');
  t.ok(result.compared > 1_000, `${result.compared} results of ${result.files} files compared`);
  for (const message of result.refused.keys()) {
    t.match(
      message,
      /asynchronous function "resolve"|Invalid regular expression|Cannot convert/,
      'refusals are understood',
    );
  }
});
