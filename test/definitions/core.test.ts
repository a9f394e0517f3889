/** R4 itself: complete, and as HL7 published it. */
import t from 'tap';
import { loadBuiltDefinitions } from '../../src/definitions/built.ts';
import { compareVersions } from '../../src/definitions/entry.ts';
import { loadCoreDefinitions, withoutResource, withResource } from '../../src/definitions/registry.ts';
import { createTypeModel } from '../../src/definitions/types.ts';
import { CANONICAL_BASE } from '../../src/fhir/canonical.ts';

const core = loadCoreDefinitions();
const model = createTypeModel(core);

t.test('R4 is complete', async (t) => {
  const count = (type: string): number => core.entries(type).length;
  t.same(
    {
      types: core.resourceTypes.length,
      structures: count('StructureDefinition'),
      codeSystems: count('CodeSystem'),
      valueSets: count('ValueSet'),
      searchParameters: count('SearchParameter'),
      operations: core.operations.length,
      conceptMaps: count('ConceptMap'),
      compartments: core.compartments.map((one) => one.code),
    },
    {
      types: 146,
      structures: 653,
      codeSystems: 1062,
      valueSets: 1316,
      searchParameters: 1375,
      operations: 46,
      conceptMaps: 80,
      compartments: ['Device', 'Encounter', 'Patient', 'Practitioner', 'RelatedPerson'],
    },
  );
  const bare = core
    .entries('StructureDefinition')
    .filter((one) => !core.structure(one.url)?.snapshot?.element?.length)
    .map((one) => one.url);
  t.same(bare, [], 'each has a snapshot');
});

t.test('nothing of other vendors or later versions is in it', async (t) => {
  const foreign = ['StructureDefinition', 'SearchParameter', 'ValueSet', 'CodeSystem', 'OperationDefinition']
    .flatMap((type) => [...core.all(type)])
    .filter((one) => /medplum|"dom-r4b"|"sst-1"/i.test(JSON.stringify(one)))
    .map((one) => one.url);
  t.same(foreign, []);
  t.equal(core.structureOfType('SubscriptionStatus'), undefined);
  t.same(
    [...(model.type('Meta')?.elements.keys() ?? [])],
    ['id', 'extension', 'versionId', 'lastUpdated', 'source', 'profile', 'security', 'tag'],
  );
  t.same(model.type('AuditEvent.source')?.elements.get('observer')?.targets, [
    'PractitionerRole',
    'Practitioner',
    'Organization',
    'Device',
    'Patient',
    'RelatedPerson',
  ]);
  t.equal(model.type('ResearchStudy')?.elements.has('label'), false);
  const codes = core.searchParameters('DetectedIssue').map((one) => one.code);
  t.equal(codes.includes('status'), false);
});

t.test('a canonical is found with its version, without it the newest is', async (t) => {
  const url = 'http://example.org/ValueSet/v';
  const set = (version: string): { resourceType: string; url: string; version: string } => ({
    resourceType: 'ValueSet',
    url,
    version,
  });
  const first = withResource(core, set('1.10.0'));
  const both = withResource(first, set('1.9.0'));
  t.equal(both.valueSet(url)?.version, '1.10.0');
  t.equal(both.valueSet(`${url}|1.9.0`)?.version, '1.9.0');
  t.equal(both.valueSet(`${url}|1.9`)?.version, '1.9.0');
  t.equal(both.valueSet(`${url}|2`), undefined);
  t.equal(both.structure(url), undefined, 'another type of resource has this canonical');
  t.equal(core.valueSet(url), undefined, 'an older generation does not change');
  t.ok(both.generation > first.generation);
  const without = withoutResource(both, `${url}|1.10.0`);
  t.equal(without.valueSet(url)?.version, '1.9.0');
  t.equal(withoutResource(without, `${url}|9`), without);
  t.equal(core.structure('http://hl7.org/fhir/StructureDefinition/Patient|4.0.1#x')?.type, 'Patient');
});

t.test('versions are ordered as people expect', async (t) => {
  const ordered = [undefined, '2024-01', '2024-11', '0.9', '1.0.0-ballot', '1.0.0', '1.0.1', '1.9', '1.10'];
  for (let i = 0; i < ordered.length; i++) {
    for (let j = 0; j < ordered.length; j++) {
      t.equal(
        Math.sign(compareVersions(ordered[i], ordered[j])),
        Math.sign(i - j),
        `${ordered[i]} ${ordered[j]}`,
      );
    }
  }
});

t.test('search parameters of a type include those of its ancestors', async (t) => {
  const codes = (type: string): string[] => core.searchParameters(type).map((one) => one.code as string);
  t.ok(codes('Patient').includes('birthdate'));
  t.ok(codes('Patient').includes('_text'));
  t.ok(codes('Patient').includes('_id'));
  t.notOk(codes('Bundle').includes('_text'), 'a Bundle is not a DomainResource');
  t.ok(codes('Bundle').includes('_lastUpdated'));
});

t.test('the original keeps what the compact form leaves out', async (t) => {
  const original = core.original('http://hl7.org/fhir/StructureDefinition/Patient') as Record<
    string,
    unknown
  >;
  t.ok(original.text);
  t.ok(original.differential);
  t.notOk((core.structureOfType('Patient') as unknown as Record<string, unknown>).differential);
});

t.test('what is built opens as R4 and the IOM package, whole', async (t) => {
  const built = loadBuiltDefinitions();
  t.same(
    built.packages.map((one) => one.packageId),
    ['hl7.fhir.r4.core', 'iom.mhd'],
  );
  t.ok(built.structure(`${CANONICAL_BASE}/StructureDefinition/migrant-patient`)?.snapshot);
  const foreign = built
    .entries('StructureDefinition')
    .filter((one) => /\.meta\.(project|author|account|compartment)"/.test(JSON.stringify(one.load())))
    .map((one) => one.url);
  t.same(foreign, [], 'no snapshot was made from a changed Meta');
});
