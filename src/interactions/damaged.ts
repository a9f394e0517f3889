/**
 * Versions whose stored text is damaged do not keep others from being answered: a list goes without them, says which
 * they are, and the operator finds it in the log.
 * https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.search.mode
 */
import { FhirError, type Issue } from '../fhir/issues.ts';
import { damageOf } from '../storage/damaged-version.ts';
import type { StoredVersion } from '../storage/store.ts';
import type { InteractionContext } from './context.ts';
import type { InteractionRequest } from './request.ts';

export interface SetAside {
  readonly sound: readonly StoredVersion[];
  /** One for each of the others. */
  readonly damage: readonly Issue[];
}

export function setDamagedAside(
  rows: readonly StoredVersion[],
  { requestId }: InteractionRequest,
  { onFault }: InteractionContext,
): SetAside {
  if (!rows.some(({ damaged }) => damaged === true)) return { sound: rows, damage: [] };
  const damage = rows.filter(({ damaged }) => damaged === true).map(damageOf);
  onFault(new FhirError(damage), requestId);
  return { sound: rows.filter(({ damaged }) => damaged !== true), damage };
}
