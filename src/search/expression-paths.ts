/**
 * The part of FHIRPath that nearly all search parameters are written in, as lists of plain steps: unions of
 * dotted paths with `as`, `ofType`, `where(x='y')`, `where(resolve() is T)`, `extension('url')` and an index.
 * Extraction walks these without a FHIRPath engine; anything else is left to the compiler.
 * https://hl7.org/fhir/R4/searchparameter-definitions.html#SearchParameter.expression
 */

export type Step =
  | { readonly kind: 'child'; readonly name: string }
  /** `as(T)`, `ofType(T)`, `x as T`. */
  | { readonly kind: 'as'; readonly type: string }
  /** `where(name='value')`: keeps elements whose child has this value. */
  | { readonly kind: 'where'; readonly name: string; readonly value: string }
  /** `where(resolve() is T)`: keeps references to the type. */
  | { readonly kind: 'refersTo'; readonly type: string }
  | { readonly kind: 'index'; readonly at: number }
  /** `%resource`, only at the start. */
  | { readonly kind: 'root' };

export type Path = readonly Step[];

/** The members of the union, or undefined when the expression needs the general compiler. */
export function parsePaths(expression: string): readonly Path[] | undefined {
  const tokens = tokenize(expression);
  if (tokens === undefined) return undefined;
  const reader: Reader = { tokens, at: 0 };
  const paths = readUnion(reader);
  return paths !== undefined && reader.at === tokens.length ? paths : undefined;
}

interface Reader {
  readonly tokens: readonly string[];
  at: number;
}

const TOKEN = /\s*(?:([A-Za-z_][A-Za-z0-9_]*|%resource|\d+|'(?:[^'\\]|\\.)*'|[().|[\]=,])|(\S))/gy;

function tokenize(expression: string): string[] | undefined {
  const tokens: string[] = [];
  const text = expression.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (match?.[1] === undefined) return undefined;
    tokens.push(match[1]);
  }
  return tokens;
}

function readUnion(reader: Reader): Path[] | undefined {
  const members: Path[] = [];
  do {
    const paths = readTerm(reader);
    if (paths === undefined) return undefined;
    members.push(...paths);
  } while (take(reader, '|'));
  return members;
}

/** A path, perhaps with `as T` behind it. */
function readTerm(reader: Reader): Path[] | undefined {
  let paths = readPrimary(reader);
  while (paths !== undefined) {
    if (take(reader, '.')) paths = readInvocation(reader, paths);
    else if (take(reader, '[')) paths = readIndex(reader, paths);
    else if (take(reader, 'as')) paths = append(paths, typeStep(readName(reader)));
    else return paths;
  }
  return undefined;
}

function readPrimary(reader: Reader): Path[] | undefined {
  if (take(reader, '(')) {
    const inner = readUnion(reader);
    return inner !== undefined && take(reader, ')') ? inner : undefined;
  }
  if (take(reader, '%resource')) return [[{ kind: 'root' }]];
  const name = readName(reader);
  if (name === undefined) return undefined;
  // a function at the start applies to the context itself
  if (reader.tokens[reader.at] === '(') {
    reader.at--;
    return readInvocation(reader, [[]]);
  }
  return [[{ kind: 'child', name }]];
}

function readIndex(reader: Reader, paths: Path[]): Path[] | undefined {
  const at = Number(reader.tokens[reader.at++]);
  return Number.isInteger(at) && take(reader, ']') ? append(paths, { kind: 'index', at }) : undefined;
}

function readInvocation(reader: Reader, paths: Path[]): Path[] | undefined {
  const name = readName(reader);
  if (name === undefined) return undefined;
  if (!take(reader, '(')) return append(paths, { kind: 'child', name });
  const steps = readArguments(reader, name);
  if (steps === undefined || !take(reader, ')')) return undefined;
  return paths.map((path) => [...path, ...steps]);
}

function readArguments(reader: Reader, name: string): Step[] | undefined {
  switch (name) {
    case 'as':
    case 'ofType': {
      const step = typeStep(readName(reader));
      return step === undefined ? undefined : [step];
    }
    case 'extension': {
      const url = readLiteral(reader);
      return url === undefined
        ? undefined
        : [
            { kind: 'child', name: 'extension' },
            { kind: 'where', name: 'url', value: url },
          ];
    }
    case 'where': {
      const step = readCondition(reader);
      return step === undefined ? undefined : [step];
    }
    default:
      return undefined;
  }
}

function readCondition(reader: Reader): Step | undefined {
  const name = readName(reader);
  if (name === 'resolve' && take(reader, '(')) {
    if (!take(reader, ')') || !take(reader, 'is')) return undefined;
    const type = readName(reader);
    return type === undefined ? undefined : { kind: 'refersTo', type };
  }
  if (name === undefined || !take(reader, '=')) return undefined;
  const value = readLiteral(reader);
  return value === undefined ? undefined : { kind: 'where', name, value };
}

function readName(reader: Reader): string | undefined {
  const token = reader.tokens[reader.at];
  if (token === undefined || !/^[A-Za-z_]/.test(token)) return undefined;
  reader.at++;
  // `FHIR.Patient` names the type Patient
  if (token === 'FHIR' && take(reader, '.')) return readName(reader);
  return token;
}

function readLiteral(reader: Reader): string | undefined {
  const token = reader.tokens[reader.at];
  if (token === undefined || !token.startsWith("'") || token.includes('\\')) return undefined;
  reader.at++;
  return token.slice(1, -1);
}

function take(reader: Reader, token: string): boolean {
  if (reader.tokens[reader.at] !== token) return false;
  reader.at++;
  return true;
}

function typeStep(type: string | undefined): Step | undefined {
  return type === undefined ? undefined : { kind: 'as', type };
}

function append(paths: readonly Path[], step: Step | undefined): Path[] | undefined {
  return step === undefined ? undefined : paths.map((path) => [...path, step]);
}
