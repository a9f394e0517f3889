/** A tagged template that escapes what is put in, and the frame that every page of the guide shares. */

/** Text that is already HTML. */
export interface Html {
  readonly html: string;
}

type Part = Html | string | number | undefined | false | readonly Part[];

export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: texts.map((text, i) => text + (i < parts.length ? render(parts[i]) : '')).join('') };
}

function render(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'object') return 'html' in part ? part.html : part.map(render).join('');
  return escapeHtml(String(part));
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

export interface Page {
  /** Path inside the site, such as `profile/tb-igra.html`. */
  readonly path: string;
  readonly title: string;
  readonly body: Html;
}

/** A whole document. Links are relative, so that the site works from a folder, a server or a USB stick. */
export function toDocument(page: Page, site: { readonly name: string; readonly version: string }): string {
  const root = '../'.repeat(page.path.split('/').length - 1);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title} - ${site.name}</title>
<link rel="stylesheet" href="${root}guide.css">
</head>
<body>
<header><a class="home" href="${root}index.html">${site.name}</a> <span class="version">${site.version}</span>
<nav><a href="${root}index.html#profiles">Profiles</a> <a href="${root}index.html#extensions">Extensions</a>
<a href="${root}index.html#terminology">Terminology</a> <a href="${root}index.html#search">Search</a>
<a href="${root}index.html#examples">Examples</a> <a href="${root}index.html#scenarios">Scenarios</a></nav></header>
<main>
<h1>${page.title}</h1>
${page.body}
</main>
</body>
</html>
`.html;
}

export const STYLE = `:root{--ink:#1c2733;--soft:#5a6b7b;--line:#d5dde5;--back:#fff;--band:#f4f7fa;--link:#0b5cad;--must:#a3341f;--good:#1d7044;--warn:#8a5a00}
@media (prefers-color-scheme:dark){:root{--ink:#e4eaf0;--soft:#9fb0c0;--line:#33424f;--back:#12181e;--band:#1a232b;--link:#7cb8f5;--must:#f2937f;--good:#7fd0a3;--warn:#e3b860}}
*{box-sizing:border-box}
body{margin:0;color:var(--ink);background:var(--back);font:16px/1.5 system-ui,sans-serif}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline;padding:.75rem 1rem;border-bottom:1px solid var(--line);background:var(--band)}
header .home{font-weight:700;text-decoration:none;color:var(--ink)}
.version,.soft{color:var(--soft)}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem}
main{max-width:72rem;margin:0 auto;padding:1rem}
a{color:var(--link)}
h1{font-size:1.6rem;margin:.5rem 0}h2{font-size:1.2rem;margin:2rem 0 .5rem}
code{font:.875em/1.4 ui-monospace,Consolas,monospace;overflow-wrap:anywhere}
pre{overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;padding:.75rem;border:1px solid var(--line);background:var(--band);font:.8125rem/1.45 ui-monospace,Consolas,monospace}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.875rem}
th,td{text-align:left;vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid var(--line)}
th{background:var(--band);white-space:nowrap}
td.name{white-space:nowrap;font-family:ui-monospace,Consolas,monospace}
td.card,td.flags{white-space:nowrap}
.must{color:var(--must);font-weight:700}
tr.slice td.name{font-style:italic}
tr.off td{color:var(--soft);text-decoration:line-through}
.badge{display:inline-block;padding:0 .4rem;border:1px solid var(--line);border-radius:.5rem;font-size:.75rem}
.error{color:var(--must)}.warning{color:var(--warn)}.good{color:var(--good)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
ul.plain{list-style:none;padding:0}ul.plain li{padding:.3rem 0;border-bottom:1px solid var(--line)}
.k{color:#0b5cad}.s{color:#1d7044}.n{color:#8a3ea8}.l{color:#a3341f}
@media (prefers-color-scheme:dark){.k{color:#7cb8f5}.s{color:#7fd0a3}.n{color:#d3a3ea}.l{color:#f2937f}}
svg{max-width:100%;height:auto}svg text{fill:var(--ink);font:13px system-ui,sans-serif}svg .soft{fill:var(--soft)}
svg line,svg path{stroke:var(--soft)}svg .fail{stroke:var(--must)}svg .failtext{fill:var(--must)}svg rect{fill:var(--band);stroke:var(--line)}
@media (max-width:40rem){dl{grid-template-columns:1fr}main{padding:.75rem}td,th{padding:.25rem}}
@media print{header nav{display:none}body{font-size:11pt}a{color:inherit}.scroll,pre{overflow:visible;white-space:pre-wrap}h2{break-after:avoid}tr{break-inside:avoid}}
`;
