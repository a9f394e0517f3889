/**
 * Whether a code is in a value set or code system, with the words to say so.
 * https://hl7.org/fhir/R4/valueset-operation-validate-code.html,
 * https://hl7.org/fhir/R4/codesystem-operation-validate-code.html
 */
import type { Concept } from './code-system.ts';
import { displayOf } from './display.ts';
import type { CompiledValueSet, Membership, Terminology } from './terminology.ts';

export interface CodeToValidate {
  /** Absent: any system of the value set. */
  readonly system?: string;
  readonly code: string;
  readonly display?: string;
  /** Whether codes that only group others may be used. */
  readonly abstract?: boolean;
  readonly displayLanguage?: string;
}

export interface CodeValidation {
  readonly result: Membership;
  /** Why not, or why it cannot be told; for `yes`, that the display is another one. */
  readonly message?: string;
  /** The display that the code has. */
  readonly display?: string;
  readonly system?: string;
}

/** Without a value set the code is looked for in its whole system. */
export function validateCode(
  terminology: Terminology,
  asked: CodeToValidate,
  valueSet?: CompiledValueSet,
): CodeValidation {
  const { code } = asked;
  const system = asked.system ?? inferSystem(code, valueSet);
  const known = system === undefined ? undefined : terminology.codeSystem(system)?.find(code);
  const result = memberOf(terminology, asked, system, known, valueSet);
  const display = known && displayOf(system as string, known, asked.displayLanguage);
  const message =
    result === 'yes'
      ? wrongDisplay(asked, known, display)
      : refusal(terminology, result, asked, system, valueSet);
  return { result, message, display, system };
}

function memberOf(
  terminology: Terminology,
  { system: askedSystem, code, abstract = false }: CodeToValidate,
  system: string | undefined,
  known: Concept | undefined,
  valueSet: CompiledValueSet | undefined,
): Membership {
  if (valueSet === undefined && system === undefined) return 'unknown';
  const result = valueSet?.contains(askedSystem, code) ?? terminology.codeExists(system as string, code);
  return result === 'yes' && known?.isAbstract === true && !abstract ? 'no' : result;
}

/** The one system of the value set that has the code. */
function inferSystem(code: string, valueSet: CompiledValueSet | undefined): string | undefined {
  const systems = [...(valueSet?.codes ?? [])].filter(([, codes]) => codes.has(code));
  return systems.length === 1 ? systems[0]?.[0] : undefined;
}

function wrongDisplay(
  { code, display }: CodeToValidate,
  known: Concept | undefined,
  expected: string | undefined,
): string | undefined {
  if (display === undefined || expected === undefined || known === undefined) return undefined;
  const names = [expected, known.display, ...known.designations.map((one) => one.value)];
  if (names.some((one) => one !== undefined && isSameName(one, display))) return undefined;
  return `The display of ${code} is '${expected}', not '${display}'.`;
}

/** Case and spacing do not make another name. */
function isSameName(a: string, b: string): boolean {
  const plain = (text: string): string => text.trim().replace(/\s+/g, ' ').toLowerCase();
  return plain(a) === plain(b);
}

function refusal(
  terminology: Terminology,
  result: Membership,
  { code, abstract }: CodeToValidate,
  system: string | undefined,
  valueSet: CompiledValueSet | undefined,
): string {
  const what = system === undefined ? code : `${system}#${code}`;
  const where =
    valueSet === undefined ? `the code system ${system}` : `the value set ${valueSet.name} (${valueSet.url})`;
  if (result === 'unknown') {
    const missing = valueSet?.missing.slice(0, 5).join(', ');
    return missing
      ? `Whether ${what} is in ${where} cannot be told: ${missing} is not loaded as a whole.`
      : `Whether ${what} is in ${where} cannot be told.`;
  }
  const concept = system === undefined ? undefined : terminology.codeSystem(system)?.find(code);
  if (concept?.isAbstract === true && abstract !== true)
    return `${what} groups other codes and is not meant to be used.`;
  if (valueSet !== undefined && system !== undefined && terminology.codeExists(system, code) === 'no') {
    return `${what} is not in ${where}, and its code system does not define it.`;
  }
  return `${what} is not in ${where}.`;
}
