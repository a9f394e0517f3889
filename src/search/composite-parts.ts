/**
 * The parameter that holds the values of one part of a composite by themselves: what has a pair has its code, which is
 * a way to find it.
 * https://hl7.org/fhir/R4/search.html#composite
 */
import type { CompiledParameter, CompositeComponent } from './compiled-parameter.ts';
import type { SearchParameters } from './parameters.ts';

/** Undefined unless the parameter looks at every place where this part of a pair can be. */
export function ownParameterOf(
  stored: CompiledParameter,
  part: CompositeComponent,
  parameters: SearchParameters,
): CompiledParameter | undefined {
  if (!isConcept(part)) return undefined;
  const parameter = parameters.of(stored.base).find(({ url }) => url === part.definition);
  if (parameter === undefined || parameter.contactSystem !== undefined || parameter.type !== 'token') {
    return undefined;
  }
  const known = new Set(
    parameter.answeredBy.flatMap(({ paths }) => paths.map(({ steps }) => JSON.stringify(steps))),
  );
  for (const around of stored.paths) {
    for (const { steps } of part.paths) {
      if (!known.has(JSON.stringify([...around.steps, ...steps]))) return undefined;
    }
  }
  return parameter;
}

/**
 * Whether pairs with all systems are posted as such, and their shorter forms as what the code of the pair leads to: a
 * code and one more exact value. That the code has a parameter of its own is for the search to see: what is posted
 * depends on the composite alone.
 */
export function hasPairs({ components }: CompiledParameter): boolean {
  const [first, last, ...more] = components;
  if (first === undefined || last === undefined || more.length > 0) return false;
  return isConcept(first) && (last.type === 'token' || last.type === 'reference' || last.type === 'uri');
}

function isConcept({ type, paths }: CompositeComponent): boolean {
  return (
    type === 'token' &&
    paths.length > 0 &&
    paths.every((path) => !path.fromRoot && path.type === 'CodeableConcept')
  );
}
