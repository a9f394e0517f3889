/**
 * Which search parameters all stored resources are indexed for. What they are not, or not yet again, cannot be
 * searched.
 */
import type { Definitions } from '../definitions/definitions.ts';
import type { CompiledParameter } from '../search/compiled-parameter.ts';
import { WORD_CODES } from '../search/content-words.ts';
import type { IndexState } from '../storage/store.ts';
import { earlierPrint, type PrintOptions, type Prints, printsOf } from './index-prints.ts';

export interface IndexedFor {
  /** Takes over what is noted; nothing is pending before. `isEmpty`: nothing is stored, so all there will be is indexed. */
  load(state: IndexState | undefined, isEmpty: boolean): void;
  /** Codes that stored resources of the type are not all indexed for; those that others answer follow from these. */
  pendingOf(
    definitions: Definitions,
    type: string,
    parameters: ReadonlyMap<string, CompiledParameter>,
  ): ReadonlySet<string>;
  /** Whether nothing is to be indexed, and no postings are left of parameters that are gone. */
  isWhole(definitions: Definitions, type: string): boolean;
  /** Parameters that differ are indexed for no more, also when they are made again as they were. */
  change(types: readonly string[], before: Definitions, after: Definitions): void;
  /** A pass over the resources of these types begins. */
  begin(types: readonly string[], definitions: Definitions): void;
  /** Of the parameters that are in force. */
  wanted(definitions: Definitions, type: string): Prints;
  /** What the pass is making, but for what has changed since. */
  target(type: string): Prints;
  /** The pass is over. */
  finish(types: readonly string[]): void;
  /** To be noted. */
  entries(types: readonly string[], definitions: Definitions): IndexState;
}

export function createIndexedFor(options: PrintOptions): IndexedFor {
  const known = new Map<string, Map<string, string>>();
  const targets = new Map<string, Map<string, string>>();
  let noted: IndexState = {};
  let isFresh = false;
  let isLoaded = false;
  const latest = new WeakMap<Definitions, Map<string, Prints>>();
  const prints = (definitions: Definitions, type: string): Prints => {
    const byType = latest.get(definitions) ?? new Map<string, Prints>();
    latest.set(definitions, byType);
    const found = byType.get(type) ?? printsOf(definitions, type, options);
    byType.set(type, found);
    return found;
  };
  const knownOf = (definitions: Definitions, type: string): Map<string, string> => {
    let found = known.get(type);
    if (found === undefined) {
      const text = noted[type] ?? '';
      const isAll = isFresh || (text !== '' && text === earlierPrint(definitions, type));
      // earlier versions have always indexed words, and no parts of family names
      const all = isFresh
        ? prints(definitions, type)
        : printsOf(definitions, type, { ...options, fullText: true, nameParts: false });
      found = isAll ? new Map(all) : read(text);
      known.set(type, found);
    }
    return found;
  };
  return {
    load(state, isEmpty) {
      known.clear();
      noted = state ?? {};
      isFresh = isEmpty;
      isLoaded = true;
    },
    pendingOf(definitions, type, parameters) {
      if (!isLoaded) return NONE;
      return pendingAmong(parameters, knownOf(definitions, type), prints(definitions, type));
    },
    isWhole(definitions, type) {
      const has = knownOf(definitions, type);
      const wanted = prints(definitions, type);
      return has.size === wanted.size && [...wanted].every(([code, print]) => has.get(code) === print);
    },
    change(types, before, after) {
      if (!isLoaded) return;
      for (const type of types) {
        const next = prints(after, type);
        const has = knownOf(before, type);
        for (const [code, print] of has) if (next.get(code) !== print) has.set(code, kindOf(print));
        const making = targets.get(type);
        for (const [code, print] of making ?? []) if (next.get(code) !== print) making?.delete(code);
      }
    },
    begin(types, definitions) {
      targets.clear();
      for (const type of types) targets.set(type, new Map(prints(definitions, type)));
    },
    wanted: prints,
    target: (type) => targets.get(type) ?? new Map(),
    finish(types) {
      for (const type of types) known.set(type, targets.get(type) ?? new Map());
      targets.clear();
    },
    entries: (types, definitions) =>
      Object.fromEntries(
        types.map((type) => [type, JSON.stringify(Object.fromEntries(knownOf(definitions, type)))]),
      ),
  };
}

const NONE: ReadonlySet<string> = new Set();

function read(text: string): Map<string, string> {
  return text.startsWith('{')
    ? new Map(Object.entries(JSON.parse(text) as Record<string, string>))
    : new Map();
}

/** What is left of a print when its postings no longer count. */
function kindOf(print: string): string {
  return print.slice(0, print.indexOf(':') + 1);
}

function pendingAmong(
  parameters: ReadonlyMap<string, CompiledParameter>,
  known: Prints,
  wanted: Prints,
): ReadonlySet<string> {
  const changed = new Set<string>();
  for (const [code, print] of wanted) if (known.get(code) !== print) changed.add(code);
  // kinds of parameters that are gone or changed: they may have answered others, which have postings of their own now
  const lost = new Set<string>();
  for (const [code, print] of known) {
    if (wanted.get(code) !== print && !WORD_CODES.has(code)) lost.add(kindOf(print).slice(0, -1));
  }
  if (changed.size === 0 && lost.size === 0) return NONE;
  const pending = new Set<string>();
  for (const parameter of parameters.values()) {
    const { code, type, answeredBy } = parameter;
    const isOwn = answeredBy[0] === parameter;
    const isBehind = changed.has(code) || (isOwn && lost.has(type) && wasPerhapsAnswered(parameter));
    if (isBehind) pending.add(code);
  }
  return pending;
}

/** Of the kinds that parameter-aliases.ts knows. */
function wasPerhapsAnswered({ paths }: CompiledParameter): boolean {
  const last = paths[0]?.steps.at(-1)?.kind;
  return paths.length > 1 || last === 'where' || last === 'refersTo';
}
