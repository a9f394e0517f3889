/**
 * What interactions work with: the store, the current generation of definitions and what is compiled from
 * them, clock, ids and limits. Built once by the composition root.
 */
import type { Definitions } from '../definitions/definitions.ts';
import type { TypeModel } from '../definitions/type-model.ts';
import type { Issue } from '../fhir/issues.ts';
import type { Resource } from '../fhir/types.ts';
import type { CanonicalQuantity } from '../search/emit.ts';
import type { Extract } from '../search/extract.ts';
import type { CreateIncludePlan } from '../search/include.ts';
import type { SearchLimits } from '../search/limits.ts';
import type { PageTokens } from '../search/page-token.ts';
import type { SearchParameters } from '../search/parameters.ts';
import type { Store } from '../storage/store.ts';
import type { Terminology } from '../terminology/terminology.ts';
import type { Validator } from '../validation/validator.ts';

export interface InteractionLimits {
  readonly search: SearchLimits;
  readonly entriesMax: number;
  readonly depthMax: number;
  /** Values in one resource. */
  readonly valuesMax: number;
  /** Values in one body: of all entries of a Bundle. */
  readonly allValuesMax: number;
  readonly formBytesMax: number;
  /** Times a write is planned again after a concurrent change. */
  readonly conflictRetriesMax: number;
  readonly conditionalDeletesMax: number;
  readonly issuesMax: number;
}

export interface WritePolicy {
  /** Definitions must be complete publications; else they must only be usable. */
  readonly strictDefinitions: boolean;
  readonly ifMatchRequired: boolean;
  readonly updateCreates: boolean;
  readonly conditionalDelete: 'single' | 'multiple';
  /** Canonicals or package ids by type: a resource of the type must claim one of them. */
  readonly requiredProfiles: ReadonlyMap<string, readonly string[]>;
}

/** Everything that changes together when a definition is written. */
export interface Generation {
  readonly definitions: Definitions;
  readonly model: TypeModel;
  readonly terminology: Terminology;
  readonly validator: Validator;
  readonly parameters: SearchParameters;
  readonly extract: Extract;
  readonly createIncludePlan: CreateIncludePlan;
  readonly canonicalQuantity?: CanonicalQuantity;
  /** Raised when resources are indexed for other parameters. */
  readonly indexing: number;
}

/** A committed write of a conformance resource, so that the next generation can be built. */
export interface DefinitionChange {
  readonly type: string;
  readonly id: string;
  readonly versionId: string;
  /** Absent after a delete. */
  readonly resource?: Resource;
}

/** What the server says of itself. */
export interface About {
  readonly version: string;
  /** ms since the epoch. */
  readonly startedAt: number;
  /** Which of several server processes on one port this is. */
  readonly worker?: number | undefined;
}

/** A FHIR package that was put into force. */
export interface LoadedPackage {
  readonly id: string;
  readonly version: string;
  /** How many resources it brought. */
  readonly definitions: number;
  /** Warnings. */
  readonly issues: readonly Issue[];
}

export interface InteractionContext {
  readonly about: About;
  readonly store: Store;
  /** Never held across an `await` that another generation may overtake, but for one request's own use. */
  readonly generation: () => Generation;
  readonly newId: () => string;
  /** ms since the epoch. */
  readonly now: () => number;
  readonly pageTokens: PageTokens;
  /** Zone of dates without one: `UTC`, an offset such as `+05:45`, or an IANA name. */
  readonly timeZone: string;
  /** How far the index is behind new search parameters; undefined when it is not. */
  readonly indexing: () => { readonly done: number; readonly total: number } | undefined;
  /** Told of a fault of ours that is not the answer to a whole request, such as one of a batch's entries. */
  readonly onFault: (error: unknown, requestId: string) => void;
  /** Whether clients may see how searches are carried out. */
  readonly explainsSearches: boolean;
  readonly limits: InteractionLimits;
  readonly policy: WritePolicy;
  /** Awaited before the answer: what was written is in force when the client reads 201. */
  /** Puts a package.tgz into force and keeps it. @throws FhirError naming every fault; then nothing is loaded */
  readonly loadPackage: (bytes: Uint8Array) => Promise<LoadedPackage>;
  readonly onDefinitionChange: (changes: readonly DefinitionChange[]) => Promise<void>;
}
