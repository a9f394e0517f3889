/**
 * Plays steps against a server through fhir-kit-client: each prints who asked what and what came back, and is
 * held to what must happen. A step that must fail shows the error as a person would read it.
 */
import { Client } from 'fhir-kit-client';
import type { Json, JsonObject } from './resources.ts';

export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
  readonly etag: string | null;
}

export interface Refusal {
  readonly status: number;
  /** Key of the invariant or server rule that must be named, such as `mhd-cxr-1`. */
  readonly names?: string;
}

export interface Stage {
  readonly client: Client;
  scenario(title: string): void;
  /** Must succeed; `check` returns what is wrong, or nothing. */
  step(
    who: string,
    asks: string,
    run: (client: Client) => Promise<unknown>,
    check?: (answer: Answer) => string | undefined,
  ): Promise<Answer>;
  /** Must be refused with this status, and name this rule. */
  refused(
    who: string,
    asks: string,
    refusal: Refusal,
    run: (client: Client) => Promise<unknown>,
  ): Promise<void>;
  readonly failures: number;
  readonly steps: number;
}

export function openStage(baseUrl: string, print: (line: string) => void): Stage {
  const client = new Client({ baseUrl });
  let failures = 0;
  let steps = 0;
  const settle = (wrong: string | undefined): void => {
    steps++;
    if (wrong === undefined) return;
    failures++;
    print(`        DIFFERS: ${wrong}`);
  };
  return {
    client,
    get failures() {
      return failures;
    },
    get steps() {
      return steps;
    },
    scenario(title) {
      print(`\n${title}\n${'='.repeat(title.length)}`);
    },
    async step(who, asks, run, check) {
      print(`\n  ${who}: ${asks}`);
      const answer = await ask(client, run);
      print(`     -> ${answer.status} ${describe(answer.body)}`);
      const wrong = answer.status < 400 ? check?.(answer) : `expected success\n${explain(answer.body)}`;
      settle(wrong);
      return answer;
    },
    async refused(who, asks, refusal, run) {
      print(`\n  ${who}: ${asks}`);
      const answer = await ask(client, run);
      const wrong = judgeRefusal(answer, refusal);
      const verdict = wrong === undefined ? 'refused, as it must be:' : describe(answer.body);
      print(`     -> ${answer.status} ${verdict}\n${explain(answer.body)}`);
      settle(wrong);
    },
  };
}

async function ask(client: Client, run: (client: Client) => Promise<unknown>): Promise<Answer> {
  try {
    const body = (await run(client)) as JsonObject;
    const { response } = Client.httpFor(body as never);
    return { status: response?.status ?? 200, body, etag: response?.headers.get('etag') ?? null };
  } catch (error) {
    const failed = (error as { response?: { status: number; data: unknown } }).response;
    if (failed === undefined) throw error;
    return { status: failed.status, body: (failed.data ?? {}) as JsonObject, etag: null };
  }
}

function judgeRefusal(answer: Answer, refusal: Refusal): string | undefined {
  if (answer.status !== refusal.status) return `expected ${refusal.status}`;
  if (answer.body.resourceType !== 'OperationOutcome') return 'expected an OperationOutcome';
  if (refusal.names === undefined || codesOf(answer.body).includes(refusal.names)) return undefined;
  return `expected the rule ${refusal.names}, found ${codesOf(answer.body).join(', ')}`;
}

function issuesOf(outcome: JsonObject): readonly JsonObject[] {
  return Array.isArray(outcome.issue) ? (outcome.issue as JsonObject[]) : [];
}

function codesOf(outcome: JsonObject): string[] {
  return issuesOf(outcome).flatMap((issue) => {
    const codings = ((issue.details as JsonObject | undefined)?.coding ?? []) as JsonObject[];
    return codings.map((coding) => String(coding.code));
  });
}

/** The errors as a person reads them: where, which rule, and the sentence. */
function explain(outcome: JsonObject): string {
  const lines = issuesOf(outcome).map((issue) => {
    const where = ((issue.expression as Json[] | undefined) ?? []).join(', ');
    const text = (issue.details as JsonObject | undefined)?.text ?? issue.diagnostics ?? '';
    return `        ${String(issue.severity)}${where === '' ? '' : ` at ${where}`}: ${String(text)}`;
  });
  return lines.length > 0 ? lines.join('\n') : `        ${JSON.stringify(outcome).slice(0, 300)}`;
}

function describe(body: JsonObject): string {
  const type = body.resourceType;
  if (type === undefined) return '';
  if (type === 'Bundle') {
    const entries = (body.entry ?? []) as JsonObject[];
    const kinds = new Map<string, number>();
    for (const entry of entries) {
      const resource = entry.resource as JsonObject | undefined;
      const location = (entry.response as JsonObject | undefined)?.location;
      const kind = String(
        resource?.resourceType ??
          String(location ?? 'entry')
            .split('/')
            .at(-4) ??
          'entry',
      );
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    const list = [...kinds].map(([kind, n]) => `${n} ${kind}`).join(', ');
    return `Bundle ${String(body.type)}${list === '' ? ', empty' : `: ${list}`}`;
  }
  const version = (body.meta as JsonObject | undefined)?.versionId;
  return `${String(type)}${body.id === undefined ? '' : `/${String(body.id)}`}${version === undefined ? '' : `, version ${String(version)}`}`;
}
