/** What the parts of the HTTP room share: its options, and what the FHIR route tells the log. */
import type { JobLimits } from '../interactions/async-jobs.ts';
import type { LoadLimits } from './load.ts';
import type { ReplyFormat } from './negotiation.ts';

/** Path of the FHIR API. */
export const FHIR_PREFIX = '/fhir';

export interface HttpOptions extends LoadLimits {
  /** Address of the API as clients see it; empty to take the one that each request names. */
  readonly baseUrl: string;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly bodyBytesMax: number;
  readonly urlBytesMax: number;
  readonly compressBytesMin: number;
  /** Of requests that are answered later. */
  readonly jobs: JobLimits;
  readonly requestTimeoutMs: number;
  readonly shutdownTimeoutMs: number;
  /** Where the build has written the guide that /guide serves; need not exist. */
  readonly guideFolder: string;
}

/** What the FHIR route leaves on a request for the log. */
export interface Observed {
  interaction?: string;
  type?: string;
  format?: ReplyFormat;
}
