/** Writes the browsable guide of a package: plain files that work from a folder, a server or a USB stick. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Page, STYLE, toDocument } from './html.ts';
import { codeSystemPage, examplePage, indexPage, profilePage, valueSetPage } from './pages.ts';
import { SCENARIOS } from './scenarios.ts';
import { scenarioBody } from './sequence.ts';
import type { Site } from './site.ts';

/** @returns the number of pages */
export function writeGuide(site: Site, packageFile: string, out: string): number {
  const scenarios = SCENARIOS.map(
    (one): Page => ({ path: `scenario/${one.id}.html`, title: one.title, body: scenarioBody(one) }),
  );
  const pages: readonly Page[] = [
    indexPage(site, scenarios),
    ...[...site.profiles, ...site.extensions].map((one) => profilePage(one, site)),
    ...site.valueSets.map((one) => valueSetPage(one, site)),
    ...site.codeSystems.map((one) => codeSystemPage(one, site)),
    ...site.examples.map((one) => examplePage(one, site)),
    ...scenarios,
  ];
  for (const page of pages) writeInto(out, page.path, toDocument(page, site));
  writeInto(out, 'guide.css', STYLE);
  for (const one of site.examples) writeInto(out, `example/${one.name}.json`, toJson(one.resource));
  const definitions = [...site.profiles, ...site.extensions, ...site.valueSets, ...site.codeSystems];
  for (const one of definitions) writeInto(out, `definition/${one.resourceType}-${one.id}.json`, toJson(one));
  cpSync(packageFile, join(out, 'iom.mhd.tgz'));
  return pages.length;
}

function writeInto(out: string, path: string, text: string): void {
  const file = join(out, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
