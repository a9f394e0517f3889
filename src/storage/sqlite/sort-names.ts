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
  let last: { readonly candidate: Candidate; readonly resource: unknown } | undefined;
  return Object.assign(createTermNames(connection), {
    resourceOf(candidate: Candidate): unknown {
      // several keys ask for the same one
      if (last?.candidate !== candidate) last = { candidate, resource: read(connection, candidate) };
      return last.resource;
    },
  });
}

function read(connection: Connection, { rid, v }: Candidate): unknown {
  const kept = readByRid(connection, rid, v);
  const json = soundText(kept.body, kept);
  return json === undefined ? undefined : JSON.parse(json);
}
