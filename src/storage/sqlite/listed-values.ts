/**
 * Who has which value of an order, where the index lists it: the different values in order, each with its resources.
 * The index has digests of references; what they stand for is told by the resources that are referred to.
 * https://hl7.org/fhir/R4/search.html#sort
 */
import type { ContentSource, SortSource } from '../../search/query.ts';
import { contentValues } from '../../search/sort-values.ts';
import { hashTerm } from '../../search/term-hash.ts';
import { type Bits, setBit } from './bits.ts';
import { emptyBits, keptOrMade } from './kept-sets.ts';
import { costOfCounted } from './list-lengths.ts';
import { compareTexts } from './order.ts';
import { costOfTexts, textCandidates } from './read-candidates.ts';
import type { Columns } from './read-references.ts';
import { columnsKind } from './reference-columns.ts';
import { readList } from './source-lists.ts';
import type { Making } from './value-order.ts';

export interface ListedValues {
  /** In the order of the key; the same resource may have several. */
  each(): Iterable<{ readonly text: string; readonly rids: Iterable<number> }>;
  /** Resources that the lists do not tell all of. */
  readonly apart: Bits;
}

interface Value {
  readonly text: string;
  rids(): Iterable<number>;
}

/** Undefined where a source has values that are not listed. */
export function listValues(making: Making): ListedValues | undefined {
  const { key, view } = making;
  if (!key.of.every(isListed)) return undefined;
  const apart = emptyBits(view);
  const values = key.of.flatMap((source) =>
    source.by === 'content'
      ? referenceValues(source as ListedSource, making, apart)
      : codeValues(source.k, making),
  );
  values.sort((a, b) => compareTexts(a.text, b.text));
  if (key.descending) values.reverse();
  return { apart, each: () => grouped(values) };
}

type ListedSource = ContentSource & { readonly posted: NonNullable<ContentSource['posted']> };

function isListed(source: SortSource): boolean {
  return source.by === 'term' || (source.by === 'content' && source.posted?.inTerms === true);
}

/** Several lists may have one text: systems of a code, and parameters. */
function* grouped(values: readonly Value[]): Iterable<{ text: string; rids: Iterable<number> }> {
  for (let at = 0; at < values.length; ) {
    const { text } = values[at] as Value;
    const from = at;
    while (values[at]?.text === text) at++;
    const same = values.slice(from, at);
    yield {
      text,
      rids: same.length === 1 ? (same[0] as Value).rids() : new Set(same.flatMap((one) => [...one.rids()])),
    };
  }
}

const CODES = 'SELECT code, h FROM dict INDEXED BY dict_code WHERE k = ?';
const LISTED = 'SELECT group_concat(rid), count(*) FROM ix WHERE k = ? AND h = ?';

function codeValues(k: number, { view, meter }: Making): readonly Value[] {
  const rows = view.connection.rows(CODES, k) as [string, number][];
  meter.spend(Math.ceil(rows.length / LOOKED_UP_PER_ROW));
  return rows.map(([text, h]) => ({
    text,
    rids() {
      const [list, count] = view.connection.row(LISTED, k, h) as [string | null, number];
      meter.spend(costOfCounted(count));
      return list === null ? [] : list.split(',').map(Number);
    },
  }));
}

/** Values that are looked up for the price of a row. */
const LOOKED_UP_PER_ROW = 16;
const TARGETS = 'SELECT r.rid, r.t, r.id FROM json_each(?) j CROSS JOIN res r ON r.rid = j.value';
const AT_ONCE = 2_000;

function referenceValues(source: ListedSource, making: Making, apart: Bits): readonly Value[] {
  const { view, meter } = making;
  const { k, type } = source.posted;
  const columns = keptOrMade(columnsKind(k, view, meter), view, meter) as Columns;
  const { lists, dangling, changed } = columns;
  for (const rid of changed.keys()) setBit(apart, rid);
  const values: Value[] = [];
  const sources = new Int32Array(lists.longest);
  const rids = (list: number) => () => sources.subarray(0, readList(lists, list, sources));
  meter.spend(Math.ceil(lists.targets.length / LOOKED_UP_PER_ROW));
  for (let at = 0; at < lists.targets.length; at += AT_ONCE) {
    const part = lists.targets.subarray(at, at + AT_ONCE);
    const names = new Map<number, string>();
    for (const [rid, t, id] of view.connection.rows(TARGETS, `[${part.join()}]`)) {
      const name = view.typeName(t as number);
      if (type === undefined || type === name) names.set(rid as number, `${name}/${id}`);
    }
    for (const [index, target] of part.entries()) {
      const text = names.get(target);
      if (text !== undefined) values.push({ text, rids: rids(at + index) });
    }
  }
  for (const [h, list] of dangling) {
    const text = textOf(h, rids(list)(), source, making);
    if (text !== undefined) values.push({ text, rids: rids(list) });
    else for (const rid of rids(list)()) setBit(apart, rid);
  }
  meter.spend(costOfTexts(dangling.size));
  return values;
}

/** What a digest is of, as one of those that have it tells. */
function textOf(
  h: number,
  rids: Int32Array,
  source: ListedSource,
  { view, names }: Making,
): string | undefined {
  for (const candidate of textCandidates(rids.subarray(0, 1), view)) {
    return contentValues(source, names.resourceOf(candidate)).find((text) => hashTerm(text) === h);
  }
  return undefined;
}
