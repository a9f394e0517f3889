/**
 * State and small tools of code generation. Text from an expression enters the code only through
 * `quote()`, names only when they are plain identifiers, so an uploaded expression cannot become code.
 */
import { createHash } from 'node:crypto';
import type { TypeModel } from '../definitions/type-model.ts';
import type { Expr, Variable } from './expr.ts';
import { isDynamic, type Types } from './types.ts';

/** Statements to run first, and the JavaScript expression that then holds the result. */
export interface Code {
  readonly pre: string;
  readonly code: string;
}

/** A node while code is made: where its value, its type and its twin are found. */
export interface Item {
  /** Cheap to repeat: a local, a literal or a short property path. */
  readonly value: string;
  readonly types: Types;
  /** JavaScript for the runtime type; asking marks it as used. */
  readonly type: () => string;
  /** JavaScript for the `_x` twin, or `undefined`. */
  readonly extra: () => string;
  /** The value may be absent: a primitive with extensions only. */
  readonly mayBeNull: boolean;
}

/** At most one node: `value` is null or undefined when there is none. */
export interface Scalar extends Item {
  readonly pre: string;
}

export type Need =
  /** Nodes without a value do not matter. */
  | 'value'
  /** A primitive that has only extensions counts as well. */
  | 'node';

/** A constant of the module: its name is made from its text, so equal ones can be shared. */
export interface Hoisted {
  readonly name: string;
  readonly code: string;
}

export interface Emitter {
  readonly model: TypeModel;
  readonly hoisted: Map<string, Hoisted>;
  /** Declarations at the head of the function. */
  readonly locals: string[];
  readonly items: Map<Variable, Item>;
  readonly lists: Map<Variable, string>;
  names: number;
  /** How many loops surround the code that is being made. */
  loops: number;
  /** `$this` of the innermost body: only loops that start elsewhere can multiply work. */
  innermost: Variable | undefined;
  usesSteps: boolean;
  /** A body is being measured: it may be thrown away, so nothing inside it is tried twice. */
  measures: boolean;
  stream(expr: Expr, need: Need, body: (item: Item) => string): string;
  scalar(expr: Expr): Scalar;
  /** A boolean expression that is true when the result is `want`. */
  truth(expr: Expr, want: boolean): Code;
  /** true, false or undefined. */
  tri(expr: Expr): Code;
  /** An array of nodes with their types. */
  list(expr: Expr): Code;
}

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A property name in code. @throws when it could be anything but a name. */
export function safeName(name: string): string {
  if (!PLAIN_NAME.test(name)) throw new Error(`not a plain name: ${JSON.stringify(name)}`);
  return name;
}

/** A string in code. U+2028 and U+2029 are legal in strings since ES2019. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

export function fresh(emitter: Emitter, prefix: string): string {
  emitter.names++;
  return `${prefix}${emitter.names}`;
}

export function hoist(emitter: Emitter, code: string): string {
  const known = emitter.hoisted.get(code);
  if (known !== undefined) return known.name;
  const name = `k_${createHash('sha256').update(code).digest('hex').slice(0, 16)}`;
  emitter.hoisted.set(code, { name, code });
  return name;
}

export function local(emitter: Emitter, prefix: string, start = ''): string {
  const name = fresh(emitter, prefix);
  emitter.locals.push(start === '' ? name : `${name} = ${start}`);
  return name;
}

/** Counts a step of a loop whose length the resource alone does not bound. */
export function step(emitter: Emitter): string {
  emitter.usesSteps = true;
  return 'if (--steps < 0) rt.tooCostly();';
}

/** Inside a loop, texts and collections that are made there are paid for by size. */
export function charge(emitter: Emitter, cost: string): string {
  if (emitter.loops === 0) return '';
  emitter.usesSteps = true;
  return `if ((steps -= ${cost}) < 0) rt.tooCostly();`;
}

export function isSimple(code: string): boolean {
  return PLAIN_NAME.test(code) || /^(?:-?[0-9.]+|"(?:[^"\\]|\\.)*")$/.test(code);
}

/** Puts an expression into a local, so that it can be read more than once. */
export function hold(emitter: Emitter, { pre, code }: Code): Code {
  if (isSimple(code)) return { pre, code };
  const name = fresh(emitter, 'c');
  return { pre: `${pre}const ${name} = ${code};`, code: name };
}

export function holdScalar(emitter: Emitter, scalar: Scalar): Scalar {
  const held = hold(emitter, { pre: scalar.pre, code: scalar.value });
  return { ...scalar, pre: held.pre, value: held.code };
}

/** `a && b` or `a || b`, with b's statements run only when they are needed. */
export function both(emitter: Emitter, operator: '&&' | '||', a: Code, b: Code): Code {
  if (b.pre === '') return { pre: a.pre, code: `(${a.code} ${operator} ${b.code})` };
  const name = fresh(emitter, 'b');
  const test = operator === '&&' ? name : `!${name}`;
  return { pre: `${a.pre}let ${name} = ${a.code}; if (${test}) {${b.pre}${name} = ${b.code};}`, code: name };
}

/** The runtime type when it is known beforehand; otherwise what `dynamic` finds. */
export function typeCode(types: Types, value: string, dynamic?: () => string): string {
  if (!isDynamic(types)) return quote(types[0]!);
  return dynamic?.() ?? `rt.typeOf(${value})`;
}

export function itemOf(value: string, types: Types, more: Partial<Omit<Item, 'value' | 'types'>> = {}): Item {
  return {
    value,
    types,
    type: more.type ?? (() => typeCode(types, value)),
    extra: more.extra ?? (() => 'undefined'),
    mayBeNull: more.mayBeNull ?? false,
  };
}

/** The node as an object of the runtime. */
export function nodeCode(item: Item): string {
  return `{value: ${item.value}, type: ${item.type()}, extra: ${item.extra()}}`;
}
