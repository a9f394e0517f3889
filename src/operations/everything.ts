/**
 * Patient/$everything: the patient, all that is in the patient's compartment, and the sites, staff and other
 * resources that those refer to. Paged; nothing of another patient's compartment comes along.
 * https://hl7.org/fhir/R4/patient-operation-everything.html
 */
import { fail } from '../fhir/issues.ts';
import type { InteractionContext } from '../interactions/context.ts';
import { setDamagedAside } from '../interactions/damaged.ts';
import type { OperationRow } from '../interactions/dispatch.ts';
import { requireLive } from '../interactions/live-version.ts';
import type { InteractionRequest, InteractionResponse, QueryPair } from '../interactions/request.ts';
import { bundleWire, entryWire, linkWire, outcomeWire } from '../interactions/search.ts';
import { readSearch } from '../interactions/search-reading.ts';
import { compartmentTypes } from '../search/compartment.ts';
import { selfLink } from '../search/self-link.ts';
import type { ResourceKey, StoredVersion } from '../storage/store.ts';

export const everythingOperation: OperationRow = {
  name: '$everything',
  levels: ['instance'],
  types: ['Patient'],
  affectsState: false,
  definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
  title: 'All that is known of a patient',
  handle: everything,
};

/** Parameter of the operation -> how the compartment search asks it; `_page` is the position of a page. */
const PARAMETERS: Readonly<Record<string, (value: string) => QueryPair>> = {
  _since: (value) => ['_lastUpdated', `ge${value}`],
  _type: (value) => ['_type', value],
  _count: (value) => ['_count', value],
  _page: (value) => ['_page', value],
};

async function everything(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<InteractionResponse> {
  const { id, baseUrl } = request;
  requireLive(await context.store.read('Patient', id), 'Patient');
  const asked = request.query.filter(([name]) => name !== '_format' && name !== '_pretty');
  const pairs = asked.map(([name, value]) => toSearchPair(name, value));
  const isCounted = asked.some(([name]) => name === '_count');
  if (!isCounted) pairs.push(['_count', String(context.limits.search.countMax)]);
  const compartment = { type: 'Patient', id };
  const search = readSearch('*', pairs, { handling: 'strict', baseUrl, compartment }, context);
  const path = `${baseUrl}/Patient/${id}/$everything`;
  const own = { ...search, used: asked.filter(([name]) => name !== '_page') };
  const binding = selfLink(path, own);
  const cursor = search.page === undefined ? undefined : context.pageTokens.decode(search.page, binding);
  const page = await context.store.search(search.query, {
    limit: search.count,
    after: cursor,
    total: 'none',
  });
  const found = setDamagedAside(page.rows, request, context);
  const around = setDamagedAside(
    await context.store.readMany(referredTo(found.sound, context)),
    request,
    context,
  );
  const issues = [...found.damage, ...around.damage];
  const links = [linkWire('self', selfLink(path, own, search.page))];
  if (page.next !== undefined) {
    links.push(linkWire('next', selfLink(path, own, context.pageTokens.encode(page.next, binding))));
  }
  const entries = [
    ...found.sound.map((row) => entryWire(row, 'match', baseUrl)),
    ...around.sound.map((row) => entryWire(row, 'include', baseUrl)),
    ...(issues.length > 0 ? [outcomeWire(issues)] : []),
  ];
  return { status: 200, body: { kind: 'wire', wire: bundleWire(context, '', links, entries) } };
}

function toSearchPair(name: string, value: string): QueryPair {
  const convert = PARAMETERS[name];
  if (convert !== undefined) return convert(value);
  const known = Object.keys(PARAMETERS).filter((one) => one !== '_page');
  throw fail('unknown-parameter', `$everything takes ${known.join(', ')}.`, { expression: 'http.query' });
}

const REFERENCE = /"reference":"([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})"/g;

/** Targets outside every patient compartment: sites, staff, medicines, devices. */
function referredTo(rows: readonly StoredVersion[], context: InteractionContext): readonly ResourceKey[] {
  const { parameters } = context.generation();
  const personal = new Set(compartmentTypes(parameters, 'Patient'));
  const keys = new Map<string, ResourceKey>();
  for (const row of rows) {
    for (const [, type = '', id = ''] of row.json.matchAll(REFERENCE)) {
      if (personal.has(type) || keys.size >= context.limits.search.includedMax) continue;
      keys.set(`${type}/${id}`, { type, id });
    }
  }
  return [...keys.values()];
}
