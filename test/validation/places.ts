/** Every element of a resource with its place and definition: where mutations can strike. */
import type { ElementModel, TypeModel } from '../../src/definitions/type-model.ts';
import { type Segment, toExpression } from '../../src/validation/path.ts';

export type Json = Record<string, unknown>;

export interface Place {
  readonly owner: Json;
  readonly ownerType: string;
  readonly ownerExpression: string;
  readonly json: string;
  /** Of the element, without the index of an array. */
  readonly expression: string;
  readonly element: ElementModel;
  readonly type: string;
}

/** Depth first, in document order. Narratives and unknown properties are left out. */
export function placesOf(resource: Json, model: TypeModel): Place[] {
  const places: Place[] = [];
  visit(resource, String(resource.resourceType), [String(resource.resourceType)], model, places);
  return places;
}

function visit(
  owner: Json,
  ownerType: string,
  at: readonly Segment[],
  model: TypeModel,
  into: Place[],
): void {
  const node = model.type(ownerType);
  for (const [json, value] of Object.entries(owner)) {
    const property = node?.byProperty.get(json);
    if (property === undefined) continue;
    const { element, type } = property;
    const segment = element.isChoice ? `${element.name}.ofType(${type})` : json;
    const here = [...at, segment];
    const ownerExpression = toExpression(at);
    into.push({ owner, ownerType, ownerExpression, json, expression: toExpression(here), element, type });
    const items = Array.isArray(value) ? value : [value];
    items.forEach((item, i) => {
      if (typeof item !== 'object' || item === null) return;
      const inner = Array.isArray(value) ? [...here, i] : here;
      visit(
        item as Json,
        type === 'Resource' ? String((item as Json).resourceType) : type,
        inner,
        model,
        into,
      );
    });
  }
}
