/**
 * Postings as they were given, read back from what is indexed: for the compare command and for tests.
 */
import type { Postings, TermPosting } from '../../search/postings.ts';
import type { ResourceDocument } from './documents.ts';
import { hashInKey, manyKey, paramOfKey, paramText, termKey } from './index-keys.ts';
import { dateOfOrderKey } from './order-key.ts';
import { decodeInteger, PARAM_WIDTH } from './ordered-text.ts';
import type { TermDictionary } from './term-dictionary.ts';

export async function postingsOf(document: ResourceDocument, dictionary: TermDictionary): Promise<Postings> {
  const postings = storedPostings(document);
  const known = await dictionary.read(postings.terms.map(({ k, h }) => termKey(k, h)));
  return {
    ...postings,
    terms: postings.terms.map(({ k, h }) => {
      const term = known.get(termKey(k, h));
      if (term === undefined) return { k, h };
      return { k, h, ...(term.system !== undefined && { system: term.system }), code: term.code };
    }),
  };
}

/** Without what only the dictionary knows. */
export function storedPostings({ o, k: keys, x, s, dt, q, pr }: ResourceDocument): Postings {
  const terms: TermPosting[] = [];
  for (const key of keys) {
    const k = paramOfKey(key);
    const h = k === undefined ? undefined : hashInKey(key, `${paramText(k)}t`);
    if (k !== undefined && h !== undefined) terms.push({ k, h });
  }
  for (const unlisted of x ?? []) {
    const k = decodeInteger(unlisted.slice(0, PARAM_WIDTH));
    const h = decodeInteger(unlisted.slice(PARAM_WIDTH + 1));
    terms.push({ k, h, role: unlisted.startsWith(manyKey(k)) ? 'pair' : 'implied' });
  }
  return {
    date: dateOfOrderKey(o),
    terms,
    texts: (s ?? []).map((text) => ({
      k: decodeInteger(text.slice(0, PARAM_WIDTH)),
      text: text.slice(PARAM_WIDTH),
    })),
    dates: (dt ?? []).map(({ p, l, h }) => ({ k: p, lo: l, hi: h })),
    numbers: (q ?? []).map(({ p, u, l, h }) => ({ k: p, u, lo: l, hi: h })),
    present: [...(pr ?? [])],
  };
}
