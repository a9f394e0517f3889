/**
 * Where a page of a search ended: its moment, so that the next page sees the same state, and its last place. The
 * text is opaque to everyone else; who hands it to clients signs it.
 */
import { Timestamp } from 'mongodb';
import { fail } from '../../fhir/issues.ts';
import type { Place, SortValue } from './order.ts';

export interface PagePosition {
  /** Cluster time of the first page. */
  readonly moment: Timestamp | undefined;
  /** The latest position of a version at that moment: the moment itself, once the server no longer keeps it. */
  readonly latest: bigint;
  readonly place: Place;
  /** What was counted for the first page: later ones show the same state. */
  readonly total?: { readonly value: number; readonly exact: boolean };
}

export function encodePosition({ moment, latest, place, total }: PagePosition): string {
  return JSON.stringify({
    m: moment === undefined ? null : [moment.getHighBitsUnsigned(), moment.getLowBitsUnsigned()],
    c: String(latest),
    p: place.values.map((value) => (typeof value === 'bigint' ? [String(value)] : value)),
    n: String(place.created),
    ...(total !== undefined && { t: total.exact ? total.value : [total.value] }),
  });
}

/** @throws FhirError when the text is not a position */
export function decodePosition(text: string): PagePosition {
  try {
    const { m, c, p, n, t } = JSON.parse(text) as {
      m: [number, number] | null;
      c: string;
      p: (number | string | null | [string])[];
      n: string;
      t?: number | [number];
    };
    return {
      moment: m === null ? undefined : new Timestamp({ t: m[0], i: m[1] }),
      latest: BigInt(c),
      place: {
        values: p.map((value): SortValue => (Array.isArray(value) ? BigInt(value[0]) : value)),
        created: BigInt(n),
      },
      ...(t !== undefined && {
        total: Array.isArray(t) ? { value: t[0], exact: false } : { value: t, exact: true },
      }),
    };
  } catch (error) {
    throw fail('bad-parameter', 'This page link is not valid; start again from the first page.', {
      cause: error,
    } as object);
  }
}
