/**
 * What values of an order are looked up in beside the index: the dictionary of codes, and the texts of resources.
 */
import type { TermNames } from '../packed-postings.ts';
import type { Candidate } from './candidate.ts';
import { soundText } from './checked-text.ts';
import type { Connection } from './connection.ts';
import { createTermNames } from './dictionary.ts';
import { readByRid } from './stored.ts';

export interface SortNames extends TermNames {
  /** Undefined where the text is damaged. */
  resourceOf(candidate: Candidate): unknown;
}

export function createSortNames(connection: Connection): SortNames {
  // several keys ask for the same one, and who puts it at its place asks again
  const known = new WeakMap<Candidate, { readonly resource: unknown }>();
  const types = new Map<number, string>();
  const typeName = (t: number): string => {
    let name = types.get(t);
    if (name === undefined) {
      name = connection.row(TYPE_NAME, t)?.[0] as string;
      types.set(t, name);
    }
    return name;
  };
  const textOf = (candidate: Candidate): string | undefined => {
    const { rid, v, id, t, ts, text } = candidate;
    if (text === undefined) {
      const kept = readByRid(connection, rid, v);
      return soundText(kept.body, kept);
    }
    return soundText(text.body, {
      type: typeName(t),
      id,
      versionId: String(v),
      lastUpdated: ts,
      op: text.op,
    });
  };
  return Object.assign(createTermNames(connection), {
    resourceOf(candidate: Candidate): unknown {
      let one = known.get(candidate);
      if (one === undefined) {
        const json = textOf(candidate);
        one = { resource: json === undefined ? undefined : JSON.parse(json) };
        known.set(candidate, one);
      }
      return one.resource;
    },
  });
}

const TYPE_NAME = 'SELECT name FROM typ WHERE id = ?';
