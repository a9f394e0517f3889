/**
 * Paths bound to the type model: every step is one JSON property of known type, choice elements spread out
 * into one path per type.
 * https://hl7.org/fhir/R4/formats.html#choice
 */
import type { Definitions } from '../definitions/definitions.ts';
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

/** What paths are bound to. */
export interface PathScope {
  readonly model: TypeModel;
  readonly definitions: Definitions;
}

/**
 * The paths that apply to `type`; members of a union that start at another resource type are left out.
 * Undefined when an element is not in the model, so that the general compiler gets the expression.
 */
export function bindPaths(paths: readonly Path[], type: string, scope: PathScope): TypedPath[] | undefined {
  const { model } = scope;
  const bound: TypedPath[] = [];
  for (const path of paths) {
    const first = path[0];
    if (first?.kind !== 'child') return undefined;
    const isOwn = first.name === type || model.isA(type, first.name);
    if (!isOwn && model.type(first.name)?.kind === 'resource') continue;
    // R4's InsurancePlan-name starts at the element (`name | alias`)
    const members = follow(isOwn ? path.slice(1) : path, type, false, scope);
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
  scope: PathScope,
): TypedPath[] | undefined {
  const bound: TypedPath[] = [];
  for (const path of paths) {
    const fromRoot = path[0]?.kind === 'root';
    const members = follow(fromRoot ? path.slice(1) : path, fromRoot ? root : context, fromRoot, scope);
    if (members === undefined) return undefined;
    bound.push(...members);
  }
  return bound;
}

/** Whether the paths lead to one element, of whatever types, that a resource of the type has once at most. */
export function leadToOne(paths: readonly TypedPath[], type: string, { model }: PathScope): boolean {
  const names = new Set<string>();
  for (const { fromRoot, steps } of paths) {
    if (fromRoot) return false;
    let at = type;
    let name = '';
    for (const step of steps) {
      if (step.kind !== 'property') return false;
      const element = model.type(at)?.byProperty.get(step.json)?.element;
      if (element === undefined || element.isArray) return false;
      name += `.${element.name}`;
      at = step.type;
    }
    names.add(name);
  }
  return names.size === 1;
}

function follow(path: Path, type: string, fromRoot: boolean, scope: PathScope): TypedPath[] | undefined {
  let members: TypedPath[] = [{ fromRoot, steps: [], type }];
  for (const step of path) {
    const next: TypedPath[] = [];
    // of the types of a choice, those without the element give nothing
    let isKnown = members.length === 0;
    for (const member of members) {
      const extended = extend(member, step, scope);
      if (extended === undefined) continue;
      isKnown = true;
      next.push(...extended);
    }
    if (!isKnown) return undefined;
    members = next;
  }
  return members;
}

function extend(member: TypedPath, step: Step, scope: PathScope): TypedPath[] | undefined {
  switch (step.kind) {
    case 'child': {
      const element = scope.model.type(member.type)?.elements.get(step.name);
      const allowed = step.name === 'value' ? extensionTypes(member, scope) : undefined;
      return element?.properties
        .filter(({ type }) => allowed === undefined || allowed.has(type))
        .map(({ json, type }) => ({
          ...member,
          steps: [...member.steps, { kind: 'property', json, type }],
          type,
        }));
    }
    case 'as':
      return isType(member.type, step.type, scope.model) ? [member] : [];
    case 'where':
    case 'refersTo':
    case 'index':
      return [{ ...member, steps: [...member.steps, step] }];
    case 'root':
      return undefined;
  }
}

/** The types that an extension's definition allows for its value; undefined when it is not loaded. */
function extensionTypes(
  { type, steps }: TypedPath,
  { definitions }: PathScope,
): ReadonlySet<string> | undefined {
  if (type !== 'Extension') return undefined;
  const urls = steps.flatMap((step) => (step.kind === 'where' && step.name === 'url' ? [step.value] : []));
  const [last, parent] = [urls.at(-1), urls.at(-2)];
  if (last === undefined || steps.at(-1)?.kind !== 'where') return undefined;
  // an extension inside another one is defined by a slice of it
  const isInner = !last.includes(':') && parent !== undefined;
  const elements = definitions.structure(isInner ? parent : last)?.snapshot?.element;
  const id = isInner ? `Extension.extension:${last}.value[x]` : 'Extension.value[x]';
  const types = elements?.find((element) => element.id === id)?.type;
  return types === undefined ? undefined : new Set(types.map(({ code }) => code ?? ''));
}

/** R4 itself writes `value.as(DateTime)` for a dateTime. */
function isType(type: string, wanted: string, model: TypeModel): boolean {
  if (type === wanted || type.toLowerCase() === wanted.toLowerCase()) return true;
  return model.isA(type, wanted);
}
