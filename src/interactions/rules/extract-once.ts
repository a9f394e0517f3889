/** The postings of a resource that several exchange rules look at. */
import type { Resource } from '../../fhir/types.ts';
import type { Postings } from '../../search/postings.ts';
import type { Generation, InteractionContext } from '../context.ts';

interface Extracted {
  readonly generation: Generation;
  readonly postings: Postings;
}

/** Every rule of every write of a transaction looks at the same siblings. */
const EXTRACTED = new WeakMap<Resource, Extracted>();

export function extractOnce(resource: Resource, context: InteractionContext): Postings {
  const generation = context.generation();
  const before = EXTRACTED.get(resource);
  if (before?.generation === generation) return before.postings;
  const postings = generation.extract(resource);
  EXTRACTED.set(resource, { generation, postings });
  return postings;
}
