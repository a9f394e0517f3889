/**
 * A version whose stored text is damaged. Whoever asks for its text is refused, so that nobody takes it for another;
 * lists leave it out and say so.
 */
import { FhirError, type Issue, issue } from '../fhir/issues.ts';
import type { ResourceKey, StoredVersion } from './store.ts';

type DamagedKey = ResourceKey & Pick<StoredVersion, 'versionId'>;

export function damagedVersion({ type, id, versionId }: DamagedKey): StoredVersion {
  return {
    type,
    id,
    versionId,
    lastUpdated: 0,
    method: 'PUT',
    deleted: false,
    damaged: true,
    get json(): string {
      throw new FhirError([damageOf({ type, id, versionId })]);
    },
  };
}

export function damageOf({ type, id, versionId }: DamagedKey): Issue {
  return issue(
    'stored-damaged',
    `Version ${versionId} of ${type}/${id} is damaged where it is stored. Tell the server's operator to run passerelle verify.`,
  );
}
