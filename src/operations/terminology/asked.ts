/**
 * What a terminology operation is asked: parameters of the address or of a Parameters body, and the definition
 * that an instance-level call is about.
 * https://hl7.org/fhir/R4/operations.html#request
 */
import { fail } from '../../fhir/issues.ts';
import { parseStored } from '../../fhir/json.ts';
import { type Parameter, readParameters } from '../../fhir/parameters.ts';
import type { Coding, Resource } from '../../fhir/types.ts';
import type { InteractionContext } from '../../interactions/context.ts';
import { readLive } from '../../interactions/live-version.ts';
import type { InteractionRequest, InteractionResponse } from '../../interactions/request.ts';

export interface Asked {
  text(name: string): string | undefined;
  /** @throws FhirError `bad-parameter` when it is absent */
  need(name: string): string;
  /** A whole number, not negative. @throws FhirError `bad-parameter` */
  count(name: string): number | undefined;
  flag(name: string): boolean | undefined;
  /** `system` and `code`, or a `coding`, or the first coding of a `codeableConcept`. */
  coding(prefix?: string): Coding | undefined;
}

export function readAsked(request: InteractionRequest): Asked {
  const { body, query } = request;
  const parts: readonly Parameter[] =
    body.kind === 'resource' && body.resource.resourceType === 'Parameters'
      ? readParameters(body.resource)
      : [];
  const find = (name: string): unknown =>
    parts.find((one) => one.name === name)?.value ?? query.find(([one]) => one === name)?.[1];
  const text = (name: string): string | undefined => {
    const value = find(name);
    return value === undefined || typeof value === 'object' ? undefined : String(value);
  };
  const count = (name: string): number | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    if (/^\d{1,9}$/.test(value)) return Number(value);
    throw fail('bad-parameter', `${name} must be a whole number, not negative.`, {
      expression: `http.${name}`,
    });
  };
  const need = (name: string): string => {
    const value = text(name);
    if (value !== undefined && value !== '') return value;
    throw fail('bad-parameter', `The parameter ${name} is needed.`, { expression: `http.${name}` });
  };
  const coding = (suffix = ''): Coding | undefined => {
    const given = find(`coding${suffix}`) ?? firstCoding(find('codeableConcept'));
    if (typeof given === 'object' && given !== null) return given as Coding;
    const code = text(`code${suffix}`);
    return code === undefined ? undefined : { system: text('system'), code, display: text('display') };
  };
  const flag = (name: string): boolean | undefined => {
    const value = text(name);
    return value === undefined ? undefined : value === 'true';
  };
  return { text, need, count, flag, coding };
}

function firstCoding(concept: unknown): unknown {
  const { coding } = (concept ?? {}) as { coding?: unknown };
  return Array.isArray(coding) ? coding[0] : undefined;
}

/** The definition that `Type/id/$operation` is about; undefined at type level. @throws FhirError 404, 410 */
export async function readInstance(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<Resource | undefined> {
  const { type, id } = request;
  if (id === '') return undefined;
  return parseStored((await readLive(type, id, context)).json);
}

export type Part = Readonly<Record<string, unknown>>;

export function part(name: string, type: string, value: unknown): readonly Part[] {
  return value === undefined ? [] : [{ name, [`value${type}`]: value }];
}

export function answerParameters(parameter: readonly Part[]): InteractionResponse {
  return { status: 200, body: { kind: 'resource', resource: { resourceType: 'Parameters', parameter } } };
}
