/**
 * What DomainResource demands (dom-2 to dom-6), by hand: most resources contain nothing, and then there is
 * nothing to do.
 * https://hl7.org/fhir/R4/domainresource-definitions.html
 */
import type { Collector } from './collector.ts';
import { isObject, type Json } from './items.ts';
import { show } from './suggestion.ts';

/** `contained` and `text` are those of the resource. */
export function domain(o: Json, contained: unknown, text: unknown, c: Collector): void {
  if (Array.isArray(contained)) checkContained(o, contained, c);
  if (!c.errorsOnly && c.resource === c.rootResource) {
    if (typeof (text as Json | null | undefined)?.div !== 'string') {
      fail(c, 'dom-6', 'A narrative (text.div) is recommended for every resource.', 'information');
    }
  }
}

/** What is asked of one contained resource. */
interface Contained {
  readonly resource: Json;
  id: string | undefined;
  meta: unknown;
  nested: unknown;
}

function checkContained(o: Json, contained: readonly unknown[], c: Collector): void {
  const list = readContained(contained);
  checkForbidden(list, c);
  checkIds(contained, c);
  const missing = new Set<string>();
  for (const { id } of list) if (id !== undefined) missing.add(`#${id}`);
  const narratives: string[] = [];
  findFragments(o, missing, narratives);
  for (const { resource, id } of list) {
    if (id !== undefined && !missing.has(`#${id}`)) continue;
    if (narratives.some((div) => div.includes(`"#${id}"`) || div.includes(`'#${id}'`))) continue;
    const container = new Set(['#']);
    findFragments(resource, container, []);
    if (container.size === 0) continue;
    const name = id === undefined ? 'without id' : show(id);
    fail(
      c,
      'dom-3',
      `The contained ${resource.resourceType} ${name} is referred to from nowhere, and refers to no container.`,
    );
  }
}

/** By a loop over the properties: to load each by name costs more, for resources come in many shapes. */
function readContained(contained: readonly unknown[]): Contained[] {
  const list: Contained[] = [];
  for (const one of contained) {
    if (!isObject(one)) continue;
    const read: Contained = { resource: one, id: undefined, meta: undefined, nested: undefined };
    for (const key in one) {
      if (key === 'id') {
        const id = one[key];
        if (typeof id === 'string') read.id = id;
      } else if (key === 'meta') read.meta = one[key];
      else if (key === 'contained') read.nested = one[key];
    }
    list.push(read);
  }
  return list;
}

function checkForbidden(list: readonly Contained[], c: Collector): void {
  let isNested = false;
  let isVersioned = false;
  let isLabelled = false;
  for (const { meta, nested } of list) {
    if (nested !== undefined) isNested = true;
    if (!isObject(meta)) continue;
    if (meta.versionId !== undefined || meta.lastUpdated !== undefined) isVersioned = true;
    if (meta.security !== undefined) isLabelled = true;
  }
  if (isNested) fail(c, 'dom-2', 'A contained resource may not contain resources itself.');
  if (isVersioned) {
    fail(c, 'dom-4', 'A contained resource may have neither meta.versionId nor meta.lastUpdated.');
  }
  if (isLabelled) fail(c, 'dom-5', 'A contained resource may not have a security label.');
}

/** A fragment must lead to one resource. */
function checkIds(contained: readonly unknown[], c: Collector): void {
  if (contained.length < 2) return;
  const seen = new Set<string>();
  contained.forEach((one, i) => {
    const id = (one as Json | null)?.id;
    if (typeof id !== 'string') return;
    if (seen.has(id)) {
      const text = `The id ${show(id)} stands on another contained resource too: each id occurs once.`;
      c.report('duplicate-id', text, { at: ['contained', i] });
    }
    seen.add(id);
  });
}

/**
 * Takes those strings away that are found, until none is left. Else every narrative was met: it may show a contained
 * image.
 */
function findFragments(root: Json, missing: Set<string>, narratives: string[]): void {
  const open: object[] = [root];
  for (let node = open.pop(); node !== undefined && missing.size > 0; node = open.pop()) {
    if (Array.isArray(node)) for (let i = 0; i < node.length; i++) take(node[i], open, missing, narratives);
    else for (const key in node) take((node as Json)[key], open, missing, narratives);
  }
}

function take(member: unknown, open: object[], missing: Set<string>, narratives: string[]): void {
  if (typeof member === 'object') {
    if (member !== null) open.push(member);
  } else if (typeof member === 'string') {
    const first = member.charCodeAt(0);
    if (first === 35) missing.delete(member);
    else if (first === 60) narratives.push(member);
  }
}

function fail(c: Collector, key: string, text: string, severity: 'error' | 'information' = 'error'): void {
  const source = 'http://hl7.org/fhir/StructureDefinition/DomainResource';
  c.report('invariant-failed', text, { constraint: key, severity, source, subject: text });
}
