/**
 * Makes the table of phrases that shortens stored text:  node scripts/phrases/make.ts > src/storage/sqlite/phrases.ts
 * It is made once for each version of the table; rows keep the version that they were written with.
 *
 * Names, systems, codes and their displays that stand together again and again in HL7's examples and in made-up
 * families are joined, the most frequent pair first. Values that tell of somebody or of a place are never part of one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeText } from '../../src/fhir/resource-text.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { populate } from '../../src/seed/population.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'node_modules', 'hl7.fhir.r4.examples');
/** An example counts as much as so many made-up resources. */
const EXAMPLE_WEIGHT = 2;
const EXAMPLE_UNITS_MAX = 20_000;
const PATIENTS = 250;
const ROUNDS = 200;
const PAIRS_PER_ROUND = 40;
const PAIR_COUNT_MIN = 12;
const PHRASE_UNITS_MIN = 6;
const PHRASE_UNITS_MAX = 300;
const PHRASES_MAX = 1_440;

interface Text {
  readonly weight: number;
  pieces: readonly string[];
}

function* examples(): Iterable<Text> {
  for (const name of readdirSync(EXAMPLES)) {
    if (!/^[A-Z].*\.json$/.test(name)) continue;
    const resource = JSON.parse(readFileSync(join(EXAMPLES, name), 'utf8')) as Resource;
    if (isDefinition(resource)) continue;
    const { text: _, ...rest } = resource;
    const { after } = composeText(rest as Resource, '');
    if (after.length <= EXAMPLE_UNITS_MAX) yield { weight: EXAMPLE_WEIGHT, pieces: cut(after) };
  }
}

function isDefinition({ url, resourceType }: Resource): boolean {
  return url !== undefined || resourceType === 'Bundle' || resourceType === 'Parameters';
}

function* families(): Iterable<Text> {
  for (const { resources } of populate({ patients: PATIENTS, seed: 5 })) {
    for (const resource of resources) yield { weight: 1, pieces: cut(composeText(resource, '').after) };
  }
}

/** Elements whose values are words of a terminology or of the format. */
const WORDS: ReadonlySet<string> = new Set(
  'system code display url status use unit intent mode kind type valueCode valueUri profile currency'.split(
    ' ',
  ),
);
const VALUE = /^(?:https?:|urn:oid:)|^[a-zA-Z][\w ,()/.-]{0,60}$/;

/** Pieces that begin with a quotation mark can be joined; what lies between them cannot. */
function cut(text: string): string[] {
  const pieces: string[] = [];
  let key = '';
  for (const { 0: part, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[^"]+/g)) {
    if (!part.startsWith('"')) {
      const marks = /^[[\]{}:,]*/.exec(part)?.[0] ?? '';
      if (pieces.at(-1)?.startsWith('"') === true) pieces.push(`${pieces.pop()}${marks}`);
      else pieces.push(marks);
      if (marks.length < part.length) pieces.push(part.slice(marks.length));
      continue;
    }
    const inner = part.slice(1, -1);
    const isName = text[index + part.length] === ':';
    if (isName) key = inner;
    if (isName || (WORDS.has(key) && VALUE.test(inner))) {
      pieces.push(part);
    } else if (key === 'reference' && /^[A-Z][A-Za-z]+\//.test(inner)) {
      const slash = inner.indexOf('/') + 1;
      pieces.push(`"${inner.slice(0, slash)}`, inner.slice(slash), '"');
    } else pieces.push('"', inner, '"');
  }
  return pieces;
}

/** Joins pairs until none is frequent; all that came to be used. */
function joinPairs(texts: Text[]): string[] {
  for (let round = 0; round < ROUNDS; round++) {
    const counts = new Map<string, Map<string, number>>();
    for (const { weight, pieces } of texts) {
      for (let at = 1; at < pieces.length; at++) {
        const [a, b] = [pieces[at - 1] as string, pieces[at] as string];
        if (!a.startsWith('"') || !b.startsWith('"') || a.length + b.length > PHRASE_UNITS_MAX) continue;
        let after = counts.get(a);
        if (after === undefined) {
          after = new Map();
          counts.set(a, after);
        }
        after.set(b, (after.get(b) ?? 0) + weight);
      }
    }
    const best = [...counts]
      .flatMap(([a, after]) => [...after].map(([b, count]) => ({ a, b, count })))
      .filter(({ count }) => count >= PAIR_COUNT_MIN)
      .sort((one, other) => other.count - one.count || (one.a + one.b < other.a + other.b ? -1 : 1))
      .slice(0, PAIRS_PER_ROUND);
    const taken = new Set<string>();
    const pairs = new Map<string, string>();
    for (const { a, b } of best) {
      if (taken.has(a) || taken.has(b)) continue;
      taken.add(a).add(b);
      pairs.set(a, b);
    }
    if (pairs.size === 0) break;
    for (const text of texts) text.pieces = joined(text.pieces, pairs);
  }
  return [...new Set(texts.flatMap(({ pieces }) => pieces))].filter((piece) => piece.startsWith('"'));
}

function joined(pieces: readonly string[], pairs: ReadonlyMap<string, string>): string[] {
  const out: string[] = [];
  for (let at = 0; at < pieces.length; at++) {
    const piece = pieces[at] as string;
    const next = pairs.get(piece);
    if (next !== undefined && pieces[at + 1] === next) {
      out.push(piece + next);
      at++;
    } else out.push(piece);
  }
  return out;
}

/** Those that save most when the longest that fits is always taken. */
function choose(texts: readonly { weight: number; text: string }[], candidates: readonly string[]): string[] {
  let kept = candidates.filter(({ length }) => length >= PHRASE_UNITS_MIN && length <= PHRASE_UNITS_MAX);
  for (const max of [12_000, 5_000, 2_500, PHRASES_MAX]) {
    const uses = new Map<string, number>();
    const byStart = Map.groupBy(kept, (phrase) => phrase.slice(0, PHRASE_UNITS_MIN));
    for (const list of byStart.values()) list.sort((a, b) => b.length - a.length);
    for (const { text, weight } of texts) {
      for (let at = text.indexOf('"'); at >= 0; ) {
        const list = byStart.get(text.slice(at, at + PHRASE_UNITS_MIN)) ?? [];
        const found = list.find((phrase) => text.startsWith(phrase, at));
        if (found !== undefined) uses.set(found, (uses.get(found) ?? 0) + weight);
        at = text.indexOf('"', at + (found?.length ?? 1));
      }
    }
    const gain = (phrase: string): number => (uses.get(phrase) ?? 0) * (phrase.length - 2);
    kept = kept
      .filter((phrase) => gain(phrase) > 3 * phrase.length)
      .sort((a, b) => gain(b) - gain(a) || (a < b ? -1 : 1))
      .slice(0, max);
  }
  return kept.sort();
}

function source(phrases: readonly string[]): string {
  return `/**
 * Text that stands in stored resources again and again: version 1 of the table, made by scripts/phrases/make.ts. Rows
 * hold places in it, so it never changes; another table would be version 2 beside it.
 */
export const PHRASES_1: readonly string[] = [
${phrases.map((phrase) => `  '${phrase.replace(/[\\']/g, '\\$&')}',`).join('\n')}
];
`;
}

const corpus: Text[] = [...examples(), ...families()];
const phrases = choose(
  corpus.map(({ weight, pieces }) => ({ weight, text: pieces.join('') })),
  joinPairs(corpus),
);
process.stdout.write(source(phrases));
