/**
 * A resource as the text that is stored: serialised once, with a gap in `meta` for the two members that only
 * the commit knows.
 * https://hl7.org/fhir/R4/resource.html#Meta
 */
import { stringifyMember } from './json.ts';
import type { Resource } from './types.ts';

/** The text around `"versionId":"…","lastUpdated":"…"`. */
export interface TextWithGap {
  readonly before: string;
  readonly after: string;
}

/** Members of meta that the server assigns, with their twins. */
const ASSIGNED: ReadonlySet<string> = new Set(['versionId', '_versionId', 'lastUpdated', '_lastUpdated']);

/** Serialises the resource under the given id; its own id, versionId and lastUpdated are ignored. */
export function composeText(resource: Resource, id: string): TextWithGap {
  const before = `{"resourceType":"${resource.resourceType}","id":"${id}","meta":{`;
  let after = '';
  const meta = resource.meta;
  if (meta !== undefined) {
    for (const key of Object.keys(meta)) {
      if (!ASSIGNED.has(key)) after += `,${JSON.stringify(key)}:${stringifyMember(meta, key)}`;
    }
  }
  after += '}';
  for (const key of Object.keys(resource)) {
    if (key === 'resourceType' || key === 'id' || key === 'meta') continue;
    after += `,${JSON.stringify(key)}:${stringifyMember(resource, key)}`;
  }
  return { before, after: `${after}}` };
}

/** The complete resource once the version is known; `lastUpdated` in ms since the epoch. */
export function fillGap(text: TextWithGap, versionId: string, lastUpdated: number): string {
  return `${text.before}"versionId":"${versionId}","lastUpdated":"${toInstant(lastUpdated)}"${text.after}`;
}

let lastMs = Number.NaN;
let lastInstant = '';
let lastDay = Number.NaN;
/** `2026-11-26T` */
let lastDate = '';

const DAY_MS = 86_400_000;
const TWO_DIGITS: readonly string[] = Array.from({ length: 60 }, (_, at) => String(at).padStart(2, '0'));
const THREE_DIGITS: readonly string[] = Array.from({ length: 1000 }, (_, at) => String(at).padStart(3, '0'));

/**
 * An instant in UTC with milliseconds; all that a commit writes has the same.
 * https://hl7.org/fhir/R4/datatypes.html#instant
 */
export function toInstant(ms: number): string {
  if (ms !== lastMs) {
    lastInstant = Number.isInteger(ms) ? instantOf(ms) : new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastInstant;
}

/** A page has many instants of few days. */
function instantOf(ms: number): string {
  const day = Math.floor(ms / DAY_MS);
  if (day !== lastDay) {
    const whole = new Date(ms).toISOString();
    lastDate = whole.slice(0, whole.indexOf('T') + 1);
    lastDay = day;
  }
  const inDay = ms - day * DAY_MS;
  const seconds = Math.floor(inDay / 1000);
  const minutes = Math.floor(seconds / 60);
  const [h, m, s] = [
    TWO_DIGITS[Math.floor(minutes / 60)],
    TWO_DIGITS[minutes % 60],
    TWO_DIGITS[seconds % 60],
  ];
  return `${lastDate}${h}:${m}:${s}.${THREE_DIGITS[inDay % 1000]}Z`;
}
