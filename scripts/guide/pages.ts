/** One page per profile, extension, value set, code system and example, and the index that leads to them. */
import { elementTable, link } from './elements.ts';
import { highlightJson } from './highlight.ts';
import { type Html, html, type Page } from './html.ts';
import type { CodeSystem, ElementDefinition, Example, Site, StructureDefinition, ValueSet } from './site.ts';

const UP = '../';

export function profilePage(profile: StructureDefinition, site: Site): Page {
  const differential = profile.differential?.element ?? [];
  const snapshot = profile.snapshot?.element ?? [];
  const examples = site.examples.filter(
    (one) => one.resource.meta?.profile?.includes(profile.url ?? '') === true,
  );
  return {
    path: `profile/${profile.id}.html`,
    title: profile.title ?? profile.name ?? '',
    body: html`<p>${profile.description}</p>
<dl><dt>Canonical</dt><dd><code>${profile.url}</code></dd>
<dt>Based on</dt><dd>${link(profile.baseDefinition ?? '', site, UP)}</dd>
<dt>Version</dt><dd>${profile.version} (${profile.status})</dd>
<dt>Definition</dt><dd><a href="${UP}definition/StructureDefinition-${profile.id}.json" download>JSON</a></dd></dl>
${contexts(profile)}
<h2>What it adds</h2>${elementTable(differential, site, UP)}
${invariants(snapshot)}
${examples.length > 0 && html`<h2>Examples</h2>${exampleList(examples, UP)}`}
<h2>All elements</h2><details><summary>${snapshot.length} elements, inherited ones included</summary>
${elementTable(snapshot, site, UP)}</details>`,
  };
}

function contexts(profile: StructureDefinition): Html | undefined {
  if (profile.type !== 'Extension') return undefined;
  return html`<p>Allowed on ${(profile.context ?? []).map((one) => html`<code>${one.expression}</code> `)}</p>`;
}

/** Rules that hold for everything in FHIR, and so explain nothing here. */
const GENERIC = /^(ele|ext|dom)-/;

/** The package's own rules first, then those of R4. */
function byOrigin(a: { key?: string }, b: { key?: string }): number {
  return Number(b.key?.startsWith('mhd-') ?? false) - Number(a.key?.startsWith('mhd-') ?? false);
}

function invariants(elements: readonly ElementDefinition[]): Html | undefined {
  const all = elements.flatMap((element) =>
    (element.constraint ?? [])
      .filter((one) => !GENERIC.test(one.key ?? ''))
      .map((one) => ({ ...one, path: element.path })),
  );
  // a rule of a type stands on every element of the type; it is explained once
  const own = [...new Map(all.map((one) => [one.key, one])).values()].sort(byOrigin);
  if (own.length === 0) return undefined;
  return html`<h2>Invariants</h2>${own.map(
    (
      one,
    ) => html`<h3 id="${one.key}"><code>${one.key}</code> <span class="badge ${one.severity}">${one.severity}</span></h3>
<p>${one.human} <span class="soft">(on ${one.path})</span></p><pre>${one.expression}</pre>`,
  )}`;
}

export function valueSetPage(valueSet: ValueSet, site: Site): Page {
  const includes = valueSet.compose?.include ?? [];
  return {
    path: `valueset/${valueSet.id}.html`,
    title: valueSet.title ?? valueSet.name ?? '',
    body: html`<p>${valueSet.description}</p>
<dl><dt>Canonical</dt><dd><code>${valueSet.url}</code></dd>
${valueSet.copyright !== undefined && html`<dt>Copyright</dt><dd>${valueSet.copyright}</dd>`}
<dt>Definition</dt><dd><a href="${UP}definition/ValueSet-${valueSet.id}.json" download>JSON</a></dd></dl>
${includes.map((include) => includeSection(include, site))}`,
  };
}

type Include = NonNullable<NonNullable<ValueSet['compose']>['include']>[number];

function includeSection(include: Include, site: Site): Html {
  const system = include.system ?? '';
  const source = site.codeSystems.find((one) => one.url === system);
  const display = new Map((source?.concept ?? []).map((one) => [one.code, one.display]));
  const listed = include.concept?.map((one) => ({
    code: one.code,
    display: one.display ?? display.get(one.code),
  }));
  const codes = listed ?? (include.filter === undefined ? source?.concept : undefined);
  return html`<h2>${system === '' ? 'Other value sets' : html`Codes of ${link(system, site, UP)}`}</h2>
${(include.valueSet ?? []).map((one) => html`<p>all of ${link(one, site, UP)}</p>`)}
${(include.filter ?? []).map((one) => html`<p>codes whose <code>${one.property} ${one.op} ${one.value}</code></p>`)}
${
  codes === undefined
    ? html`<p class="soft">${system === '' ? '' : `All codes of ${system} that fit.`}</p>`
    : html`<div class="scroll"><table><thead><tr><th>Code</th><th>Display</th></tr></thead><tbody>${codes.map(
        (one) => html`<tr><td class="name">${one.code}</td><td>${one.display ?? ''}</td></tr>`,
      )}</tbody></table></div>`
}`;
}

const LANGUAGES = ['fr', 'es', 'ar'] as const;

export function codeSystemPage(codeSystem: CodeSystem, _site: Site): Page {
  const rows = (codeSystem.concept ?? []).map((concept) => {
    const words = LANGUAGES.map(
      (language) => concept.designation?.find((one) => one.language === language)?.value,
    );
    return html`<tr><td class="name">${concept.code}</td><td>${concept.display}</td><td>${concept.definition}</td>
${words.map((word, i) => html`<td lang="${LANGUAGES[i]}" dir="auto">${word ?? ''}</td>`)}</tr>`;
  });
  return {
    path: `codesystem/${codeSystem.id}.html`,
    title: codeSystem.title ?? codeSystem.name ?? '',
    body: html`<p>${codeSystem.description}</p>
<dl><dt>System</dt><dd><code>${codeSystem.url}</code></dd><dt>Content</dt><dd>${codeSystem.content}</dd>
${codeSystem.copyright !== undefined && html`<dt>Copyright</dt><dd>${codeSystem.copyright}</dd>`}
<dt>Definition</dt><dd><a href="${UP}definition/CodeSystem-${codeSystem.id}.json" download>JSON</a></dd></dl>
<div class="scroll"><table><thead><tr><th>Code</th><th>English</th><th>Meaning</th><th>French</th><th>Spanish</th><th>Arabic</th></tr></thead>
<tbody>${rows}</tbody></table></div>`,
  };
}

export function examplePage(example: Example, site: Site): Page {
  const profiles = example.resource.meta?.profile ?? [];
  return {
    path: `example/${example.name}.html`,
    title: `Example: ${example.name}`,
    body: html`${
      example.fails.length > 0
        ? html`<p>A bad example. ${example.why ?? ''} It fails with ${example.fails.map(
            (one) =>
              html`<code class="error">${one.key}</code>${one.expression !== undefined && html` at <code>${one.expression}</code>`} `,
          )}</p>`
        : html`<p class="good">A good example: it is valid.</p>`
    }
<dl><dt>Type</dt><dd>${example.resource.resourceType}</dd>
${profiles.length > 0 && html`<dt>Profile</dt><dd>${profiles.map((one) => html`${link(one, site, UP)} `)}</dd>`}
<dt>Download</dt><dd><a href="${example.name}.json" download>${example.name}.json</a></dd></dl>
<pre>${highlightJson(example.resource)}</pre>`,
  };
}

export function exampleList(examples: readonly Example[], root: string): Html {
  return html`<ul class="plain">${examples.map(
    (one) =>
      html`<li><a href="${root}example/${one.name}.html">${one.name}</a> ${
        one.fails.length > 0
          ? html`<span class="badge error">fails: ${one.fails.map((fail) => fail.key).join(', ')}</span>`
          : html`<span class="badge good">valid</span>`
      }</li>`,
  )}</ul>`;
}

export function indexPage(site: Site, scenarios: readonly Page[]): Page {
  const list = (items: readonly (StructureDefinition | ValueSet | CodeSystem)[]): Html =>
    html`<ul class="plain">${items.map(
      (one) => html`<li><a href="${site.pageOf(one.url ?? '') ?? ''}">${one.title ?? one.name}</a>
<span class="soft">${firstSentence(one.description)}</span></li>`,
    )}</ul>`;
  const byType = Map.groupBy(site.profiles, (one) => one.type ?? '');
  return {
    path: 'index.html',
    title: 'Migration health: profiles, codes and rules',
    body: html`<p>What a migrant's record must hold so that a clinic can write it and a doctor in the receiving country can rely on it. FHIR R4.</p>
<p><a href="iom.mhd.tgz" download>Download the package (iom.mhd.tgz)</a></p>
<h2 id="profiles">Profiles</h2>${[...byType].sort().map(([type, items]) => html`<h3>${type}</h3>${list(items)}`)}
<h2 id="extensions">Extensions</h2>${list(site.extensions)}
<h2 id="terminology">Code systems</h2>${list(site.codeSystems)}<h2>Value sets</h2>${list(site.valueSets)}
<h2 id="search">Search parameters</h2>${searchTable(site)}
${
  site.operations.length > 0 &&
  html`<h2>Operations</h2><ul class="plain">${site.operations.map(
    (one) => html`<li><code>$${one.code}</code> <span class="soft">${one.description}</span></li>`,
  )}</ul>`
}
<h2 id="scenarios">Scenarios</h2><ul class="plain">${scenarios.map((one) => html`<li><a href="${one.path}">${one.title}</a></li>`)}</ul>
<h2 id="examples">Good examples</h2>${exampleList(ofGroup(site, 'good'), '')}
<h2>Bad examples</h2><p>Each breaks one rule, and the server names it.</p>
<details><summary>${ofGroup(site, 'bad').length} bad examples</summary>${exampleList(ofGroup(site, 'bad'), '')}</details>
${ofGroup(site, 'scenario').length > 0 && html`<h2>Scenarios as Bundles</h2>${exampleList(ofGroup(site, 'scenario'), '')}`}`,
  };
}

function ofGroup(site: Site, group: Example['group']): readonly Example[] {
  return site.examples.filter((one) => one.group === group);
}

function searchTable(site: Site): Html {
  return html`<div class="scroll"><table><thead><tr><th>Parameter</th><th>On</th><th>Type</th><th>Meaning</th></tr></thead><tbody>${site.searchParameters.map(
    (one) =>
      html`<tr><td class="name">${one.code}</td><td>${one.base?.join(', ')}</td><td>${one.type}</td><td>${one.description}</td></tr>`,
  )}</tbody></table></div>`;
}

function firstSentence(text: string | undefined): string {
  return text === undefined ? '' : (/^.*?\.(?=\s|$)/s.exec(text)?.[0] ?? text);
}
