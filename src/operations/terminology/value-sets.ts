/**
 * $expand lists the codes of a value set; $translate finds what a code is called in another system.
 * https://hl7.org/fhir/R4/valueset-operation-expand.html, https://hl7.org/fhir/R4/conceptmap-operation-translate.html
 */
import { entryOf } from '../../definitions/entry.ts';
import { FhirError, fail } from '../../fhir/issues.ts';
import { toInstant } from '../../fhir/resource-text.ts';
import type { Resource } from '../../fhir/types.ts';
import type { InteractionContext } from '../../interactions/context.ts';
import type { OperationRow } from '../../interactions/dispatch.ts';
import type { InteractionRequest, InteractionResponse } from '../../interactions/request.ts';
import { type ExpandedConcept, expandValueSet } from '../../terminology/expand.ts';
import { translate } from '../../terminology/translate.ts';
import { type Asked, answerParameters, part, readAsked, readInstance } from './asked.ts';

const DEFINITIONS = 'http://hl7.org/fhir/OperationDefinition';

export const VALUE_SET_OPERATIONS: readonly OperationRow[] = [
  {
    name: '$expand',
    levels: ['type', 'instance'],
    types: ['ValueSet'],
    affectsState: false,
    definition: `${DEFINITIONS}/ValueSet-expand`,
    title: 'The codes of a value set',
    handle: expand,
  },
  {
    name: '$translate',
    levels: ['type', 'instance'],
    types: ['ConceptMap'],
    affectsState: false,
    definition: `${DEFINITIONS}/ConceptMap-translate`,
    title: 'What a code is called in another system',
    handle: translateCode,
  },
];

async function expand(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<InteractionResponse> {
  const asked = readAsked(request);
  const { definitions } = context.generation();
  const instance = await readInstance(request, context);
  const url = instance === undefined ? asked.need('url') : String(instance.url);
  const entry =
    definitions.entry(url, 'ValueSet') ?? (instance === undefined ? undefined : entryOf(instance, {}));
  if (entry === undefined) throw fail('not-found', `The value set ${url} is not loaded.`);
  const found = expandValueSet(definitions, entry, {
    filter: asked.text('filter'),
    offset: asked.count('offset'),
    count: asked.count('count'),
    activeOnly: asked.flag('activeOnly'),
    includeDesignations: asked.flag('includeDesignations'),
    displayLanguage: asked.text('displayLanguage'),
    codesMax: context.limits.search.expansionCodesMax,
  });
  if (found.kind === 'failure') throw new FhirError([found.issue]);
  const { total, offset, concepts, versions } = found.expansion;
  const { text: _text, meta: _meta, ...definition } = entry.load() as Resource & { text?: unknown };
  const expansion = {
    identifier: `urn:uuid:${context.newId()}`,
    timestamp: toInstant(context.now()),
    total,
    ...(asked.count('count') === undefined && offset === 0 ? {} : { offset }),
    parameter: [...shown(asked), ...versions.map((one) => ({ name: 'version', valueUri: one }))],
    contains: concepts.map(toContains),
  };
  return {
    status: 200,
    body: { kind: 'resource', resource: { ...definition, expansion: withoutEmpty(expansion) } },
  };
}

function shown(asked: Asked): readonly Record<string, unknown>[] {
  return ['filter', 'displayLanguage'].flatMap((name) => part(name, 'String', asked.text(name)));
}

/** Lists that JSON may not hold empty are left out. */
function withoutEmpty(expansion: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(expansion).filter(([, value]) => !Array.isArray(value) || value.length > 0),
  );
}

function toContains(concept: ExpandedConcept): Record<string, unknown> {
  const { system, code, display, isAbstract, isInactive, designations } = concept;
  return {
    system,
    ...(isAbstract ? { abstract: true } : {}),
    ...(isInactive ? { inactive: true } : {}),
    code,
    ...(display === undefined ? {} : { display }),
    ...(designations.length === 0 ? {} : { designation: designations }),
  };
}

async function translateCode(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<InteractionResponse> {
  const asked = readAsked(request);
  const instance = await readInstance(request, context);
  const { system, code } = asked.coding() ?? {};
  if (system === undefined || code === undefined) {
    throw fail('bad-parameter', '$translate needs system and code, or a coding.', {
      expression: 'http.code',
    });
  }
  const { result, matches, message } = translate(context.generation().definitions, {
    map: instance === undefined ? asked.text('url') : String(instance.url),
    ...{ system, code },
    source: asked.text('source'),
    target: asked.text('target'),
    targetSystem: asked.text('targetsystem'),
    reverse: asked.flag('reverse'),
  });
  return answerParameters([
    ...part('result', 'Boolean', result),
    ...part('message', 'String', message),
    ...matches.map((one) => ({
      name: 'match',
      part: [
        ...part('equivalence', 'Code', one.equivalence),
        ...(one.code === undefined
          ? []
          : part('concept', 'Coding', { system: one.system, code: one.code, display: one.display })),
        ...part('source', 'Uri', one.map),
      ],
    })),
  ]);
}
