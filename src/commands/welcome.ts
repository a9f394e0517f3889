/** What the server prints once it listens: where, with what, and what to try next. */

import type { Definitions } from '../definitions/definitions.ts';
import type { Store } from '../storage/store.ts';

export interface Running {
  readonly store: Store;
  readonly context: { generation(): { readonly definitions: Definitions } };
}

export async function describeApp(
  app: Running,
  config: { readonly baseUrl: string; readonly insecureOpenNetwork: boolean },
  address: string,
  startMs: number,
): Promise<string> {
  const base = config.baseUrl === '' ? `${address}/fhir` : config.baseUrl;
  const { engine, location, resources } = await app.store.status();
  const lines = [
    `Passerelle serves FHIR R4 at ${base}`,
    `  store      ${engine}, ${location}, ${resources} resources`,
    `  packages   ${packagesOf(app.context.generation().definitions).join(', ')}`,
    `  ready in   ${(startMs / 1000).toFixed(1)} s`,
    '',
    'Try:',
    `  curl ${base}/metadata`,
    `  curl -X POST ${base}/Patient/\\$validate -H 'Content-Type: application/fhir+json' -d '{"resourceType":"Patient","gender":"femal"}'`,
    `  curl -X POST ${base}/Patient -H 'Content-Type: application/fhir+json' -d '{"resourceType":"Patient","name":[{"family":"Wah"}]}'`,
    `  curl '${base}/Patient?family=wah'`,
    "  npm run demo        plays a migrant's health assessment from end to end",
    '',
    'Settings: npx passerelle --help. Stop with Ctrl+C.',
  ];
  if (config.insecureOpenNetwork)
    lines.push('', 'WARNING: anyone who reaches this address can read and write everything.');
  return lines.join('\n');
}

function packagesOf(definitions: Definitions): string[] {
  const packages = new Map<string, string>();
  for (const type of ['StructureDefinition', 'ValueSet', 'CodeSystem', 'SearchParameter']) {
    for (const { source } of definitions.entries(type)) {
      if (source.packageId !== undefined) packages.set(source.packageId, source.packageVersion ?? '');
    }
  }
  return [...packages].map(([id, version]) => `${id} ${version}`.trim());
}
