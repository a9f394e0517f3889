/**
 * Slicing: each item goes to the slice whose discriminators it meets; then slices are counted, and items
 * without a slice, or out of order, are judged by the rules of the slicing.
 * https://hl7.org/fhir/R4/profiling.html#slicing
 */
import type { Collector, ItemCheck, ItemTest, OverlayEnvironment } from './collector.ts';
import { compileDiscriminator, compileSelector, extensionUrl } from './discriminator.ts';
import type { Item, Json } from './items.ts';
import type { ProfileNode } from './profile-tree.ts';
import { atItem } from './resource-scope.ts';
import { list } from './suggestion.ts';

export type ItemsCheck = (items: readonly Item[], c: Collector) => void;

interface Slice {
  readonly name: string;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly test: ItemTest;
  /** The part of the test that looks at types only. */
  readonly typeTest: ItemTest | undefined;
  /** Tries a whole profile: not asked again once an item has its slice. */
  readonly isCostly: boolean;
  /** Like `test`, but of a profile only the type is looked at; undefined where no profile is tried. */
  readonly near: ItemTest | undefined;
  readonly check: ItemCheck | undefined;
  readonly reslicing: ItemsCheck | undefined;
}

export interface SlicingContext {
  readonly env: OverlayEnvironment;
  /** Canonical and name of the profile, for issues. */
  readonly source: string;
  readonly profileName: string;
  /** Parts of a complex extension: an unknown relative URL is an error even when the slicing is open. */
  readonly isExtensionPart: boolean;
  readonly compileItem: (slice: ProfileNode) => ItemCheck | undefined;
  readonly reportProblem: (text: string) => void;
}

/** Undefined when no item could ever violate the slicing. */
export function compileSlicing(node: ProfileNode, context: SlicingContext): ItemsCheck | undefined {
  return compileLevel(node, node.slices, '', context);
}

/** `prefix` is `mrn/` for the reslices of `mrn`. */
function compileLevel(
  node: ProfileNode,
  all: readonly ProfileNode[],
  prefix: string,
  context: SlicingContext,
): ItemsCheck | undefined {
  const slicing = node.element.slicing;
  const own = all.filter((one) => isLevel(one.sliceName as string, prefix));
  const isOpen = slicing === undefined || slicing.rules === 'open' || slicing.rules === undefined;
  if (own.length === 0 && (isOpen || slicing?.discriminator === undefined)) return undefined;
  const discriminators = discriminatorsOf(node, own);
  const slices: Slice[] = [];
  let fallback: Slice | undefined;
  for (const one of own) {
    const slice = compileSlice(one, all, discriminators, context);
    if (slice === undefined) continue;
    if (one.sliceName === '@default') fallback = slice;
    else slices.push(slice);
  }
  // a slice that cannot be told apart may own any item: then nothing can be said of the rest
  const isDecidable = slices.length + (fallback === undefined ? 0 : 1) === own.length;
  const urls = urlTable(own, slices, discriminators);
  const candidatesOf = typeDispatch(slices, discriminators, context);
  const judge = {
    isOpen: isOpen || !isDecidable,
    isOrdered: slicing?.ordered === true,
    isOpenAtEnd: slicing?.rules === 'openAtEnd',
  };
  const counted = fallback === undefined ? slices : [...slices, fallback];
  const hasProfiles = slices.some((slice) => slice.near !== undefined);
  const demanded = counted.filter((slice) => slice.min > 0);
  const isResliced = counted.some((slice) => slice.reslicing !== undefined);
  return (items, c) => {
    if (items.length === 0 && !isResliced) {
      for (const slice of demanded) checkCounts(slice, 0, context, c);
      return;
    }
    const chosen: (Slice | undefined)[] = [];
    for (const item of items)
      chosen.push(chooseSlice(item, candidatesOf(item, c), urls, context, c) ?? fallback);
    if (hasProfiles && c.trying === 0) assignNearest(items, chosen, slices, c);
    judgeItems(items, chosen, slices, node, judge, context, c);
    for (const slice of counted) {
      let count = 0;
      for (const one of chosen) if (one === slice) count++;
      checkCounts(slice, count, context, c);
      slice.reslicing?.(
        items.filter((_, i) => chosen[i] === slice),
        c,
      );
    }
  };
}

/** `a` at the top, `mrn/a` below `mrn`. */
function isLevel(name: string, prefix: string): boolean {
  return name.startsWith(prefix) && !name.slice(prefix.length).includes('/');
}

/** Choices are sliced by type, extensions by URL, even when nobody says so. */
function discriminatorsOf(node: ProfileNode, slices: readonly ProfileNode[]) {
  const said = node.element.slicing?.discriminator ?? [];
  if (said.length > 0) return said.map((one) => ({ type: one.type as string, path: one.path ?? '$this' }));
  if (node.isChoice) return [{ type: 'type', path: '$this' }];
  if (node.name === 'extension' || node.name === 'modifierExtension') return [{ type: 'value', path: 'url' }];
  return slices.length > 0 ? [{ type: 'value', path: '$this' }] : [];
}

function compileSlice(
  node: ProfileNode,
  others: readonly ProfileNode[],
  discriminators: readonly { type: string; path: string }[],
  context: SlicingContext,
): Slice | undefined {
  const tests = discriminators.map((one) => compileDiscriminator(node, one, context.env));
  const isDefault = node.sliceName === '@default';
  const known = tests.filter((one) => one !== undefined).sort((a, b) => a.cost - b.cost);
  if (known.length === 0 && !isDefault) {
    context.reportProblem(
      `The slice ${node.id} cannot be told apart by ${list(discriminators.map((d) => d.path))}.`,
    );
    return undefined;
  }
  const nears = known.map((one) => one.near ?? one.test);
  return {
    name: node.sliceName as string,
    label: node.id,
    min: node.element.min ?? 0,
    max:
      node.element.max === undefined || node.element.max === '*'
        ? Number.POSITIVE_INFINITY
        : Number(node.element.max),
    test: all(known.map((one) => one.test)),
    near: known.some((one) => one.near !== undefined) ? all(nears) : undefined,
    typeTest: tests.find((_, i) => discriminators[i]?.type === 'type')?.test,
    isCostly: known.some((one) => one.cost >= 100),
    check: context.compileItem(node),
    reslicing: compileLevel(node, others, `${node.sliceName}/`, context),
  };
}

function all(tests: readonly ItemTest[]): ItemTest {
  const [first, ...rest] = tests as [ItemTest, ...ItemTest[]];
  return rest.length === 0 ? first : (item, c) => first(item, c) && rest.every((test) => test(item, c));
}

/**
 * Where a slice is missing and a single item is of its type, that item is meant: what it lacks says more than
 * that nothing was found.
 */
function assignNearest(
  items: readonly Item[],
  chosen: (Slice | undefined)[],
  slices: readonly Slice[],
  c: Collector,
): void {
  const { length: taken } = chosen.filter((one) => one !== undefined);
  if (taken === items.length) return;
  for (const slice of slices) {
    if (slice.near === undefined || slice.min === 0 || chosen.includes(slice)) continue;
    const candidates = items.flatMap((item, i) =>
      chosen[i] === undefined && slice.near?.(item, c) === true ? [i] : [],
    );
    if (candidates.length === 1) chosen[candidates[0] as number] = slice;
  }
}

interface UrlTable {
  get(url: unknown): Slice | undefined;
}

/** Slices of extensions by URL: one look-up instead of a test for each slice. */
function urlTable(
  nodes: readonly ProfileNode[],
  slices: readonly Slice[],
  discriminators: readonly { type: string; path: string }[],
): UrlTable | undefined {
  if (discriminators.length !== 1 || discriminators[0]?.path !== 'url') return undefined;
  const table = new Map<unknown, Slice>();
  for (const node of nodes) {
    const url = extensionUrl(node, 'url');
    const slice = slices.find((one) => one.name === node.sliceName);
    if (url === undefined || slice === undefined) return undefined;
    table.set(url, slice);
  }
  if (table.size > COMPARED_MAX) return table;
  const urls = [...table.keys()];
  const ofUrls = [...table.values()];
  return {
    get(url) {
      for (let i = 0; i < urls.length; i++) if (urls[i] === url) return ofUrls[i];
      return undefined;
    },
  };
}

/** A text out of JSON.parse has no hash yet: to compare it with a few costs less than to look it up. */
const COMPARED_MAX = 8;

/**
 * Where a discriminator looks at types, only the slices of the item's type are tried: a Bundle has an entry
 * slice for each of many types.
 */
function typeDispatch(
  slices: readonly Slice[],
  discriminators: readonly { type: string; path: string }[],
  context: SlicingContext,
): (item: Item, c: Collector) => readonly Slice[] {
  const path = discriminators.find((one) => one.type === 'type')?.path;
  const select = path === undefined || slices.length < 3 ? undefined : compileSelector(path, context.env);
  if (select === undefined || slices.some((slice) => slice.typeTest === undefined)) return () => slices;
  const byType = new Map<string, readonly Slice[]>();
  return (item, c) => {
    const found = select(item, c);
    if (found.length !== 1) return slices;
    const { type } = found[0] as Item;
    let candidates = byType.get(type);
    if (candidates === undefined) {
      candidates = slices.filter((slice) => slice.typeTest?.(item, c));
      if (byType.size < TYPES_MAX) byType.set(type, candidates);
    }
    return candidates;
  };
}

const TYPES_MAX = 500;

function chooseSlice(
  item: Item,
  slices: readonly Slice[],
  urls: UrlTable | undefined,
  context: SlicingContext,
  c: Collector,
): Slice | undefined {
  if (urls !== undefined) return urls.get((item.value as Json | undefined)?.url);
  let chosen: Slice | undefined;
  for (const slice of slices) {
    if (chosen !== undefined && slice.isCostly) continue;
    if (!slice.test(item, c)) continue;
    if (chosen === undefined) chosen = slice;
    else {
      const text = `Matches more than one slice of ${context.profileName}: ${chosen.label} and ${slice.label}.`;
      c.report('slicing', text, { at: item.at, source: context.source, subject: 'ambiguous' });
      break;
    }
  }
  return chosen;
}

interface Judge {
  readonly isOpen: boolean;
  readonly isOrdered: boolean;
  readonly isOpenAtEnd: boolean;
}

function judgeItems(
  items: readonly Item[],
  chosen: readonly (Slice | undefined)[],
  slices: readonly Slice[],
  node: ProfileNode,
  judge: Judge,
  context: SlicingContext,
  c: Collector,
): void {
  let last = 0;
  let hasUnmatched = false;
  for (let i = 0; i < items.length; i++) {
    const item = items[i] as Item;
    const slice = chosen[i];
    if (slice === undefined) {
      hasUnmatched = true;
      reportUnmatched(item, slices, node, judge, context, c);
      continue;
    }
    const rank = judge.isOrdered ? slices.indexOf(slice) : -1;
    if (rank >= 0) {
      if (rank < last) {
        const text = `${slice.label} must come before ${slices[last]?.label}: the slicing in ${context.profileName} is ordered.`;
        c.report('slicing', text, { at: item.at, source: context.source, subject: 'order' });
      } else last = rank;
    }
    if (judge.isOpenAtEnd && hasUnmatched) {
      const text = `${slice.label} comes after items of no slice, which ${context.profileName} allows at the end only.`;
      c.report('slicing', text, { at: item.at, source: context.source, subject: 'end' });
    }
    if (slice.check !== undefined) atItem(item, slice.check, c);
  }
}

function reportUnmatched(
  item: Item,
  slices: readonly Slice[],
  node: ProfileNode,
  judge: Judge,
  context: SlicingContext,
  c: Collector,
): void {
  const url = (item.value as Json | undefined)?.url;
  if (context.isExtensionPart && typeof url === 'string' && !url.includes(':')) {
    const text = `${context.profileName} defines no part '${url.slice(0, 60)}'; its parts are ${list(slices.map((one) => one.name))}.`;
    c.report('extension-unknown', text, { at: item.at, source: context.source, severity: 'error' });
    return;
  }
  if (judge.isOpen || judge.isOpenAtEnd || c.isCounted()) return;
  const names = slices.map((one) => one.name);
  const text = `Matches no slice of ${node.id}, and ${context.profileName} allows only ${list(names)}.`;
  c.report('slicing', text, { at: item.at, source: context.source, subject: 'closed' });
}

function checkCounts(slice: Slice, count: number, context: SlicingContext, c: Collector): void {
  if (count < slice.min) {
    if (c.isCounted()) return;
    const text = `${slice.label} is required: found ${count}, expected at least ${slice.min} (${context.profileName}).`;
    c.report('min-cardinality', text, { source: context.source, subject: slice.label });
  } else if (count > slice.max) {
    if (c.isCounted()) return;
    const text = `${slice.label}: found ${count}, allowed at most ${slice.max} (${context.profileName}).`;
    c.report('max-cardinality', text, { source: context.source, subject: slice.label });
  }
}
