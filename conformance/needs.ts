/**
 * What a case asks of a server, held against the server's CapabilityStatement: what a server does not state it
 * need not do, so such a case is left out instead of failed.
 * https://hl7.org/fhir/R4/capabilitystatement.html
 */
import type { Case, Step } from './case.ts';

export interface Statement {
  /** `Patient create`, ` transaction`, `Patient $validate`, ` $meta`. */
  readonly stated: ReadonlySet<string>;
  /** Names of members with their values, such as `Patient updateCreate true`. */
  readonly members: ReadonlyMap<string, unknown>;
  readonly formats: readonly string[];
  readonly patchFormats: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

/** Undefined for what is no statement of a server: then nothing is left out. */
export function readStatement(resource: unknown): Statement | undefined {
  const statement = asObject(resource);
  const rest = listOf(statement.rest).find((one) => one.mode === 'server');
  if (statement.resourceType !== 'CapabilityStatement' || rest === undefined) return undefined;
  const stated = new Set<string>();
  const members = new Map<string, unknown>();
  for (const { code } of listOf(rest.interaction)) stated.add(` ${code}`);
  for (const { name } of listOf(rest.operation)) stated.add(` $${String(name).replace(/^\$/, '')}`);
  for (const one of listOf(rest.resource)) {
    for (const { code } of listOf(one.interaction)) stated.add(`${one.type} ${code}`);
    for (const { name } of listOf(one.operation))
      stated.add(`${one.type} $${String(name).replace(/^\$/, '')}`);
    for (const [name, value] of Object.entries(one)) members.set(`${one.type} ${name}`, value);
  }
  const texts = (list: unknown) => (Array.isArray(list) ? list.map(String) : []);
  return { stated, members, formats: texts(statement.format), patchFormats: texts(statement.patchFormat) };
}

/** What the case needs and the server does not state, in words; undefined when there is nothing. */
export function missingOf(one: Case, statement: Statement): string | undefined {
  for (const step of one.steps) {
    // a step that must be refused needs nothing
    if (!mustSucceed(step)) continue;
    const missing = missingOfStep(step, statement);
    if (missing !== undefined) return missing;
  }
  return undefined;
}

function mustSucceed({ expect }: Step): boolean {
  const status = expect?.status;
  if (status === undefined) return true;
  if (status === '2xx') return true;
  const all = typeof status === 'string' ? [] : [status].flat();
  return all.some((code) => code < 400);
}

function missingOfStep(step: Step, statement: Statement): string | undefined {
  return missingFormat(step, statement) ?? missingInteraction(step, statement);
}

function missingFormat(step: Step, { formats }: Statement): string | undefined {
  if (formats.length === 0) return undefined;
  const { accept = 'json', 'content-type': sent = 'json' } = step.headers ?? {};
  const format = /[?&]_format=([^&]+)/.exec(step.request)?.[1];
  for (const wanted of ['xml', 'json']) {
    const isWanted =
      (format ?? accept).includes(wanted) || ((step.raw ?? step.body) !== undefined && sent.includes(wanted));
    if (isWanted && !formats.some((one) => one.includes(wanted))) return `the format ${wanted}`;
  }
  return undefined;
}

/** Which interaction an address is for, and what else it must be able to do. */
function missingInteraction(step: Step, { stated, members }: Statement): string | undefined {
  const [method = '', address = ''] = step.request.split(/ (.*)/s);
  const [path = '', query = ''] = address.split(/\?(.*)/s);
  if (/^(?:https?:|\{)/.test(path) || path === 'metadata') return undefined;
  const segments = path.split('/').filter((segment) => segment !== '');
  const type = /^[A-Z]/.test(segments[0] ?? '') ? (segments[0] as string) : '';
  const rest = type === '' ? segments : segments.slice(1);
  const operation = segments.find((segment) => segment.startsWith('$'));
  const has = (code: string, of = type) =>
    stated.has(`${of} ${code}`) ? undefined : `${code} of ${of || 'the system'}`;
  if (operation !== undefined) {
    const isStated = stated.has(`${type} ${operation}`) || stated.has(` ${operation}`);
    return isStated ? undefined : `the operation ${operation}`;
  }
  const member = (name: string, isThere: (value: unknown) => boolean) =>
    isThere(members.get(`${type} ${name}`)) ? undefined : `${name} of ${type}`;
  const isTrue = (value: unknown) => value === true;
  if (segments.includes('_history')) {
    if (segments.at(-1) !== '_history') return has('vread');
    return has(type === '' ? 'history-system' : rest.length === 1 ? 'history-type' : 'history-instance');
  }
  if (type === '') return method === 'POST' && path === '' ? missingBundle(step, has) : has('search-system');
  switch (method) {
    case 'POST':
      if (rest[0] === '_search') return has('search-type');
      if (rest.length > 0) return undefined;
      return (
        has('create') ??
        (step.headers?.['if-none-exist'] === undefined ? undefined : member('conditionalCreate', isTrue))
      );
    case 'PUT':
      if (rest.length === 0) return has('update') ?? member('conditionalUpdate', isTrue);
      return has('update') ?? (step.expect?.status === 201 ? member('updateCreate', isTrue) : undefined);
    case 'PATCH':
      return has('patch') ?? (rest.length === 0 ? member('conditionalUpdate', isTrue) : undefined);
    case 'DELETE':
      if (rest.length > 0) return has('delete');
      return (
        has('delete') ?? member('conditionalDelete', (value) => value === 'single' || value === 'multiple')
      );
    default:
      if (rest.length === 1) return query === '' || rest.length === 1 ? has('read') : undefined;
      return rest.length === 0 ? has('search-type') : undefined;
  }
}

function missingBundle(
  step: Step,
  has: (code: string, of?: string) => string | undefined,
): string | undefined {
  const { type } = asObject(step.body);
  return type === 'batch' || type === 'transaction' ? has(type, '') : undefined;
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}
