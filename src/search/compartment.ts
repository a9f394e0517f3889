/**
 * Compartments: which resources belong to a patient (or encounter, practitioner, related person, device).
 * https://hl7.org/fhir/R4/compartmentdefinition.html
 */
import type { SearchParameters } from './parameters.ts';
import { anyOf } from './predicates.ts';
import type { Predicate } from './query.ts';
import { hashReference } from './term-forms.ts';

/**
 * What makes a resource of `type` a member of `compartment`/`id`; undefined when resources of this type never are.
 */
export function compartmentPredicate(
  parameters: SearchParameters,
  compartment: { readonly type: string; readonly id: string },
  type: string,
): Predicate | undefined {
  const codes = compartmentCodes(parameters, compartment.type, type);
  if (codes === undefined) return undefined;
  const members: Predicate[] = [];
  // the resource that the compartment is of is in it
  if (type === compartment.type) members.push({ kind: 'id', ids: [compartment.id] });
  const terms = [hashReference(compartment.type, compartment.id)];
  for (const code of codes) {
    const parameter = parameters.find(type, code);
    for (const { k } of parameter?.answeredBy ?? []) members.push({ kind: 'term', k, terms });
  }
  return anyOf(members);
}

/** Codes of the parameters that lead into the compartment; undefined when the type is not part of it. */
export function compartmentCodes(
  parameters: SearchParameters,
  compartment: string,
  type: string,
): readonly string[] | undefined {
  const definition = parameters.definitions.compartments.find(({ code }) => code === compartment);
  const entry = definition?.resource?.find(({ code }) => code === type);
  const codes = (entry?.param ?? []).filter((code) => code !== '{def}');
  if (type === compartment) return codes;
  return codes.length === 0 ? undefined : codes;
}

/** Types that have members in the compartment. */
export function compartmentTypes(parameters: SearchParameters, compartment: string): readonly string[] {
  return parameters.definitions.resourceTypes.filter(
    (type) => compartmentCodes(parameters, compartment, type) !== undefined,
  );
}
