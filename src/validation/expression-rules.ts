/**
 * FHIRPath that comes with profiles, questionnaires and search parameters: compiled when first used, bounded
 * when run, and never a reason to fall over.
 */
import type { TypeModel } from '../definitions/type-model.ts';
import type { Resource } from '../fhir/types.ts';
import { compile } from '../fhirpath/compile.ts';
import { correctedExpression } from '../fhirpath/corrections.ts';
import type { TypedNode } from '../fhirpath/expression.ts';
import { FhirPathError } from '../fhirpath/failure.ts';
import { compilePattern, type Pattern } from '../fhirpath/pattern.ts';
import type { Collector, ItemCheck } from './collector.ts';
import type { PredicatesAhead } from './compiled-types.ts';
import { holdTo, isEvaluationFault, type Predicate } from './constraint-rules.ts';
import type { ConstraintSchema } from './element-schema.ts';

const PATTERNS_MAX = 1000;
const EXPRESSION_CHARS_MAX = 20_000;

export function createExpressionRules(model: TypeModel, ahead?: PredicatesAhead) {
  const patterns = new Map<string, Pattern | null>();

  function expressionFault(expression: string, type: string): string | undefined {
    if (expression.length > EXPRESSION_CHARS_MAX)
      return `it is longer than ${EXPRESSION_CHARS_MAX} characters`;
    const compilation = compile(expression, startType(type), model);
    if (compilation.kind === 'compiled') return undefined;
    return `${compilation.fault.message} (at ${compilation.fault.at})`;
  }

  /** Steps of a sound expression that can never find anything, in words. */
  function expressionNotes(expression: string, type: string): readonly string[] {
    if (expression.length > EXPRESSION_CHARS_MAX) return [];
    const compilation = compile(expression, startType(type), model);
    return compilation.kind === 'compiled' ? compilation.compiled.notes : [];
  }

  /** Without the dot of `Patient.name`, types that are not known begin at Element. */
  function startType(type: string): string {
    return model.type(type) === undefined ? 'Element' : type;
  }

  /** On an element of several types the expression is compiled for each type that occurs. */
  function constraintCheck(constraint: ConstraintSchema, type: string): ItemCheck {
    if (type !== 'Element') return typedCheck(constraint, type);
    const byType = new Map<string, ItemCheck>();
    return (item, c) => {
      let check = byType.get(item.type);
      if (check === undefined) {
        check = typedCheck(constraint, item.type);
        byType.set(item.type, check);
      }
      check(item, c);
    };
  }

  function typedCheck(constraint: ConstraintSchema, type: string): ItemCheck {
    const expression = correctedExpression(constraint.expression);
    const made = ahead?.find(startType(type), expression);
    if (made !== undefined) {
      const hasTwin = model.type(type)?.kind === 'primitive';
      const predicate: Predicate = (node, c, twin) =>
        node == null && (twin == null || !hasTwin) ? undefined : made(node, c, twin);
      return (item, c) => holdTo(constraint, predicate, item.value, item.twin, [], c);
    }
    const fault = expressionFault(expression, type);
    if (fault !== undefined) {
      return (_item, c) => {
        const text = `The rule ${constraint.key} cannot be used: ${fault}.`;
        c.report('invariant-unevaluated', text, { constraint: constraint.key, source: constraint.source });
      };
    }
    const compilation = compile(expression, startType(type), model);
    const predicate: Predicate = (node, c, twin) =>
      compilation.kind === 'compiled' ? compilation.compiled.test(node, c, twin) : undefined;
    return (item, c) => holdTo(constraint, predicate, item.value, item.twin, [], c);
  }

  function testExpression(expression: string, node: unknown, c: Collector): boolean | undefined {
    const type = typeOfNode(node);
    if (expressionFault(expression, type) !== undefined) return undefined;
    const compilation = compile(expression, type, model);
    try {
      return compilation.kind === 'compiled' ? compilation.compiled.test(node, c) : undefined;
    } catch (error) {
      if (isEvaluationFault(error)) return undefined;
      throw error;
    }
  }

  function select(expression: string, node: unknown, c: Collector): readonly TypedNode[] | undefined {
    const type = typeOfNode(node);
    if (expressionFault(expression, type) !== undefined) return undefined;
    const compilation = compile(expression, type, model);
    try {
      return compilation.kind === 'compiled' ? compilation.compiled.evaluate(node, c) : undefined;
    } catch (error) {
      if (isEvaluationFault(error)) return undefined;
      throw error;
    }
  }

  function matches(text: string, pattern: string): boolean | undefined {
    let compiled = patterns.get(pattern);
    try {
      if (compiled === undefined) {
        compiled = compilePattern(pattern, true);
        if (patterns.size >= PATTERNS_MAX) patterns.clear();
        patterns.set(pattern, compiled);
      }
      return compiled?.test(text);
    } catch (error) {
      if (!(error instanceof FhirPathError)) throw error;
      patterns.set(pattern, null);
      return undefined;
    }
  }

  return { expressionFault, expressionNotes, constraintCheck, testExpression, select, matches };
}

function typeOfNode(node: unknown): string {
  const type = (node as Resource | undefined)?.resourceType;
  return typeof type === 'string' ? type : 'Element';
}
