/**
 * Parameters that need no postings of their own: unions of others (`combo-code`), the same references narrowed
 * to one type (`patient` of `subject`), contact points of one kind (`email` of `telecom`).
 * https://hl7.org/fhir/R4/searchparameter-registry.html
 */
import type { CompiledParameter } from './compiled-parameter.ts';
import type { TypedPath } from './typed-paths.ts';

/** Fills in `answeredBy` for all parameters of a type. */
export function linkAliases(
  parameters: ReadonlyMap<string, CompiledParameter>,
): ReadonlyMap<string, CompiledParameter> {
  const linked = new Map<string, CompiledParameter>();
  const all = [...parameters.values()];
  for (const parameter of all) {
    const alias = findNarrowed(parameter, all) ?? findUnion(parameter, all);
    const own: CompiledParameter = { ...parameter, ...alias };
    if (alias === undefined) (own as { answeredBy: readonly CompiledParameter[] }).answeredBy = [own];
    linked.set(parameter.code, own);
  }
  // aliases point to the linked copies
  for (const parameter of linked.values()) {
    (parameter as { answeredBy: readonly CompiledParameter[] }).answeredBy = parameter.answeredBy.map(
      ({ code }) => linked.get(code) as CompiledParameter,
    );
  }
  return linked;
}

interface Alias {
  readonly answeredBy: readonly CompiledParameter[];
  readonly contactSystem?: string;
}

function signature(path: TypedPath): string {
  return JSON.stringify([path.fromRoot, path.steps]);
}

/** The paths before a last step that narrows them, when all end in the same one. */
function findNarrowed(parameter: CompiledParameter, all: readonly CompiledParameter[]): Alias | undefined {
  if (parameter.paths.length !== 1) return undefined;
  const path = parameter.paths[0] as TypedPath;
  const last = path.steps.at(-1);
  const isContact = last?.kind === 'where' && last.name === 'system' && path.type === 'ContactPoint';
  const isReference = last?.kind === 'refersTo' && parameter.type === 'reference';
  if (!isContact && !isReference) return undefined;
  const wide = signature({ ...path, steps: path.steps.slice(0, -1) });
  const other = all.find(
    (candidate) =>
      candidate.type === parameter.type &&
      candidate.paths.length === 1 &&
      signature(candidate.paths[0] as TypedPath) === wide,
  );
  if (other === undefined) return undefined;
  return isContact ? { answeredBy: [other], contactSystem: last.value } : { answeredBy: [other] };
}

/** Two or more other parameters whose paths together are exactly these. */
function findUnion(parameter: CompiledParameter, all: readonly CompiledParameter[]): Alias | undefined {
  if (parameter.paths.length < 2) return undefined;
  const wanted = new Set(parameter.paths.map(signature));
  const covered = new Set<string>();
  const answeredBy: CompiledParameter[] = [];
  for (const candidate of all) {
    if (candidate === parameter || candidate.type !== parameter.type) continue;
    const paths = candidate.paths.map(signature);
    const isPart = paths.length > 0 && paths.length < wanted.size && paths.every((path) => wanted.has(path));
    if (!isPart || paths.every((path) => covered.has(path)) || !sameComponents(parameter, candidate))
      continue;
    for (const path of paths) covered.add(path);
    answeredBy.push(candidate);
  }
  return covered.size === wanted.size ? { answeredBy } : undefined;
}

/** Component paths of the part must be among those of the whole; a union has those of every context. */
function sameComponents(whole: CompiledParameter, part: CompiledParameter): boolean {
  if (whole.components.length !== part.components.length) return false;
  return part.components.every((component, at) => {
    const paths = new Set(whole.components[at]?.paths.map(signature));
    return (
      component.type === whole.components[at]?.type &&
      component.paths.every((path) => paths.has(signature(path)))
    );
  });
}
