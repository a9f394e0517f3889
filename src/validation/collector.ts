/**
 * What one validation carries along: where it is (a stack of path segments, so that no path string exists
 * until something is wrong), which resource it is in, and what it found.
 * https://hl7.org/fhir/R4/operationoutcome-definitions.html#OperationOutcome.issue.expression
 */

import type { StructureDefinition } from '@medplum/fhirtypes';
import type { TypeModel } from '../definitions/type-model.ts';
import { type Issue, type IssueDetail, type IssueKey, issue } from '../fhir/issues.ts';
import type { Resource } from '../fhir/types.ts';
import type { RuntimeContext, TypedNode } from '../fhirpath/expression.ts';
import type { CodeSystemIndex } from '../terminology/code-system.ts';
import type { CompiledValueSet, Membership } from '../terminology/terminology.ts';
import type { BundleIndex } from './bundle-index.ts';
import type { ConstraintSchema } from './element-schema.ts';
import type { FittingTargets } from './fitting-targets.ts';
import type { Item } from './items.ts';
import { findNarrativeProblem } from './narrative.ts';
import { type Segment, toExpression } from './path.ts';
import type { ProfileNode } from './profile-tree.ts';
import { targetResource } from './reference-target.ts';
import type { Schemas } from './schemas.ts';

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
  /** Profile checks that one validation may start: profiles can multiply along references. */
  readonly checksMax: number;
  /** Questions whether a value meets a profile, those that are answered from memory included. */
  readonly questionsMax: number;
}

export interface CollectorMode {
  readonly errorsOnly: boolean;
  readonly strict: boolean;
}

export const NO_PROFILES: readonly string[] = [];

export class Collector implements RuntimeContext {
  /** The stack; only the first `depth` segments count. Generated code writes to both. */
  readonly path: Segment[];
  depth = 0;
  /** Where in `path` the resource begins that the current element belongs to. */
  resourceDepth = 0;
  resource: Resource;
  /** Type of `resource`: to read it from there costs more, for each kind of resource comes in many shapes. */
  resourceType = '';
  /** The container when `resource` is contained, else the same. */
  rootResource: Resource;
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
  /** Resources and the profiles that they are being tried against, to end cycles of profiles. */
  visiting: Map<object, Set<string>> | undefined = undefined;
  /** Above zero while something is tried out: errors are counted, not kept. */
  trying = 0;
  /** While trying, one error more than this settles the matter. */
  triedFrom = 0;
  /** Whether a resource meets a profile, as far as it was found out. */
  met: Map<object, Map<string, boolean>> | undefined = undefined;
  /** The first that was found to meet one: for most resources there is no other. */
  firstMet: { readonly value: object; readonly one: Overlay } | undefined = undefined;
  /** Resources that meet a profile if those meet theirs that are being tried. */
  provisional: { readonly value: object; readonly one: Overlay }[] | undefined = undefined;
  /** Resources that are being tried. */
  underway = 0;
  /** Answers that were taken for granted to end a cycle. */
  assumptions = 0;
  /** Elements by their ids, for each resource that has such; undefined while none has. */
  elementIds: Map<Resource, Map<string, object>> | undefined = undefined;
  /** Profiles that the root is held to besides those it claims. */
  asked: readonly string[] = NO_PROFILES;
  /** Resources outside the root that references lead to. */
  elsewhere: ((reference: string) => Resource | undefined) | undefined = undefined;
  /** The resources in the entries of the root Bundle are validated one by one, later. */
  skipsEntries = false;
  /** Of the root Bundle, when it was made beforehand. */
  rootIndex: BundleIndex | undefined = undefined;
  /** Profile checks started so far, and questions whether a profile is met. */
  checks = 0;
  questions = 0;
  /** There was more to check than is allowed: nobody knows whether the rest is right. */
  isExhausted = false;
  readonly env: ProfileEnvironment;
  /** For FHIRPath, as the rest of the evaluation context below. */
  readonly model: TypeModel;
  /** Whether the caller wants to hear what a write tolerates. */
  readonly strict: boolean;

  constructor(
    resource: Resource,
    env: ProfileEnvironment,
    limits: CollectorLimits,
    mode: CollectorMode,
    path: Segment[] = [],
  ) {
    this.path = path;
    this.env = env;
    this.resource = resource;
    this.rootResource = resource;
    this.limits = limits;
    this.errorsOnly = mode.errorsOnly;
    this.strict = mode.strict;
    this.model = env.model;
    this.depthMax = limits.depthMax;
  }

  report(key: IssueKey, text: string, detail: ReportDetail = {}): void {
    const { at, subject = '', ...rest } = detail;
    const made = issue(key, text, rest);
    const isError = made.severity === 'error' || made.severity === 'fatal';
    if (this.errorsOnly && !isError) return;
    if (isError) this.errors++;
    if (this.trying > 0) return;
    if (this.found.length >= this.limits.issuesMax) {
      this.truncated = true;
      if (!isError || !this.forgetRemark()) return;
    }
    const segments = this.path.slice(0, this.depth);
    if (at !== undefined) {
      if (typeof at === 'object') segments.push(...at);
      else segments.push(at);
    }
    this.found.push({ issue: { ...made, expression: toExpression(segments) }, segments, subject });
  }

  /** Makes room for an error: no number of remarks may hide it. */
  private forgetRemark(): boolean {
    const last = this.found.findLastIndex(({ issue: { severity } }) => !/error|fatal/.test(severity));
    if (last >= 0) this.found.splice(last, 1);
    return last >= 0;
  }

  /** Counts an error while something is tried out: then nothing has to be put into words. */
  isCounted(): boolean {
    if (this.trying === 0) return false;
    this.errors++;
    return true;
  }

  /** While trying, whether the answer is known. */
  isSettled(): boolean {
    return this.trying > 0 && this.errors > this.triedFrom;
  }

  get now(): number {
    return this.env.now();
  }

  get offsetMinutes(): number {
    return this.env.offsetMinutes(this.env.now());
  }

  resolve(reference: string): Resource | undefined {
    const target = targetResource({ reference }, this);
    return target && (target.resource ?? { resourceType: target.type });
  }

  memberOf(valueSet: string, system: string | undefined, code: string): boolean | undefined {
    const answer = this.env.valueSet(valueSet)?.contains(system, code) ?? 'unknown';
    return answer === 'unknown' ? undefined : answer === 'yes';
  }

  conformsTo(node: unknown, profile: string): boolean | undefined {
    const type = this.env.typeOfProfile(profile);
    if (type === undefined) return undefined;
    const own = (node as Resource | undefined)?.resourceType;
    const item = { value: node, twin: undefined, type: typeof own === 'string' ? own : type, at: [] };
    return this.env.conforms(profile, item, this) && this.env.meetsType(item, this);
  }

  subsumes(system: string, code: string, other: string): boolean | undefined {
    if (code === other) return true;
    return this.env.subsumes(system, code, other);
  }

  checkHtml(xhtml: string): boolean {
    return findNarrativeProblem(xhtml) === undefined;
  }

  /** Forgets everything found since `mark` entries were there: for trying out alternatives. */
  rollback(mark: number, errors: number): void {
    this.found.length = mark;
    this.errors = errors;
  }
}

export type ItemCheck = (item: Item, c: Collector) => void;
/** Whether an item is one of those that are meant. */
export type ItemTest = (item: Item, c: Collector) => boolean;

export interface Overlay {
  readonly url: string;
  readonly name: string;
  /** The type that the profile constrains. */
  readonly type: string;
  /** Problems of the definition itself, each a sentence. */
  readonly problems: readonly string[];
  /** Holds a value of the type, at the current place, to the profile. */
  readonly check: (item: Item, c: Collector) => void;
}

/** What overlays need of the world around them; one belongs to each generation of definitions. */
export interface ProfileEnvironment {
  readonly schemas: Schemas;
  readonly model: TypeModel;
  now(): number;
  /** Minutes east of UTC at an instant, for rules that ask what day it is. */
  offsetMinutes(instantMs: number): number;
  isResourceType(type: string): boolean;
  /** A resource, datatype or primitive of R4, or one of their abstract ancestors. */
  isTypeName(name: string): boolean;
  /** A loaded resource by canonical: a Questionnaire, a Measure. */
  resource(canonical: string): Resource | undefined;
  codeSystem(system: string): CodeSystemIndex | undefined;
  codeExists(system: string, code: string): Membership;
  /** Whether `other` is `code` or below it. */
  subsumes(system: string, code: string, other: string): boolean | undefined;
  /** Undefined when the pattern cannot be run. Linear in the text. */
  matches(text: string, pattern: string): boolean | undefined;
  /** What is wrong with a FHIRPath, in words. */
  expressionFault(expression: string, type: string): string | undefined;
  /** Steps of a sound FHIRPath that can never find anything. */
  expressionNotes(expression: string, type: string): readonly string[];
  /** Undefined when the expression gives nothing or cannot be evaluated. */
  testExpression(expression: string, node: unknown, c: Collector): boolean | undefined;
  /** All results; undefined when the expression cannot be evaluated. */
  select(expression: string, node: unknown, c: Collector): readonly TypedNode[] | undefined;
  trySnapshot(structure: StructureDefinition): {
    readonly issues: readonly Issue[];
    readonly isBaseKnown: boolean;
  };
  isA(type: string, ancestor: string): boolean;
  /** The root of a profile's snapshot. */
  tree(profile: string): ProfileNode | undefined;
  /** The profile whose root a node is. */
  profileOfRoot(node: ProfileNode): string | undefined;
  typeOfProfile(profile: string): string | undefined;
  readonly fittingTargets: FittingTargets;
  /** Profiles that loaded implementation guides ask of every resource of a type. */
  globalProfiles(type: string): readonly string[];
  valueSet(canonical: string): CompiledValueSet | undefined;
  overlay(profile: string): Overlay | undefined;
  constraintCheck(constraint: ConstraintSchema, type: string): ItemCheck | undefined;
  /** Whether the item meets R4's definition of its type; nothing is reported. */
  meetsType(item: Item, c: Collector): boolean;
  /** Whether the item meets the profile; nothing is reported. An unknown profile is met by nothing. */
  conforms(profile: string, item: Item, c: Collector): boolean;
  /** Holds an item to a profile, guarding against profiles that lead back to themselves. */
  check(overlay: Overlay, item: Item, c: Collector): void;
  /** The item must meet one of the profiles. */
  checkAny(profiles: readonly string[], item: Item, source: string, c: Collector): void;
  /** The resource that a reference leads to must meet one of the profiles. */
  checkTargetProfiles(profiles: readonly string[], target: Resource, source: string, c: Collector): void;
}

/** What overlays may keep of the environment: nothing that belongs to one generation of definitions. */
export type OverlayEnvironment = Pick<
  ProfileEnvironment,
  'schemas' | 'isA' | 'constraintCheck' | 'tree' | 'profileOfRoot'
>;

/** What the parts of one overlay share while it is compiled. */
export interface OverlayContext {
  readonly env: OverlayEnvironment;
  readonly source: string;
  readonly profileName: string;
  readonly type: string;
  readonly problems: string[];
}
