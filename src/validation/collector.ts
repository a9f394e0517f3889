/**
 * What one validation carries along: where it is (a stack of path segments, so that no path string exists
 * until something is wrong), which resource it is in, and what it found.
 * https://hl7.org/fhir/R4/operationoutcome-definitions.html#OperationOutcome.issue.expression
 */
import { type Issue, type IssueDetail, type IssueKey, issue } from '../fhir/issues.ts';
import type { Resource } from '../fhir/types.ts';
import type { BundleIndex } from './bundle-index.ts';

/** `name`, an index, or `value.ofType(Quantity)` for the JSON property `valueQuantity`. */
export type Segment = string | number;

export interface Found {
  readonly issue: Issue;
  readonly segments: readonly Segment[];
  /** Tells apart findings of one key at one place, such as the name of a missing child. */
  readonly subject: string;
}

export interface ReportDetail extends IssueDetail {
  /** Segments below the current place. */
  readonly at?: Segment | readonly Segment[];
  readonly subject?: string;
}

export interface CollectorLimits {
  /** Path segments; an array element takes two. */
  readonly depthMax: number;
  readonly issuesMax: number;
}

export class Collector {
  /** The stack; only the first `depth` segments count. Generated code writes to both. */
  readonly path: Segment[] = [];
  depth = 0;
  /** Where in `path` the resource begins that the current element belongs to. */
  resourceDepth = 0;
  resource: Resource;
  /** The container when `resource` is contained, else the same. */
  root: Resource;
  bundle: BundleIndex | undefined = undefined;
  /** Type that the last Reference was found to point to; undefined when that cannot be told. */
  target: string | undefined = undefined;
  /** Bound of `depth`. */
  readonly depthMax: number;
  readonly found: Found[] = [];
  readonly errorsOnly: boolean;
  readonly limits: CollectorLimits;
  /** Errors so far, also while speculating. */
  errors = 0;
  truncated = false;
  /** Pairs of resource and profile that are being checked, against cycles of profiles. */
  readonly visiting = new Map<object, Set<string>>();
  /** Budget of profile checks that follow references, against exponential profiles. */
  hops = 0;

  constructor(resource: Resource, limits: CollectorLimits, errorsOnly: boolean) {
    this.resource = resource;
    this.root = resource;
    this.limits = limits;
    this.errorsOnly = errorsOnly;
    this.depthMax = limits.depthMax;
  }

  report(key: IssueKey, text: string, detail: ReportDetail = {}): void {
    const { at, subject = '', ...rest } = detail;
    const made = issue(key, text, rest);
    const isError = made.severity === 'error' || made.severity === 'fatal';
    if (this.errorsOnly && !isError) return;
    if (isError) this.errors++;
    if (this.found.length >= this.limits.issuesMax) {
      this.truncated = true;
      return;
    }
    const segments = this.path.slice(0, this.depth);
    if (at !== undefined) {
      if (typeof at === 'object') segments.push(...at);
      else segments.push(at);
    }
    this.found.push({ issue: { ...made, expression: toExpression(segments) }, segments, subject });
  }

  /** Forgets everything found since `mark` entries were there: for trying out alternatives. */
  rollback(mark: number, errors: number): void {
    this.found.length = mark;
    this.errors = errors;
  }
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const CHOICE = /^[A-Za-z]+\.ofType\([A-Za-z0-9]+\)$/;

/** A FHIRPath such as `Patient.name[0].given[1]`; odd property names are quoted and cut. */
export function toExpression(segments: readonly Segment[]): string {
  let text = '';
  for (const segment of segments) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else {
      if (text !== '') text += '.';
      text += NAME.test(segment) || CHOICE.test(segment) ? segment : quoteName(segment);
    }
  }
  return text;
}

function quoteName(name: string): string {
  const shown = name.length > 64 ? `${name.slice(0, 63)}…` : name;
  return `\`${shown.replace(/[`\\]/g, '\\$&').replace(/\p{Cc}/gu, '?')}\``;
}

/** The JSON property of a segment: `valueQuantity` for `value.ofType(Quantity)`. */
export function jsonName(segment: string): string {
  const at = segment.indexOf('.ofType(');
  if (at < 0) return segment;
  const type = segment.slice(at + 8, -1);
  return segment.slice(0, at) + type.charAt(0).toUpperCase() + type.slice(1);
}
