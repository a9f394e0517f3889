/** The .http files of the documentation do what their headings say. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Answer, startServer } from './start.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'docs', 'http');
const BASE = '{{base}}';

interface Step {
  readonly title: string;
  readonly name?: string;
  readonly request: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** The part of the format that our files use. */
function parse(text: string): readonly Step[] {
  return text
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [title = '', ...rest] = part.split('\n');
      const name = rest.find((line) => line.startsWith('# @name '))?.slice('# @name '.length);
      const lines = rest.filter((line) => !line.startsWith('#'));
      const [head = '', ...blocks] = lines.join('\n').split('\n\n');
      const [request = '', ...headers] = head.split('\n');
      const pairs = headers
        .filter((line) => line.includes(':'))
        .map((line) => line.split(/:\s*(.*)/s, 2) as [string, string]);
      return { title, name, request, headers: Object.fromEntries(pairs), body: blocks.join('\n\n').trim() };
    });
}

for (const file of readdirSync(FOLDER)) {
  t.test(file, async (t) => {
    const { ask } = await startServer(t);
    const named = new Map<string, Answer>();
    const fill = (text: string) =>
      text.replace(/\{\{(\w+)\.response\.body\.(\w+)\}\}/g, (_, name, key) =>
        String(named.get(name)?.body[key]),
      );
    for (const step of parse(readFileSync(join(FOLDER, file), 'utf8'))) {
      const request = fill(step.request).replace(`${BASE}/`, '').replace(BASE, '');
      const body = step.body === '' ? undefined : fill(step.body);
      const answer = await ask(request, { body, headers: step.headers });
      if (step.name !== undefined) named.set(step.name, answer);
      const expected = Number(/\((\d{3})/.exec(step.title)?.[1] ?? 200);
      t.equal(answer.status, expected, `${step.title}: ${answer.text.slice(0, 300)}`);
    }
  });
}
