/**
 * Slices while a snapshot is made: new ones, and the types of a choice that a path such as `valueQuantity`
 * speaks of.
 * https://hl7.org/fhir/R4/profiling.html#slicing
 */
import type {
  ElementDefinition,
  ElementDefinitionSlicing,
  ElementDefinitionType,
  StructureDefinition,
} from '@medplum/fhirtypes';
import { cloneNode, countNodes, createNode, type ElementNode, findSlice } from './element-tree.ts';
import type { SnapshotJob } from './snapshot-job.ts';

/** The slice that `valueQuantity` names among the children; undefined when no choice has such a type. */
export function openShortcut(job: SnapshotJob, parent: ElementNode, name: string): ElementNode | undefined {
  for (const choice of parent.children.values()) {
    if (!choice.name.endsWith('[x]')) continue;
    const stem = choice.name.slice(0, -3);
    if (name === stem) return choice;
    const type = name.startsWith(stem) ? typeNamed(choice.element, name.slice(stem.length)) : undefined;
    if (type === undefined) continue;
    const known = findSlice(choice, name);
    if (known !== undefined) return known;
    if (isOnlyShortcut(job.structure, choice, name)) {
      const slicing: ElementDefinitionSlicing = { ...TYPE_SLICING, rules: 'closed' };
      choice.element = { ...choice.element, type: [type], slicing: choice.element.slicing ?? slicing };
    }
    return addSlice(job, choice, name, undefined);
  }
  return undefined;
}

/**
 * A path of `valueQuantity` says that the choice is a Quantity, unless the differential speaks of `value[x]`
 * itself or of another of its types.
 */
function isOnlyShortcut(structure: StructureDefinition, choice: ElementNode, name: string): boolean {
  const stem = choice.name.slice(0, -3);
  for (const { path = '' } of structure.differential?.element ?? []) {
    for (const part of path.split('.').slice(1)) {
      if (part === choice.name) return false;
      if (part !== name && part.startsWith(stem) && typeNamed(choice.element, part.slice(stem.length)))
        return false;
    }
  }
  return true;
}

function typeNamed(element: ElementDefinition, suffix: string): ElementDefinitionType | undefined {
  return element.type?.find(
    ({ code }) => code !== undefined && code.charAt(0).toUpperCase() + code.slice(1) === suffix,
  );
}

/** Undefined when the slice that is divided again does not exist. */
export function addSlice(
  job: SnapshotJob,
  sliced: ElementNode,
  slice: string,
  differential: ElementDefinition | undefined,
): ElementNode | undefined {
  const bar = slice.lastIndexOf('/');
  const parent = bar < 0 ? sliced : findSlice(sliced, slice.slice(0, bar));
  if (parent === undefined) return undefined;
  const { slicing: _slicing, ...element } = (parent.origin ?? parent).element;
  const min = differential?.min ?? (parent.element.sliceName === undefined ? 0 : element.min);
  const node = copySlice(parent, { ...element, sliceName: slice, min }, differential);
  if (sliced.name.endsWith('[x]') && slice.startsWith(sliced.name.slice(0, -3))) {
    const type = typeNamed(element, slice.slice(sliced.name.length - 3));
    if (type !== undefined) node.element = { ...node.element, type: [type] };
  }
  if (parent.element.slicing === undefined) parent.element = withImplicitSlicing(parent.element, sliced.name);
  parent.slices.set(slice, node);
  job.elements += 1 + countNodes(node);
  return node;
}

/** Without the children when the slice names a profile of its own, which brings others. */
function copySlice(
  parent: ElementNode,
  element: ElementDefinition,
  differential: ElementDefinition | undefined,
): ElementNode {
  const hasProfile = differential?.type?.some((one) => Number(one.profile?.length) > 0) === true;
  const copy = hasProfile ? createNode(parent.name, element) : cloneNode(parent, false);
  copy.element = element;
  return copy;
}

const TYPE_SLICING: ElementDefinitionSlicing = {
  discriminator: [{ type: 'type', path: '$this' }],
  ordered: false,
  rules: 'open',
};
const URL_SLICING: ElementDefinitionSlicing = {
  ...TYPE_SLICING,
  discriminator: [{ type: 'value', path: 'url' }],
};

/** https://hl7.org/fhir/R4/profiling.html#slicing: extensions are sliced by url and choices by type. */
function withImplicitSlicing(element: ElementDefinition, name: string): ElementDefinition {
  const isExtension = name === 'extension' || name === 'modifierExtension';
  const slicing = isExtension ? URL_SLICING : name.endsWith('[x]') ? TYPE_SLICING : undefined;
  return slicing === undefined ? element : { ...element, slicing };
}
