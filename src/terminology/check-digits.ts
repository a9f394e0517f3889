/**
 * Codes of SNOMED CT and LOINC carry a check digit, so that a mistyped one can be told without the terminology.
 * https://confluence.ihtsdotools.org/display/DOCRELFMT/5.5+Check-digit, https://loinc.org/kb/faq/structure/
 */

/** What is wrong with a code: it has not even the form of one, or its check digit is another. */
export type CodeFault = 'form' | 'digit';

export type CodeTest = (code: string) => CodeFault | undefined;

const TESTS: ReadonlyMap<string, CodeTest> = new Map([
  ['http://snomed.info/sct', snomedFault],
  ['http://loinc.org', loincFault],
]);

/** Undefined for systems whose codes cannot be told so. */
export function codeTestOf(system: string): CodeTest | undefined {
  return TESTS.get(system);
}

/** Concept, description and relationship ids; an expression is refused only where it has no id at all. */
export function snomedFault(code: string): CodeFault | undefined {
  if (/^[1-9][0-9]{5,17}$/.test(code)) return verhoeff(code) === 0 ? undefined : 'digit';
  return /[:+=|{}()<,]/.test(code) && /[0-9]{6}/.test(code) ? undefined : 'form';
}

/** Terms are a number, parts, answers and groups have letters before it. */
export function loincFault(code: string): CodeFault | undefined {
  const match = /^(?:L[A-Z]{1,2})?([0-9]{1,7})-([0-9])$/.exec(code);
  if (match === null)
    return /^[A-Z]+[0-9A-Z]*-?[0-9A-Z]*$/.test(code) && /[0-9]/.test(code) ? undefined : 'form';
  const [, number = '', digit] = match;
  if (code.startsWith('L')) return undefined;
  return mod10(number) === Number(digit) ? undefined : 'digit';
}

/** ISO/IEC 7064 calls it Luhn: every second digit, from the right, doubled. */
function mod10(number: string): number {
  let sum = 0;
  for (let i = 0; i < number.length; i++) {
    const digit = Number(number[number.length - 1 - i]);
    const weighted = i % 2 === 0 ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return (10 - (sum % 10)) % 10;
}

/** Multiplication in the dihedral group of order ten. */
const PRODUCTS =
  '0123456789 1234067895 2340178956 3401289567 4012395678 5987604321 6598710432 7659821043 8765932104 9876543210'.split(
    ' ',
  );
const PERMUTATIONS =
  '0123456789 1576283094 5803796142 8916043527 9453126870 4286573901 2793806415 7046913258'.split(' ');

/** 0 for a number whose last digit is right. */
function verhoeff(number: string): number {
  let check = 0;
  for (let i = 0; i < number.length; i++) {
    const digit = Number(number[number.length - 1 - i]);
    const permuted = Number((PERMUTATIONS[i % 8] as string)[digit]);
    check = Number((PRODUCTS[check] as string)[permuted]);
  }
  return check;
}
