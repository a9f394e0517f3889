/**
 * history of an instance, a type and the whole system, newest first unless `_sort=_lastUpdated`.
 * https://hl7.org/fhir/R4/http.html#history
 */

import { fail } from '../fhir/issues.ts';
import { toInstant } from '../fhir/resource-text.ts';
import type { HistoryRequest, HistoryScope, StoredVersion } from '../storage/store.ts';
import type { InteractionContext } from './context.ts';
import { toEtag } from './headers.ts';
import { parseDateRange } from './history-dates.ts';
import { notFound } from './live-version.ts';
import { readPackageResource } from './package-resources.ts';
import type { InteractionRequest, InteractionResponse, QueryPair } from './request.ts';
import { bundleText, linkText } from './search.ts';

export async function history(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<InteractionResponse> {
  const scope = scopeOf(request);
  const asked = readHistory(request, context);
  const path = [request.baseUrl, request.type, request.id, '_history']
    .filter((part) => part !== '')
    .join('/');
  const binding = withQuery(path, asked.used);
  const after = asked.token === undefined ? undefined : context.pageTokens.decode(asked.token, binding);
  let page = await context.store.history(scope, { ...asked.request, after });
  if (scope.level === 'instance' && page.rows.length === 0 && after === undefined) {
    const owned = readPackageResource(context.generation(), scope.type, scope.id);
    if (owned !== undefined) page = { rows: [owned], total: 1 };
    else if ((await context.store.read(scope.type, scope.id)) === undefined) {
      throw notFound(scope.type);
    }
  }
  const links = [linkText('self', asked.token === undefined ? binding : withPage(binding, asked.token))];
  if (asked.token !== undefined) links.push(linkText('first', binding));
  if (page.next !== undefined) {
    links.push(linkText('next', withPage(binding, context.pageTokens.encode(page.next, binding))));
  }
  const isWhole = after === undefined && page.next === undefined && asked.request.limit > 0;
  const value = page.total ?? (isWhole ? page.rows.length : undefined);
  const total = value === undefined ? '' : `,"total":${value}`;
  const entries = page.rows.map((row) => entryText(row, request.baseUrl));
  return { status: 200, body: { kind: 'json', json: bundleText(context, total, links, entries, 'history') } };
}

function scopeOf(request: InteractionRequest): HistoryScope {
  if (request.type === '') return { level: 'system' };
  if (request.id === '') return { level: 'type', type: request.type };
  return { level: 'instance', type: request.type, id: request.id };
}

interface AskedHistory {
  readonly request: HistoryRequest;
  readonly used: readonly QueryPair[];
  readonly token?: string;
}

/** Shapes the answer but not the history. */
const GENERAL: ReadonlySet<string> = new Set(['_format', '_pretty', '_summary', '_elements']);

function readHistory(request: InteractionRequest, context: InteractionContext): AskedHistory {
  const { countDefault, countMax } = context.limits.search;
  const asked: { -readonly [K in keyof HistoryRequest]: HistoryRequest[K] } = { limit: countDefault };
  const used: QueryPair[] = [];
  let token: string | undefined;
  for (const [name, value] of request.query) {
    switch (name) {
      case '_count':
        if (!/^\d{1,9}$/.test(value)) throw badParameter(name, 'a whole number');
        asked.limit = Math.min(Number(value), countMax);
        break;
      case '_since':
        asked.since = dateRange(name, value).lo;
        break;
      case '_at':
        asked.at = dateRange(name, value);
        break;
      case '_sort':
        if (value !== '_lastUpdated' && value !== '-_lastUpdated')
          throw badParameter(name, '_lastUpdated or -_lastUpdated');
        asked.ascending = value === '_lastUpdated';
        break;
      case '_page':
        token = value;
        continue;
      default:
        if (GENERAL.has(name)) continue;
        if (request.prefer.handling !== 'strict') continue;
        throw fail('unknown-parameter', `history has no parameter ${name.slice(0, 64)}.`);
    }
    used.push([name, value]);
  }
  return { request: asked, used, token };
}

function dateRange(name: string, value: string) {
  const range = parseDateRange(value);
  if (range === undefined) throw badParameter(name, 'a date such as 2026-01-31T12:00:00Z');
  return range;
}

function badParameter(name: string, wanted: string): Error {
  return fail('bad-parameter', `${name} must be ${wanted}.`, { expression: `http.${name}` });
}

function withQuery(path: string, pairs: readonly QueryPair[]): string {
  const query = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return query === '' ? path : `${path}?${query}`;
}

function withPage(binding: string, token: string): string {
  return `${binding}${binding.includes('?') ? '&' : '?'}_page=${token}`;
}

function entryText(row: StoredVersion, baseUrl: string): string {
  const { type, id, method } = row;
  const fullUrl = `"fullUrl":"${baseUrl}/${type}/${id}"`;
  const resource = row.deleted ? '' : `,"resource":${row.json}`;
  const url = method === 'POST' ? type : `${type}/${id}`;
  const status = row.deleted ? '204' : method === 'POST' || row.versionId === '1' ? '201' : '200';
  const etag = JSON.stringify(toEtag(row.versionId));
  const response = `"status":"${status}","etag":${etag},"lastModified":"${toInstant(row.lastUpdated)}"`;
  return `{${fullUrl}${resource},"request":{"method":"${method}","url":"${url}"},"response":{${response}}}`;
}
