/** A FHIR package as the content of the guide: definitions, and examples with what the bad ones fail with. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { PACKAGE_LIMITS } from '../../src/definitions/package.ts';
import { readTar } from '../../src/definitions/tar.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { type Example, type Site, toSite } from './site.ts';

interface Expectation {
  readonly why: string;
  readonly expect: readonly {
    readonly key: string;
    readonly constraint?: string;
    readonly expression?: string;
  }[];
}

export function loadSite(packageFile: string): Site {
  const files = readTar(gunzipSync(readFileSync(packageFile)), PACKAGE_LIMITS);
  const read = (name: string): unknown => JSON.parse((files.get(name) as Buffer).toString('utf8'));
  const manifest = read('package/package.json') as { name: string; version: string; canonical?: string };
  const table = files.has('package/other/expectations.json')
    ? (read('package/other/expectations.json') as Record<string, Expectation>)
    : {};
  const resources: Resource[] = [];
  const examples: Example[] = [];
  for (const name of [...files.keys()].sort()) {
    const [, folder, file] =
      /^package\/(?:(example|other\/bad|other\/scenarios)\/)?([^/]+)\.json$/.exec(name) ?? [];
    if (file === undefined || file === 'package' || file === '.index') continue;
    const resource = read(name) as Resource;
    if (folder === undefined) resources.push(resource);
    else examples.push(toExample(folder, file, resource, table[`bad/${file}.json`]));
  }
  const base =
    manifest.canonical ??
    String(resources.find((one) => one.url !== undefined)?.url).replace(/\/[^/]+\/[^/]+$/, '');
  return toSite(resources, examples, { name: manifest.name, version: manifest.version, base });
}

function toExample(
  folder: string,
  file: string,
  resource: Resource,
  expectation: Expectation | undefined,
): Example {
  const fails = (expectation?.expect ?? []).map((one) => ({
    key: one.constraint ?? one.key,
    expression: one.expression,
  }));
  if (folder === 'example') return { name: file, resource, fails: [], group: 'good' };
  if (folder === 'other/scenarios')
    return { name: `scenario-${file}`, resource, fails: [], group: 'scenario' };
  return { name: `bad-${file}`, resource, fails, why: expectation?.why, group: 'bad' };
}
