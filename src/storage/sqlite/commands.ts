/**
 * Write commands as the writer takes them: postings packed, terms in the clear beside them. Packing happens
 * where the request is served, so that the writer only writes.
 */

import type { Postings } from '../../search/postings.ts';
import { packPostings } from '../packed-postings.ts';
import type {
  Amendment,
  Expected,
  IndexState,
  Precondition,
  ReindexEntry,
  ResourceKey,
  WriteCommand,
} from '../store.ts';
import { hashOf, orderOfDate } from './index-keys.ts';
import type { IndexRow } from './index-row.ts';
import type { KnownNames, NamedTerm } from './known-names.ts';

export interface PackedPostings {
  readonly d: number;
  readonly packed: Uint8Array;
  readonly named: readonly NamedTerm[];
}

export type PackedCommand =
  | {
      readonly kind: 'put';
      readonly type: string;
      readonly id: string;
      readonly h: number;
      readonly method: 'POST' | 'PUT';
      readonly before: string;
      readonly after: string;
      readonly expected: Expected;
      readonly postings: PackedPostings;
    }
  | {
      readonly kind: 'delete';
      readonly type: string;
      readonly id: string;
      readonly h: number;
      readonly expected: Expected;
    };

export interface PackedReindex {
  readonly type: string;
  readonly id: string;
  readonly h: number;
  readonly versionId: string;
  readonly postings: PackedPostings;
}

export interface PackedAmendment extends PackedReindex {
  readonly from: string;
  readonly to: string;
}

export type WriteRequest =
  | {
      readonly kind: 'transact';
      readonly commands: readonly PackedCommand[];
      readonly preconditions: readonly Precondition[];
    }
  | { readonly kind: 'reindex'; readonly entries: readonly PackedReindex[] }
  | { readonly kind: 'note'; readonly state: IndexState }
  | { readonly kind: 'amend'; readonly amendment: PackedAmendment }
  /** Writes all index rows of live resources again, takes away others, and sets numbers of resources by type. */
  | {
      readonly kind: 'mend';
      readonly keys: readonly (ResourceKey & { readonly h: number })[];
      readonly drop: readonly IndexRow[];
      readonly counts?: ReadonlyMap<string, number>;
    };

/** Names that are `known` are left out. */
export function packCommand(command: WriteCommand, known: KnownNames): PackedCommand {
  const { type, id, expected } = command;
  const h = hashOf(type, id);
  if (command.kind === 'delete') return { kind: 'delete', type, id, h, expected };
  const { before, after } = command.text;
  const postings = pack(command.postings, known);
  return { kind: 'put', type, id, h, method: command.method, before, after, expected, postings };
}

export function packReindex(entry: ReindexEntry): PackedReindex {
  const { type, id, versionId } = entry;
  return { type, id, h: hashOf(type, id), versionId, postings: pack(entry.postings) };
}

export function packAmendment(amendment: Amendment): PackedAmendment {
  const { from, to } = amendment;
  return { ...packReindex(amendment), from, to };
}

function pack(postings: Postings, known?: KnownNames): PackedPostings {
  const named: NamedTerm[] = [];
  for (const { k, h, system, code } of postings.terms) {
    if (code === undefined && system === undefined) continue;
    if (known?.has(k, h) !== true) named.push([k, h, system ?? '', code ?? '']);
  }
  return { d: orderOfDate(postings.date), packed: packPostings(postings), named };
}
