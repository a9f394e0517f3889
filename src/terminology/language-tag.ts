/**
 * Language tags: well formed by the grammar, and made of registered subtags.
 * https://www.rfc-editor.org/info/bcp47
 */
import {
  EXTENDED_LANGUAGES,
  GRANDFATHERED,
  LANGUAGES,
  REGIONS,
  SCRIPTS,
  VARIANTS,
} from './language-subtags.ts';

const TAG_LENGTH_MAX = 100;

/** Case does not matter. */
export function isLanguageTag(tag: string): boolean {
  if (tag.length > TAG_LENGTH_MAX) return false;
  const registry = readRegistry();
  const lower = tag.toLowerCase();
  if (registry.grandfathered.has(lower)) return true;
  const subtags = lower.split('-');
  if (subtags[0] === 'x') return isPrivateUse(subtags, 0);
  let at = readLanguage(subtags, registry);
  if (at === 0) return false;
  if (isScript(subtags[at], registry)) at++;
  if (isRegion(subtags[at], registry)) at++;
  at = readVariants(subtags, at, registry);
  at = readExtensions(subtags, at);
  return at === subtags.length || isPrivateUse(subtags, at);
}

interface Registry {
  readonly languages: ReadonlySet<string>;
  readonly extended: ReadonlySet<string>;
  readonly scripts: ReadonlySet<string>;
  readonly regions: ReadonlySet<string>;
  readonly variants: ReadonlySet<string>;
  readonly grandfathered: ReadonlySet<string>;
}

let known: Registry | undefined;

function readRegistry(): Registry {
  const set = (text: string): ReadonlySet<string> => new Set(text.trim().toLowerCase().split(/\s+/));
  known ??= {
    languages: set(LANGUAGES),
    extended: set(EXTENDED_LANGUAGES),
    scripts: set(SCRIPTS),
    regions: set(REGIONS),
    variants: set(VARIANTS),
    grandfathered: set(GRANDFATHERED),
  };
  return known;
}

/** The number of subtags read: 0 when it is no language, 2 with an extended one. */
function readLanguage(subtags: readonly string[], registry: Registry): number {
  const [language = '', extended] = subtags;
  if (!registry.languages.has(language) && !/^q[a-t][a-z]$/.test(language)) return 0;
  return registry.extended.has(`${extended}:${language}`) ? 2 : 1;
}

function isScript(subtag: string | undefined, { scripts }: Registry): boolean {
  return subtag !== undefined && (scripts.has(subtag) || /^qa(a[a-z]|b[a-x])$/.test(subtag));
}

function isRegion(subtag: string | undefined, { regions }: Registry): boolean {
  return subtag !== undefined && (regions.has(subtag) || /^(q[m-z]|x[a-z])$/.test(subtag));
}

/** Each at most once. */
function readVariants(subtags: readonly string[], start: number, { variants }: Registry): number {
  let at = start;
  while (at < subtags.length && variants.has(subtags[at] as string)) {
    if (subtags.indexOf(subtags[at] as string, start) < at) return start;
    at++;
  }
  return at;
}

/** A letter or digit but `x`, each at most once, with subtags of two to eight. */
function readExtensions(subtags: readonly string[], start: number): number {
  const seen = new Set<string>();
  let at = start;
  while (/^[0-9a-wyz]$/.test(subtags[at] ?? '') && !seen.has(subtags[at] as string)) {
    let end = at + 1;
    while (/^[0-9a-z]{2,8}$/.test(subtags[end] ?? '')) end++;
    if (end === at + 1) return at;
    seen.add(subtags[at] as string);
    at = end;
  }
  return at;
}

function isPrivateUse(subtags: readonly string[], at: number): boolean {
  const rest = subtags.slice(at + 1);
  return subtags[at] === 'x' && rest.length > 0 && rest.every((one) => /^[0-9a-z]{1,8}$/.test(one));
}
