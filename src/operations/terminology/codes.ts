/**
 * $lookup, $validate-code and $subsumes: what a code is, whether it may be used, how two codes stand.
 * https://hl7.org/fhir/R4/codesystem-operation-lookup.html, https://hl7.org/fhir/R4/valueset-operation-validate-code.html
 */
import { FhirError, fail } from '../../fhir/issues.ts';
import type { InteractionContext } from '../../interactions/context.ts';
import type { OperationRow } from '../../interactions/dispatch.ts';
import type { InteractionRequest, InteractionResponse } from '../../interactions/request.ts';
import { describeConcept } from '../../terminology/lookup.ts';
import { subsumes } from '../../terminology/subsumes.ts';
import { validateCode } from '../../terminology/validate-code.ts';
import { answerParameters, part, readAsked, readInstance } from './asked.ts';

const DEFINITIONS = 'http://hl7.org/fhir/OperationDefinition';

export const CODE_OPERATIONS: readonly OperationRow[] = [
  {
    name: '$lookup',
    levels: ['type'],
    types: ['CodeSystem'],
    affectsState: false,
    definition: `${DEFINITIONS}/CodeSystem-lookup`,
    title: 'What a code means',
    handle: lookup,
  },
  {
    name: '$validate-code',
    levels: ['type', 'instance'],
    types: ['CodeSystem', 'ValueSet'],
    affectsState: false,
    definition: `${DEFINITIONS}/ValueSet-validate-code`,
    title: 'Whether a code is in a value set or code system',
    handle: validate,
  },
  {
    name: '$subsumes',
    levels: ['type'],
    types: ['CodeSystem'],
    affectsState: false,
    definition: `${DEFINITIONS}/CodeSystem-subsumes`,
    title: 'Whether one code stands above another',
    handle: compare,
  },
];

async function lookup(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<InteractionResponse> {
  const asked = readAsked(request);
  const { system, code } = asked.coding() ?? {};
  if (system === undefined || code === undefined) {
    throw fail('bad-parameter', '$lookup needs system and code, or a coding.', { expression: 'http.code' });
  }
  const found = describeConcept(
    context.generation().definitions,
    system,
    code,
    asked.text('displayLanguage'),
  );
  if (found === undefined) throw fail('not-found', `The code ${code} of ${system} is not loaded.`);
  return answerParameters([
    ...part('name', 'String', found.name ?? system),
    ...part('version', 'String', found.version),
    ...part('display', 'String', found.display ?? code),
    ...part('definition', 'String', found.definition),
    ...found.concept.designations.map(({ language, value }) => ({
      name: 'designation',
      part: [...part('language', 'Code', language), ...part('value', 'String', value)],
    })),
  ]);
}

async function validate(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<InteractionResponse> {
  const asked = readAsked(request);
  const { terminology } = context.generation();
  const instance = await readInstance(request, context);
  const url = instance === undefined ? asked.text('url') : String(instance.url);
  const coding = asked.coding();
  if (coding?.code === undefined) {
    throw fail('bad-parameter', '$validate-code needs a code, a coding or a codeableConcept.', {
      expression: 'http.code',
    });
  }
  const isValueSet = request.type === 'ValueSet';
  if (isValueSet && url === undefined) {
    throw fail('bad-parameter', '$validate-code needs the url of a value set.', { expression: 'http.url' });
  }
  const valueSet = isValueSet ? terminology.valueSet(url as string) : undefined;
  if (isValueSet && valueSet === undefined) throw fail('not-found', `The value set ${url} is not loaded.`);
  const system = coding.system ?? (isValueSet ? undefined : url);
  const { code, display } = coding;
  const displayLanguage = asked.text('displayLanguage');
  const verdict = validateCode(terminology, { system, code, display, displayLanguage }, valueSet);
  return answerParameters([
    ...part('result', 'Boolean', verdict.result === 'yes'),
    ...part('message', 'String', verdict.message),
    ...part('display', 'String', verdict.display),
  ]);
}

async function compare(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<InteractionResponse> {
  const asked = readAsked(request);
  const first = asked.coding('A') ?? {};
  const second = asked.coding('B') ?? {};
  const system = asked.text('system') ?? first.system;
  if (system === undefined || first.code === undefined || second.code === undefined) {
    throw fail('bad-parameter', '$subsumes needs system, codeA and codeB.', { expression: 'http.system' });
  }
  const found = subsumes(context.generation().terminology, system, first.code, second.code);
  if (found.kind === 'failure') throw new FhirError([found.issue]);
  return answerParameters(part('outcome', 'Code', found.outcome));
}
