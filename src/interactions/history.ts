/**
 * history of an instance, a type and the whole system, newest first unless `_sort=_lastUpdated`; `_list` narrows
 * it to what a List refers to.
 * https://hl7.org/fhir/R4/http.html#history
 */

import { isId } from '../fhir/ids.ts';
import { fail } from '../fhir/issues.ts';
import { parseStored } from '../fhir/json.ts';
import { toOperationOutcome } from '../fhir/outcome.ts';
import { parseReference } from '../fhir/references.ts';
import { toInstant } from '../fhir/resource-text.ts';
import { toWireText } from '../fhir/wire-text.ts';
import { parseDateRange } from '../search/date-range.ts';
import { createProjection } from '../search/project.ts';
import { createTimeZone } from '../search/time-zone.ts';
import type { HistoryRequest, HistoryScope, ListedVersions, StoredVersion } from '../storage/store.ts';
import type { InteractionContext } from './context.ts';
import { setDamagedAside } from './damaged.ts';
import { toEtag } from './headers.ts';
import { notFound, readLive } from './live-version.ts';
import { readPackageResource } from './package-resources.ts';
import type { InteractionRequest, InteractionResponse, QueryPair } from './request.ts';
import { bundleWire, linkWire, projectText, wireOf } from './search.ts';
import { readSearch } from './search-reading.ts';

export async function history(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<InteractionResponse> {
  const asked = readHistory(request, context);
  const scope = await scopeOf(request, asked.list, context);
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
  const links = [linkWire('self', asked.token === undefined ? binding : withPage(binding, asked.token))];
  if (asked.token !== undefined) links.push(linkWire('first', binding));
  if (page.next !== undefined) {
    links.push(linkWire('next', withPage(binding, context.pageTokens.encode(page.next, binding))));
  }
  const isWhole = after === undefined && page.next === undefined && asked.request.limit > 0;
  const value = page.total ?? (isWhole ? page.rows.length : undefined);
  const total = value === undefined ? '' : `,"total":${value}`;
  const project = readProjection(request, context);
  const entries = page.rows.map((row) =>
    row.damaged === true ? damagedEntryWire(row, request, context) : entryWire(row, request.baseUrl, project),
  );
  return { status: 200, body: { kind: 'wire', wire: bundleWire(context, total, links, entries, 'history') } };
}

async function scopeOf(
  request: InteractionRequest,
  list: string | undefined,
  context: InteractionContext,
): Promise<HistoryScope> {
  const { type, id } = request;
  if (list === undefined) {
    if (type === '') return { level: 'system' };
    return id === '' ? { level: 'type', type } : { level: 'instance', type, id };
  }
  const all = await readList(list, request, context);
  const versions = all.filter((one) => (type === '' || one.type === type) && (id === '' || one.id === id));
  return { level: 'listed', versions };
}

/** What the List refers to on this server. @throws FhirError `not-found`, `deleted`, `too-costly` */
async function readList(
  id: string,
  { baseUrl }: InteractionRequest,
  context: InteractionContext,
): Promise<readonly ListedVersions[]> {
  const { entry } = parseStored((await readLive('List', id, context)).json);
  const listed = new Map<string, ListedVersions>();
  for (const one of (entry ?? []) as readonly { readonly item?: { readonly reference?: string } }[]) {
    const address = parseReference(one.item?.reference ?? '');
    if (address === undefined || (address.base !== '' && address.base !== baseUrl)) continue;
    const { type, id, versionId } = address;
    const key = `${type}/${id}`;
    listed.set(versionId === undefined ? key : `${key}/${versionId}`, { type, id, versionId });
  }
  const max = context.limits.search.orValuesMax;
  if (listed.size > max) throw fail('too-costly', `The List refers to more than ${max} resources.`);
  // a resource that is listed with a version and without is listed whole
  return [...listed.values()].filter(
    ({ type, id, versionId }) => versionId === undefined || !listed.has(`${type}/${id}`),
  );
}

interface AskedHistory {
  readonly request: HistoryRequest;
  readonly used: readonly QueryPair[];
  readonly token?: string;
  /** Id of a List. */
  readonly list?: string;
}

/** Shapes the answer but not the history. */
const GENERAL: ReadonlySet<string> = new Set(['_format', '_pretty', '_summary', '_elements']);

function readHistory(request: InteractionRequest, context: InteractionContext): AskedHistory {
  const { countDefault, countMax } = context.limits.search;
  const asked: { -readonly [K in keyof HistoryRequest]: HistoryRequest[K] } = { limit: countDefault };
  const used: QueryPair[] = [];
  let token: string | undefined;
  let list: string | undefined;
  for (const [name, value] of request.query) {
    // R4: none of them may appear more than once
    if (used.some(([other]) => other === name)) throw fail('bad-parameter', `${name} may be given once.`);
    switch (name) {
      case '_count':
        if (!/^\d{1,9}$/.test(value)) throw badParameter(name, 'a whole number');
        asked.limit = Math.min(Number(value), countMax);
        break;
      case '_since':
        asked.since = dateRange(name, value, context).lo;
        break;
      case '_at':
        asked.at = dateRange(name, value, context);
        break;
      case '_sort':
        if (value !== '_lastUpdated' && value !== '-_lastUpdated')
          throw badParameter(name, '_lastUpdated or -_lastUpdated');
        asked.ascending = value === '_lastUpdated';
        break;
      case '_list':
        list = value.replace(/^List\//, '');
        if (!isId(list)) throw badParameter(name, 'the id of a List; functional lists are not kept here');
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
  return { request: asked, used, token, list };
}

/** A `+` that became a space in the address is taken as meant. */
function dateRange(name: string, value: string, { timeZone }: InteractionContext) {
  const range = parseDateRange(value.replace(' ', '+'), createTimeZone(timeZone));
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

type Projection = ReturnType<typeof createProjection>;

/** `_summary` and `_elements` shape the versions. https://hl7.org/fhir/R4/http.html#parameters */
function readProjection(request: InteractionRequest, context: InteractionContext): Projection {
  const shaping = request.query.filter(([name]) => name === '_summary' || name === '_elements');
  if (shaping.length === 0) return undefined;
  const reading = { handling: 'strict', baseUrl: request.baseUrl } as const;
  const { summary, elements } = readSearch(request.type, shaping, reading, context);
  if (summary === 'count') throw fail('bad-parameter', '_summary=count is for searches only.');
  return createProjection(summary, elements, context.generation().model);
}

/** A version that cannot be told keeps its place. */
function damagedEntryWire(
  row: StoredVersion,
  request: InteractionRequest,
  context: InteractionContext,
): string {
  const { type, id, versionId } = row;
  const { damage } = setDamagedAside([row], request, context);
  const outcome = JSON.stringify(toOperationOutcome(damage));
  const response = `"status":"500","etag":${JSON.stringify(toEtag(versionId))},"outcome":${outcome}`;
  return toWireText(
    `{"fullUrl":"${request.baseUrl}/${type}/${id}","request":{"method":"PUT","url":"${type}/${id}"},"response":{${response}}}`,
  );
}

function entryWire(row: StoredVersion, baseUrl: string, project: Projection): string {
  const { type, id, method } = row;
  const fullUrl = toWireText(`"fullUrl":"${baseUrl}/${type}/${id}"`);
  const shown = (): string =>
    project === undefined ? wireOf(row) : toWireText(projectText(row.json, project));
  const resource = row.deleted ? '' : `,"resource":${shown()}`;
  const url = method === 'POST' ? type : `${type}/${id}`;
  const status = row.deleted ? '204' : method === 'POST' || row.versionId === '1' ? '201' : '200';
  const etag = JSON.stringify(toEtag(row.versionId));
  const response = `"status":"${status}","etag":${etag},"lastModified":"${toInstant(row.lastUpdated)}"`;
  return `{${fullUrl}${resource},"request":{"method":"${method}","url":"${url}"},"response":{${response}}}`;
}
