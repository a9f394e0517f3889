/** The element table of a profile: tree, flags, cardinality, type, meaning and rules of each element. */
import { type Html, html } from './html.ts';
import type { ElementDefinition, Site } from './site.ts';

/** Rows for the elements of a snapshot or differential. `root` leads from the page to the top of the site. */
export function elementTable(elements: readonly ElementDefinition[], site: Site, root: string): Html {
  const rows = elements.slice(1).map((element) => elementRow(element, site, root));
  return html`<div class="scroll"><table>
<thead><tr><th>Element</th><th>Flags</th><th>Card.</th><th>Type</th><th>Meaning and rules</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function elementRow(element: ElementDefinition, site: Site, root: string): Html {
  const depth = (element.path ?? '').split('.').length - 2;
  const last = (element.path ?? '').split('.').at(-1);
  const name = element.sliceName === undefined ? last : `${last}:${element.sliceName}`;
  const kind = element.max === '0' ? 'off' : element.sliceName === undefined ? '' : 'slice';
  return html`<tr class="${kind}" id="${element.id ?? ''}">
<td class="name" style="padding-left:${(0.5 + depth * 1.1).toFixed(1)}rem">${name}</td>
<td class="flags">${flags(element)}</td><td class="card">${cardinality(element)}</td>
<td>${types(element, site, root)}</td><td>${meaning(element, site, root)}</td></tr>
`;
}

function flags(element: ElementDefinition): Html {
  return html`${element.mustSupport === true && html`<span class="must" title="must support">MS</span> `}${
    element.isModifier === true && html`<span title="modifies the meaning of others">?!</span> `
  }${element.isSummary === true && html`<span class="soft" title="in the summary">Σ</span>`}`;
}

function cardinality(element: ElementDefinition): string {
  if (element.min === undefined && element.max === undefined) return '';
  return `${element.min ?? ''}..${element.max ?? ''}`;
}

function types(element: ElementDefinition, site: Site, root: string): Html {
  const parts = (element.type ?? []).map((type) => {
    const code = (type.code ?? '').replace('http://hl7.org/fhirpath/System.', '');
    const profiles = (type.profile ?? []).map((one) => link(one, site, root));
    const targets = (type.targetProfile ?? []).map((one) => link(one, site, root));
    return html`<div>${code}${profiles.length > 0 && html` (${join(profiles)})`}${
      targets.length > 0 && html` (${join(targets)})`
    }</div>`;
  });
  return html`${parts}${element.contentReference !== undefined && html`see ${element.contentReference.split('#')[1]}`}`;
}

function join(parts: readonly Html[]): Html {
  return { html: parts.map((one) => one.html).join(' | ') };
}

/** A canonical as a link to its page, to R4's own page, or as its last segment. */
export function link(canonical: string, site: Site, root: string): Html {
  const page = site.pageOf(canonical);
  const label = canonical.split('/').at(-1);
  return page === undefined
    ? html`<span title="${canonical}">${label}</span>`
    : html`<a href="${root}${page}">${label}</a>`;
}

function meaning(element: ElementDefinition, site: Site, root: string): Html {
  const constraints = (element.constraint ?? []).filter((one) => !/^(ele|ext|dom)-/.test(one.key ?? ''));
  return html`${element.short ?? ''}${fixed(element)}${binding(element, site, root)}${slicing(element)}${
    constraints.length > 0 &&
    html`<div class="soft">${constraints.map((one) => html`<a href="#${one.key}">${one.key}</a> `)}</div>`
  }`;
}

function fixed(element: ElementDefinition): Html {
  const entries = Object.entries(element).filter(([name]) =>
    /^(fixed|pattern|minValue|maxValue)[A-Z]/.test(name),
  );
  return html`${entries.map(([name, value]) => {
    const word = name.startsWith('pattern')
      ? 'at least'
      : name.startsWith('fixed')
        ? 'exactly'
        : name.slice(0, 3);
    return html`<div>${word} <code>${brief(value)}</code></div>`;
  })}`;
}

function brief(value: unknown): string {
  const coding = (value as { coding?: readonly { system?: string; code?: string }[] }).coding?.[0] ?? value;
  const { system, code } = coding as { system?: string; code?: string };
  if (code !== undefined) return `${system?.split('/').at(-1) ?? ''}#${code}`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function binding(element: ElementDefinition, site: Site, root: string): Html | undefined {
  if (element.binding?.valueSet === undefined) return undefined;
  return html`<div><span class="badge">${element.binding.strength}</span> ${link(element.binding.valueSet, site, root)}</div>`;
}

function slicing(element: ElementDefinition): Html | undefined {
  if (element.slicing === undefined) return undefined;
  const by = (element.slicing.discriminator ?? []).map((one) => `${one.type} of ${one.path}`).join(', ');
  return html`<div class="soft">sliced by ${by}, ${element.slicing.rules}</div>`;
}
