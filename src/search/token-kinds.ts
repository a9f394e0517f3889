/**
 * What kinds of token a parameter holds, and the code systems that its `code` elements stand in.
 * https://hl7.org/fhir/R4/search.html#token
 */

import type { CompiledParameter } from './compiled-parameter.ts';
import { type TokenKind, tokenKindOf } from './emit-token.ts';
import type { SearchParameters } from './parameters.ts';
import type { TypedPath } from './typed-paths.ts';

const ALL_KINDS: ReadonlySet<TokenKind> = new Set([
  'coded',
  'plain',
  'identifier',
  'contact',
  'string',
  'exact',
]);

/** All of them when only the data can tell. */
export function tokenKindsOf(parameter: CompiledParameter): ReadonlySet<TokenKind> {
  if (parameter.evaluate !== undefined) return ALL_KINDS;
  const kinds = new Set<TokenKind>();
  for (const { type } of parameter.paths) {
    const kind = tokenKindOf(type);
    if (kind !== undefined) kinds.add(kind);
  }
  return kinds;
}

const BOOLEAN_SYSTEM = 'http://hl7.org/fhir/special-values';

const systemsOf = new WeakMap<CompiledParameter, ReadonlySet<string> | 'any'>();

/** Systems of the bindings of all that a parameter holds; none when any system may be meant. */
export function boundSystems(parameter: CompiledParameter, parameters: SearchParameters): readonly string[] {
  const found = parameter.paths.map((path) => bindingSystems(path, parameter.base, parameters));
  if (parameter.evaluate !== undefined || found.includes(undefined)) return [];
  return [...new Set(found.flatMap((systems) => systems ?? []))];
}

/** Systems of the bindings of a parameter's code elements; undefined when any system may be meant. */
export function implicitSystems(
  parameter: CompiledParameter,
  parameters: SearchParameters,
): ReadonlySet<string> | undefined {
  let systems = systemsOf.get(parameter);
  if (systems === undefined) {
    systems = findSystems(parameter, parameters) ?? 'any';
    systemsOf.set(parameter, systems);
  }
  return systems === 'any' ? undefined : systems;
}

function findSystems(
  parameter: CompiledParameter,
  parameters: SearchParameters,
): ReadonlySet<string> | undefined {
  const systems = new Set<string>();
  for (const path of parameter.paths) {
    if (path.type === 'boolean') systems.add(BOOLEAN_SYSTEM);
    if (path.type !== 'code') continue;
    const found = bindingSystems(path, parameter.base, parameters);
    if (found === undefined) return undefined;
    for (const system of found) systems.add(system);
  }
  return systems.size === 0 ? undefined : systems;
}

function bindingSystems(
  path: TypedPath,
  base: string,
  parameters: SearchParameters,
): readonly string[] | undefined {
  const { model, definitions } = parameters;
  let type = base;
  let elementPath: string | undefined;
  for (const step of path.steps) {
    if (step.kind !== 'property') continue;
    const property = model.type(type)?.byProperty.get(step.json);
    if (property === undefined) return undefined;
    elementPath = property.element.path;
    type = property.type;
  }
  if (elementPath === undefined) return undefined;
  const owner = elementPath.slice(0, elementPath.indexOf('.'));
  const element = definitions
    .structureOfType(owner)
    ?.snapshot?.element.find((one) => one.path === elementPath);
  const valueSet = element?.binding?.valueSet;
  const include = valueSet === undefined ? undefined : definitions.valueSet(valueSet)?.compose?.include;
  if (include === undefined || include.some(({ system }) => system === undefined)) return undefined;
  return include.map(({ system }) => system as string);
}
