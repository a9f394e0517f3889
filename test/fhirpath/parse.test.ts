/** Expressions are read as the grammar of FHIRPath N1 says, and faults come back with their position. */
import t from 'tap';
import type { Ast } from '../../src/fhirpath/ast.ts';
import { parseExpression } from '../../src/fhirpath/parse.ts';

/** Fully bracketed text of a tree. */
function show(ast: Ast): string {
  switch (ast.kind) {
    case 'empty':
      return '{}';
    case 'literal':
      return ast.type === 'String' ? JSON.stringify(ast.value) : `${ast.type}:${ast.value}`;
    case 'quantity':
      return `${ast.value}'${ast.unit}'`;
    case 'external':
      return `%${ast.name}`;
    case 'variable':
      return ast.name;
    case 'member':
      return ast.target ? `${show(ast.target)}.${ast.name}` : ast.name;
    case 'call':
      return `${ast.target ? `${show(ast.target)}.` : ''}${ast.name}(${ast.args.map(show).join(', ')})`;
    case 'indexer':
      return `${show(ast.target)}[${show(ast.index)}]`;
    case 'polarity':
      return `(${ast.negative ? '-' : '+'}${show(ast.operand)})`;
    case 'binary':
      return `(${show(ast.left)} ${ast.operator} ${show(ast.right)})`;
    case 'union':
      return `(${ast.operands.map(show).join(' | ')})`;
    case 'type':
      return `(${show(ast.operand)} ${ast.operator} ${ast.specifier.namespace ? `${ast.specifier.namespace}.` : ''}${ast.specifier.name})`;
  }
}

const READ: readonly [expression: string, tree: string][] = [
  ['1 + 2 * 3 - 4', '((Integer:1 + (Integer:2 * Integer:3)) - Integer:4)'],
  ['-7.abs()', '(-Integer:7.abs())'],
  ['-1 + 2', '((-Integer:1) + Integer:2)'],
  ['a | b | c = d', '((a | b | c) = d)'],
  ['(a | b) | c', '(a | b | c)'],
  ['a | (b | c)', '(a | (b | c))'],
  ['a and b or c implies d', '(((a and b) or c) implies d)'],
  ['a implies b implies c', '((a implies b) implies c)'],
  ['a or b xor c', '((a or b) xor c)'],
  ["x in ('a' | 'b') and y", '((x in ("a" | "b")) and y)'],
  ['a is Quantity and b as System.String = c', '((a is Quantity) and ((b as System.String) = c))'],
  ['a < b = c > d', '((a < b) = (c > d))'],
  ["a & 'x' + b", '((a & "x") + b)'],
  ['a.b[0].c()', 'a.b[Integer:0].c()'],
  ['a.where($this.b = $index).select($total)', 'a.where(($this.b = $index)).select($total)'],
  ['text.`div`', 'text.div'],
  ['text.div', 'text.div'],
  ["contains.contains('a') contains in", '(contains.contains("a") contains in)'],
  ["'it''s'".replace("''", "\\'"), '"it\'s"'],
  ["'\\u0041\\n\\/\\\\'", '"A\\n/\\\\"'],
  ['`a\\`b`', 'a`b'],
  ['@2015', 'Date:2015'],
  ['@2015-02-04', 'Date:2015-02-04'],
  ['@2015T', 'DateTime:2015'],
  ['@2015-02-04T14:34:28.123+09:00', 'DateTime:2015-02-04T14:34:28.123+09:00'],
  ['@T14:34', 'Time:14:34'],
  ['4 days + 1 year', "(4'day' + 1'year')"],
  ["4.5 'mg'", "4.5'mg'"],
  [
    '%resource.id & %`vs-a b` & %ext-x & %vs-administrative-gender',
    '(((%resource.id & %vs-a b) & %ext-x) & %vs-administrative-gender)',
  ],
  ["%'vs-x'", '%vs-x'],
  ['{}', '{}'],
  ['true or false', '(Boolean:true or Boolean:false)'],
  ['a // comment\n.b /* and\n * another */ .c', 'a.b.c'],
  ['1.a', 'Integer:1.a'],
];

t.test('operators bind as the table of precedence says', async (t) => {
  for (const [expression, tree] of READ) {
    const parsed = parseExpression(expression);
    t.equal(parsed.kind === 'parsed' ? show(parsed.ast) : parsed.fault.message, tree, expression);
  }
});

const FAULTS: readonly [expression: string, message: RegExp, at: number][] = [
  ['', /ends too early/, 0],
  ['a and', /ends too early/, 5],
  ['a and and b', /unexpected "and"/, 6],
  ['a.', /ends too early/, 2],
  ['a.1', /expected a name, found "1"/, 2],
  ['a b', /unexpected "b"/, 2],
  ['(a', /expected \), found the end/, 2],
  ['a)', /unexpected "\)"/, 1],
  ['f(a,)', /unexpected "\)"/, 4],
  ["'abc", /never closed/, 0],
  ["'a\\d'", /unknown escape/, 2],
  ['a.$this', /\$this cannot follow a dot/, 2],
  ['$that', /expected \$this/, 0],
  ['@20', /not a date/, 0],
  ['a # b', /unexpected "#"/, 2],
  ['a is 5', /name of a type/, 5],
  ['%', /name after %/, 1],
];

t.test('a fault names what is wrong and where', async (t) => {
  for (const [expression, message, at] of FAULTS) {
    const parsed = parseExpression(expression);
    if (parsed.kind === 'parsed') {
      t.fail(`${expression} was read as ${show(parsed.ast)}`);
      continue;
    }
    t.match(parsed.fault.message, message, expression);
    t.equal(parsed.fault.at, at, `${expression}: ${parsed.fault.message}`);
  }
});

t.test('length, depth and size are bounded exactly', async (t) => {
  const limits = { lengthMax: 50, depthMax: 5, nodesMax: 12 };
  const kindOf = (expression: string): string => parseExpression(expression, limits).kind;
  t.equal(kindOf('a'.repeat(50)), 'parsed');
  t.equal(kindOf('a'.repeat(51)), 'fault');
  t.equal(kindOf('a.a.a.a.a'), 'parsed');
  t.equal(kindOf('a.a.a.a.a.a'), 'fault');
  t.equal(kindOf('((((a))))'), 'parsed');
  t.equal(kindOf('((((((a))))))'), 'fault');
  t.equal(kindOf(`a${' | a'.repeat(10)}`), 'parsed', 'a union is one node and flat');
  t.equal(kindOf(`a${' | a'.repeat(11)}`), 'fault');
});

t.test('hostile input is refused quickly', async (t) => {
  const hostile = [
    '('.repeat(30_000),
    '-'.repeat(30_000),
    'a.'.repeat(16_000),
    `${'f('.repeat(10_000)}`,
    `a${' and a'.repeat(5_000)}`,
    `${'a['.repeat(10_000)}`,
    `'${'\\'.repeat(30_001)}`,
    '/*'.repeat(16_000),
    '@'.repeat(32_768),
    '1'.repeat(32_769),
  ];
  for (const expression of hostile)
    t.equal(parseExpression(expression).kind, 'fault', expression.slice(0, 20));
});
