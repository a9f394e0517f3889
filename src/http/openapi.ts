/**
 * The API as an OpenAPI description, derived from the interaction table and the operations.
 * https://spec.openapis.org/oas/v3.1.0
 */
import type { Dispatcher, InteractionRow, Level, OperationRow } from '../interactions/dispatch.ts';

type Json = Readonly<Record<string, unknown>>;

const RESOURCE = { $ref: '#/components/schemas/Resource' };
const OUTCOME = { $ref: '#/components/responses/OperationOutcome' };
const FHIR_TYPES = ['application/fhir+json', 'application/fhir+xml'] as const;

export function describeApi(
  dispatcher: Dispatcher,
  resourceTypes: readonly string[],
  baseUrl: string,
  version: string,
): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  const add = (path: string, method: string, operation: Json) => {
    const item = paths[path] ?? { parameters: pathParameters(path) };
    paths[path] = item;
    item[method.toLowerCase()] = operation;
  };
  for (const row of dispatcher.rows) add(toPath(row.path), row.method, interactionOf(row));
  for (const operation of dispatcher.operations) {
    for (const level of operation.levels) {
      const path = operationPath(operation, level);
      if (!operation.affectsState) add(path, 'GET', operationOf(operation, level, 'GET'));
      add(path, 'POST', operationOf(operation, level, 'POST'));
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Passerelle, FHIR R4 server for migration health',
      version,
      description:
        'Any resource type stands where {type} is. The CapabilityStatement at /metadata says more.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    externalDocs: { url: 'https://hl7.org/fhir/R4/http.html' },
    servers: [{ url: baseUrl }],
    paths,
    components: {
      schemas: schemasOf(resourceTypes),
      parameters: PARAMETERS,
      responses: {
        OperationOutcome: {
          description: 'What went wrong, and how to mend it',
          content: contentOf(RESOURCE),
        },
      },
    },
  };
}

function toPath(path: string): string {
  return `/${path.replace(/\[(\w+)\]/g, '{$1}')}`;
}

function operationPath(operation: OperationRow, level: Level): string {
  const type = operation.types.length === 1 ? operation.types[0] : '{type}';
  const paths: Readonly<Record<Level, string>> = {
    system: '',
    type: `/${type}`,
    instance: `/${type}/{id}`,
    version: `/${type}/{id}/_history/{vid}`,
  };
  return `${paths[level]}/${operation.name}`;
}

function pathParameters(path: string): readonly Json[] {
  const schemas: Readonly<Record<string, Json>> = {
    type: { $ref: '#/components/schemas/ResourceType' },
    type2: { anyOf: [{ $ref: '#/components/schemas/ResourceType' }, { const: '*' }] },
    id: { $ref: '#/components/schemas/Id' },
    vid: { $ref: '#/components/schemas/Id' },
  };
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: schemas[name],
  }));
}

function interactionOf(row: InteractionRow): Json {
  const isForm = row.path.endsWith('_search');
  const isSearch =
    row.code.startsWith('search') || (row.level === 'type' && row.kind === 'write' && row.code !== 'create');
  const parameters = [
    ...(HEADERS[row.code] ?? []),
    ...(isSearch && !isForm ? ['search'] : []),
    ...(QUERIES[row.code] ?? []),
  ];
  return {
    operationId: operationId(row.code, row.method, row.path),
    summary: row.title,
    tags: [row.code],
    parameters: [...parameters, 'format', 'pretty'].map((name) => ({
      $ref: `#/components/parameters/${name}`,
    })),
    ...bodyOf(row, isForm),
    responses: responsesOf(row.code),
  };
}

function operationOf(operation: OperationRow, level: Level, method: string): Json {
  return {
    operationId: operationId(`${operation.name.slice(1)}-${level}`, method, ''),
    summary: operation.title,
    tags: ['operations'],
    externalDocs: { url: operation.definition },
    ...(method === 'POST' ? { requestBody: { content: contentOf(RESOURCE) } } : {}),
    responses: { 200: { description: 'The result', content: contentOf(RESOURCE) }, default: OUTCOME },
  };
}

function operationId(code: string, method: string, path: string): string {
  return [code, method.toLowerCase(), ...path.split(/[[\]/$]+/)].filter((part) => part !== '').join('-');
}

/** Names of PARAMETERS that matter to an interaction. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  read: ['ifNoneMatch', 'ifModifiedSince'],
  create: ['ifNoneExist', 'prefer'],
  update: ['ifMatch', 'prefer'],
  patch: ['ifMatch', 'prefer'],
  delete: ['ifMatch'],
  transaction: ['prefer'],
};

const HISTORY = ['since', 'at', 'count', 'historySort'] as const;
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  read: ['summary', 'elements'],
  vread: ['summary', 'elements'],
  'history-instance': HISTORY,
  'history-type': HISTORY,
  'history-system': HISTORY,
  capabilities: ['mode'],
};

function bodyOf(row: InteractionRow, isForm: boolean): Json {
  if (row.method === 'GET' || row.method === 'DELETE') return {};
  if (isForm) {
    const schema = { type: 'object', additionalProperties: { type: 'string' } };
    return { requestBody: { content: { 'application/x-www-form-urlencoded': { schema } } } };
  }
  const patch = { 'application/json-patch+json': { schema: { type: 'array', items: { type: 'object' } } } };
  const content = row.method === 'PATCH' ? { ...patch, ...contentOf(RESOURCE) } : contentOf(RESOURCE);
  return { requestBody: { required: true, content } };
}

function responsesOf(code: string): Json {
  const done = { description: 'The resource, a Bundle or an OperationOutcome', content: contentOf(RESOURCE) };
  switch (code) {
    case 'create':
    case 'update':
      return { 200: done, 201: { ...done, description: 'Created' }, default: OUTCOME };
    case 'read':
      return { 200: done, 304: { description: 'Not changed' }, default: OUTCOME };
    default:
      return { 200: done, default: OUTCOME };
  }
}

function contentOf(schema: Json): Json {
  return Object.fromEntries(FHIR_TYPES.map((type) => [type, { schema }]));
}

function schemasOf(resourceTypes: readonly string[]): Json {
  return {
    ResourceType: { type: 'string', enum: resourceTypes },
    Id: { type: 'string', pattern: '^[A-Za-z0-9\\-.]{1,64}$' },
    Resource: {
      type: 'object',
      required: ['resourceType'],
      properties: {
        resourceType: { $ref: '#/components/schemas/ResourceType' },
        id: { $ref: '#/components/schemas/Id' },
      },
      additionalProperties: true,
    },
  };
}

function header(name: string, description: string): Json {
  return { name, in: 'header', description, schema: { type: 'string' } };
}

function query(name: string, description: string, schema: Json = { type: 'string' }): Json {
  return { name, in: 'query', description, schema };
}

const PARAMETERS: Readonly<Record<string, Json>> = {
  ifMatch: header('If-Match', 'Version that must be current, such as W/"3"'),
  ifNoneMatch: header('If-None-Match', 'Version that is known already'),
  ifModifiedSince: header('If-Modified-Since', 'HTTP date'),
  ifNoneExist: header('If-None-Exist', 'Search parameters: creates only when nothing matches'),
  prefer: header('Prefer', 'return=minimal, return=representation, return=OperationOutcome, handling=strict'),
  format: query('_format', 'json or xml, instead of Accept'),
  pretty: query('_pretty', 'true indents', { type: 'boolean' }),
  summary: query('_summary', 'true, text, data or false'),
  elements: query('_elements', 'Elements to return, with commas'),
  since: query('_since', 'Versions from this instant on', { type: 'string', format: 'date-time' }),
  at: query('_at', 'Versions that were current at this time'),
  count: query('_count', 'Entries on a page', { type: 'integer', minimum: 0 }),
  historySort: query('_sort', '_lastUpdated or -_lastUpdated'),
  mode: query('mode', 'full, normative or terminology'),
  search: {
    name: 'search',
    in: 'query',
    style: 'form',
    explode: true,
    description: 'Search parameters of the type, as the CapabilityStatement lists them',
    schema: { type: 'object', additionalProperties: { type: 'string' } },
  },
};
