/**
 * What the parts of the generator of validators share: tables that grow, and the only ways in which a name or a
 * text becomes code.
 */
import type { ConstraintSchema, TypeSchema } from './element-schema.ts';

/** What the generated code finds beside it, in tables addressed by number. */
export interface GeneratedTables {
  readonly bindings: readonly BindingRow[];
  readonly constraints: readonly ConstraintRow[];
}

export interface BindingRow {
  readonly strength: 'required' | 'extensible' | 'preferred';
  readonly valueSet: string;
}

export interface ConstraintRow extends ConstraintSchema {
  /** Type in whose context the expression runs: `Patient`, `Patient.contact`, `string`. */
  readonly context: string;
}

export interface GeneratedTypes {
  /** Body of a function of `h` (the validation runtime) and `rt` (that of FHIRPath): functions by type name. */
  readonly source: string;
  readonly tables: GeneratedTables;
}

export interface GenerateOptions {
  /** All codes of a value set that has a finite list, for sets written into the code. */
  readonly codesOf: (valueSet: string) => ReadonlySet<string> | undefined;
  /** An invariant as source of `(node, context, twin) => true | false | undefined`, and its constants. */
  readonly lower: (expression: string, type: string) => LoweredConstraint | undefined;
}

export interface LoweredConstraint {
  readonly source: string;
  readonly prelude: readonly { readonly name: string; readonly code: string }[];
}

export class Emitter {
  readonly lines: string[] = [];
  readonly bindings: BindingRow[] = [];
  readonly constraints: ConstraintRow[] = [];
  /** `const I12=...` for each constraint, and the constants that they share. */
  readonly predicates: string[] = [];
  /** Of each constraint: `(node, ctx, extra) => ...`. */
  readonly sources: string[] = [];
  readonly prelude = new Map<string, string>();
  readonly codeSets = new Map<string, number>();
  readonly targetSets = new Map<string, number>();
  readonly options: GenerateOptions;

  constructor(options: GenerateOptions) {
    this.options = options;
  }
}

export function functionName(type: string): string {
  return identifier(type.replaceAll('.', '_'));
}

/** @throws when a name could be anything but a name. */
export function identifier(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new Error(`not a name: ${JSON.stringify(name)}`);
  return name;
}

/** A JavaScript string literal; U+2028 and U+2029 are legal in it since ES2019. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

/** The variable that says which variant of a choice is there, 0 for none. */
export function choiceSlot(type: TypeSchema, name: string): string {
  return `s${type.elements.filter((one) => one.isChoice).findIndex((one) => one.name === name)}`;
}

/** The variable that keeps a property until the end of its object. */
export function local(json: string): string {
  return identifier(`x_${json}`);
}
