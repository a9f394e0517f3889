/**
 * search at type, system and compartment level, with GET or POST: a page of matches, what they include, and
 * the links to go on.
 * https://hl7.org/fhir/R4/http.html#search, https://hl7.org/fhir/R4/search.html
 */

import type { Issue } from '../fhir/issues.ts';
import { markDecimals, parseStored, stringifyJson } from '../fhir/json.ts';
import { toOperationOutcome } from '../fhir/outcome.ts';
import { toInstant } from '../fhir/resource-text.ts';
import { toWireText } from '../fhir/wire-text.ts';
import { createProjection, type Project } from '../search/project.ts';
import type { SearchRequest } from '../search/search-request.ts';
import { pageLink, selfLink } from '../search/self-link.ts';
import type { SearchPage, SearchPageRequest, StoredVersion } from '../storage/store.ts';
import { containedHit, searchContained } from './contained-search.ts';
import type { InteractionContext } from './context.ts';
import { setDamagedAside } from './damaged.ts';
import { explainEntry, watchLookUps } from './explain-search.ts';
import { fetchIncludes, NO_INCLUDES } from './includes.ts';
import { searchPackages } from './package-search.ts';
import { openSearch, sealSearch } from './posted-search.ts';
import type { InteractionRequest, InteractionResponse } from './request.ts';
import { chainsInside, readSearch } from './search-reading.ts';
import { refuseAmbiguousIds, versionRemarks } from './search-remarks.ts';

export async function search(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<InteractionResponse> {
  const isCompartment = request.compartmentType !== '';
  const compartment = isCompartment ? { type: request.type, id: request.id } : undefined;
  const type = isCompartment ? request.compartmentType : request.type;
  const handling = request.prefer.handling ?? 'lenient';
  const path = searchPath(request);
  const sealed = openSearch(path, request.query, context.pageTokens);
  const pairs = sealed?.pairs ?? request.query;
  const inside = await chainsInside(pairs, context);
  const reading = { handling, baseUrl: request.baseUrl, compartment, inside };
  const asked = readSearch(type, pairs, reading, context);
  const cursor = sealed === undefined ? openPage(path, asked, context) : sealed.cursor;
  await refuseAmbiguousIds(asked, context);
  const page = await fetchPage(asked, cursor, context);
  const found = setDamagedAside(page.rows, request, context);
  const isExplained = asked.explain || (request.explain === true && context.explainsSearches);
  const watched = isExplained ? watchLookUps(context) : undefined;
  const includes =
    asked.includes.length > 0 && found.sound.length > 0
      ? await fetchIncludes(asked, found.sound, watched?.context ?? context)
      : NO_INCLUDES;
  const included = setDamagedAside(includes.rows, request, context);
  const project = createProjection(asked.summary, asked.elements, context.generation().model);
  const isPosted = sealed !== undefined || request.method === 'POST';
  const links = pageLinks(path, asked, { cursor, next: page.next, isPosted }, context);
  const entries =
    asked.contained === 'false'
      ? found.sound.map((row) => entryWire(row, 'match', request.baseUrl, project))
      : found.sound.flatMap((row) =>
          containedEntries(row, asked, { baseUrl: request.baseUrl, project }, context),
        );
  const matchCount = entries.length + found.damage.length;
  for (const row of included.sound) entries.push(entryWire(row, 'include', request.baseUrl));
  const versions = await versionRemarks(found.sound, asked, request.baseUrl, context);
  const issues = [...asked.issues, ...versions, ...includes.issues, ...found.damage, ...included.damage];
  if (issues.length > 0) entries.push(outcomeWire(issues));
  if (watched !== undefined) {
    const explained = await explainEntry(asked, pageRequest(asked, cursor), context, watched.lookUps);
    entries.push(toWireText(explained));
  }
  const wire = bundleWire(context, totalText(asked, page, matchCount), links, entries);
  return { status: 200, body: { kind: 'wire', wire } };
}

function openPage(
  path: string,
  asked: SearchRequest,
  { pageTokens }: InteractionContext,
): string | undefined {
  return asked.page === undefined ? undefined : pageTokens.decode(asked.page, selfLink(path, asked));
}

/** The self link tells what was searched for; the others of a search by POST do not. */
function pageLinks(
  path: string,
  asked: SearchRequest,
  at: { readonly cursor: string | undefined; readonly next: string | undefined; readonly isPosted: boolean },
  { pageTokens }: InteractionContext,
): string[] {
  const binding = selfLink(path, asked);
  const plain = (cursor: string | undefined): string =>
    cursor === undefined ? binding : pageLink(binding, pageTokens.encode(cursor, binding));
  const linkTo = at.isPosted
    ? (cursor: string | undefined) => sealSearch(path, asked.used, cursor, pageTokens)
    : plain;
  const links = [linkWire('self', plain(at.cursor))];
  if (at.cursor !== undefined) links.push(linkWire('first', linkTo(undefined)));
  if (at.next !== undefined) links.push(linkWire('next', linkTo(at.next)));
  return links;
}

function searchPath(request: InteractionRequest): string {
  const parts = [request.baseUrl, request.type, request.id, request.compartmentType];
  return parts.filter((part) => part !== '').join('/');
}

/** Packages come after what is stored: `p` and an offset is a cursor into them. */
const PACKAGE_CURSOR = /^p(\d+)$/;

function pageRequest(asked: SearchRequest, cursor: string | undefined): SearchPageRequest {
  const isCount = asked.summary === 'count' || asked.count === 0;
  const after = PACKAGE_CURSOR.test(cursor ?? '') ? undefined : cursor;
  return { limit: isCount ? 0 : asked.count, after, total: isCount ? 'accurate' : asked.total };
}

async function fetchPage(
  asked: SearchRequest,
  cursor: string | undefined,
  context: InteractionContext,
): Promise<SearchPage> {
  if (asked.contained !== 'false') return searchContained(asked, pageRequest(asked, cursor), context);
  const owned = await searchPackages(context.generation(), asked.query);
  const skip = PACKAGE_CURSOR.exec(cursor ?? '')?.[1];
  const { limit, total } = pageRequest(asked, cursor);
  const stored: SearchPage =
    skip === undefined
      ? await context.store.search(asked.query, { limit, after: cursor, total })
      : await context.store.search(asked.query, { limit: 0, total });
  if (owned.length === 0) return stored;
  const sum = stored.total && { ...stored.total, value: stored.total.value + owned.length };
  if (skip === undefined && (stored.next !== undefined || limit === 0)) return { ...stored, total: sum };
  const from = Number(skip ?? 0);
  const mine = skip === undefined ? stored.rows : [];
  const fill = owned.slice(from, from + limit - mine.length).map((make) => make());
  const end = from + fill.length;
  const next = end < owned.length && limit > 0 ? `p${end}` : undefined;
  return { rows: [...mine, ...fill], next, total: sum };
}

/**
 * The total is stated when it was asked for, or when one page holds everything.
 * https://hl7.org/fhir/R4/search.html#total
 */
function totalText(asked: SearchRequest, page: SearchPage, matchCount: number): string {
  if (page.total !== undefined) return `,"total":${page.total.value}`;
  const isWhole = asked.page === undefined && page.next === undefined && asked.count > 0;
  return isWhole ? `,"total":${matchCount}` : '';
}

/** Of links and entries that are as fhir/wire-text.ts has it, as all of this file is. */
export function bundleWire(
  context: InteractionContext,
  total: string,
  links: readonly string[],
  entries: readonly string[],
  type = 'searchset',
): string {
  const meta = `"meta":{"lastUpdated":"${toInstant(context.now())}"}`;
  // not joined: that would copy each text once more than sending the whole does
  let list = '';
  for (const entry of entries) list += list === '' ? entry : `,${entry}`;
  const entry = list === '' ? '' : `,"entry":[${list}]`;
  return `{"resourceType":"Bundle","id":"${context.newId()}",${meta},"type":"${type}"${total},"link":[${links.join(',')}]${entry}}`;
}

export function linkWire(relation: string, url: string): string {
  return toWireText(`{"relation":"${relation}","url":${JSON.stringify(url)}}`);
}

/**
 * A container that was found, or the resources in it that were.
 * https://hl7.org/fhir/R4/search.html#contained
 */
function containedEntries(
  row: StoredVersion,
  asked: SearchRequest,
  { baseUrl, project }: { readonly baseUrl: string; readonly project: Project | undefined },
  context: InteractionContext,
): readonly string[] {
  const hit = containedHit(row, asked, context);
  const whole = hit?.isWhole === true ? [entryWire(row, 'match', baseUrl, project)] : [];
  const parts = (hit?.parts ?? []).map((resource) => {
    const shown = project === undefined ? resource : project(resource);
    markDecimals(shown);
    const fullUrl = `${baseUrl}/${row.type}/${row.id}#${resource.id}`;
    const text = `{"fullUrl":${JSON.stringify(fullUrl)},"resource":${stringifyJson(shown)},"search":{"mode":"match"}}`;
    return toWireText(text);
  });
  return [...whole, ...parts];
}

export function entryWire(
  row: StoredVersion,
  mode: 'match' | 'include',
  baseUrl: string,
  project?: Project,
): string {
  const wire = project === undefined ? wireOf(row) : toWireText(projectText(row.json, project));
  const start = toWireText(`{"fullUrl":"${baseUrl}/${row.type}/${row.id}","resource":`);
  return `${start}${wire},"search":{"mode":"${mode}"}}`;
}

/** Stored text as it leaves. */
export function wireOf(row: StoredVersion): string {
  return row.wire ?? toWireText(row.json);
}

/** Stored text as the projection leaves it, decimals to the digit. */
export function projectText(json: string, project: Project): string {
  const projected = project(parseStored(json));
  markDecimals(projected);
  return stringifyJson(projected);
}

export function outcomeWire(issues: readonly Issue[]): string {
  return toWireText(`{"resource":${JSON.stringify(toOperationOutcome(issues))},"search":{"mode":"outcome"}}`);
}
