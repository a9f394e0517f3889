/** JSON with its keys, strings, numbers and literals coloured, as escaped HTML. */
import { escapeHtml, type Html } from './html.ts';

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;

export function highlightJson(value: unknown): Html {
  const text = JSON.stringify(value, undefined, 2);
  let out = '';
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, string, colon, number] = match;
    out += escapeHtml(text.slice(end, match.index));
    const kind = string === undefined ? (number === undefined ? 'l' : 'n') : colon === undefined ? 's' : 'k';
    out += `<span class="${kind}">${escapeHtml(string ?? whole)}</span>${colon ?? ''}`;
    end = match.index + whole.length;
  }
  return { html: out + escapeHtml(text.slice(end)) };
}
