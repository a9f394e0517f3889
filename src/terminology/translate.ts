/**
 * Codes translated by concept maps.
 * https://hl7.org/fhir/R4/conceptmap-operation-translate.html
 */
import type {
  ConceptMap,
  ConceptMapGroup,
  ConceptMapGroupElementTarget,
  ConceptMapGroupElementTargetDependsOn,
} from '@medplum/fhirtypes';
import type { Definitions } from '../definitions/definitions.ts';
import { splitCanonical } from '../definitions/registry.ts';

export interface TranslateRequest {
  /** Canonical of the map; absent: every loaded map from the system to the target. */
  readonly map?: string;
  readonly system: string;
  readonly code: string;
  /** Value sets that the map must be from and to. */
  readonly source?: string;
  readonly target?: string;
  readonly targetSystem?: string;
  /** From target to source. */
  readonly reverse?: boolean;
}

export interface TranslationMatch {
  readonly equivalence: string;
  readonly system?: string;
  readonly code?: string;
  readonly display?: string;
  /** Canonical of the map. */
  readonly map: string;
  readonly products: readonly ConceptMapGroupElementTargetDependsOn[];
  readonly dependsOn: readonly ConceptMapGroupElementTargetDependsOn[];
}

export interface Translation {
  /** A match that means something else than "no such code there". */
  readonly result: boolean;
  readonly matches: readonly TranslationMatch[];
  readonly message?: string;
}

const NO_MATCH = new Set(['unmatched', 'disjoint']);
/** Maps that hand over to other maps. */
const OTHER_MAPS_MAX = 5;

export function translate(definitions: Definitions, request: TranslateRequest): Translation {
  const maps = findMaps(definitions, request);
  if (maps.length === 0) return { result: false, matches: [], message: noMap(request) };
  const matches = maps.flatMap((map) => translateBy(definitions, map, request, OTHER_MAPS_MAX));
  const result = matches.some((one) => !NO_MATCH.has(one.equivalence));
  if (result) return { result, matches };
  return { result, matches, message: `No map translates ${request.system}#${request.code}.` };
}

function noMap({ map, system, targetSystem, target }: TranslateRequest): string {
  if (map !== undefined) return `The concept map ${map} is not loaded.`;
  const to = targetSystem ?? target;
  return `No concept map from ${system}${to === undefined ? '' : ` to ${to}`} is loaded.`;
}

function findMaps(definitions: Definitions, request: TranslateRequest): readonly ConceptMap[] {
  if (request.map !== undefined) {
    const entry = definitions.entry(request.map, 'ConceptMap');
    return entry === undefined ? [] : [entry.load() as unknown as ConceptMap];
  }
  const [from, to] = request.reverse ? (['target', 'source'] as const) : (['source', 'target'] as const);
  return [...definitions.all('ConceptMap')]
    .map((one) => one as unknown as ConceptMap)
    .filter(
      (map) =>
        isScope(map, from, request.source) &&
        isScope(map, to, request.target) &&
        (map.group ?? []).some(
          (group) => group[from] === request.system && isWanted(group[to], request.targetSystem),
        ),
    );
}

function isWanted(actual: string | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || actual === wanted;
}

function isScope(map: ConceptMap, side: 'source' | 'target', wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  const actual = map[`${side}Canonical`] ?? map[`${side}Uri`];
  return actual !== undefined && splitCanonical(actual).url === splitCanonical(wanted).url;
}

function translateBy(
  definitions: Definitions,
  map: ConceptMap,
  request: TranslateRequest,
  othersMax: number,
): readonly TranslationMatch[] {
  const url = map.url ?? '';
  return (map.group ?? []).flatMap((group) => {
    const [from, to] = request.reverse ? [group.target, group.source] : [group.source, group.target];
    if (from !== request.system || !isWanted(to, request.targetSystem)) return [];
    const matches = request.reverse
      ? reverseMatches(group, request.code, url)
      : forwardMatches(group, request.code, url);
    if (matches.length > 0 || request.reverse) return matches;
    return unmapped(definitions, group, request, url, othersMax);
  });
}

function forwardMatches(group: ConceptMapGroup, code: string, map: string): readonly TranslationMatch[] {
  return (group.element ?? [])
    .filter((element) => element.code === code)
    .flatMap((element) =>
      (element.target ?? []).map((target) => matchOf(group.target, target.code, target.display, target, map)),
    );
}

/** Wider and narrower change places when a map is read backwards. */
const REVERSED: Readonly<Record<string, string>> = {
  wider: 'narrower',
  narrower: 'wider',
  subsumes: 'specializes',
  specializes: 'subsumes',
};

function reverseMatches(group: ConceptMapGroup, code: string, map: string): readonly TranslationMatch[] {
  return (group.element ?? []).flatMap((element) =>
    (element.target ?? [])
      .filter((target) => target.code === code)
      .map((target) => {
        const match = matchOf(group.source, element.code, element.display, target, map);
        return { ...match, equivalence: REVERSED[match.equivalence] ?? match.equivalence };
      }),
  );
}

function matchOf(
  system: string | undefined,
  code: string | undefined,
  display: string | undefined,
  target: ConceptMapGroupElementTarget,
  map: string,
): TranslationMatch {
  return {
    equivalence: target.equivalence ?? 'equivalent',
    system,
    code,
    display,
    map,
    products: target.product ?? [],
    dependsOn: target.dependsOn ?? [],
  };
}

function unmapped(
  definitions: Definitions,
  { unmapped: rule, target }: ConceptMapGroup,
  request: TranslateRequest,
  map: string,
  othersMax: number,
): readonly TranslationMatch[] {
  const plain = { map, products: [], dependsOn: [], system: target };
  switch (rule?.mode) {
    case 'provided':
      return [{ ...plain, equivalence: 'equal', code: request.code }];
    case 'fixed':
      return [{ ...plain, equivalence: 'inexact', code: rule.code, display: rule.display }];
    case 'other-map': {
      const other = definitions.entry(rule.url ?? '', 'ConceptMap');
      if (other === undefined || othersMax === 0) return [];
      return translateBy(definitions, other.load() as unknown as ConceptMap, request, othersMax - 1);
    }
    default:
      return [];
  }
}
