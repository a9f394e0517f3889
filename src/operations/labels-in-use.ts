/**
 * $meta without an id: the profiles, tags and security labels that resources of a type, or of any, have now. The
 * index names what was ever in use, and a search for each says whether it still is; no resource is read.
 * https://hl7.org/fhir/R4/resource-operation-meta.html
 */
import type { Coding, Meta } from '../fhir/types.ts';
import type { InteractionContext } from '../interactions/context.ts';
import { createPace } from '../interactions/pace.ts';
import type { InteractionRequest } from '../interactions/request.ts';
import { readSearch } from '../interactions/search-reading.ts';
import type { NamedTerm } from '../storage/store.ts';

/** At most `countMax` of each kind are listed. */
export async function labelsInUse(request: InteractionRequest, context: InteractionContext): Promise<Meta> {
  const [profiles, security, tag] = [
    await inUse('_profile', request, context),
    await inUse('_security', request, context),
    await inUse('_tag', request, context),
  ];
  return {
    ...(profiles.length > 0 && { profile: profiles.map(({ code }) => code) }),
    ...(security.length > 0 && { security: security.map(toCoding) }),
    ...(tag.length > 0 && { tag: tag.map(toCoding) }),
  };
}

async function inUse(
  code: string,
  request: InteractionRequest,
  context: InteractionContext,
): Promise<readonly NamedTerm[]> {
  const { definitions, parameters } = context.generation();
  const types = request.type === '' ? definitions.resourceTypes : [request.type];
  const keys = types.flatMap((type) => parameters.find(type, code)?.k ?? []);
  const pace = createPace();
  const found: NamedTerm[] = [];
  for (const term of await context.store.listTerms(keys, context.limits.search.countMax)) {
    const value =
      code === '_profile' ? escapeValue(term.code) : `${escapeValue(term.system)}|${escapeValue(term.code)}`;
    const reading = { handling: 'strict', baseUrl: request.baseUrl } as const;
    const { query } = readSearch(request.type, [[code, value]], reading, context);
    const page = await context.store.search(query, { limit: 1, total: 'none' });
    if (page.rows.length > 0) found.push(term);
    await pace();
  }
  return found.sort((a, b) => (`${a.system}|${a.code}` < `${b.system}|${b.code}` ? -1 : 1));
}

/** https://hl7.org/fhir/R4/search.html#escaping */
function escapeValue(text: string): string {
  return text.replace(/[\\,$|]/g, (char) => `\\${char}`);
}

function toCoding({ system, code }: NamedTerm): Coding {
  return system === '' ? { code } : { system, code };
}
