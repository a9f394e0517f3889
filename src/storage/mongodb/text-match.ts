/**
 * Strings of a resource, as match documents over its list of them: parameter, fold, NUL and original.
 */
import type { Filter } from 'mongodb';
import { assertNever } from '../../fhir/types.ts';
import type { ParamKey } from '../../search/postings.ts';
import type { Condition, Plain } from './conditions.ts';
import type { ResourceDocument } from './documents.ts';
import { paramText } from './index-keys.ts';

type Match = Filter<ResourceDocument>;

const AFTER_ALL = '\u{10ffff}';

export function textMatch({ k, op, value }: Plain & { kind: 'text' }): Match {
  const start = paramText(k);
  switch (op) {
    case 'exact':
      return { s: start + value };
    case 'prefix':
      return { s: { $elemMatch: { $gte: start + value, $lt: start + value + AFTER_ALL } } };
    case 'whole':
      return { s: { $elemMatch: { $gte: `${start}${value}\u0000`, $lt: `${start}${value}\u0001` } } };
    case 'from':
      return { s: { $elemMatch: { $gte: start + value, $lt: start + AFTER_ALL } } };
    case 'below':
      return { s: { $elemMatch: { $gte: `${start}\u0001`, $lt: start + value } } };
    case 'contains':
    case 'suffix':
      return partMatch(start, [partText(op, value)]);
    default:
      return assertNever(op);
  }
}

/** What of one or more parts is looked for by a pattern: patterns have limits, 32,764 bytes in MongoDB and less elsewhere. */
const PATTERN_POINTS_MAX = 150;

/** Those of the conditions that look for parts of strings, as few patterns; what they are not comes back as it is. */
export function partsMatch(of: readonly Condition[]): {
  readonly matches: readonly Match[];
  readonly others: readonly Condition[];
} {
  const parts = new Map<ParamKey, string[]>();
  const others: Condition[] = [];
  for (const one of of) {
    if (one.kind === 'text' && (one.op === 'contains' || one.op === 'suffix')) {
      parts.set(one.k, [...(parts.get(one.k) ?? []), partText(one.op, one.value)]);
    } else others.push(one);
  }
  const matches = [...parts].flatMap(([k, all]) =>
    lotsOfParts(all).map((lot) => partMatch(paramText(k), lot)),
  );
  return { matches, others };
}

/** The original follows a NUL. */
function partText(op: 'contains' | 'suffix', value: string): string {
  return op === 'suffix' ? `${value}\u0000` : value;
}

/** The parts in lots that one pattern can look for. */
function lotsOfParts(parts: readonly string[]): readonly (readonly string[])[] {
  const lots: string[][] = [];
  let points = Number.POSITIVE_INFINITY;
  for (const part of parts) {
    points += [...part].length;
    if (points <= PATTERN_POINTS_MAX) lots.at(-1)?.push(part);
    else {
      lots.push([part]);
      points = [...part].length;
    }
  }
  return lots;
}

/** Within the fold, any of the parts. Most resources fail the parts alone, which costs little to look for. */
function partMatch(start: string, parts: readonly string[]): Match {
  const [first = ''] = parts;
  const points = [...first];
  if (points.length > PATTERN_POINTS_MAX) {
    const pattern = quote(points.slice(0, PATTERN_POINTS_MAX).join(''));
    return { $and: [{ s: { $regex: pattern } }, longPartMatch(start, first)] };
  }
  const pattern = parts.length === 1 ? quote(first) : `(?:${parts.map(quote).join('|')})`;
  return { $and: [{ s: { $regex: pattern } }, { s: { $regex: `^${start}[^\\x00]*${pattern}` } }] };
}

function longPartMatch(start: string, part: string): Match {
  const at = { $indexOfBytes: ['$$text', part, Buffer.byteLength(start)] };
  const within = [
    { $eq: [{ $indexOfBytes: ['$$text', start] }, 0] },
    { $gte: [at, 0] },
    { $lt: [at, { $indexOfBytes: ['$$text', '\u0000'] }] },
  ];
  const each = { input: { $ifNull: ['$s', []] }, as: 'text', in: { $and: within } };
  return { $expr: { $anyElementTrue: [{ $map: each }] } };
}

function quote(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, (point) => `\\x{${point.codePointAt(0)!.toString(16)}}`);
}
