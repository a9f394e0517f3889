/** The guide: a page for everything in the package, no dead link, no request to the outside, nothing unescaped. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import t from 'tap';
import { highlightJson } from '../../scripts/guide/highlight.ts';
import { escapeHtml, html } from '../../scripts/guide/html.ts';
import { startServer } from '../http/start.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'build', 'guide');
const pages = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.html'),
);

t.test('has a page for every profile, value set, code system, example and scenario', async (t) => {
  const count = (folder: string): number => pages.filter((one) => one.startsWith(`${folder}/`)).length;
  for (const folder of ['profile', 'valueset', 'codesystem', 'example']) {
    const kind = { profile: 'StructureDefinition', valueset: 'ValueSet', codesystem: 'CodeSystem' }[folder];
    const files = readdirSync(join(FOLDER, kind === undefined ? 'example' : 'definition'));
    const wanted = files.filter(
      (file) => file.endsWith('.json') && (kind === undefined || file.startsWith(`${kind}-`)),
    );
    t.ok(wanted.length > 0);
    t.equal(count(folder), wanted.length, folder);
  }
  t.equal(count('scenario'), 10);
});

t.test('no link leads nowhere, and none leads outside', async (t) => {
  const dead: string[] = [];
  for (const page of pages) {
    const text = readFileSync(join(FOLDER, page), 'utf8');
    for (const [, target = ''] of text.matchAll(/(?:href|src)="([^"]*)"/g)) {
      const [path = '', anchor] = target.split('#');
      if (/^[a-z]+:/i.test(target) || target.startsWith('//')) dead.push(`${page} -> ${target}`);
      else if (path === '' && anchor !== undefined && !text.includes(`id="${anchor}"`))
        dead.push(`${page} -> ${target}`);
      else if (path !== '' && !existsSync(resolve(FOLDER, dirname(page), path)))
        dead.push(`${page} -> ${target}`);
    }
    if (/url\((?!#)|@import/.test(text)) dead.push(`${page} has a url()`);
  }
  t.same(dead, []);
});

t.test('what is put into a page is escaped', async (t) => {
  t.equal(html`<p>${'<script>"&'}</p>`.html, '<p>&#60;script&#62;&#34;&#38;</p>');
  t.notMatch(highlightJson({ '<b>': '<script>' }).html, /<script>|<b>/);
  t.equal(escapeHtml("'"), '&#39;');
});

t.test('the server offers it at /guide, and nothing else from there', async (t) => {
  const server = await startServer(t);
  t.equal((await server.ask('GET /guide')).headers.location, '/guide/index.html');
  for (const page of ['index.html', 'profile/migrant-patient.html', 'guide.css', 'iom.mhd.tgz']) {
    t.equal((await server.ask(`GET /guide/${page}`)).status, 200, page);
  }
  const outside = relative(FOLDER, join(FOLDER, '..', '..', 'package.json'));
  for (const path of [outside, encodeURIComponent(outside), '.stamp.json', 'none.html', 'profile', '']) {
    const { status } = await server.ask(`GET /guide/${path}`);
    t.ok(status === 404 || status === 302, `${path}: ${status}`);
  }
});
