/**
 * What the parser makes of an expression: the syntax tree of FHIRPath N1, with positions for messages.
 * https://hl7.org/fhirpath/N1/#formal-specifications
 */

export type BinaryOperator =
  | '*'
  | '/'
  | 'div'
  | 'mod'
  | '+'
  | '-'
  | '&'
  | '>'
  | '<'
  | '>='
  | '<='
  | '='
  | '~'
  | '!='
  | '!~'
  | 'in'
  | 'contains'
  | 'and'
  | 'or'
  | 'xor'
  | 'implies';

export type LiteralType = 'Boolean' | 'String' | 'Integer' | 'Decimal' | 'Date' | 'DateTime' | 'Time';

/** `Patient`, `FHIR.Patient`, `System.String`. */
export interface TypeSpecifier {
  readonly namespace?: string;
  readonly name: string;
}

/** `at` is the offset of the node's first character, or of its operator, in the text. */
export type Ast =
  | { readonly kind: 'empty'; readonly at: number }
  | {
      readonly kind: 'literal';
      readonly type: LiteralType;
      readonly value: string | number | boolean;
      readonly at: number;
    }
  | { readonly kind: 'quantity'; readonly value: number; readonly unit: string; readonly at: number }
  | { readonly kind: 'external'; readonly name: string; readonly at: number }
  | { readonly kind: 'variable'; readonly name: '$this' | '$index' | '$total'; readonly at: number }
  | { readonly kind: 'member'; readonly target?: Ast; readonly name: string; readonly at: number }
  | {
      readonly kind: 'call';
      readonly target?: Ast;
      readonly name: string;
      readonly args: readonly Ast[];
      readonly at: number;
    }
  | { readonly kind: 'indexer'; readonly target: Ast; readonly index: Ast; readonly at: number }
  | { readonly kind: 'polarity'; readonly negative: boolean; readonly operand: Ast; readonly at: number }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Ast;
      readonly right: Ast;
      readonly at: number;
    }
  | { readonly kind: 'union'; readonly operands: readonly Ast[]; readonly at: number }
  | {
      readonly kind: 'type';
      readonly operator: 'is' | 'as';
      readonly operand: Ast;
      readonly specifier: TypeSpecifier;
      readonly at: number;
    };

/** A fault in an expression, as data: where it is and what to do about it. */
export interface ExpressionFault {
  readonly message: string;
  /** Offset in the text, 0 for faults of the whole expression. */
  readonly at: number;
}

/** Bounds on expressions from outside. R4's longest is 1,386 characters and 106 nodes. */
export interface ExpressionLimits {
  readonly lengthMax: number;
  readonly depthMax: number;
  readonly nodesMax: number;
}

export const EXPRESSION_LIMITS: ExpressionLimits = { lengthMax: 32_768, depthMax: 120, nodesMax: 2_000 };
