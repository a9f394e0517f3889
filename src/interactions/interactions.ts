/**
 * The one table of interactions. It makes the routes, the dispatch of Bundle entries, the
 * CapabilityStatement and the OpenAPI description.
 * https://hl7.org/fhir/R4/http.html#summary
 */
import { processBundle } from './bundle.ts';
import { capabilities } from './capabilities.ts';
import { locateCreate } from './create.ts';
import { locateConditionalDelete, locateDelete } from './delete.ts';
import {
  createDispatcher,
  type Dispatcher,
  type Handle,
  type InteractionRow,
  type Level,
  type OperationRow,
} from './dispatch.ts';
import { history } from './history.ts';
import { locateConditionalPatch, locatePatch } from './patch.ts';
import { read, vread } from './read.ts';
import type { Method } from './request.ts';
import { search } from './search.ts';
import { locateConditionalUpdate, locateUpdate } from './update.ts';
import type { Locate } from './write.ts';

/** The dispatcher of every interaction and of the given operations. */
export function createInteractions(operations: readonly OperationRow[]): Dispatcher {
  const rows: InteractionRow[] = [
    ...INTERACTIONS,
    answers('capabilities', 'system', 'GET', 'metadata', 'What the server can do', (request, context) =>
      capabilities(request, context, dispatcher),
    ),
    answers('transaction', 'system', 'POST', '', 'Carry out a batch or transaction', (request, context) =>
      processBundle(request, context, dispatcher),
    ),
  ];
  const dispatcher = createDispatcher(rows, operations);
  return dispatcher;
}

const INTERACTIONS: readonly InteractionRow[] = [
  answers('read', 'instance', 'GET', '[type]/[id]', 'Read the current version', read),
  answers('vread', 'instance', 'GET', '[type]/[id]/_history/[vid]', 'Read a version', vread),
  writes('update', 'instance', 'PUT', '[type]/[id]', 'Update, or create under this id', locateUpdate),
  writes('patch', 'instance', 'PATCH', '[type]/[id]', 'Change parts of a resource', locatePatch),
  writes('delete', 'instance', 'DELETE', '[type]/[id]', 'Delete', locateDelete),
  answers('history-instance', 'instance', 'GET', '[type]/[id]/_history', 'Versions of a resource', history),
  writes('create', 'type', 'POST', '[type]', 'Create', locateCreate),
  answers('search-type', 'type', 'GET', '[type]', 'Search', search),
  answers('search-type', 'type', 'POST', '[type]/_search', 'Search with a form', search),
  writes(
    'update',
    'type',
    'PUT',
    '[type]',
    'Update the one that matches, or create',
    locateConditionalUpdate,
  ),
  writes('patch', 'type', 'PATCH', '[type]', 'Change parts of the one that matches', locateConditionalPatch),
  writes('delete', 'type', 'DELETE', '[type]', 'Delete what matches', locateConditionalDelete),
  answers('history-type', 'type', 'GET', '[type]/_history', 'Versions of a type', history),
  answers('search-compartment', 'instance', 'GET', '[type]/[id]/[type2]', 'Search a compartment', search),
  answers(
    'search-compartment',
    'instance',
    'POST',
    '[type]/[id]/[type2]/_search',
    'Search a compartment with a form',
    search,
  ),
  answers('search-system', 'system', 'GET', '', 'Search all types', search),
  answers('search-system', 'system', 'POST', '_search', 'Search all types with a form', search),
  answers('history-system', 'system', 'GET', '_history', 'Versions of everything', history),
];

function answers(
  code: string,
  level: Level,
  method: Method,
  path: string,
  title: string,
  handle: Handle,
): InteractionRow {
  return { kind: 'answer', code, level, method, path, title, handle };
}

function writes(
  code: string,
  level: Level,
  method: Method,
  path: string,
  title: string,
  locate: Locate,
): InteractionRow {
  return { kind: 'write', code, level, method, path, title, locate };
}
