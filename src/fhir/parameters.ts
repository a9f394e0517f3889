/**
 * Reading and making Parameters resources.
 * https://hl7.org/fhir/R4/parameters.html
 */
import { fail } from './issues.ts';
import type { Resource } from './types.ts';

export interface Parameter {
  readonly name: string;
  /** The value[x], whatever its type. */
  readonly value?: unknown;
  /** The suffix of value[x], such as `Code`; absent without a value. */
  readonly valueType?: string;
  readonly resource?: Resource;
  readonly part: readonly Parameter[];
}

/** @throws FhirError `bad-parameter` when it is not shaped like Parameters */
export function readParameters(parameters: Resource): readonly Parameter[] {
  return readList(parameters.parameter ?? [], 'Parameters.parameter', 0);
}

export function findParameter(parameters: readonly Parameter[], name: string): Parameter | undefined {
  return parameters.find((one) => one.name === name);
}

/** The value of a parameter that must be a string when it is there. @throws FhirError `bad-parameter` */
export function textParameter(parameters: readonly Parameter[], name: string): string | undefined {
  const value = findParameter(parameters, name)?.value;
  if (value === undefined || typeof value === 'string') return value;
  throw fail('bad-parameter', `The parameter ${name} must be a string.`, {
    expression: 'Parameters.parameter',
  });
}

const PARTS_DEPTH_MAX = 10;

function readList(list: unknown, path: string, depth: number): readonly Parameter[] {
  if (!Array.isArray(list) || depth > PARTS_DEPTH_MAX) {
    throw fail('bad-parameter', 'Parameters must hold a list of parameters.', { expression: path });
  }
  return list.map((one, index) => readOne(one, `${path}[${index}]`, depth));
}

function readOne(one: unknown, path: string, depth: number): Parameter {
  const fields = (typeof one === 'object' && one !== null ? one : {}) as Record<string, unknown>;
  if (typeof fields.name !== 'string') {
    throw fail('bad-parameter', 'Each parameter needs a name.', { expression: path });
  }
  const key = Object.keys(fields).find((name) => name.startsWith('value') && name.length > 5);
  return {
    name: fields.name,
    value: key === undefined ? undefined : fields[key],
    valueType: key?.slice(5),
    resource: isResource(fields.resource) ? fields.resource : undefined,
    part: fields.part === undefined ? [] : readList(fields.part, `${path}.part`, depth + 1),
  };
}

function isResource(value: unknown): value is Resource {
  return typeof value === 'object' && value !== null && typeof (value as Resource).resourceType === 'string';
}
