/**
 * JSON Patch on a resource, in place.
 * https://www.rfc-editor.org/rfc/rfc6902, https://hl7.org/fhir/R4/http.html#patch
 */
import { isDeepStrictEqual } from 'node:util';
import { fail } from './issues.ts';
import { cloneJson, markDecimals } from './json.ts';

/** Operations that one patch may hold. */
const OPERATIONS_MAX = 1000;

type Container = Record<string, unknown> | unknown[];

interface Place {
  readonly container: Container;
  readonly key: string;
}

/**
 * Applies all operations or throws; the target may then be half changed and must be dropped.
 * @throws FhirError `patch-failed` (422) for a test that fails or a path that is not there, `bad-patch` (400)
 *   for what is not a JSON Patch
 */
export function applyJsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw fail('bad-patch', 'A JSON Patch is an array of operations.');
  if (patch.length > OPERATIONS_MAX) {
    throw fail('too-costly', `A patch may hold ${OPERATIONS_MAX} operations. Split it.`);
  }
  const root: Record<string, unknown> = { '': target };
  for (const [index, operation] of patch.entries()) applyOperation(root, operation, index);
  markDecimals(root['']);
  return root[''];
}

function applyOperation(root: Record<string, unknown>, operation: unknown, index: number): void {
  const fields = asFields(operation);
  const place = (name: 'path' | 'from') => locate(root, readPointer(fields[name], name, index), index);
  switch (fields.op) {
    case 'add':
      add(place('path'), requireValue(fields, index), index);
      break;
    case 'remove':
      remove(place('path'), index);
      break;
    case 'replace': {
      const target = place('path');
      requirePresent(target, index);
      set(target, requireValue(fields, index));
      break;
    }
    case 'move': {
      refuseMoveIntoItself(fields, index);
      const from = place('from');
      const value = requirePresent(from, index);
      remove(from, index);
      add(place('path'), value, index);
      break;
    }
    case 'copy':
      add(place('path'), cloneJson(requirePresent(place('from'), index)), index);
      break;
    case 'test':
      if (!isDeepStrictEqual(requirePresent(place('path'), index), requireValue(fields, index))) {
        throw fail('patch-failed', `The test of operation ${index} does not hold. Read the resource again.`);
      }
      break;
    default:
      throw fail('bad-patch', `Operation ${index} has no "op" of add, remove, replace, move, copy or test.`);
  }
}

function asFields(operation: unknown): Readonly<Record<string, unknown>> {
  return typeof operation === 'object' && operation !== null ? (operation as Record<string, unknown>) : {};
}

function refuseMoveIntoItself(fields: Readonly<Record<string, unknown>>, index: number): void {
  const from = readPointer(fields.from, 'from', index);
  const to = readPointer(fields.path, 'path', index);
  if (to.length > from.length && from.every((key, at) => to[at] === key)) {
    throw fail('patch-failed', `Operation ${index} moves a value into itself.`);
  }
}

/** https://www.rfc-editor.org/rfc/rfc6901 */
function readPointer(text: unknown, name: string, index: number): string[] {
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/'))) {
    throw fail('bad-patch', `"${name}" of operation ${index} is not a JSON Pointer such as /name/0/family.`);
  }
  const keys = text.split('/').slice(1);
  return keys.map((key) => {
    const plain = key.replaceAll('~1', '/').replaceAll('~0', '~');
    if (plain === '__proto__') throw fail('forbidden-key', `"${name}" of operation ${index} is not allowed.`);
    return plain;
  });
}

function locate(root: Record<string, unknown>, keys: readonly string[], index: number): Place {
  let container: Container = root;
  let key = '';
  for (const next of keys) {
    const inner: unknown = member(container, key);
    if (typeof inner !== 'object' || inner === null) throw noSuchPath(index);
    container = inner as Container;
    key = next;
  }
  return { container, key };
}

function member(container: Container, key: string): unknown {
  return Object.hasOwn(container, key) ? (container as Record<string, unknown>)[key] : undefined;
}

function requirePresent(place: Place, index: number): unknown {
  const isIndex = !Array.isArray(place.container) || arrayIndex(place, index) < place.container.length;
  const value = isIndex ? member(place.container, place.key) : undefined;
  if (value === undefined) throw noSuchPath(index);
  return value;
}

function requireValue(fields: Record<string, unknown>, index: number): unknown {
  if (!Object.hasOwn(fields, 'value')) throw fail('bad-patch', `Operation ${index} needs a "value".`);
  return fields.value;
}

function add(place: Place, value: unknown, index: number): void {
  const { container, key } = place;
  if (!Array.isArray(container)) {
    set(place, value);
    return;
  }
  const at = key === '-' ? container.length : arrayIndex(place, index);
  if (at > container.length) throw noSuchPath(index);
  container.splice(at, 0, value);
}

function remove(place: Place, index: number): void {
  requirePresent(place, index);
  if (Array.isArray(place.container)) place.container.splice(arrayIndex(place, index), 1);
  else delete place.container[place.key];
}

function set({ container, key }: Place, value: unknown): void {
  (container as Record<string, unknown>)[key] = value;
}

function arrayIndex(place: Place, index: number): number {
  if (!/^(?:0|[1-9]\d{0,6})$/.test(place.key)) throw noSuchPath(index);
  return Number(place.key);
}

function noSuchPath(index: number): Error {
  return fail('patch-failed', `The path of operation ${index} does not exist in the resource.`);
}
