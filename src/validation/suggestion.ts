/** "Did you mean": the nearest name by edit distance, and values shown short and safe in messages. */
import { showText } from '../fhir/shown-value.ts';

/** The nearest candidate, or undefined when none is near. Only the first 500 candidates are looked at. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > 64) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  let left = 500;
  for (const candidate of candidates) {
    if (left-- === 0) break;
    if (candidate.length > 64 || Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, substitutions and swaps of neighbours; `limit` when it is not below that. */
function editDistance(a: string, b: string, limit: number): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(
        (previous[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (previous[j - 1] as number) + same,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] as number) + 1);
      }
      row.push(cost);
      if (cost < least) least = cost;
    }
    if (least >= limit) return limit;
    before = previous;
    previous = row;
  }
  return previous[b.length] as number;
}

const SHOWN_MAX = 60;

/** A value as it may be shown in a message. */
export function show(value: unknown): string {
  if (typeof value === 'string') return showText(value, SHOWN_MAX);
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'object') return 'an object';
  return String(value);
}

export function shorten(text: string): string {
  const line = text.slice(0, 61).replace(/[\p{Cc}\u2028\u2029]/gu, '?');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

/** `a, b and c`, at most `most` of them. */
export function list(names: readonly string[], most = 12): string {
  const shown = names.slice(0, most);
  if (names.length > most) return `${shown.join(', ')} and ${names.length - most} more`;
  if (shown.length < 2) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} or ${shown[shown.length - 1]}`;
}
