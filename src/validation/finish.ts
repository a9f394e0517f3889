/**
 * Findings as issues: in document order, each fault once, with the most specific source.
 */
import { type Issue, issue } from '../fhir/issues.ts';
import type { Resource } from '../fhir/types.ts';
import type { Collector, Found } from './collector.ts';
import { findPositions } from './json-positions.ts';
import { jsonName, type Segment } from './path.ts';
import type { Steps } from './turns.ts';

export function* finish(c: Collector, resource: Resource, text?: string): Steps<readonly Issue[]> {
  const unique = new Map<string, Found>();
  for (const one of c.found) {
    const { key, constraint = '', expression = '' } = one.issue;
    const id = `${key}\n${constraint}\n${expression}\n${one.subject}`;
    if (!unique.has(id)) unique.set(id, one);
  }
  const list = [...unique.values()];
  if (list.length > 1) sortByPosition(list, resource);
  const issues = text === undefined ? list.map((one) => one.issue) : yield* withPositions(list, text);
  if (c.truncated) {
    issues.push(issue('validation-truncated', `Only the first ${c.limits.issuesMax} issues are shown.`));
  }
  if (c.isExhausted) {
    const text = 'Profiles lead to more checks than one validation may make: the rest was not looked at.';
    issues.push(issue('validation-truncated', text, { severity: 'error' }));
  }
  return issues;
}

function* withPositions(list: readonly Found[], text: string): Steps<Issue[]> {
  const positions = yield* findPositions(
    text,
    list.map((one) => one.segments),
  );
  return list.map((one, i) => ({ ...positions[i], ...one.issue }));
}

function sortByPosition(list: Found[], resource: Resource): void {
  const orders = new Map<object, ReadonlyMap<string, number>>();
  const positions = new Map(list.map((one) => [one, positionOf(one.segments, resource, orders)]));
  list.sort((a, b) => compare(positions.get(a) as number[], positions.get(b) as number[]));
}

/** The rank of each step among its siblings; a property that is not there comes last. */
function positionOf(
  segments: readonly Segment[],
  resource: Resource,
  orders: Map<object, ReadonlyMap<string, number>>,
): number[] {
  const position: number[] = [];
  let value: unknown = resource;
  for (const segment of segments.slice(1)) {
    if (typeof segment === 'number') {
      position.push(segment);
      value = Array.isArray(value) ? value[segment] : undefined;
      continue;
    }
    const holder = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
    const name = jsonName(segment);
    const order = orderOf(holder, orders);
    position.push(order.get(name) ?? order.get(`_${name}`) ?? order.size);
    value = holder[name] ?? holder[`_${name}`];
  }
  return position;
}

function orderOf(
  holder: object,
  orders: Map<object, ReadonlyMap<string, number>>,
): ReadonlyMap<string, number> {
  let order = orders.get(holder);
  if (order === undefined) {
    order = new Map(Object.keys(holder).map((key, i) => [key, i]));
    orders.set(holder, order);
  }
  return order;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
