/** Terminology operations over HTTP: lookup, validate-code, subsumes, expand and translate. */
import t from 'tap';
import { CANONICAL_BASE } from '../../src/fhir/canonical.ts';
import { type Answer, startServer } from './start.ts';

const TB_CLASS = `${CANONICAL_BASE}/CodeSystem/tb-immigration-class`;
const GENDER = 'http://hl7.org/fhir/administrative-gender';
const GENDER_SET = 'http://hl7.org/fhir/ValueSet/administrative-gender';

/** Name -> value of the parameters that came back. */
function values(answer: Answer): Record<string, unknown> {
  const entries = (answer.body?.parameter ?? []) as Record<string, unknown>[];
  return Object.fromEntries(
    entries.map((one) => [one.name, Object.entries(one).find(([key]) => key.startsWith('value'))?.[1]]),
  );
}

t.test('terminology operations', async (t) => {
  const server = await startServer(t);
  const ask = (path: string) => server.ask(`GET ${path}`);

  t.test('$lookup tells what a code means, in the language asked for', async (t) => {
    const english = await ask(`CodeSystem/$lookup?system=${TB_CLASS}&code=B2`);
    t.equal(english.status, 200, english.text);
    t.equal(values(english).display, 'Class B2, infection');
    t.ok(english.body.parameter.some((one: { name: string }) => one.name === 'designation'));
    const french = await ask(`CodeSystem/$lookup?system=${TB_CLASS}&code=B2&displayLanguage=fr`);
    t.equal(values(french).display, 'Classe B2, infection');
    t.equal((await ask(`CodeSystem/$lookup?system=${TB_CLASS}&code=none-such`)).status, 404);
    t.equal((await ask('CodeSystem/$lookup?code=B2')).status, 400);
  });

  t.test('$validate-code says whether a code may be used', async (t) => {
    const yes = await ask(`ValueSet/$validate-code?url=${GENDER_SET}&system=${GENDER}&code=female`);
    t.equal(values(yes).result, true);
    const no = await ask(`ValueSet/$validate-code?url=${GENDER_SET}&system=${GENDER}&code=mann`);
    t.equal(values(no).result, false);
    t.type(values(no).message, 'string');
    const body = {
      resourceType: 'Parameters',
      parameter: [
        { name: 'url', valueUri: GENDER_SET },
        { name: 'codeableConcept', valueCodeableConcept: { coding: [{ system: GENDER, code: 'male' }] } },
      ],
    };
    t.equal(values(await server.ask('POST ValueSet/$validate-code', { body })).result, true);
    t.equal(values(await ask(`CodeSystem/$validate-code?url=${TB_CLASS}&code=A`)).result, true);
    t.equal((await ask('ValueSet/$validate-code?url=urn:none&code=x')).status, 404);
    t.equal((await ask('ValueSet/$validate-code?code=x')).status, 400);
  });

  t.test('$subsumes tells how two codes stand', async (t) => {
    const system = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
    const outcome = async (a: string, b: string) =>
      values(await ask(`CodeSystem/$subsumes?system=${system}&codeA=${a}&codeB=${b}`)).outcome;
    t.equal(await outcome('_ActEncounterCode', 'AMB'), 'subsumes');
    t.equal(await outcome('AMB', '_ActEncounterCode'), 'subsumed-by');
    t.equal(await outcome('AMB', 'AMB'), 'equivalent');
    t.equal(await outcome('AMB', 'EMER'), 'not-subsumed');
    t.ok((await ask(`CodeSystem/$subsumes?system=${system}&codeA=AMB&codeB=wibble`)).status >= 400);
  });

  t.test('$expand lists the codes of a value set, a page and a filter at a time', async (t) => {
    const codes = (answer: Answer): string[] =>
      (answer.body.expansion.contains ?? []).map((one: { code: string }) => one.code);
    const all = await ask(`ValueSet/$expand?url=${GENDER_SET}`);
    t.equal(all.status, 200, all.text);
    t.same(codes(all).sort(), ['female', 'male', 'other', 'unknown']);
    t.equal(all.body.expansion.total, 4);
    const page = await ask(`ValueSet/$expand?url=${GENDER_SET}&count=1&offset=1`);
    t.equal(codes(page).length, 1);
    t.equal(page.body.expansion.offset, 1);
    t.same(codes(await ask(`ValueSet/$expand?url=${GENDER_SET}&filter=fem`)), ['female']);
    t.same(codes(await ask('ValueSet/administrative-gender/$expand?filter=unk')), ['unknown']);
    t.equal((await ask('ValueSet/$expand?url=urn:none')).status, 404);
    t.equal((await ask('ValueSet/$expand')).status, 400);
    t.equal((await ask(`ValueSet/$expand?url=${GENDER_SET}&count=many`)).status, 400);
    const valid = await server.ask('POST ValueSet/$validate', { body: all.body });
    t.notOk(
      valid.body.issue.some((one: { severity: string }) => one.severity === 'error'),
      valid.text,
    );
  });

  t.test('$translate finds a code in another system', async (t) => {
    const maps = await ask(`ConceptMap?url:below=${CANONICAL_BASE}&_count=50`);
    type Group = { source: string; element: { code: string; target?: unknown }[] };
    const ours = maps.body.entry.map((one: { resource: unknown }) => one.resource) as {
      url: string;
      group?: Group[];
    }[];
    const map = ours.find((one) => one.group?.[0]?.element[0]?.target !== undefined) as {
      url: string;
      group: [Group];
    };
    const [group] = map.group;
    const [element] = group.element as [{ code: string }];
    const found = await ask(
      `ConceptMap/$translate?url=${map.url}&system=${group.source}&code=${element.code}`,
    );
    t.equal(found.status, 200, found.text);
    t.equal(values(found).result, true);
    t.equal(values(await ask(`ConceptMap/$translate?system=urn:none&code=x`)).result, false);
    t.equal((await ask('ConceptMap/$translate?code=x')).status, 400);
  });
});
