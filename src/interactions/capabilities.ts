/**
 * capabilities: the CapabilityStatement, derived from the interaction table, the operations and the
 * definitions in force; nothing in it is written by hand.
 * https://hl7.org/fhir/R4/http.html#capabilities, https://hl7.org/fhir/R4/capabilitystatement.html
 */
import { createHash } from 'node:crypto';
import { fail } from '../fhir/issues.ts';
import { toInstant } from '../fhir/resource-text.ts';
import type { Resource } from '../fhir/types.ts';
import { COMMON_SEARCH_PARAMS, describeType } from '../search/describe.ts';
import type { Generation, InteractionContext } from './context.ts';
import type { Dispatcher, OperationRow } from './dispatch.ts';
import { parseEtags } from './headers.ts';
import type { InteractionRequest, InteractionResponse, KeptWire } from './request.ts';

const CORE_PACKAGE = 'hl7.fhir.r4.core';
const STANDARDS_STATUS = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status';

interface Statement {
  readonly json: string;
  readonly versionId: string;
  readonly wire: KeptWire;
}

/** Those of the generation in force, by mode and base: making one takes tens of milliseconds. */
const STATEMENTS = new WeakMap<Generation, Map<string, Statement>>();
/** Clients name the base themselves when the server does not fix it, so the number of texts is bounded. */
const STATEMENTS_MAX = 16;

export async function capabilities(
  request: InteractionRequest,
  context: InteractionContext,
  dispatcher: Dispatcher,
): Promise<InteractionResponse> {
  const mode = request.query.findLast(([name]) => name === 'mode')?.[1] ?? 'full';
  const generation = context.generation();
  const known = STATEMENTS.get(generation) ?? new Map<string, Statement>();
  STATEMENTS.set(generation, known);
  const key = `${mode} ${request.baseUrl}`;
  let statement = context.indexing() === undefined ? known.get(key) : undefined;
  if (statement === undefined) {
    const json = JSON.stringify(createStatement(mode, request.baseUrl, context, dispatcher));
    const versionId = createHash('sha256').update(json).digest('hex').slice(0, 32);
    statement = { json, versionId, wire: new Map() };
    if (known.size >= STATEMENTS_MAX) known.clear();
    // what is said of an index that is being made is true for a moment only
    if (context.indexing() === undefined) known.set(key, statement);
  }
  const { json, versionId, wire } = statement;
  const { ifNoneMatch } = request;
  if (ifNoneMatch !== undefined && parseEtags('If-None-Match', ifNoneMatch).includes(versionId)) {
    return { status: 304, versionId };
  }
  return { status: 200, versionId, body: { kind: 'json', json, kept: wire } };
}

function createStatement(
  mode: string,
  baseUrl: string,
  context: InteractionContext,
  dispatcher: Dispatcher,
): Resource {
  switch (mode) {
    case 'full':
      return capabilityStatement(
        context.generation().definitions.resourceTypes,
        baseUrl,
        context,
        dispatcher,
      );
    case 'normative':
      return capabilityStatement(normativeTypes(context.generation()), baseUrl, context, dispatcher);
    case 'terminology':
      return terminologyCapabilities(baseUrl, context);
    default:
      throw fail('bad-parameter', 'mode must be full, normative or terminology.', {
        expression: 'http.mode',
      });
  }
}

function identity(kind: string, baseUrl: string, context: InteractionContext): Record<string, unknown> {
  const { version, startedAt } = context.about;
  return {
    id: 'passerelle',
    url: `${baseUrl}/metadata`,
    version,
    name: `Passerelle${kind}`,
    title: 'Passerelle, FHIR server for migration health',
    status: 'active',
    date: toInstant(startedAt),
    publisher: 'Passerelle',
    kind: 'instance',
    software: { name: 'Passerelle', version },
    implementation: { description: 'Passerelle, FHIR server for migration health', url: baseUrl },
  };
}

function capabilityStatement(
  types: readonly string[],
  baseUrl: string,
  context: InteractionContext,
  dispatcher: Dispatcher,
): Resource {
  const generation = context.generation();
  const profiles = profilesByType(generation);
  const guides = [...generation.definitions.entries('ImplementationGuide')].map((entry) => entry.url);
  return {
    resourceType: 'CapabilityStatement',
    ...identity('CapabilityStatement', baseUrl, context),
    fhirVersion: '4.0.1',
    format: [...FORMATS],
    patchFormat: ['application/json-patch+json', 'application/fhir+json', 'application/fhir+xml'],
    ...(guides.length === 0 ? {} : { implementationGuide: guides }),
    rest: [
      {
        mode: 'server',
        ...indexingRemark(context),
        resource: types.map((type) => resourceElement(type, generation, dispatcher, profiles, context)),
        interaction: systemInteractions(dispatcher),
        searchParam: COMMON_SEARCH_PARAMS,
        operation: operationElements(dispatcher.operations.filter((one) => one.levels.includes('system'))),
        compartment: generation.definitions.compartments.map((one) => one.url),
      },
    ],
  };
}

/** While resources are indexed for new search parameters. */
function indexingRemark(context: InteractionContext): { readonly documentation?: string } {
  const progress = context.indexing();
  if (progress === undefined) return {};
  const { done, total } = progress;
  return {
    documentation: `Resources are being indexed for new search parameters, ${done} of ${total} are done. What a type does not list yet cannot be searched yet.`,
  };
}

/** Mime types that are read and written. */
export const FORMATS = ['application/fhir+json', 'application/fhir+xml', 'json', 'xml'] as const;

function pendingRemark(type: string, { parameters }: Generation): { readonly documentation?: string } {
  const pending = parameters.of(type).filter((parameter) => parameter.pending);
  if (pending.length === 0) return {};
  return { documentation: `Still being indexed: ${pending.map(({ code }) => code).join(', ')}.` };
}

function resourceElement(
  type: string,
  generation: Generation,
  dispatcher: Dispatcher,
  profiles: ReadonlyMap<string, readonly string[]>,
  context: InteractionContext,
): Record<string, unknown> {
  const rows = dispatcher.rows.filter((row) => row.level !== 'system' && row.code !== 'search-compartment');
  const codes = [...new Set(rows.map((row) => row.code))];
  const has = (code: string) => rows.some((row) => row.code === code && row.level === 'type');
  const { searchParam, searchInclude, searchRevInclude } = describeType(generation.parameters, type);
  const supported = profiles.get(type) ?? [];
  const operations = dispatcher.operations.filter(
    (one) =>
      (one.types.length === 0 || one.types.includes(type)) && one.levels.some((level) => level !== 'system'),
  );
  return {
    type,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    ...pendingRemark(type, generation),
    ...(supported.length === 0 ? {} : { supportedProfile: supported }),
    interaction: codes.map((code) => ({ code })),
    versioning: context.policy.ifMatchRequired ? 'versioned-update' : 'versioned',
    readHistory: true,
    updateCreate: context.policy.updateCreates,
    conditionalCreate: has('create'),
    conditionalRead: 'full-support',
    conditionalUpdate: has('update'),
    conditionalDelete: has('delete') ? context.policy.conditionalDelete : 'not-supported',
    referencePolicy: ['literal', 'logical', 'resolves'],
    ...(searchInclude.length === 0 ? {} : { searchInclude }),
    ...(searchRevInclude.length === 0 ? {} : { searchRevInclude }),
    searchParam,
    operation: operationElements(operations),
  };
}

function operationElements(operations: readonly OperationRow[]): Record<string, unknown>[] {
  return operations.map((one) => ({ name: one.name.slice(1), definition: one.definition }));
}

function systemInteractions(dispatcher: Dispatcher): Record<string, unknown>[] {
  const codes = new Set(dispatcher.rows.filter((row) => row.level === 'system').map((row) => row.code));
  codes.delete('capabilities');
  // R4 has two codes for what arrives at one address.
  if (codes.has('transaction')) codes.add('batch');
  return [...codes].map((code) => ({ code }));
}

/** Profiles of loaded packages beyond R4's own, and those written through REST. */
function profilesByType(generation: Generation): ReadonlyMap<string, readonly string[]> {
  const byType = new Map<string, string[]>();
  for (const entry of generation.definitions.entries('StructureDefinition')) {
    if (entry.kind !== 'resource' || entry.derivation !== 'constraint' || entry.type === undefined) continue;
    if (entry.source.packageId === CORE_PACKAGE) continue;
    byType.set(entry.type, [...(byType.get(entry.type) ?? []), entry.url]);
  }
  return byType;
}

function normativeTypes(generation: Generation): readonly string[] {
  const { definitions } = generation;
  return definitions.resourceTypes.filter((type) => {
    const structure = definitions.structureOfType(type);
    return structure?.extension?.some((one) => one.url === STANDARDS_STATUS && one.valueCode === 'normative');
  });
}

function terminologyCapabilities(baseUrl: string, context: InteractionContext): Resource {
  const systems = new Map<string, string[]>();
  for (const entry of context.generation().definitions.entries('CodeSystem')) {
    const versions = systems.get(entry.url) ?? [];
    systems.set(entry.url, versions);
    if (entry.version !== undefined) versions.push(entry.version);
  }
  const codeSystem = [...systems].map(([uri, versions]) => ({
    uri,
    ...(versions.length === 0 ? {} : { version: versions.map((code) => ({ code })) }),
  }));
  return {
    resourceType: 'TerminologyCapabilities',
    ...identity('TerminologyCapabilities', baseUrl, context),
    codeSystem,
    validateCode: { translations: false },
  };
}
