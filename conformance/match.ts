/** Paths into a JSON body and the matchers that judge what they find. */
import type { Json, Matcher } from './case.ts';

/** All values at a path such as `entry[*].resource.id` or `issue[0].code`; `$` is the whole body. */
export function select(body: unknown, path: string): unknown[] {
  if (path === '$') return body === undefined ? [] : [body];
  let nodes: unknown[] = [body];
  for (const part of path.split(/\.(?![^[]*\])/)) {
    const [, name = '', index] = /^([^[]*)(?:\[(\*|\d+)\])?$/.exec(part) ?? [];
    nodes = nodes.flatMap((node) => stepInto(node, name, index));
  }
  return nodes;
}

function stepInto(node: unknown, name: string, index: string | undefined): unknown[] {
  if (node === null || typeof node !== 'object') return [];
  const value = (node as Record<string, unknown>)[name];
  if (value === undefined) return [];
  if (index === undefined) return [value];
  if (!Array.isArray(value)) return [];
  if (index === '*') return value;
  return value.length > Number(index) ? [value[Number(index)]] : [];
}

/** Undefined when it holds, else what was expected and found, for a person. */
export function judge(found: readonly unknown[], matcher: Matcher): string | undefined {
  const holds = (ok: boolean, expected: string): string | undefined =>
    ok ? undefined : `expected ${expected}, found ${brief(found)}`;
  if (matcher === null || typeof matcher !== 'object' || Array.isArray(matcher)) {
    return holds(found.length === 1 && equal(found[0], matcher), JSON.stringify(matcher));
  }
  const rule = matcher as Readonly<Record<string, Json>>;
  const [kind] = Object.keys(rule);
  const wanted = rule[kind as string] as Json;
  const list = wanted as readonly Json[];
  switch (Object.keys(rule).length === 1 ? kind : undefined) {
    case 'exists':
      return holds(found.length > 0 === wanted, wanted === true ? 'something' : 'nothing');
    case 'matches':
      return holds(
        found.length > 0 && found.every((one) => new RegExp(String(wanted), 's').test(String(one))),
        `/${wanted}/`,
      );
    case 'oneOf':
      return holds(
        found.length === 1 && list.some((one) => equal(found[0], one)),
        `one of ${JSON.stringify(wanted)}`,
      );
    case 'count':
      return holds(found.length === wanted, `${wanted} values`);
    case 'atLeast':
      return holds(found.length >= Number(wanted), `at least ${wanted} values`);
    case 'includes':
      return holds(
        found.some((one) => equal(one, wanted)),
        `${JSON.stringify(wanted)} among them`,
      );
    case 'excludes':
      return holds(!found.some((one) => equal(one, wanted)), `no ${JSON.stringify(wanted)}`);
    case 'sameSet':
      return holds(
        equal([...found].map(key).sort(), list.map(key).sort()),
        `exactly ${JSON.stringify(wanted)} in any order`,
      );
    case 'ordered':
      return holds(equal(found, list), `exactly ${JSON.stringify(wanted)} in this order`);
    default:
      return holds(found.length === 1 && equal(found[0], matcher), JSON.stringify(matcher));
  }
}

function key(value: unknown): string {
  return JSON.stringify(value);
}

function equal(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (one === null || other === null || typeof one !== 'object' || typeof other !== 'object') return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) =>
    equal((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name]),
  );
}

function brief(found: readonly unknown[]): string {
  const text = found.length === 1 ? JSON.stringify(found[0]) : JSON.stringify(found);
  return found.length === 0 ? 'nothing' : text.length > 160 ? `${text.slice(0, 157)}...` : text;
}
