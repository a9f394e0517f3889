/**
 * Rules of datatypes that no StructureDefinition states: what a Coding, Quantity, Identifier or Attachment
 * must be beyond its structure.
 * https://hl7.org/fhir/R4/datatypes.html
 */
import { createHash } from 'node:crypto';
import { type CodeTest, codeTestOf } from '../terminology/check-digits.ts';
import type { CodeSystemIndex } from '../terminology/code-system.ts';
import type { Terminology } from '../terminology/terminology.ts';
import { meantSystem } from '../terminology/well-known-systems.ts';
import type { Collector } from './collector.ts';
import { isBase64, isCode, isUri } from './primitives.ts';
import { withRecent } from './recent.ts';
import { badPrimitive } from './structure-issues.ts';
import { nearest, shorten, show } from './suggestion.ts';

const SNOMED = 'http://snomed.info/sct';
const UCUM = 'http://unitsofmeasure.org';
const URI_SYSTEM = 'urn:ietf:rfc:3986';

export interface CodingSources {
  readonly terminology: Terminology;
  isValueSet(url: string): boolean;
  isSupplement(system: string): boolean;
}

/** What is known of a code system, looked up once. */
interface SystemFacts {
  readonly isUri: boolean;
  readonly index: CodeSystemIndex | undefined;
  readonly isSupplement: boolean;
  /** Its codes follow a grammar or a list that is known here. */
  readonly hasSyntax: boolean;
  /** Nothing is loaded of it, and its codes follow no grammar: every code may be right. */
  readonly isOpaque: boolean;
  /** Not a code system at all. */
  readonly fault: { readonly text: string; readonly at: 'system' | undefined } | undefined;
  /** The system that was probably meant. */
  readonly meant: string | undefined;
  /** Tells codes that cannot be of the system. */
  readonly test: CodeTest | undefined;
  /** Every code that is found in it has the form of a code. */
  readonly hasCodes: boolean;
}

const PLACES = 512;
const CODE_CHARS_MAX = 100;
const COMMON_UNITS = ['kg', 'g', 'mg', 'cm', 'mm', '%', 'mm[Hg]', 'Cel', '/min', 'mL', 'L', 'mmol/L'];
/** What people write for them. */
const UNITS: ReadonlyMap<string, string> = new Map([
  ['mmhg', 'mm[Hg]'],
  ['c', 'Cel'],
  ['°c', 'Cel'],
  ['degc', 'Cel'],
  ['celsius', 'Cel'],
  ['f', '[degF]'],
  ['lb', '[lb_av]'],
  ['lbs', '[lb_av]'],
  ['in', '[in_i]'],
  ['inch', '[in_i]'],
  ['hr', 'h'],
  ['hour', 'h'],
  ['hours', 'h'],
  ['sec', 's'],
  ['day', 'd'],
  ['days', 'd'],
  ['week', 'wk'],
  ['weeks', 'wk'],
  ['month', 'mo'],
  ['months', 'mo'],
  ['year', 'a'],
  ['years', 'a'],
  ['yr', 'a'],
  ['iu', '[iU]'],
  ['iu/l', '[iU]/L'],
  ['mcg', 'ug'],
  ['meq', 'meq'],
  ['cc', 'mL'],
  ['bpm', '/min'],
  ['ml', 'mL'],
  ['kgs', 'kg'],
]);

const SYSTEMS_MAX = 10_000;
/** Longer ones are looked at anew each time, so that nobody can fill the memory with them. */
const SYSTEM_CHARS_MAX = 500;

export function createTypeRules({ terminology, isValueSet, isSupplement }: CodingSources) {
  const systems = new Map<string, SystemFacts>();

  const factsOf = withRecent((system) => {
    let facts = systems.get(system);
    if (facts === undefined) {
      facts = findFacts(system);
      if (system.length > SYSTEM_CHARS_MAX) return facts;
      if (systems.size >= SYSTEMS_MAX) systems.clear();
      systems.set(system, facts);
    }
    return facts;
  });

  function findFacts(system: string): SystemFacts {
    const index = terminology.codeSystem(system);
    const hasSyntax = terminology.codeExists(system, ' ') === 'no';
    const isOpaque = index === undefined && !hasSyntax;
    const isFault = isOpaque && (!system.includes(':') || isValueSet(system));
    const fault = !isFault
      ? undefined
      : system.includes(':')
        ? {
            text: `${show(system)} is a value set; the system of a code is the code system that defines it.`,
            at: undefined,
          }
        : { text: `The system of a code is an absolute URI, not ${show(system)}.`, at: 'system' as const };
    return {
      ...{ index, hasSyntax, isOpaque, fault },
      meant: isOpaque ? meantSystem(system, isKnown) : undefined,
      test: codeTestOf(system),
      isUri: isUri(system),
      isSupplement: index !== undefined && isSupplement(system),
      hasCodes: index !== undefined && [...index.codes].every(isCode),
    };
  }

  /** Codes that were looked up last. Some come again and again, and those of large code systems lie far apart. */
  const askedCodes: string[] = new Array(PLACES).fill('');
  const askedIn: (CodeSystemIndex | undefined)[] = new Array(PLACES).fill(undefined);
  const answers = new Uint8Array(PLACES);

  function hasCode(index: CodeSystemIndex, code: string): boolean {
    const { length } = code;
    const place =
      (length * 31 +
        code.charCodeAt(length - 1) * 7 +
        code.charCodeAt(length >> 1) * 3 +
        code.charCodeAt(0)) &
      (PLACES - 1);
    if (askedIn[place] === index && askedCodes[place] === code) return answers[place] === 1;
    const answer = index.codes.has(code);
    if (length > CODE_CHARS_MAX) return answer;
    askedIn[place] = index;
    askedCodes[place] = code;
    answers[place] = answer ? 1 : 0;
    return answer;
  }

  function isKnown(system: string): boolean {
    return terminology.codeSystem(system) !== undefined || terminology.codeExists(system, ' ') === 'no';
  }

  /** The form of system and code is looked at here too: what is known to be in order needs no further look. */
  function coding(system: unknown, code: unknown, display: unknown, c: Collector): void {
    if (typeof system !== 'string') {
      if (code !== undefined && !isCode(code)) badPrimitive('code', 'code', code, c);
      return;
    }
    const facts = factsOf(system);
    if (!facts.isUri) badPrimitive('uri', 'system', system, c);
    const { index } = facts;
    const isFound = index !== undefined && typeof code === 'string' && hasCode(index, code);
    if (code !== undefined && !(isFound && facts.hasCodes) && !isCode(code))
      badPrimitive('code', 'code', code, c);
    if (typeof code !== 'string' || system === URI_SYSTEM) return;
    if (facts.isOpaque) {
      if (facts.meant !== undefined && !c.errorsOnly) reportMisspelt(system, facts.meant, c);
      if (facts.test !== undefined && !c.errorsOnly) checkDigits(facts.test, system, code, c);
      if (facts.fault !== undefined) c.report('code-unknown', facts.fault.text, { at: facts.fault.at });
    } else if (facts.isSupplement) {
      const text = `${show(system)} is a supplement: the system of a code is the code system that it adds to.`;
      c.report('code-unknown', text, { at: 'system' });
    } else if (isFound || (index?.isCaseSensitive === false && index.find(code) !== undefined)) {
      if ((!c.errorsOnly || c.strict) && typeof display === 'string')
        checkDisplay(system, code, display, index?.isComplete === true, c);
    } else if (
      index?.isComplete === true ||
      (facts.hasSyntax && terminology.codeExists(system, code) === 'no')
    ) {
      reportUnknownCode(system, code, c);
    } else if (facts.test !== undefined && !c.errorsOnly) checkDigits(facts.test, system, code, c);
  }

  /** A system is compared to the letter, so that its codes are not found under another spelling. */
  function reportMisspelt(system: string, meant: string, c: Collector): void {
    const text = `${show(system)} is not the address of a code system that is known here. Did you mean ${show(meant)}?`;
    c.report('code-unknown', text, { at: 'system', severity: 'warning', subject: 'spelling' });
  }

  /** A wrong check digit is a slip of the hand, or a code that somebody made up to try things out. */
  function checkDigits(test: CodeTest, system: string, code: string, c: Collector): void {
    const fault = test(code);
    if (fault === undefined) return;
    const text =
      fault === 'form'
        ? `${show(code)} does not have the form of a code of ${system}.`
        : `The check digit of ${show(code)} is wrong: ${system} cannot have this code, which may be mistyped.`;
    const severity = fault === 'form' && c.strict && system === SNOMED ? 'error' : 'warning';
    c.report('code-unknown', text, { at: 'code', severity, subject: 'form' });
  }

  function reportUnknownCode(system: string, code: string, c: Collector): void {
    const text = `The code system ${system} has no code ${show(code)}.`;
    c.report('code-unknown', text);
  }

  /** Of a system that is loaded in part not all names are known. */
  function checkDisplay(
    system: string,
    code: string,
    display: string,
    isComplete: boolean,
    c: Collector,
  ): void {
    const concept = terminology.lookup(system, code);
    if (concept?.display === undefined) return;
    const plain = normalise(display);
    if (normalise(concept.display) === plain) return;
    if (concept.designations.some((one) => normalise(one.value) === plain)) return;
    const found = show(display);
    const other = found.startsWith("'") ? `not ${found}` : 'which differs from what is given';
    const text = `The display of ${show(code)} in ${system} is '${shorten(concept.display)}', ${other}.`;
    c.report('display-mismatch', text, {
      at: 'display',
      severity: c.strict && isComplete ? 'error' : 'warning',
    });
  }

  const unitExists = withRecent((code) => terminology.codeExists(UCUM, code));

  function quantity(system: unknown, code: unknown, c: Collector): void {
    if (system !== UCUM) {
      if (c.strict && typeof code === 'string') checkAbsolute(system, 'a unit', c);
      if (!c.errorsOnly && typeof system === 'string') {
        const { meant } = factsOf(system);
        if (meant !== undefined) reportMisspelt(system, meant, c);
      }
      return;
    }
    if (typeof code !== 'string') return;
    if (unitExists(code) !== 'no') return;
    const near = UNITS.get(code.toLowerCase()) ?? nearest(code, COMMON_UNITS);
    const hint = near === undefined ? '' : ` Did you mean ${show(near)}?`;
    c.report('code-unknown', `${show(code)} is not a unit of UCUM.${hint}`, { at: 'code' });
  }

  function identifier(system: unknown, value: unknown, c: Collector): void {
    if (system !== URI_SYSTEM) {
      if (c.strict) checkAbsolute(system, 'an identifier', c);
      return;
    }
    if (typeof value !== 'string') return;
    if (/^[a-z][a-z0-9+.-]*:/i.test(value)) return;
    const text = `With the system ${URI_SYSTEM} the value is a whole URI such as urn:oid:1.2.3, not ${show(value)}.`;
    c.report('invalid-primitive', text, { at: 'value' });
  }

  /** size counts the bytes of data; the hash is looked at when there is time for it. */
  function attachment(data: unknown, size: unknown, hash: unknown, c: Collector): void {
    if (typeof data !== 'string' || (size === undefined && hash === undefined) || !isBase64(data)) return;
    if (typeof size === 'number') {
      const bytes = decodedLength(data);
      if (bytes !== size) {
        c.report('invalid-primitive', `size says ${size} bytes, data has ${bytes}.`, { at: 'size' });
      }
    }
    if (!c.strict || typeof hash !== 'string') return;
    const digest = createHash('sha1').update(Buffer.from(data, 'base64')).digest('base64');
    if (digest === hash) return;
    c.report('invalid-primitive', 'hash is not the SHA-1 of data.', { at: 'hash' });
  }

  return { coding, quantity, identifier, attachment };
}

/** A namespace that means the same wherever the resource goes. */
function checkAbsolute(system: unknown, of: string, c: Collector): void {
  if (typeof system !== 'string' || system.includes(':')) return;
  const text = `The system of ${of} is an absolute URI, not ${show(system)}.`;
  c.report('invalid-primitive', text, { at: 'system', subject: 'absolute' });
}

function decodedLength(base64: string): number {
  const text = base64.replace(/\s+/g, '');
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

function normalise(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase();
}
