/** XML in and out: the mapping on thousands of real resources, and what XML may not do. */
import t from 'tap';
import { loadBuiltDefinitions } from '../../src/definitions/built.ts';
import { createTypeModel } from '../../src/definitions/types.ts';
import { FhirError } from '../../src/fhir/issues.ts';
import { parseJson, stringifyJson } from '../../src/fhir/json.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { readXml } from '../../src/http/xml/read-xml.ts';
import { writeXml } from '../../src/http/xml/write-xml.ts';
import { startServer } from './start.ts';

const definitions = loadBuiltDefinitions();
const model = createTypeModel(definitions);
const LIMITS = { depthMax: 60 };
const NS = 'xmlns="http://hl7.org/fhir"';

/** With keys in order, so that texts can be compared. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}

t.test('every definition of R4 and of the IOM package comes back equal', async (t) => {
  let count = 0;
  for (const type of [
    'StructureDefinition',
    'ValueSet',
    'CodeSystem',
    'SearchParameter',
    'OperationDefinition',
    'CompartmentDefinition',
  ]) {
    for (const [index, entry] of definitions.entries(type).entries()) {
      // every tenth is enough for one run; all of them pass
      if (index % 10 !== 0) continue;
      const resource = entry.loadOriginal();
      const back = readXml(writeXml(resource, model, index % 20 === 0), model, LIMITS);
      if (JSON.stringify(sorted(back)) !== JSON.stringify(sorted(resource))) t.fail(entry.url);
      count++;
    }
  }
  t.ok(count > 300, `${count} resources`);
});

t.test('values come back to the digit and the character', async (t) => {
  const json = JSON.stringify({
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      {
        fullUrl: 'urn:uuid:1',
        resource: {
          resourceType: 'Patient',
          id: 'a',
          text: {
            status: 'generated',
            div: '<div xmlns="http://www.w3.org/1999/xhtml"><p class="x">a &amp; b &lt; c<br/> &#160;</p></div>',
          },
          contained: [{ resourceType: 'Organization', id: 'o', name: 'x' }],
          extension: [
            {
              id: 'e',
              url: 'http://x.org/e',
              valueString: 'tab\there\nline "quote" <tag> & \u0e01 \ud83d\ude00',
            },
          ],
          name: [
            {
              id: 'n',
              given: ['A', null, 'C'],
              _given: [null, { extension: [{ url: 'http://x.org/e', valueBoolean: false }] }, { id: 'g' }],
            },
          ],
          _birthDate: { extension: [{ url: 'http://x.org/absent', valueCode: 'unknown' }] },
          active: true,
          multipleBirthInteger: 2,
        },
      },
      {
        resource: {
          resourceType: 'ExampleScenario',
          status: 'draft',
          instance: [{ resourceId: 'x', resourceType: 'Patient' }],
        },
      },
    ],
  }).replace('"valueBoolean":false', '"valueDecimal":1.50');
  const resource = parseJson(json, LIMITS) as Resource;
  const xml = writeXml(resource, model);
  t.match(xml, 'value="1.50"');
  const back = readXml(xml, model, LIMITS);
  t.strictSame(sorted(back), sorted(resource));
  t.match(stringifyJson(back), '1.50');
});

t.test('named entities of a narrative become numbers, which XML can carry', async (t) => {
  const div = '<div xmlns="http://www.w3.org/1999/xhtml">&nbsp;&eacute;&amp;&mdash;&wibble;</div>';
  const xml = writeXml({ resourceType: 'Basic', text: { status: 'generated', div } }, model);
  t.match(xml, '&#160;&#233;&amp;&#8212;&wibble;');
});

t.test('what is no FHIR XML is refused with a reason', async (t) => {
  const deep = `<Patient ${NS}>${'<extension url="x">'.repeat(100)}${'</extension>'.repeat(100)}</Patient>`;
  const cases: readonly (readonly [string, string])[] = [
    ['', 'malformed-xml'],
    ['<Patient', 'malformed-xml'],
    [`<Patient ${NS}><name></Patient>`, 'malformed-xml'],
    ['<Patient/>', 'malformed-xml'],
    ['<Patient xmlns="urn:other"/>', 'malformed-xml'],
    [`<Wibble ${NS}/>`, 'malformed-xml'],
    [`<Resource ${NS}/>`, 'malformed-xml'],
    [`<HumanName ${NS}/>`, 'malformed-xml'],
    [`<Patient ${NS}>text</Patient>`, 'malformed-xml'],
    [`<Patient ${NS}><wibble value="1"/></Patient>`, 'unknown-element'],
    [`<Patient ${NS}><gender wibble="1"/></Patient>`, 'unknown-element'],
    [`<Patient ${NS}><id value="1"><extension url="x"/></id><name value="x"/></Patient>`, 'unknown-element'],
    [`<Patient ${NS}><gender/></Patient>`, 'empty-element'],
    [`<Patient ${NS}><gender value="male"/><gender value="male"/></Patient>`, 'max-cardinality'],
    [
      `<Patient ${NS}><maritalStatus><text value="a"/></maritalStatus><maritalStatus><text value="a"/></maritalStatus></Patient>`,
      'max-cardinality',
    ],
    [`<Patient ${NS}><contained/></Patient>`, 'malformed-xml'],
    [`<Patient ${NS}><contained><Basic/><Basic/></contained></Patient>`, 'malformed-xml'],
    [`<Patient ${NS}><text><div>x</div></text></Patient>`, 'malformed-xml'],
    [`<!DOCTYPE x [<!ENTITY e "boom">]><Patient ${NS}><gender value="&e;"/></Patient>`, 'malformed-xml'],
    [`<Patient ${NS}><gender value="&undefined;"/></Patient>`, 'malformed-xml'],
    [`<Patient ${NS}/><Patient ${NS}/>`, 'malformed-xml'],
    [deep, 'too-deep'],
  ];
  for (const [text, key] of cases) {
    try {
      readXml(text, model, LIMITS);
      t.fail(`read: ${text.slice(0, 80)}`);
    } catch (error) {
      t.equal(error instanceof FhirError ? error.issues[0]?.key : String(error), key, text.slice(0, 80));
    }
  }
});

t.test('over HTTP: XML in, XML out, XML errors, a patch in XML', async (t) => {
  const { ask } = await startServer(t);
  const xml = { 'content-type': 'application/fhir+xml', accept: 'application/fhir+xml' };
  const created = await ask('POST Patient', {
    body: `<Patient ${NS}><active value="true"/></Patient>`,
    headers: xml,
  });
  t.equal(created.status, 201);
  t.match(created.headers['content-type'], /^application\/fhir\+xml/);
  const id = /<id value="([^"]+)"/.exec(created.text)?.[1];
  t.match((await ask(`GET Patient/${id}?_format=xml&_pretty=true`)).text, /\n {2}<active value="true"\/>\n/);
  t.match(
    (await ask('GET Patient/none', { headers: xml })).text,
    /<OperationOutcome xmlns=.*<code value="not-found"/,
  );
  t.match((await ask('POST Patient', { body: '<Patient', headers: xml })).text, /<OperationOutcome/);
  t.match((await ask('GET Patient?_format=application/xml')).text, /<Bundle xmlns=.*<resource><Patient>/);
  const patch = `<Parameters ${NS}><parameter><name value="operation"/><part><name value="type"/><valueCode value="replace"/></part><part><name value="path"/><valueString value="Patient.active"/></part><part><name value="value"/><valueBoolean value="false"/></part></parameter></Parameters>`;
  const patched = await ask(`PATCH Patient/${id}`, { body: patch, headers: xml });
  t.match(patched.text, '<active value="false"/>', patched.text.slice(0, 300));
  t.equal((await ask('GET metadata?_format=xml')).status, 200);
});
