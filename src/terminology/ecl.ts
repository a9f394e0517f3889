/**
 * Whether a text is an expression of SNOMED CT's Expression Constraint Language, by its grammar alone: nothing is
 * looked up. Filters in {{ }} are taken as they are.
 * https://confluence.ihtsdotools.org/display/DOCECL/5.1+Brief+Syntax
 */

const DEPTH_MAX = 50;
const LENGTH_MAX = 20_000;
/** Looks at a token: parentheses may be read in two ways, and nobody shall make that cost much. */
const STEPS_MAX = 200_000;

/** Undefined when the text is sound; else where it stops being so. */
export function eclFault(text: string): { readonly at: number } | undefined {
  if (text.length > LENGTH_MAX) return { at: LENGTH_MAX };
  const reader = new EclReader(text);
  const isSound = reader.expression(0) && reader.isAtEnd();
  return isSound ? undefined : { at: reader.furthest };
}

const OPERATORS = /(?:<<!|>>!|!!>|!!<|<<|>>|<!|>!|<|>)/y;
const CONCEPT = /(?:[1-9][0-9]{5,17}|[A-Za-z][A-Za-z0-9_-]*#(?:[A-Za-z0-9._-]+|"[^"]*"))/y;
const TERM = /\|[^|]*\|/y;
const JOIN = /(?:AND|OR|MINUS)(?![A-Za-z0-9])|,/iy;
const LOGIC = /(?:AND|OR)(?![A-Za-z0-9])|,/iy;
const COUNT = /\[[0-9]+\.\.(?:[0-9]+|\*)\]/y;
const COMPARATOR = /(?:<=|>=|!=|=|<|>)/y;
const CONCRETE = /(?:#[+-]?[0-9]+(?:\.[0-9]+)?|"(?:[^"\\]|\\.)*"|true(?![A-Za-z])|false(?![A-Za-z]))/iy;
const FILTER = /\{\{[^{}]*\}\}/y;
const SPACE = /(?:\s|\/\*(?:[^*]|\*(?!\/))*\*\/)*/y;

class EclReader {
  private at = 0;
  private steps = 0;
  furthest = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
    this.take(SPACE);
  }

  isAtEnd(): boolean {
    return this.at === this.text.length;
  }

  /** Subexpressions joined, with what is refined about them. */
  expression(depth: number): boolean {
    if (depth > DEPTH_MAX || !this.part(depth)) return false;
    while (this.token(/\./y)) if (!this.part(depth)) return false;
    if (this.token(/:/y) && !this.refinement(depth)) return false;
    while (this.token(JOIN)) if (!this.part(depth)) return false;
    return true;
  }

  private part(depth: number): boolean {
    this.token(OPERATORS);
    this.token(/\^/y);
    const isFound = this.token(/\*/y) || this.group(depth) || this.concept();
    if (!isFound) return false;
    while (this.token(FILTER)) {}
    return true;
  }

  private group(depth: number): boolean {
    return this.token(/\(/y) && this.expression(depth + 1) && this.token(/\)/y);
  }

  private concept(): boolean {
    if (!this.token(CONCEPT)) return false;
    this.token(TERM);
    return true;
  }

  private refinement(depth: number): boolean {
    if (depth > DEPTH_MAX) return false;
    do {
      this.token(COUNT);
      if (this.token(/\{(?!\{)/y)) {
        if (!this.refinement(depth + 1) || !this.token(/\}/y)) return false;
      } else if (!this.attribute(depth)) return false;
    } while (this.token(LOGIC));
    return true;
  }

  private attribute(depth: number): boolean {
    const start = this.at;
    if (this.token(/\(/y)) {
      if (this.refinement(depth + 1) && this.token(/\)/y)) return true;
      this.at = start;
    }
    this.token(COUNT);
    this.token(/R(?![A-Za-z])/iy);
    if (!this.part(depth + 1) || !this.token(COMPARATOR)) return false;
    return this.token(CONCRETE) || this.part(depth + 1);
  }

  private token(pattern: RegExp): boolean {
    if (!this.take(pattern)) return false;
    this.take(SPACE);
    this.furthest = Math.max(this.furthest, this.at);
    return true;
  }

  private take(pattern: RegExp): boolean {
    if (++this.steps > STEPS_MAX) return false;
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match === null) return false;
    this.at += match[0].length;
    return true;
  }
}
