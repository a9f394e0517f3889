/**
 * From method and path to a row of the interaction table: one rule for single requests and for entries of a
 * Bundle.
 * https://hl7.org/fhir/R4/http.html#general
 */
import { FhirError, fail, issue } from '../fhir/issues.ts';
import type { InteractionContext } from './context.ts';
import type { InteractionRequest, InteractionResponse, Method, QueryPair } from './request.ts';
import { type Locate, performWrite } from './write.ts';

export type Handle = (
  request: InteractionRequest,
  context: InteractionContext,
) => Promise<InteractionResponse>;

/** `version`: a version in the history of an instance. */
export type Level = 'version' | 'instance' | 'type' | 'system';

interface RowBase {
  /** R4's code (`read`, `search-type`), or `operation`. */
  readonly code: string;
  readonly level: Level;
  readonly method: Method;
  /** Segments with `[type]`, `[id]`, `[vid]`, `[type2]` and `$` as variables, such as `[type]/[id]/_history`. */
  readonly path: string;
  /** What it does, for the OpenAPI description. */
  readonly title: string;
}

export type InteractionRow =
  | (RowBase & { readonly kind: 'answer'; readonly handle: Handle })
  | (RowBase & { readonly kind: 'write'; readonly locate: Locate });

/** A named operation. https://hl7.org/fhir/R4/operations.html */
export interface OperationRow {
  /** With the dollar sign. */
  readonly name: string;
  readonly levels: readonly Level[];
  /** Resource types it is for; empty for all. */
  readonly types: readonly string[];
  /** GET is only for operations that change nothing. */
  readonly affectsState: boolean;
  /** Canonical of its OperationDefinition. */
  readonly definition: string;
  readonly title: string;
  readonly handle: Handle;
}

export interface Address {
  readonly type: string;
  readonly id: string;
  readonly versionId: string;
  readonly compartmentType: string;
  readonly operation: string;
}

export interface Found extends Address {
  readonly row: InteractionRow;
}

export interface Dispatcher {
  readonly rows: readonly InteractionRow[];
  readonly operations: readonly OperationRow[];
  /**
   * `path` is relative to the base, without query, percent-encoded.
   * @throws FhirError `unknown-path`, `unknown-type`, `unknown-operation`, `method-not-allowed` (with Allow)
   */
  find(method: string, path: string, isResourceType: (type: string) => boolean): Found;
}

interface Shape {
  readonly variables: readonly Variable[];
  readonly rows: Map<string, InteractionRow>;
}

type Variable = keyof Address | undefined;

const VARIABLES: Readonly<Record<string, Variable>> = {
  '[type]': 'type',
  '[id]': 'id',
  '[vid]': 'versionId',
  '[type2]': 'compartmentType',
  $: 'operation',
};

export function createDispatcher(
  rows: readonly InteractionRow[],
  operations: readonly OperationRow[],
): Dispatcher {
  const shapes = new Map<string, Shape>();
  for (const row of [...rows, ...operations.flatMap(operationRows)]) {
    const segments = row.path === '' ? [] : row.path.split('/');
    const key = segments.map((segment) => (segment.startsWith('[') ? ':' : segment)).join('/');
    const shape = shapes.get(key) ?? {
      variables: segments.map((segment) => VARIABLES[segment]),
      rows: new Map<string, InteractionRow>(),
    };
    shape.rows.set(row.method, row);
    shapes.set(key, shape);
  }
  const byName = new Map(operations.map((operation) => [operation.name, operation]));
  return {
    rows,
    operations,
    find(method, path, isResourceType) {
      const segments = splitPath(path);
      const shape = shapes.get(shapeKey(segments));
      if (shape === undefined) throw fail('unknown-path', 'There is no interaction at this address.');
      const address = readAddress(shape, segments);
      if (address.type !== '' && !isResourceType(address.type)) throw unknownType(address.type);
      const { compartmentType } = address;
      if (compartmentType !== '' && compartmentType !== '*' && !isResourceType(compartmentType)) {
        throw unknownType(compartmentType);
      }
      if (address.operation !== '') return findOperation(byName, method, address);
      const row = shape.rows.get(method);
      if (row === undefined) throw methodNotAllowed([...shape.rows.keys()]);
      return { row, ...address };
    },
  };
}

/** Carries out a row. */
export async function execute(
  row: InteractionRow,
  request: InteractionRequest,
  context: InteractionContext,
): Promise<InteractionResponse> {
  return row.kind === 'write' ? performWrite(row.locate, request, context) : row.handle(request, context);
}

/** Splits `Patient?name=x` into path and decoded pairs. */
export function splitUrl(url: string): { readonly path: string; readonly query: readonly QueryPair[] } {
  const mark = url.indexOf('?');
  if (mark < 0) return { path: url, query: [] };
  return { path: url.slice(0, mark), query: [...new URLSearchParams(url.slice(mark + 1))] };
}

export function methodNotAllowed(allowed: readonly string[]): FhirError {
  const methods = [...new Set(allowed)];
  if (methods.includes('GET') && !methods.includes('HEAD')) methods.push('HEAD');
  const list = methods.join(', ');
  return new FhirError([issue('method-not-allowed', `This address answers to ${list}.`)], {
    headers: { allow: list },
  });
}

function unknownType(type: string): FhirError {
  const shown = /^[A-Za-z]{1,40}$/.test(type) ? `"${type}"` : 'This';
  return fail(
    'unknown-type',
    `${shown} is not a resource type of R4. Types are case sensitive, as in Patient.`,
  );
}

function splitPath(path: string): string[] {
  const segments = path.split('/').filter((segment) => segment !== '');
  if (segments.length > SEGMENTS_MAX) throw fail('unknown-path', 'There is no interaction at this address.');
  return segments.map((segment) => {
    if (!segment.includes('%')) return segment;
    try {
      return decodeURIComponent(segment);
    } catch {
      throw fail('unknown-path', 'The address is not percent-encoded as it should be.');
    }
  });
}

const SEGMENTS_MAX = 6;
const LITERALS: ReadonlySet<string> = new Set(['metadata']);

function shapeKey(segments: readonly string[]): string {
  let key = '';
  for (const [at, segment] of segments.entries()) {
    if (at > 0) key += '/';
    if (segment.startsWith('$')) key += '$';
    else if (segment.startsWith('_') || (at === 0 && LITERALS.has(segment))) key += segment;
    else key += ':';
  }
  return key;
}

function readAddress(shape: Shape, segments: readonly string[]): Address {
  const address = { type: '', id: '', versionId: '', compartmentType: '', operation: '' };
  for (const [at, variable] of shape.variables.entries()) {
    if (variable !== undefined) address[variable] = segments[at] as string;
  }
  return address;
}

function operationRows(operation: OperationRow): InteractionRow[] {
  const paths: Readonly<Record<Level, string>> = {
    system: '$',
    type: '[type]/$',
    instance: '[type]/[id]/$',
    version: '[type]/[id]/_history/[vid]/$',
  };
  const methods: readonly Method[] = operation.affectsState ? ['POST'] : ['GET', 'POST'];
  return operation.levels.flatMap((level) =>
    methods.map((method) => operationRow(operation, level, method, paths[level])),
  );
}

function operationRow(operation: OperationRow, level: Level, method: Method, path: string): InteractionRow {
  const { title, handle } = operation;
  return { kind: 'answer', code: 'operation', level, method, path, title, handle };
}

function levelOf({ type, id, versionId }: Address): Level {
  if (versionId !== '') return 'version';
  if (id !== '') return 'instance';
  return type === '' ? 'system' : 'type';
}

function findOperation(byName: ReadonlyMap<string, OperationRow>, method: string, address: Address): Found {
  const operation = byName.get(address.operation);
  const level = levelOf(address);
  const isFor = operation?.types.length === 0 || operation?.types.includes(address.type) === true;
  if (operation === undefined || !operation.levels.includes(level) || (address.type !== '' && !isFor)) {
    const shown = /^\$[a-z0-9-]{1,40}$/.test(address.operation) ? address.operation : 'this operation';
    throw fail(
      'unknown-operation',
      `The server does not offer ${shown} here. /metadata lists what it offers.`,
    );
  }
  if (method !== 'POST' && (method !== 'GET' || operation.affectsState)) {
    throw methodNotAllowed(operation.affectsState ? ['POST'] : ['GET', 'POST']);
  }
  return { row: operationRow(operation, level, method, '$'), ...address };
}
