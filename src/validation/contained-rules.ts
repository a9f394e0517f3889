/**
 * What DomainResource demands (dom-2 to dom-6), by hand: most resources contain nothing, and then there is
 * nothing to do.
 * https://hl7.org/fhir/R4/domainresource-definitions.html
 */
import type { Collector } from './collector.ts';
import { show } from './suggestion.ts';

type Json = Readonly<Record<string, unknown>>;

/** `contained` and `text` are those of the resource. */
export function domain(o: Json, contained: unknown, text: unknown, c: Collector): void {
  if (Array.isArray(contained)) checkContained(o, contained, c);
  if (!c.errorsOnly && c.resource === c.rootResource) {
    if (typeof (text as Json | null | undefined)?.div !== 'string') {
      fail(c, 'dom-6', 'A narrative (text.div) is recommended for every resource.', 'information');
    }
  }
}

function checkContained(o: Json, contained: readonly unknown[], c: Collector): void {
  const isObject = (one: unknown): one is Json =>
    typeof one === 'object' && one !== null && !Array.isArray(one);
  const list = contained.filter(isObject);
  if (list.some((one) => one.contained !== undefined)) {
    fail(c, 'dom-2', 'A contained resource may not contain resources itself.');
  }
  const metas = list.map((one) => one.meta).filter(isObject);
  if (metas.some((meta) => meta.versionId !== undefined || meta.lastUpdated !== undefined)) {
    fail(c, 'dom-4', 'A contained resource may have neither meta.versionId nor meta.lastUpdated.');
  }
  if (metas.some((meta) => meta.security !== undefined)) {
    fail(c, 'dom-5', 'A contained resource may not have a security label.');
  }
  checkIds(contained, c);
  const missing = new Set<string>();
  for (const one of list) if (typeof one.id === 'string') missing.add(`#${one.id}`);
  const narratives: string[] = [];
  findFragments(o, missing, narratives);
  for (const one of list) {
    if (typeof one.id === 'string' && !missing.has(`#${one.id}`)) continue;
    if (narratives.some((div) => div.includes(`"#${one.id}"`) || div.includes(`'#${one.id}'`))) continue;
    const container = new Set(['#']);
    findFragments(one, container, []);
    if (container.size === 0) continue;
    const name = typeof one.id === 'string' ? show(one.id) : 'without id';
    fail(
      c,
      'dom-3',
      `The contained ${one.resourceType} ${name} is referred to from nowhere, and refers to no container.`,
    );
  }
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
  const take = (member: unknown): void => {
    if (typeof member === 'string') {
      const first = member.charCodeAt(0);
      if (first === 35) missing.delete(member);
      else if (first === 60) narratives.push(member);
    } else if (typeof member === 'object' && member !== null) open.push(member);
  };
  for (let node = open.pop(); node !== undefined && missing.size > 0; node = open.pop()) {
    if (Array.isArray(node)) for (let i = 0; i < node.length; i++) take(node[i]);
    else for (const key in node) take((node as Json)[key]);
  }
}

function fail(c: Collector, key: string, text: string, severity: 'error' | 'information' = 'error'): void {
  const source = 'http://hl7.org/fhir/StructureDefinition/DomainResource';
  c.report('invariant-failed', text, { constraint: key, severity, source, subject: text });
}
