/**
 * What R4 wants to be said of a search that only the store can tell: that an id without its type means several
 * resources, and that a chain looked at other versions than references name.
 * https://hl7.org/fhir/R4/search.html#reference, https://hl7.org/fhir/R4/search.html#versions
 */
import { type Issue, issue } from '../fhir/issues.ts';
import { parseStored } from '../fhir/json.ts';
import { isObject } from '../search/emit.ts';
import { referencesOf } from '../search/include.ts';
import { localPart } from '../search/reference-forms.ts';
import { badValue } from '../search/search-errors.ts';
import type { BareIds, SearchRequest } from '../search/search-request.ts';
import type { StoredVersion } from '../storage/store.ts';
import type { InteractionContext } from './context.ts';

/** @throws FhirError 400 when an id without a type is that of resources of several types that may be meant */
export async function refuseAmbiguousIds(
  { bareIds, page }: Pick<SearchRequest, 'bareIds' | 'page'>,
  context: InteractionContext,
): Promise<void> {
  // the first page has asked
  if (bareIds === undefined || page !== undefined) return;
  for (const bare of bareIds) await refuseAmbiguous(bare, context);
}

async function refuseAmbiguous(
  { name, ids, targets }: BareIds,
  { store }: InteractionContext,
): Promise<void> {
  const types = new Map<string, string>();
  for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
    const keys = ids.slice(at, at + IDS_AT_ONCE).flatMap((id) => targets.map((type) => ({ type, id })));
    for (const { type, id } of await store.readMany(keys)) {
      const other = types.get(id);
      if (other !== undefined) {
        throw badValue(
          name,
          `${other}/${id} and ${type}/${id} are both here; write ${other}/${id}, or name the type as in ${name}:${other}.`,
        );
      }
      types.set(id, type);
    }
  }
}

/** Ids that are looked for together, each under all types. */
const IDS_AT_ONCE = 5;

/** Remarks on one page. */
const REMARKS_MAX = 20;
const VERSIONED = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})\/_history\/([A-Za-z0-9\-.]{1,64})$/;

/** Where a resource of the page names a version that is not the present one, at which chains look. */
export async function versionRemarks(
  rows: readonly StoredVersion[],
  { followed }: Pick<SearchRequest, 'followed'>,
  baseUrl: string,
  { store }: InteractionContext,
): Promise<readonly Issue[]> {
  if (followed === undefined) return [];
  const named: {
    readonly from: string;
    readonly type: string;
    readonly id: string;
    readonly versionId: string;
  }[] = [];
  for (const row of rows) {
    if (!row.json.includes('/_history/')) continue;
    const resource = parseStored(row.json);
    for (const parameter of followed) {
      if (parameter.base !== row.type) continue;
      for (const { value } of referencesOf(parameter, resource)) {
        const reference = isObject(value) ? value.reference : value;
        const match = typeof reference === 'string' ? VERSIONED.exec(localPart(reference, baseUrl)) : null;
        if (match === null) continue;
        const [, type = '', id = '', versionId = ''] = match;
        named.push({ from: `${row.type}/${row.id}`, type, id, versionId });
      }
    }
  }
  if (named.length === 0) return [];
  const present = new Map<string, string>();
  for (const { type, id, versionId } of await store.readMany(named)) present.set(`${type}/${id}`, versionId);
  const remarks = new Set<string>();
  for (const { from, type, id, versionId } of named) {
    const now = present.get(`${type}/${id}`);
    if (now === undefined || now === versionId) continue;
    remarks.add(
      `${from} refers to version ${versionId} of ${type}/${id}; the search looked at the present one, version ${now}.`,
    );
  }
  return [...remarks].slice(0, REMARKS_MAX).map((text) => issue('other-version-searched', text));
}
