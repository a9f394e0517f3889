/**
 * The one table of failures. Each row gives the HTTP status, severity and R4 issue type of a key, so a
 * reader, a validator and an interaction report a failure in the same words. Adding a failure means adding
 * a row here and a test.
 * https://hl7.org/fhir/R4/operationoutcome.html, https://hl7.org/fhir/R4/http.html#summary
 */

export type Severity = 'fatal' | 'error' | 'warning' | 'information';

/** R4 value set issue-type: https://hl7.org/fhir/R4/valueset-issue-type.html */
export type IssueType =
  | 'invalid'
  | 'structure'
  | 'required'
  | 'value'
  | 'invariant'
  | 'security'
  | 'login'
  | 'forbidden'
  | 'processing'
  | 'not-supported'
  | 'duplicate'
  | 'multiple-matches'
  | 'not-found'
  | 'deleted'
  | 'too-long'
  | 'code-invalid'
  | 'extension'
  | 'too-costly'
  | 'business-rule'
  | 'conflict'
  | 'transient'
  | 'lock-error'
  | 'exception'
  | 'timeout'
  | 'incomplete'
  | 'throttled'
  | 'informational';

interface IssueRow {
  readonly status: number;
  readonly severity: Severity;
  readonly code: IssueType;
  /** What the key means, for the documentation table. */
  readonly meaning: string;
}

export const ISSUES = {
  // reading a request
  'malformed-json': { status: 400, severity: 'fatal', code: 'structure', meaning: 'the body is not JSON' },
  'malformed-xml': { status: 400, severity: 'fatal', code: 'structure', meaning: 'the body is not XML' },
  'malformed-encoding': {
    status: 400,
    severity: 'fatal',
    code: 'structure',
    meaning: 'the body cannot be unpacked as its Content-Encoding says',
  },
  'too-many-values': {
    status: 413,
    severity: 'fatal',
    code: 'too-costly',
    meaning: 'a resource has more values than the limit',
  },
  'forbidden-key': {
    status: 400,
    severity: 'fatal',
    code: 'structure',
    meaning: 'a property name that JSON may not carry here, such as __proto__',
  },
  'too-deep': {
    status: 400,
    severity: 'fatal',
    code: 'too-costly',
    meaning: 'the body is nested deeper than the limit',
  },
  'too-large': {
    status: 413,
    severity: 'fatal',
    code: 'too-long',
    meaning: 'the body is larger than the limit',
  },
  'empty-body': {
    status: 400,
    severity: 'fatal',
    code: 'required',
    meaning: 'a resource was expected and the body is empty',
  },
  'unsupported-media-type': {
    status: 415,
    severity: 'fatal',
    code: 'not-supported',
    meaning: 'the Content-Type is not one that the server reads',
  },
  'not-acceptable': {
    status: 406,
    severity: 'fatal',
    code: 'not-supported',
    meaning: 'no format that the client accepts can be produced',
  },
  'bad-header': {
    status: 400,
    severity: 'error',
    code: 'value',
    meaning: 'a request header cannot be understood',
  },
  'bad-parameter': {
    status: 400,
    severity: 'error',
    code: 'value',
    meaning: 'a parameter has a value that cannot be understood',
  },
  'unknown-parameter': {
    status: 400,
    severity: 'error',
    code: 'not-supported',
    meaning: 'a search parameter that the server does not know',
  },
  'unsupported-modifier': {
    status: 400,
    severity: 'error',
    code: 'not-supported',
    meaning: 'a modifier that the search parameter does not take',
  },
  'unknown-type': {
    status: 404,
    severity: 'error',
    code: 'not-supported',
    meaning: 'not an R4 resource type',
  },
  'unknown-path': {
    status: 404,
    severity: 'error',
    code: 'not-found',
    meaning: 'no interaction at this address',
  },
  'unknown-operation': {
    status: 404,
    severity: 'error',
    code: 'not-supported',
    meaning: 'no such operation',
  },
  'method-not-allowed': {
    status: 405,
    severity: 'error',
    code: 'not-supported',
    meaning: 'the method is not allowed at this address',
  },
  // resources
  'type-mismatch': {
    status: 400,
    severity: 'error',
    code: 'value',
    meaning: 'resourceType differs from the type in the address',
  },
  'id-mismatch': {
    status: 400,
    severity: 'error',
    code: 'value',
    meaning: 'the id in the body differs from the id in the address',
  },
  'id-missing': {
    status: 400,
    severity: 'error',
    code: 'required',
    meaning: 'an update needs the id in the body',
  },
  'id-invalid': {
    status: 400,
    severity: 'error',
    code: 'value',
    meaning: 'not a FHIR id: 1-64 letters, digits, hyphens, dots',
  },
  'not-found': { status: 404, severity: 'error', code: 'not-found', meaning: 'no resource with this id' },
  'version-not-found': { status: 404, severity: 'error', code: 'not-found', meaning: 'no such version' },
  deleted: { status: 410, severity: 'error', code: 'deleted', meaning: 'the resource has been deleted' },
  'version-conflict': {
    status: 409,
    severity: 'error',
    code: 'conflict',
    meaning: 'the resource changed while it was being written',
  },
  'precondition-failed': {
    status: 412,
    severity: 'error',
    code: 'conflict',
    meaning: 'If-Match names a version that is not current',
  },
  'precondition-required': {
    status: 400,
    severity: 'error',
    code: 'required',
    meaning: 'this server requires If-Match on updates',
  },
  'multiple-matches': {
    status: 412,
    severity: 'error',
    code: 'multiple-matches',
    meaning: 'the criteria match more than one resource',
  },
  duplicate: { status: 409, severity: 'error', code: 'duplicate', meaning: 'the identity is already in use' },
  'bad-patch': {
    status: 400,
    severity: 'error',
    code: 'structure',
    meaning: 'the body is not a patch that the server understands',
  },
  'patch-failed': {
    status: 422,
    severity: 'error',
    code: 'processing',
    meaning: 'the patch does not fit the resource',
  },
  'read-only': {
    status: 405,
    severity: 'error',
    code: 'not-supported',
    meaning: 'the resource belongs to a loaded package',
  },
  // bundles
  'bundle-type': {
    status: 400,
    severity: 'error',
    code: 'value',
    meaning: 'only batch and transaction Bundles are accepted here',
  },
  'bundle-entry': {
    status: 400,
    severity: 'error',
    code: 'invalid',
    meaning: 'an entry of the Bundle cannot be carried out',
  },
  'too-many-entries': {
    status: 413,
    severity: 'error',
    code: 'too-costly',
    meaning: 'the Bundle has more entries than the limit',
  },
  'unresolved-reference': {
    status: 400,
    severity: 'error',
    code: 'not-found',
    meaning: 'a reference inside the Bundle has no target',
  },
  // validation: structure
  'unknown-element': {
    status: 422,
    severity: 'error',
    code: 'structure',
    meaning: 'a property that R4 does not define at this place',
  },
  'wrong-json-type': {
    status: 422,
    severity: 'error',
    code: 'structure',
    meaning: 'an object, array or primitive where R4 has another',
  },
  'empty-element': {
    status: 422,
    severity: 'error',
    code: 'structure',
    meaning: 'an empty object, array, string or null',
  },
  'choice-conflict': {
    status: 422,
    severity: 'error',
    code: 'structure',
    meaning: 'two variants of one choice element',
  },
  'primitive-alignment': {
    status: 422,
    severity: 'error',
    code: 'structure',
    meaning: '_x does not line up with x',
  },
  'duplicate-key': {
    status: 422,
    severity: 'error',
    code: 'structure',
    meaning: 'a JSON property occurs twice',
  },
  'invalid-primitive': {
    status: 422,
    severity: 'error',
    code: 'value',
    meaning: 'a value that its R4 primitive type does not allow',
  },
  'min-cardinality': {
    status: 422,
    severity: 'error',
    code: 'required',
    meaning: 'a required element is missing',
  },
  'max-cardinality': {
    status: 422,
    severity: 'error',
    code: 'structure',
    meaning: 'an element occurs too often',
  },
  'type-not-allowed': {
    status: 422,
    severity: 'error',
    code: 'structure',
    meaning: 'a type that the profile does not allow here',
  },
  'fixed-value': { status: 422, severity: 'error', code: 'value', meaning: 'differs from the fixed value' },
  'pattern-value': { status: 422, severity: 'error', code: 'value', meaning: 'lacks the required pattern' },
  'min-value': { status: 422, severity: 'error', code: 'value', meaning: 'below the least value' },
  'max-value': { status: 422, severity: 'error', code: 'value', meaning: 'above the greatest value' },
  'min-length': {
    status: 422,
    severity: 'error',
    code: 'value',
    meaning: 'shorter than a profile allows',
  },
  'value-missing': {
    status: 422,
    severity: 'error',
    code: 'required',
    meaning: 'extensions without the value that a profile requires',
  },
  'max-length': { status: 422, severity: 'error', code: 'too-long', meaning: 'longer than allowed' },
  narrative: {
    status: 422,
    severity: 'error',
    code: 'structure',
    meaning: 'narrative XHTML outside the allowed subset',
  },
  'markup-in-text': {
    status: 422,
    severity: 'warning',
    code: 'security',
    meaning: 'a text that looks like HTML',
  },
  // validation: meaning
  'invariant-failed': {
    status: 422,
    severity: 'error',
    code: 'invariant',
    meaning: 'a constraint of R4 or of a profile does not hold',
  },
  'invariant-unevaluated': {
    status: 422,
    severity: 'warning',
    code: 'incomplete',
    meaning: 'a constraint could not be evaluated',
  },
  'binding-required': {
    status: 422,
    severity: 'error',
    code: 'code-invalid',
    meaning: 'a code outside the required value set',
  },
  'binding-extensible': {
    status: 422,
    severity: 'warning',
    code: 'code-invalid',
    meaning: 'a code outside an extensible value set',
  },
  'code-unknown': {
    status: 422,
    severity: 'error',
    code: 'code-invalid',
    meaning: 'a code that its code system does not define',
  },
  'code-unchecked': {
    status: 422,
    severity: 'information',
    code: 'incomplete',
    meaning: 'the code system is not loaded, so the code was not checked',
  },
  'expansion-impossible': {
    status: 422,
    severity: 'error',
    code: 'not-found',
    meaning: 'a value set whose codes cannot be listed',
  },
  'display-mismatch': {
    status: 422,
    severity: 'warning',
    code: 'value',
    meaning: 'the display is not one of the code',
  },
  'reference-target': {
    status: 422,
    severity: 'error',
    code: 'structure',
    meaning: 'a reference to a type that is not allowed',
  },
  'reference-syntax': { status: 422, severity: 'error', code: 'value', meaning: 'not a reference' },
  'duplicate-id': {
    status: 422,
    severity: 'error',
    code: 'duplicate',
    meaning: 'an id that occurs twice in a resource',
  },
  'duplicate-label': {
    status: 422,
    severity: 'error',
    code: 'duplicate',
    meaning: 'a security label or tag that occurs twice',
  },
  'contained-missing': {
    status: 422,
    severity: 'error',
    code: 'not-found',
    meaning: 'a #reference without a contained resource',
  },
  'extension-unknown': {
    status: 422,
    severity: 'information',
    code: 'extension',
    meaning: 'an extension whose definition is not loaded',
  },
  'extension-unknown-modifier': {
    status: 422,
    severity: 'error',
    code: 'extension',
    meaning: 'a modifier extension whose definition is not loaded',
  },
  'extension-context': {
    status: 422,
    severity: 'error',
    code: 'extension',
    meaning: 'an extension at a place where it is not allowed',
  },
  'extension-value': {
    status: 422,
    severity: 'error',
    code: 'extension',
    meaning: 'an extension with a value that its definition does not allow',
  },
  slicing: {
    status: 422,
    severity: 'error',
    code: 'structure',
    meaning: 'a closed or ordered slicing is not respected',
  },
  'profile-unknown': {
    status: 422,
    severity: 'warning',
    code: 'not-found',
    meaning: 'a profile that is not loaded',
  },
  'profile-mandatory': {
    status: 422,
    severity: 'error',
    code: 'business-rule',
    meaning: 'this server requires a profile for this type',
  },
  'bundle-rule': {
    status: 422,
    severity: 'error',
    code: 'business-rule',
    meaning: 'a rule for Bundles does not hold',
  },
  'definition-rule': {
    status: 422,
    severity: 'error',
    code: 'business-rule',
    meaning: 'a rule for conformance resources does not hold',
  },
  'definition-broken': {
    status: 422,
    severity: 'error',
    code: 'structure',
    meaning: 'a definition that contradicts itself or its base',
  },
  'definition-missing': {
    status: 422,
    severity: 'error',
    code: 'not-found',
    meaning: 'a definition needs another one that is not loaded',
  },
  'definition-cycle': {
    status: 422,
    severity: 'error',
    code: 'business-rule',
    meaning: 'definitions that are based on one another in a circle',
  },
  'definition-conflict': {
    status: 409,
    severity: 'error',
    code: 'duplicate',
    meaning: 'a canonical and version that are defined elsewhere already',
  },
  'package-unreadable': {
    status: 400,
    severity: 'error',
    code: 'structure',
    meaning: 'not a FHIR package, or one beyond the limits',
  },
  'package-dependency': {
    status: 422,
    severity: 'warning',
    code: 'not-found',
    meaning: 'a package that another one depends on is not loaded',
  },
  'questionnaire-rule': {
    status: 422,
    severity: 'error',
    code: 'business-rule',
    meaning: 'a rule for Questionnaires and answers does not hold',
  },
  'exchange-rule': {
    status: 422,
    severity: 'error',
    code: 'business-rule',
    meaning: 'a rule of the exchange that looks at other resources (S-1 to S-12) does not hold',
  },
  'questionnaire-unknown': {
    status: 422,
    severity: 'warning',
    code: 'not-found',
    meaning: 'answers to a Questionnaire that is not loaded',
  },
  'measure-rule': {
    status: 422,
    severity: 'error',
    code: 'business-rule',
    meaning: 'a rule for Measures and their reports does not hold',
  },
  'measure-unknown': {
    status: 422,
    severity: 'warning',
    code: 'not-found',
    meaning: 'a report of a Measure that is not loaded',
  },
  'validation-truncated': {
    status: 422,
    severity: 'warning',
    code: 'too-costly',
    meaning: 'more issues than are reported',
  },
  valid: { status: 200, severity: 'information', code: 'informational', meaning: 'no issues' },
  // search
  'too-costly': {
    status: 400,
    severity: 'error',
    code: 'too-costly',
    meaning: 'the request would cost more than the limit',
  },
  'parameter-ignored': {
    status: 200,
    severity: 'warning',
    code: 'not-supported',
    meaning: 'a parameter was ignored',
  },
  'other-version-searched': {
    status: 200,
    severity: 'warning',
    code: 'informational',
    meaning: 'a chain looked at the present version of what a reference names another version of',
  },
  'includes-cut': {
    status: 200,
    severity: 'warning',
    code: 'incomplete',
    meaning: 'a page has not all that its includes ask for',
  },
  // the server itself
  'not-implemented': {
    status: 501,
    severity: 'error',
    code: 'not-supported',
    meaning: 'part of FHIR that this server does not offer',
  },
  throttled: { status: 429, severity: 'error', code: 'throttled', meaning: 'too many requests' },
  overloaded: {
    status: 503,
    severity: 'error',
    code: 'transient',
    meaning: 'the server cannot take more work now',
  },
  'store-unavailable': {
    status: 503,
    severity: 'error',
    code: 'transient',
    meaning: 'the store cannot be reached now',
  },
  'request-timeout': {
    status: 408,
    severity: 'error',
    code: 'timeout',
    meaning: 'the request did not arrive or finish in time',
  },
  'stored-damaged': {
    status: 500,
    severity: 'fatal',
    code: 'exception',
    meaning: 'what is stored of a resource is damaged',
  },
  internal: { status: 500, severity: 'fatal', code: 'exception', meaning: 'a fault of the server' },
  'request-done': {
    status: 200,
    severity: 'information',
    code: 'informational',
    meaning: 'the request was carried out',
  },
} as const satisfies Record<string, IssueRow>;

export type IssueKey = keyof typeof ISSUES;

/** One thing that is wrong, or worth knowing, about a request or resource. */
export interface Issue {
  readonly key: IssueKey;
  readonly severity: Severity;
  readonly code: IssueType;
  /** One sentence for a person: what, where, expected and found, how to mend it. Never a stack or SQL. */
  readonly text: string;
  /** FHIRPath of the element, such as `Patient.name[0].given[1]`, or `http.<header>`. */
  readonly expression?: string;
  /** Key of the invariant that failed, such as `mhd-cxr-1`. */
  readonly constraint?: string;
  /** Canonical of the profile or definition that the rule comes from. */
  readonly source?: string;
  readonly line?: number;
  readonly column?: number;
}

/** What may be added to, or changed in, the row of the table. */
export type IssueDetail = Partial<Omit<Issue, 'key' | 'text'>>;

export function issue(key: IssueKey, text: string, detail?: IssueDetail): Issue {
  const row: IssueRow = ISSUES[key];
  return { key, severity: row.severity, code: row.code, text, ...detail };
}

const RANK: Record<Severity, number> = { fatal: 3, error: 2, warning: 1, information: 0 };

export function isError(one: Issue): boolean {
  return RANK[one.severity] >= RANK.error;
}

/** The status of the first among the worst issues. */
export function statusOf(issues: readonly Issue[]): number {
  let worst: Issue | undefined;
  for (const one of issues) {
    if (worst === undefined || RANK[one.severity] > RANK[worst.severity]) worst = one;
  }
  return worst === undefined ? 200 : ISSUES[worst.key].status;
}

/** The one error that readers and interactions throw; it becomes an OperationOutcome. */
export class FhirError extends Error {
  readonly issues: readonly Issue[];
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    issues: readonly Issue[],
    options: { status?: number; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(issues[0]?.text ?? 'unknown failure', { cause: options.cause });
    this.name = 'FhirError';
    this.issues = issues;
    this.status = options.status ?? statusOf(issues);
    this.headers = options.headers ?? {};
  }
}

/** Shorthand for the common case of a single issue. */
export function fail(key: IssueKey, text: string, detail?: IssueDetail): FhirError {
  return new FhirError([issue(key, text, detail)]);
}
