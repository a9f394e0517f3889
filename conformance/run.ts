/** Plays the steps of a case against a FHIR server over HTTP and says where it first differs. */
import type { Case, Expectation, Json, Matcher, Step } from './case.ts';
import { judge, select } from './match.ts';
import { missingOf, type Statement } from './needs.ts';

export interface Verdict {
  readonly case: Case;
  readonly passed: boolean;
  /** What the case needs and the server does not state; it was not tried then, and counts neither way. */
  readonly skipped?: string;
  /** `step 2 GET Patient/x: status: expected 200, found 404`; absent when passed. */
  readonly why?: string;
  readonly durationMs: number;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
}

type Variables = Map<string, string>;

export interface RunOptions {
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** What the server says that it does; without it every case is tried. */
  readonly statement?: Statement;
}

export async function runCase(one: Case, options: RunOptions): Promise<Verdict> {
  const started = performance.now();
  const skipped = options.statement === undefined ? undefined : missingOf(one, options.statement);
  if (skipped !== undefined) return { case: one, passed: false, skipped, durationMs: 0 };
  const uid = `c${Date.now().toString(36)}${Math.random().toString(36).slice(2, 10)}`;
  const variables: Variables = new Map([
    ['uid', uid],
    ['base', options.server],
  ]);
  for (const [index, step] of one.steps.entries()) {
    const why = await runStep(step, variables, options);
    if (why === undefined) continue;
    const where = `step ${index + 1} ${fill(step.request, variables)}: ${why}`;
    return { case: one, passed: false, why: where, durationMs: performance.now() - started };
  }
  return { case: one, passed: true, durationMs: performance.now() - started };
}

async function runStep(step: Step, variables: Variables, options: RunOptions): Promise<string | undefined> {
  let answer: Answer;
  try {
    answer = await send(step, variables, options);
  } catch (error) {
    return `no answer (${(error as Error).message})`;
  }
  const why = judgeAnswer(answer, fillAll(step.expect ?? {}, variables) as Expectation);
  if (why !== undefined) return why;
  for (const [name, source] of Object.entries(step.save ?? {})) {
    const value = readSaved(answer, source);
    if (value === undefined) return `no ${source} in the answer to save as ${name}`;
    variables.set(name, value);
  }
  return undefined;
}

async function send(step: Step, variables: Variables, options: RunOptions): Promise<Answer> {
  const [method = 'GET', ...rest] = fill(step.request, variables).split(' ');
  const path = rest.join(' ');
  const url = /^https?:/.test(path) ? path : path === '' ? options.server : `${options.server}/${path}`;
  const headers: Record<string, string> = { accept: 'application/fhir+json', ...options.headers };
  let body: string | Uint8Array | undefined;
  if (step.raw !== undefined) body = typeof step.raw === 'string' ? fill(step.raw, variables) : step.raw;
  else if (step.body !== undefined) body = JSON.stringify(fillAll(step.body, variables));
  if (body !== undefined) headers['content-type'] = 'application/fhir+json';
  for (const [name, value] of Object.entries(step.headers ?? {}))
    headers[name.toLowerCase()] = fill(value, variables);
  const response = await fetch(url, {
    method,
    headers,
    body: body as string | undefined,
    redirect: 'manual',
    signal: AbortSignal.timeout(options.timeoutMs),
  });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, json };
}

function judgeAnswer(answer: Answer, expect: Expectation): string | undefined {
  const wrong = judgeStatus(answer, expect.status);
  if (wrong !== undefined) return `status: ${wrong}${diagnosis(answer)}`;
  for (const [name, matcher] of Object.entries(expect.headers ?? {})) {
    const value = answer.headers.get(name);
    const why = judge(value === null ? [] : [value], matcher as Matcher);
    if (why !== undefined) return `header ${name}: ${why}`;
  }
  for (const [path, matcher] of Object.entries(expect.body ?? {})) {
    const why = judge(select(answer.json, path), matcher as Matcher);
    if (why !== undefined) return `${path}: ${why}`;
  }
  if (expect.text !== undefined) {
    const why = judge([answer.text], expect.text as Matcher);
    if (why !== undefined) return `text: ${why}`;
  }
  if (expect.outcome === true) return judgeOutcome(answer);
  return undefined;
}

function judgeStatus(answer: Answer, status: Expectation['status']): string | undefined {
  if (status === undefined) return undefined;
  const accepted =
    typeof status === 'number'
      ? answer.status === status
      : typeof status === 'string'
        ? `${Math.floor(answer.status / 100)}xx` === status
        : status.includes(answer.status);
  return accepted ? undefined : `expected ${JSON.stringify(status)}, found ${answer.status}`;
}

function judgeOutcome(answer: Answer): string | undefined {
  if (select(answer.json, 'resourceType')[0] !== 'OperationOutcome')
    return 'the body is not an OperationOutcome';
  const severities = select(answer.json, 'issue[*].severity');
  const failed = severities.some((one) => one === 'error' || one === 'fatal');
  return failed ? undefined : `the OperationOutcome has no error (${JSON.stringify(severities)})`;
}

/** The server's own words beside an unexpected status. */
function diagnosis(answer: Answer): string {
  const [text] = [
    ...select(answer.json, 'issue[0].details.text'),
    ...select(answer.json, 'issue[0].diagnostics'),
  ];
  return text === undefined ? '' : ` ("${String(text).slice(0, 140)}")`;
}

function readSaved(answer: Answer, source: string): string | undefined {
  if (source.startsWith('header:')) return answer.headers.get(source.slice(7)) ?? undefined;
  const location = /\/([A-Za-z0-9\-.]{1,64})\/_history\/([A-Za-z0-9\-.]{1,64})$/.exec(
    answer.headers.get('location') ?? '',
  );
  if (source === 'id') return asText(select(answer.json, 'id')[0]) ?? location?.[1];
  if (source === 'version') return asText(select(answer.json, 'meta.versionId')[0]) ?? location?.[2];
  return asText(select(answer.json, source)[0]);
}

function asText(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}

function fill(text: string, variables: Variables): string {
  return text.replace(/\{([a-z][A-Za-z0-9.]*)\}/g, (whole, name: string) => variables.get(name) ?? whole);
}

function fillAll(value: unknown, variables: Variables): Json | Expectation {
  if (typeof value === 'string') return fill(value, variables);
  if (Array.isArray(value)) return value.map((one) => fillAll(one, variables)) as Json;
  if (value === null || typeof value !== 'object') return value as Json;
  const filled: Record<string, unknown> = {};
  for (const [name, one] of Object.entries(value)) filled[name] = fillAll(one, variables);
  return filled as Json;
}
