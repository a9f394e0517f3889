/**
 * Regular expressions of uploaded value sets, run only when their cost is bounded: no repetition of what
 * itself repeats or has alternatives, few open repetitions, short texts.
 * https://hl7.org/fhir/R4/valueset-filter-operator.html#regex
 */

const PATTERN_LENGTH_MAX = 500;
const OPEN_REPEATS_MAX = 3;
const TEXT_LENGTH_MAX = 200;

/** A test of the whole text; undefined when the pattern is malformed or could take too long. */
export function compileRegex(pattern: string): ((text: string) => boolean) | undefined {
  if (pattern.length > PATTERN_LENGTH_MAX || !isCheap(pattern)) return undefined;
  try {
    const regex = new RegExp(`^(?:${pattern})$`, 'u');
    return (text) => text.length <= TEXT_LENGTH_MAX && regex.test(text);
  } catch {
    return undefined;
  }
}

interface Group {
  /** Holds a repetition or alternatives: repeating it can take exponential time. */
  branches: boolean;
}

/** One pass over the pattern; a false alarm only means that the filter is not decided. */
function isCheap(pattern: string): boolean {
  const groups: Group[] = [{ branches: false }];
  let closed: Group | undefined;
  let openRepeats = 0;
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    let justClosed: Group | undefined;
    if (char === '\\') {
      if (/[1-9k]/.test(pattern.charAt(i + 1))) return false;
      i++;
    } else if (char === '[') {
      i = endOfClass(pattern, i);
    } else if (char === '(') {
      groups.push({ branches: false });
    } else if (char === ')') {
      justClosed = groups.pop();
      const parent = groups.at(-1);
      if (justClosed === undefined || parent === undefined) return false;
      parent.branches ||= justClosed.branches;
    } else if (char === '|') {
      (groups.at(-1) as Group).branches = true;
    } else if (char === '*' || char === '+' || char === '{') {
      if (closed?.branches) return false;
      if (char !== '{' || /^\{\d+,\}/.test(pattern.slice(i, i + 12))) openRepeats++;
      (groups.at(-1) as Group).branches = true;
      if (char === '{') i = Math.max(i, pattern.indexOf('}', i));
      if (pattern.charAt(i + 1) === '?') i++;
    }
    closed = justClosed;
  }
  return openRepeats <= OPEN_REPEATS_MAX;
}

function endOfClass(pattern: string, start: number): number {
  for (let i = start + 1; i < pattern.length; i++) {
    if (pattern.charAt(i) === '\\') i++;
    else if (pattern.charAt(i) === ']') return i;
  }
  return pattern.length;
}
