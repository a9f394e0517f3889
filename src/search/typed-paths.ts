/**
 * Paths bound to the type model: every step is one JSON property of known type, choice elements spread out
 * into one path per type.
 * https://hl7.org/fhir/R4/formats.html#choice
 */
import type { TypeModel } from '../definitions/type-model.ts';
import type { Path, Step } from './expression-paths.ts';

export type TypedStep =
  | { readonly kind: 'property'; readonly json: string; readonly type: string }
  | { readonly kind: 'where'; readonly name: string; readonly value: string }
  | { readonly kind: 'refersTo'; readonly type: string }
  | { readonly kind: 'index'; readonly at: number };

export interface TypedPath {
  /** Starts at the resource although the expression has another context (`%resource`). */
  readonly fromRoot: boolean;
  readonly steps: readonly TypedStep[];
  /** Type of what the path leads to. */
  readonly type: string;
}

/**
 * The paths that apply to `type`; members of a union that start at another resource type are left out.
 * Undefined when an element is not in the model, so that the general compiler gets the expression.
 */
export function bindPaths(paths: readonly Path[], type: string, model: TypeModel): TypedPath[] | undefined {
  const bound: TypedPath[] = [];
  for (const path of paths) {
    const first = path[0];
    if (first?.kind !== 'child') return undefined;
    const isOwn = first.name === type || model.isA(type, first.name);
    if (!isOwn && model.type(first.name)?.kind === 'resource') continue;
    // R4's InsurancePlan-name starts at the element (`name | alias`)
    const members = follow(isOwn ? path.slice(1) : path, type, false, model);
    if (members === undefined) return undefined;
    bound.push(...members);
  }
  return bound;
}

/** Paths of a composite's component: relative to the element `context` of a resource of `root`. */
export function bindRelativePaths(
  paths: readonly Path[],
  context: string,
  root: string,
  model: TypeModel,
): TypedPath[] | undefined {
  const bound: TypedPath[] = [];
  for (const path of paths) {
    const fromRoot = path[0]?.kind === 'root';
    const members = follow(fromRoot ? path.slice(1) : path, fromRoot ? root : context, fromRoot, model);
    if (members === undefined) return undefined;
    bound.push(...members);
  }
  return bound;
}

function follow(path: Path, type: string, fromRoot: boolean, model: TypeModel): TypedPath[] | undefined {
  let members: TypedPath[] = [{ fromRoot, steps: [], type }];
  for (const step of path) {
    const next: TypedPath[] = [];
    for (const member of members) {
      const extended = extend(member, step, model);
      if (extended === undefined) return undefined;
      next.push(...extended);
    }
    members = next;
  }
  return members;
}

function extend(member: TypedPath, step: Step, model: TypeModel): TypedPath[] | undefined {
  switch (step.kind) {
    case 'child': {
      const element = model.type(member.type)?.elements.get(step.name);
      return element?.properties.map((property) => ({
        ...member,
        steps: [...member.steps, { kind: 'property', json: property.json, type: property.type }],
        type: property.type,
      }));
    }
    case 'as':
      return isType(member.type, step.type, model) ? [member] : [];
    case 'where':
    case 'refersTo':
    case 'index':
      return [{ ...member, steps: [...member.steps, step] }];
    case 'root':
      return undefined;
  }
}

/** R4 itself writes `value.as(DateTime)` for a dateTime. */
function isType(type: string, wanted: string, model: TypeModel): boolean {
  if (type === wanted || type.toLowerCase() === wanted.toLowerCase()) return true;
  return model.isA(type, wanted);
}
