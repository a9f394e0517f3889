/** Searches of the server's own, on behalf of exchange rules. */
import { FhirError } from '../../fhir/issues.ts';
import { StoreUnavailableError } from '../../storage/store.ts';
import type { InteractionContext } from '../context.ts';
import { findMatches, type Matches } from '../criteria.ts';

export type Query = readonly (readonly [name: string, value: string])[];

/** More than any one person has of what the rules ask for; beyond it a rule sees the first page. */
const FIND_LIMIT = 200;

/** The client did not ask for this search: one that takes too long is no fault of what it sent. */
export async function findOurs(
  type: string,
  query: Query,
  baseUrl: string,
  context: InteractionContext,
  limit = FIND_LIMIT,
): Promise<Matches> {
  try {
    return await findMatches(type, query, limit, { baseUrl }, context);
  } catch (error) {
    if (!(error instanceof FhirError) || error.issues[0]?.key !== 'too-costly') throw error;
    throw new StoreUnavailableError('what an exchange rule asks for takes too long now', { cause: error });
  }
}
