/** Whatever a package holds, loading it answers; and what has been loaded can be used. */
import t from 'tap';
import type { DefinitionEntry } from '../../src/definitions/definitions.ts';
import { loadPackage } from '../../src/definitions/load-package.ts';
import { loadCoreDefinitions } from '../../src/definitions/registry.ts';
import { isError } from '../../src/fhir/issues.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createTerminology } from '../../src/terminology/create.ts';
import { expandValueSet } from '../../src/terminology/expand.ts';

const core = loadCoreDefinitions();
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

function createRandom(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

const JUNK = [null, 5, -1, '', 'x', '*', true, [], {}, [null], ['x'], [{}], { a: 1 }];

function mutate(value: unknown, random: (below: number) => number): void {
  if (typeof value !== 'object' || value === null) return;
  const part = value as Record<string, unknown>;
  const keys = Object.keys(part);
  if (keys.length === 0) return;
  const key = keys[random(keys.length)] as string;
  if (random(4) > 0 && typeof part[key] === 'object' && part[key] !== null) mutate(part[key], random);
  else if (random(3) === 0) delete part[key];
  else part[key] = structuredClone(JUNK[random(JUNK.length)]);
}

t.test(`broken definitions are refused or harmless (SEED=${seed})`, async (t) => {
  const random = createRandom(seed);
  const kinds: readonly (readonly DefinitionEntry[])[] = [
    core.entries('StructureDefinition').filter((one) => one.derivation === 'constraint'),
    core.entries('ValueSet'),
    core.entries('CodeSystem').filter((one) => one.content === 'complete'),
  ];
  let refused = 0;
  for (let i = 0; i < 300; i++) {
    const entries = kinds[i % kinds.length] as readonly DefinitionEntry[];
    const resource = structuredClone((entries[random(entries.length)] as DefinitionEntry).loadOriginal());
    const { resourceType } = resource;
    const url = `http://example.org/${i}`;
    resource.url = url;
    if (random(2) === 0) delete resource.snapshot;
    for (let changes = random(4); changes >= 0; changes--) mutate(resource, random);
    const file = { name: 'x.json', resource: { ...resource, resourceType, url } as Resource };
    const result = loadPackage(core, {
      id: 'x',
      version: '1',
      fhirVersions: [],
      dependencies: {},
      files: [file],
    });
    if (result.issues.some(isError)) {
      refused++;
      if (result.definitions !== core) t.fail(`half loaded: ${JSON.stringify(resource)}`);
      continue;
    }
    const terminology = createTerminology(result.definitions);
    terminology.valueSet(url)?.contains(undefined, 'x');
    terminology.closure(url, 'x', 'down');
    const entry = result.definitions.entry(url, 'ValueSet');
    if (entry !== undefined) expandValueSet(result.definitions, entry, { count: 3, filter: 'a' });
    if (resourceType === 'StructureDefinition' && !result.definitions.structure(url)?.snapshot?.element) {
      t.fail(`no snapshot: ${JSON.stringify(resource)}`);
    }
  }
  t.ok(refused > 50, `${refused} of 300 refused`);
});
