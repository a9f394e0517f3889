/**
 * What every interaction gets and gives, without any HTTP framework: the same for a single request and for
 * an entry of a batch or transaction.
 * https://hl7.org/fhir/R4/http.html
 */
import type { Resource } from '../fhir/types.ts';
import type { StoredVersion } from '../storage/store.ts';

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

export type RequestBody =
  | { readonly kind: 'none' }
  /** `text` is the JSON that it was read from, when it was. */
  | { readonly kind: 'resource'; readonly resource: Resource; readonly text?: string }
  | { readonly kind: 'json-patch'; readonly patch: unknown };

export const NO_BODY: RequestBody = { kind: 'none' };

/** https://hl7.org/fhir/R4/http.html#prefer */
export interface Preferences {
  readonly return?: 'minimal' | 'representation' | 'OperationOutcome';
  readonly handling?: 'strict' | 'lenient';
  readonly respondAsync?: boolean;
}

export type QueryPair = readonly [name: string, value: string];

export interface InteractionRequest {
  /** Of the HTTP request, also for its entries: what the log knows it by. */
  readonly requestId: string;
  readonly method: Method;
  /** Empty at system level. */
  readonly type: string;
  /** Empty at type level. */
  readonly id: string;
  /** Of a vread; else empty. */
  readonly versionId: string;
  /** The second type in `Patient/1/Observation`; `*` for all; else empty. */
  readonly compartmentType: string;
  /** With the dollar sign; else empty. */
  readonly operation: string;
  /** Parameters of the address and of a form, in order. */
  readonly query: readonly QueryPair[];
  readonly body: RequestBody;
  /** Raw header values, or the members of the same name of Bundle.entry.request. */
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifModifiedSince?: string;
  readonly ifNoneExist?: string;
  readonly prefer: Preferences;
  /** Aborted when nobody wants the answer any more. */
  readonly signal?: AbortSignal;
  /** `X-Explain: true`: how a search is carried out is asked for. */
  readonly explain?: boolean;
  /** `Type/id` of what the same transaction deletes before this is carried out. */
  readonly deleted?: ReadonlySet<string>;
  /** What a transaction has read of what its entries name, by `Type/id`: undefined where there is nothing. */
  readonly targets?: ReadonlyMap<string, StoredVersion | undefined>;
  /** Without trailing slash, such as `http://127.0.0.1:8080/fhir`. */
  readonly baseUrl: string;
}

export type ResponseBody =
  /** A complete resource as JSON text: stored text goes out without being parsed. */
  | { readonly kind: 'json'; readonly json: string; readonly kept?: KeptWire }
  /** The same in UTF-8, each byte as one character (fhir/wire-text.ts). */
  | { readonly kind: 'wire'; readonly wire: string }
  | { readonly kind: 'resource'; readonly resource: Resource };

/** The bytes of a text that goes out again and again, by content coding; each is made when it is first asked for. */
export type KeptWire = Map<'identity' | 'gzip' | 'br', Buffer>;

export interface InteractionResponse {
  readonly status: number;
  readonly versionId?: string;
  /** ms since the epoch. */
  readonly lastModified?: number;
  /** Absolute address of what was written. */
  readonly location?: string;
  readonly body?: ResponseBody;
  /** What went wrong, or a remark, in an entry of a Bundle. */
  readonly outcome?: Resource;
  readonly headers?: Readonly<Record<string, string>>;
  /** Type and id of what was read or written, for audit; never logged. */
  readonly key?: { readonly type: string; readonly id: string };
}
