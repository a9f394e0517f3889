/**
 * A value set compiled to a membership test and, where possible, to the list of its codes.
 * https://hl7.org/fhir/R4/valueset.html#compositions
 */
import type {
  ValueSet,
  ValueSetCompose,
  ValueSetComposeInclude,
  ValueSetExpansionContains,
} from '@medplum/fhirtypes';
import type { DefinitionEntry, Definitions } from '../definitions/definitions.ts';
import type { CodeSystemIndex } from './code-system.ts';
import {
  type Content,
  difference,
  intersection,
  NOTHING,
  ofCodes,
  ofSystem,
  UNDECIDED,
  union,
} from './content.ts';
import { filterCodes } from './filters.ts';
import { syntaxOf } from './syntaxes.ts';
import { findSystem } from './systems.ts';
import type { CompiledValueSet, Membership } from './terminology.ts';

/** Nested imports beyond this are not followed. */
const IMPORT_DEPTH_MAX = 32;

/**
 * The compiled value set of an entry. It is kept with the entry and used again for later generations of
 * definitions, as long as everything that it was made from is still the same.
 */
export function compileValueSet(definitions: Definitions, entry: DefinitionEntry): CompiledValueSet {
  return compile(startRun(definitions), entry).set;
}

/** A value set that nobody wrote down: all codes of a system. */
export function compileImplicit(definitions: Definitions, url: string, system: string): CompiledValueSet {
  const job = startJob(startRun(definitions));
  const content = includeContent(job, { system });
  return {
    url,
    name: url,
    contains: containment(content, job.used),
    codes: content.codes,
    missing: [...job.missing],
  };
}

interface Run {
  readonly definitions: Definitions;
  /** Entries being compiled: one that is met again imports itself. */
  readonly open: Set<DefinitionEntry>;
  /** Each is compiled once in a run, whatever the number of imports. */
  readonly done: Map<DefinitionEntry, Compiled>;
}

interface Job {
  readonly run: Run;
  /** What the result depends on, by canonical. */
  readonly used: Map<string, DefinitionEntry | CodeSystemIndex | undefined>;
  readonly missing: Set<string>;
  /** An import was left out because of a cycle or the depth: right here, wrong for others. */
  isPartial: boolean;
}

interface Compiled {
  readonly set: CompiledValueSet;
  readonly content: Content;
  readonly used: Job['used'];
  readonly isPartial: boolean;
}

function startRun(definitions: Definitions): Run {
  return { definitions, open: new Set(), done: new Map() };
}

function startJob(run: Run): Job {
  return { run, used: new Map(), missing: new Set(), isPartial: false };
}

const COMPILED = new WeakMap<DefinitionEntry, Compiled>();

function compile(run: Run, entry: DefinitionEntry): Compiled {
  const known = run.done.get(entry) ?? COMPILED.get(entry);
  if (known !== undefined && isCurrent(run.definitions, known.used)) return known;
  const job = startJob(run);
  run.open.add(entry);
  const content = contentOf(job, entry.load() as unknown as ValueSet);
  run.open.delete(entry);
  const set: CompiledValueSet = {
    url: entry.url,
    name: entry.name ?? entry.url,
    contains: containment(content, job.used),
    codes: content.codes,
    missing: [...job.missing],
  };
  const compiled: Compiled = { set, content, used: job.used, isPartial: job.isPartial };
  run.done.set(entry, compiled);
  if (!job.isPartial || run.open.size === 0) COMPILED.set(entry, compiled);
  return compiled;
}

function isCurrent(definitions: Definitions, used: Job['used']): boolean {
  for (const [key, value] of used) {
    const space = key.indexOf(' ');
    const canonical = key.slice(space + 1);
    const now = key.startsWith('ValueSet ')
      ? definitions.entry(canonical, 'ValueSet')
      : findSystem(definitions, canonical);
    if (now !== value) return false;
  }
  return true;
}

/** Codes of systems that do not tell cases apart are compared in the case of their definition. */
function containment(content: Content, used: Job['used']): CompiledValueSet['contains'] {
  const loose = new Map<string, CodeSystemIndex>();
  for (const index of used.values()) {
    if (index !== undefined && 'isCaseSensitive' in index && !index.isCaseSensitive)
      loose.set(index.url, index);
  }
  if (loose.size === 0) return content.test;
  return (system, code) => {
    const answer = content.test(system, code);
    const known = answer === 'no' ? loose.get(system ?? '')?.find(code) : undefined;
    return known === undefined ? answer : content.test(system, known.code);
  };
}

function contentOf(job: Job, valueSet: ValueSet): Content {
  if (valueSet.compose !== undefined) return composeContent(job, valueSet.compose);
  if (valueSet.expansion !== undefined) return expansionContent(valueSet.expansion);
  return UNDECIDED;
}

function composeContent(job: Job, compose: ValueSetCompose): Content {
  const active = compose.inactive === false;
  const included = union((compose.include ?? []).map((one) => includeContent(job, one, active)));
  if (compose.exclude === undefined || compose.exclude.length === 0) return included;
  return difference(included, union(compose.exclude.map((one) => includeContent(job, one))));
}

function expansionContent(expansion: NonNullable<ValueSet['expansion']>): Content {
  const codes = new Map<string, Set<string>>();
  let count = 0;
  const visit = (contains: readonly ValueSetExpansionContains[]): void => {
    for (const one of contains) {
      count++;
      if (one.code !== undefined && one.abstract !== true) {
        const system = one.system ?? '';
        const set = codes.get(system) ?? new Set();
        codes.set(system, set.add(one.code));
      }
      visit(one.contains ?? []);
    }
  };
  visit(expansion.contains ?? []);
  const listed = ofCodes(codes);
  const isWhole = (expansion.total ?? count) <= count && (expansion.offset ?? 0) === 0;
  return isWhole ? listed : union([listed, UNDECIDED]);
}

function includeContent(job: Job, include: ValueSetComposeInclude, onlyActive = false): Content {
  const parts: Content[] = [];
  if (include.system !== undefined) parts.push(systemContent(job, include, onlyActive));
  for (const canonical of include.valueSet ?? []) parts.push(importContent(job, canonical));
  return parts.length === 0 ? NOTHING : parts.reduce(intersection);
}

function importContent(job: Job, canonical: string): Content {
  const { definitions, open } = job.run;
  const entry = definitions.entry(canonical, 'ValueSet');
  job.used.set(`ValueSet ${canonical}`, entry);
  const isCut = entry !== undefined && (open.has(entry) || open.size > IMPORT_DEPTH_MAX);
  if (isCut) job.isPartial = true;
  if (entry === undefined || isCut) {
    job.missing.add(canonical);
    return UNDECIDED;
  }
  const { content, set, used, isPartial } = compile(job.run, entry);
  for (const [key, value] of used) job.used.set(key, value);
  for (const missing of set.missing) job.missing.add(missing);
  job.isPartial ||= isPartial;
  return content;
}

function systemContent(job: Job, include: ValueSetComposeInclude, onlyActive: boolean): Content {
  const system = include.system as string;
  const index = systemIndex(job, system, include.version);
  if (include.concept !== undefined && include.concept.length > 0) {
    const codes = include.concept.flatMap(({ code }) => (code === undefined ? [] : [code]));
    const kept = onlyActive ? codes.filter((code) => index?.find(code)?.isInactive !== true) : codes;
    return ofCodes(new Map([[system, new Set(kept.map((code) => index?.find(code)?.code ?? code))]]));
  }
  if (include.filter !== undefined && include.filter.length > 0) {
    const codes = index && filterCodes(index, include.filter);
    if (codes === undefined) {
      job.missing.add(system);
      return ofSystem(system, () => 'unknown');
    }
    return partContent(job, system, index as CodeSystemIndex, codes, onlyActive);
  }
  if (index !== undefined) return partContent(job, system, index, index.codes, onlyActive);
  const syntax = syntaxOf(system);
  if (syntax !== undefined) return ofSystem(system, syntax);
  job.missing.add(system);
  return ofSystem(system, () => 'unknown');
}

/** A version that is not loaded leaves only what the loaded one has in common with it: nothing certain. */
function systemIndex(job: Job, system: string, version: string | undefined): CodeSystemIndex | undefined {
  const canonical = version === undefined ? system : `${system}|${version}`;
  const index = findSystem(job.run.definitions, canonical);
  job.used.set(`CodeSystem ${canonical}`, index);
  return index;
}

function partContent(
  job: Job,
  system: string,
  index: CodeSystemIndex,
  codes: ReadonlySet<string>,
  onlyActive: boolean,
): Content {
  const kept = onlyActive ? activeCodes(index, codes) : codes;
  if (index.isComplete) return ofCodes(new Map([[system, kept]]));
  const rest = syntaxOf(system) ?? ((): Membership => 'unknown');
  job.missing.add(system);
  return ofSystem(system, (code) => (kept.has(code) ? 'yes' : codes.has(code) ? 'no' : rest(code)));
}

function activeCodes(index: CodeSystemIndex, codes: ReadonlySet<string>): ReadonlySet<string> {
  const kept = new Set<string>();
  for (const code of codes) if (index.concepts.get(code)?.isInactive !== true) kept.add(code);
  return kept;
}
