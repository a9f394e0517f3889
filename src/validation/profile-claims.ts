/**
 * The profiles that a resource claims in meta.profile, and those that a request asks for.
 * https://hl7.org/fhir/R4/resource.html#Meta
 */
import type { Resource } from '../fhir/types.ts';
import type { Collector, Overlay } from './collector.ts';
import type { Segment } from './path.ts';
import { show } from './suggestion.ts';

/** `meta` is that of the resource. */
export function checkProfiles(resource: Resource, meta: unknown, c: Collector): void {
  if (meta !== undefined) checkClaimedProfiles(resource, meta, c);
  if (c.strict) checkGlobalProfiles(resource, meta, c);
  if (c.resourceDepth !== 1) return;
  for (const profile of c.asked) checkAskedProfile(profile, resource, c);
}

/** A claim that cannot be checked is a warning: the resource may be right. */
function checkClaimedProfiles(resource: Resource, meta: unknown, c: Collector): void {
  const claims: unknown = (meta as { profile?: unknown } | null)?.profile;
  if (!Array.isArray(claims)) return;
  const type = c.resourceType;
  for (let i = 0; i < claims.length; i++) {
    const claim: unknown = claims[i];
    if (typeof claim !== 'string') continue;
    const overlay = c.env.overlay(claim.includes('#') ? claim.replace(/#.*$/s, '') : claim);
    if (overlay === undefined) {
      const text = `The profile ${show(claim)} is not loaded, so it was not checked.`;
      c.report('profile-unknown', text, { at: ['meta', 'profile', i] });
    } else if (overlay.type !== type && !c.env.isA(type, overlay.type)) {
      const text = `${overlay.name} is a profile of ${overlay.type}, so a ${type} cannot claim it.`;
      c.report('type-not-allowed', text, { at: ['meta', 'profile', i], source: overlay.url });
    } else {
      if (!c.errorsOnly) reportProblems(overlay, ['meta', 'profile', i], c);
      c.env.check(overlay, { value: resource, twin: undefined, type, at: HERE }, c);
    }
  }
}

const HERE: readonly Segment[] = [];

/** What a guide asks of all resources that it covers; whether it covers this one, a write cannot know. */
function checkGlobalProfiles(resource: Resource, meta: unknown, c: Collector): void {
  const claims: unknown = (meta as { profile?: unknown } | null | undefined)?.profile;
  for (const profile of c.env.globalProfiles(resource.resourceType)) {
    const overlay = c.env.overlay(profile);
    if (overlay === undefined || (Array.isArray(claims) && claims.includes(profile))) continue;
    c.env.check(overlay, { value: resource, twin: undefined, type: resource.resourceType, at: [] }, c);
  }
}

/** A profile that was asked for and is not known is an error: the answer would mean nothing. */
function checkAskedProfile(profile: string, resource: Resource, c: Collector): void {
  const overlay = c.env.overlay(profile);
  if (overlay === undefined) {
    const text = `The profile ${show(profile)} is not loaded, so the resource cannot be held to it.`;
    c.report('profile-unknown', text, { severity: 'error', subject: profile });
    return;
  }
  if (overlay.type !== resource.resourceType && !c.env.isA(resource.resourceType, overlay.type)) {
    const text = `${overlay.name} is a profile of ${overlay.type}, not of ${resource.resourceType}.`;
    c.report('type-not-allowed', text, { source: overlay.url, subject: profile });
    return;
  }
  if (!c.errorsOnly) reportProblems(overlay, [], c);
  c.env.check(overlay, { value: resource, twin: undefined, type: resource.resourceType, at: [] }, c);
}

/** What a profile says that cannot be checked is not passed over in silence. */
function reportProblems(overlay: Overlay, at: readonly Segment[], c: Collector): void {
  for (const problem of overlay.problems.slice(0, PROBLEMS_MAX)) {
    const text = `Not all of ${overlay.name} can be checked: ${problem}`;
    c.report('profile-unknown', text, { at, source: overlay.url, subject: problem });
  }
}

const PROBLEMS_MAX = 5;
