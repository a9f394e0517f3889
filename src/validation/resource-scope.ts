/** Which resource `%resource` is while a profile looks into a Bundle entry or follows a reference. */
import type { Resource } from '../fhir/types.ts';
import type { Collector, ItemCheck } from './collector.ts';
import type { Item } from './items.ts';

/** Looks at a resource as `%resource` while a profile of it is checked. */
export function atResource(item: Item, run: () => void, c: Collector): void {
  const value = item.value as Resource;
  if (
    typeof value !== 'object' ||
    value === null ||
    typeof value.resourceType !== 'string' ||
    value === c.resource
  ) {
    run();
    return;
  }
  const { resource, resourceType, rootResource, resourceDepth } = c;
  const isContained = Array.isArray(c.rootResource.contained) && c.rootResource.contained.includes(value);
  c.resource = value;
  c.resourceType = value.resourceType;
  if (!isContained) c.rootResource = value;
  c.resourceDepth = c.depth;
  run();
  c.resource = resource;
  c.resourceType = resourceType;
  c.rootResource = rootResource;
  c.resourceDepth = resourceDepth;
}

/** Runs a check with the path at the item. */
export function atItem(item: Item, check: ItemCheck, c: Collector): void {
  const depth = c.depth;
  for (const segment of item.at) c.path[c.depth++] = segment;
  check(item, c);
  c.depth = depth;
}
