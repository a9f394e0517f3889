/**
 * A narrative as a reader meets it, for `$validate`: links that lead somewhere, lists and tables that hold what
 * they may hold. Its form is checked elsewhere, on every write.
 * https://hl7.org/fhir/R4/narrative.html
 */
import type { Resource } from '../fhir/types.ts';
import type { Collector } from './collector.ts';
import type { Segment } from './path.ts';
import { list, show } from './suggestion.ts';

const TAG = /<!--[\s\S]*?-->|<(\/?)([A-Za-z][A-Za-z0-9]*)((?:"[^"]*"|'[^']*'|[^"'>])*)>/g;
const LINK = /\s(href|src)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const NAME = /\s(?:id|name)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** What HTML 4 allows directly inside, where it is not text. */
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  ul: ['li'],
  ol: ['li'],
  dl: ['dt', 'dd'],
  table: ['caption', 'col', 'colgroup', 'thead', 'tfoot', 'tbody', 'tr'],
  thead: ['tr'],
  tbody: ['tr'],
  tfoot: ['tr'],
  tr: ['td', 'th'],
};

/** Schemes that a reader can follow. */
const SCHEMES: ReadonlySet<string> = new Set([
  ...['http', 'https', 'mailto', 'tel', 'ftp', 'ftps', 'sftp', 'callto', 'nfs', 'data', 'cid', 'sms'],
]);
const FAULTS_MAX = 20;

export function readNarrative(div: string, at: readonly Segment[], c: Collector): void {
  let left = FAULTS_MAX;
  const report = (text: string, severity: 'error' | 'warning'): void => {
    if (left-- > 0) c.report('narrative', text, { at, severity, subject: text });
  };
  checkNesting(div, report);
  let names: ReadonlySet<string> | undefined;
  for (const [, slash, , attributes = ''] of div.matchAll(TAG)) {
    if (slash !== '' || attributes === '') continue;
    for (const [, kind, double, single] of attributes.matchAll(LINK)) {
      const url = double ?? single ?? '';
      if (url.startsWith('#') && url.length > 1) {
        names ??= namesIn(div, c.rootResource);
        if (names.has(url.slice(1))) continue;
        report(
          `Nothing in the narrative or the resource has the id that ${kind} ${show(url)} leads to.`,
          'warning',
        );
      } else if (kind === 'href') {
        const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
        if (scheme === undefined || SCHEMES.has(scheme)) continue;
        report(`No reader can follow the link ${show(url)}: its scheme is ${scheme}.`, 'error');
      }
    }
  }
}

type Report = (text: string, severity: 'error' | 'warning') => void;

function checkNesting(div: string, report: Report): void {
  const open: string[] = [];
  let last = 0;
  for (const match of div.matchAll(TAG)) {
    const [whole, slash, name, attributes = ''] = match;
    const outer = open[open.length - 1] ?? '';
    const allowed = CHILDREN[outer];
    const between = div.slice(last, match.index);
    last = match.index + whole.length;
    if (allowed !== undefined && /\S/.test(between)) {
      report(`There is text directly inside <${outer}>, which takes ${list(allowed)} only.`, 'error');
    }
    if (name === undefined) continue;
    if (slash === '/') {
      open.pop();
      continue;
    }
    if (allowed !== undefined && !allowed.includes(name)) {
      report(`<${name}> stands directly inside <${outer}>, which takes ${list(allowed)} only.`, 'error');
    }
    const misplaced = misplacedIn(name, outer, open);
    if (misplaced !== undefined) report(misplaced, 'error');
    if (!attributes.endsWith('/')) open.push(name);
  }
}

const PARENTS: Readonly<Record<string, readonly string[]>> = {
  li: ['ul', 'ol'],
  td: ['tr'],
  th: ['tr'],
  tr: ['table', 'thead', 'tbody', 'tfoot'],
};
const BLOCKS: ReadonlySet<string> = new Set(['p', 'div', 'table', 'ul', 'ol', 'blockquote', 'pre']);

function misplacedIn(name: string, outer: string, open: readonly string[]): string | undefined {
  const parents = PARENTS[name];
  if (parents !== undefined && !parents.includes(outer)) {
    return `<${name}> stands in <${outer}>; its place is in ${list(parents)}.`;
  }
  if (outer === 'p' && BLOCKS.has(name)) return `<${name}> stands in a paragraph, which takes text only.`;
  if (name === 'a' && open.includes('a')) return 'A link stands inside of another one.';
  return undefined;
}

/** Ids and names in the narrative, and ids of everything else. */
function namesIn(div: string, root: Resource): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [, , , attributes = ''] of div.matchAll(TAG)) {
    for (const [, double, single] of attributes.matchAll(NAME)) names.add((double ?? single) as string);
  }
  const open: unknown[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    const id = (node as { id?: unknown }).id;
    if (typeof id === 'string') names.add(id);
    for (const member of Object.values(node)) if (typeof member === 'object') open.push(member ?? 0);
  }
  return names;
}
