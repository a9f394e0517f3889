/**
 * The snapshot of a profile as a tree: children by name, slices beside what they slice. Places are found by
 * path and order, so ids that are missing or wrong do no harm.
 * https://hl7.org/fhir/R4/profiling.html#slicing
 */
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';

export interface ProfileNode {
  /** `Patient.identifier:mrn.system`, for messages. */
  readonly id: string;
  /** `value` for `value[x]`. */
  readonly name: string;
  readonly isChoice: boolean;
  readonly sliceName: string | undefined;
  readonly element: ElementDefinition;
  readonly children: ReadonlyMap<string, ProfileNode>;
  readonly slices: readonly ProfileNode[];
}

interface Growing extends ProfileNode {
  readonly children: Map<string, Growing>;
  readonly slices: Growing[];
}

/** The root, or undefined without a snapshot. */
export function readProfileTree(structure: StructureDefinition): ProfileNode | undefined {
  const latest = new Map<string, Growing>();
  let root: Growing | undefined;
  for (const element of structure.snapshot?.element ?? []) {
    const path = element.path ?? '';
    const dot = path.lastIndexOf('.');
    const last = path.slice(dot + 1);
    const isChoice = last.endsWith('[x]');
    const name = isChoice ? last.slice(0, -3) : last;
    const parent = dot < 0 ? undefined : latest.get(path.slice(0, dot));
    if (dot >= 0 && parent === undefined) continue;
    const sliceName = dot < 0 ? undefined : element.sliceName;
    const place = parent === undefined ? last : `${parent.id}.${last}`;
    const id = sliceName === undefined ? place : `${place}:${sliceName}`;
    const node: Growing = { id, name, isChoice, sliceName, element, children: new Map(), slices: [] };
    if (parent === undefined) root ??= node;
    else {
      const sliced = sliceName === undefined ? undefined : parent.children.get(name);
      if (sliced === undefined) parent.children.set(name, node);
      else sliced.slices.push(node);
    }
    latest.set(path, node);
  }
  return root;
}

/** The node with an element id such as `Composition.section:summary`. */
export function findNode(root: ProfileNode, id: string): ProfileNode | undefined {
  const open: ProfileNode[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.id === id || node.element.id === id) return node;
    open.push(...node.children.values(), ...node.slices);
  }
  return undefined;
}

const PROFILE_ELEMENT = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-profile-element';

type TypeRef = NonNullable<ElementDefinition['type']>[number];
type Twin = {
  readonly extension?: readonly { readonly url?: string; readonly valueString?: string }[];
} | null;

/** Profiles of a type; one that means an element inside the profile carries its id after `#`. */
export function profilesOfType(type: TypeRef): string[] {
  const twins = (type as { _profile?: readonly Twin[] })._profile;
  return (type.profile ?? []).map((profile, i) => {
    const element = twins?.[i]?.extension?.find((one) => one.url === PROFILE_ELEMENT)?.valueString;
    return element === undefined ? profile : `${profile}#${element}`;
  });
}

export function profilesOf(element: ElementDefinition): string[] {
  return (element.type ?? []).flatMap(profilesOfType);
}

/** The value of `fixed[x]`, `pattern[x]`, `minValue[x]` or `maxValue[x]` with its type suffix. */
export function choiceOf(
  element: ElementDefinition,
  name: 'fixed' | 'pattern' | 'minValue' | 'maxValue',
): { readonly value: unknown; readonly type: string } | undefined {
  for (const key of Object.keys(element)) {
    if (!key.startsWith(name) || key.length === name.length) continue;
    const type = key.slice(name.length);
    if (/^[A-Z]/.test(type)) return { value: (element as unknown as Record<string, unknown>)[key], type };
  }
  return undefined;
}
