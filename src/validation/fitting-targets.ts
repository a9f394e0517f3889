/**
 * Which of the target profiles that a profile gives for a reference are for the type of resource that it points to.
 * https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.type.targetProfile
 */
import type { TypeModel } from '../definitions/type-model.ts';

/** Those of the profiles that are for a type; undefined for what is no type. */
export type FittingTargets = (targets: readonly string[], type: string) => readonly string[] | undefined;

/** Remembered by the list itself, and by type: of each list there are no more answers than types. */
export function createFittingTargets(
  model: TypeModel,
  typeOfProfile: (profile: string) => string | undefined,
): FittingTargets {
  const known = new WeakMap<readonly string[], Map<string, readonly string[]>>();
  return (targets, type) => {
    let byType = known.get(targets);
    if (byType === undefined) {
      byType = new Map();
      known.set(targets, byType);
    }
    const found = byType.get(type);
    if (found !== undefined) return found;
    // the model's own name, for the one at hand may be cut out of a long reference
    const name = model.type(type)?.name;
    if (name === undefined) return undefined;
    const fitting = targets.filter((one) => {
      const own = typeOfProfile(one);
      return own === undefined || own === 'Resource' || model.isA(name, own);
    });
    byType.set(name, fitting);
    return fitting;
  };
}
