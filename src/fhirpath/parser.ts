/** State of the parser and the bounds that it keeps: nodes and depth are counted as the tree grows. */
import type { Ast, ExpressionLimits } from './ast.ts';
import type { Token } from './tokens.ts';

export interface Parser {
  readonly tokens: readonly Token[];
  readonly limits: ExpressionLimits;
  readonly depths: WeakMap<Ast, number>;
  next: number;
  nodes: number;
}

export class SyntaxFault extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

export function peek(parser: Parser): Token {
  return parser.tokens[parser.next] ?? parser.tokens.at(-1)!;
}

export function isSymbol(token: Token, text: string): boolean {
  return token.kind === 'symbol' && token.text === text;
}

export function expect(parser: Parser, text: string): void {
  const token = peek(parser);
  if (!isSymbol(token, text)) throw new SyntaxFault(`expected ${text}, found ${quote(token)}`, token.at);
  parser.next++;
}

export function quote(token: Token): string {
  return token.kind === 'end' ? 'the end' : JSON.stringify(token.text.slice(0, 40));
}

export function node(parser: Parser, ast: Ast, ...children: readonly (Ast | undefined)[]): Ast {
  parser.nodes++;
  if (parser.nodes > parser.limits.nodesMax) {
    throw new SyntaxFault(`more than ${parser.limits.nodesMax} terms and operators`, ast.at);
  }
  parser.depths.set(ast, 1);
  for (const child of children) if (child !== undefined) raiseDepth(parser, ast, child);
  return ast;
}

export function raiseDepth(parser: Parser, parent: Ast, child: Ast): void {
  const depth = Math.max(depthOf(parser, parent), depthOf(parser, child) + 1);
  if (depth > parser.limits.depthMax) throw tooDeep(parser, parent.at);
  parser.depths.set(parent, depth);
}

export function depthOf(parser: Parser, ast: Ast): number {
  return parser.depths.get(ast) ?? 1;
}

export function tooDeep(parser: Parser, at: number): SyntaxFault {
  return new SyntaxFault(`nested deeper than ${parser.limits.depthMax} levels`, at);
}
