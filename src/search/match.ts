/**
 * A query against one resource in memory: subscriptions, and the oracle that both engines are tested against.
 * https://hl7.org/fhir/R4/search.html
 */
import { assertNever } from '../fhir/types.ts';
import { distanceM } from './near.ts';
import type { Postings } from './postings.ts';
import type { Predicate } from './query.ts';
import { rangeMatches } from './ranges.ts';
import { hashReference } from './term-forms.ts';

export interface Candidate {
  readonly type: string;
  readonly id: string;
  /** ms since the epoch. */
  readonly lastUpdated: number;
  readonly postings: Postings;
}

/** Everything else that chains may look at: all live resources of a type. */
export type Candidates = (type: string) => Iterable<Candidate>;

export function matches(predicate: Predicate, candidate: Candidate, others: Candidates): boolean {
  const { postings } = candidate;
  switch (predicate.kind) {
    case 'all':
      return predicate.of.every((member) => matches(member, candidate, others));
    case 'any':
      return predicate.of.some((member) => matches(member, candidate, others));
    case 'not':
      return !matches(predicate.of, candidate, others);
    case 'term':
      return postings.terms.some(({ k, h }) => k === predicate.k && predicate.terms.includes(h));
    case 'code':
      return postings.terms.some(({ k, code }) => k === predicate.k && code === predicate.code);
    case 'system':
      return postings.terms.some(({ k, system }) => k === predicate.k && system === predicate.system);
    case 'words':
      return matchesWords(predicate, postings);
    case 'text':
      return matchesText(predicate, postings);
    case 'date':
      return postings.dates.some(
        ({ k, lo, hi }) =>
          k === predicate.k && rangeMatches(predicate.prefix, lo, hi, predicate.lo, predicate.hi),
      );
    case 'number':
      return matchesNumber(predicate, postings);
    case 'near':
      return postings.numbers.some(
        ({ k, lo, hi }) =>
          k === predicate.k &&
          distanceM(lo, hi, predicate.latitude, predicate.longitude) <= predicate.radiusM,
      );
    case 'present':
      return postings.present.includes(predicate.k);
    case 'id':
      return predicate.ids.includes(candidate.id);
    case 'type':
      return predicate.types.includes(candidate.type);
    case 'updated': {
      const at = candidate.lastUpdated;
      return rangeMatches(predicate.prefix, at, at + 1, predicate.lo, predicate.hi);
    }
    case 'chain':
      return matchesChain(predicate, candidate, others);
    case 'has':
      return matchesHas(predicate, candidate, others);
    default:
      return assertNever(predicate);
  }
}

type Of<K extends Predicate['kind']> = Extract<Predicate, { kind: K }>;

function matchesWords({ k, value }: Of<'words'>, { terms }: Postings): boolean {
  return terms.some(
    (term) => term.k === k && term.code !== undefined && ` ${term.code}`.includes(` ${value}`),
  );
}

function matchesText({ k, op, value }: Of<'text'>, { texts }: Postings): boolean {
  return texts.some((posting) => {
    if (posting.k !== k) return false;
    if (op === 'exact') return posting.text === value;
    if (op === 'prefix') return posting.text.startsWith(value);
    const fold = posting.text.slice(0, posting.text.indexOf('\u0000'));
    if (op === 'whole') return fold === value;
    if (op === 'from' || op === 'below') {
      const first = fold.codePointAt(0);
      return first !== undefined && first >= (value.codePointAt(0) as number) === (op === 'from');
    }
    return op === 'suffix' ? fold.endsWith(value) : fold.includes(value);
  });
}

function matchesNumber(predicate: Of<'number'>, { numbers }: Postings): boolean {
  const { units, prefix, lo, hi } = predicate;
  return numbers.some(
    (posting) =>
      posting.k === predicate.k &&
      (units.length === 0 || units.includes(posting.u)) &&
      rangeMatches(prefix, posting.lo, posting.hi, lo, hi),
  );
}

function matchesChain(
  { k, target, where }: Of<'chain'>,
  { postings }: Candidate,
  others: Candidates,
): boolean {
  for (const other of others(target)) {
    const h = hashReference(other.type, other.id);
    if (postings.terms.some((term) => term.k === k && term.h === h) && matches(where, other, others))
      return true;
  }
  return false;
}

function matchesHas({ source, k, where }: Of<'has'>, { type, id }: Candidate, others: Candidates): boolean {
  const h = hashReference(type, id);
  for (const other of others(source)) {
    if (other.postings.terms.some((term) => term.k === k && term.h === h) && matches(where, other, others))
      return true;
  }
  return false;
}
