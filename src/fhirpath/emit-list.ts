/**
 * Code that makes arrays of nodes, for what needs all of them at once: repetition, sorting, aggregation and
 * the functions of the runtime on collections.
 */
import { isWorthKeeping, memoize } from './emit-memo.ts';
import { collect, nodeItem } from './emit-stream.ts';
import {
  type Code,
  charge,
  type Emitter,
  fresh,
  hold,
  holdScalar,
  itemOf,
  nodeCode,
  safeName,
  step,
} from './emitter.ts';
import type { Expr } from './expr.ts';

type Of<K extends Expr['kind']> = Extract<Expr, { kind: K }>;

export function listCallCode(emitter: Emitter, expr: Of<'list-call'>): Code {
  const source = list(emitter, expr.source);
  const isText = TAKES_TEXT.has(expr.call.name);
  const args = expr.args.map((arg) => {
    if (!isText) return hold(emitter, list(emitter, arg));
    const { pre, value } = emitter.scalar(arg);
    return { pre, code: value };
  });
  const held = hold(emitter, source);
  const parameters = [...(expr.call.context ? ['ctx'] : []), held.code, ...args.map((arg) => arg.code)];
  const sizes = [held.code, ...(isText ? [] : args.map((arg) => arg.code))].map((code) => `${code}.length`);
  const paid = charge(emitter, `10 * (1 + ${sizes.join(' + ')})`);
  const pre = held.pre + args.map((arg) => arg.pre).join('') + paid;
  return { pre, code: `rt.${safeName(expr.call.name)}(${parameters.join(', ')})` };
}

/** These take a value as argument, the others a collection. */
const TAKES_TEXT = new Set(['join', 'split', 'typeInfoPart', 'checkModifiers', 'descendantsNamed']);

export function list(emitter: Emitter, expr: Expr): Code {
  if (expr.kind === 'empty') return { pre: '', code: '[]' };
  if (expr.kind === 'variable') {
    const name = emitter.lists.get(expr.variable);
    if (name !== undefined) return { pre: '', code: name };
  }
  if (isWorthKeeping(emitter, expr)) {
    return memoize(emitter, () => listFresh(emitter, expr));
  }
  return listFresh(emitter, expr);
}

function listFresh(emitter: Emitter, expr: Expr): Code {
  if (expr.kind === 'list-call' && expr.returns === 'list') return listCallCode(emitter, expr);
  if (expr.kind === 'repeat') return repeatList(emitter, expr);
  if (expr.kind === 'aggregate') return aggregateList(emitter, expr);
  if (expr.kind === 'sort') return sortList(emitter, expr);
  const name = fresh(emitter, 'l');
  if (expr.kind === 'combine') {
    const fill = expr.operands.map((operand) => collect(emitter, operand, name)).join('');
    const paid = expr.distinct ? charge(emitter, `10 * ${name}.length`) : '';
    return { pre: `const ${name} = [];${fill}${paid}`, code: expr.distinct ? `rt.distinct(${name})` : name };
  }
  return { pre: `const ${name} = [];${collect(emitter, expr, name)}`, code: name };
}

/** New nodes are fed back until there are none: every one of them is a step. */
function repeatList(emitter: Emitter, expr: Of<'repeat'>): Code {
  const out = fresh(emitter, 'l');
  const queue = fresh(emitter, 'q');
  const seen = fresh(emitter, 'u');
  const i = fresh(emitter, 'i');
  const node = fresh(emitter, 'h');
  const fill = collect(emitter, expr.source, queue);
  const { item, index, body } = expr.lambda;
  const outer = emitter.innermost;
  emitter.innermost = item;
  emitter.loops++;
  emitter.items.set(item, nodeItem(node, item.types));
  emitter.items.set(index, itemOf(i, index.types));
  const inner = emitter.stream(body, 'node', (one) => {
    const next = fresh(emitter, 'h');
    return `const ${next} = ${nodeCode(one)};if (rt.isNew(${seen}, ${next})) {${out}.push(${next});${queue}.push(${next});}`;
  });
  emitter.loops--;
  emitter.innermost = outer;
  const pre = `const ${out} = [], ${queue} = [], ${seen} = rt.newSeen();${fill}for (let ${i} = 0; ${i} < ${queue}.length; ${i}++) {${step(emitter)}const ${node} = ${queue}[${i}];${inner}}`;
  return { pre, code: out };
}

function sortList(emitter: Emitter, expr: Of<'sort'>): Code {
  const rows = fresh(emitter, 'l');
  const count = fresh(emitter, 'n');
  const inner = emitter.stream(expr.source, 'node', (one) => {
    const outer = emitter.innermost;
    const held = holdScalar(emitter, { ...one, pre: '' });
    const keys = expr.keys.map(({ lambda }) => {
      emitter.innermost = lambda.item;
      emitter.items.set(lambda.item, { ...held, types: lambda.item.types });
      emitter.items.set(lambda.index, itemOf(count, lambda.index.types));
      return holdScalar(emitter, emitter.scalar(lambda.body));
    });
    emitter.innermost = outer;
    const pre = held.pre + keys.map((key) => key.pre).join('');
    return `${pre}${count}++;${rows}.push({node: ${nodeCode(held)}, keys: [${keys.map(nodeCode).join(', ')}]});`;
  });
  const directions = JSON.stringify(expr.keys.map((key) => key.descending));
  return { pre: `const ${rows} = [];let ${count} = 0;${inner}`, code: `rt.sorted(${rows}, ${directions})` };
}

function aggregateList(emitter: Emitter, expr: Of<'aggregate'>): Code {
  const total = fresh(emitter, 'l');
  const next = fresh(emitter, 'l');
  const count = fresh(emitter, 'n');
  const { item, index, body } = expr.lambda;
  const start = list(emitter, expr.start);
  emitter.lists.set(expr.total, total);
  const inner = emitter.stream(expr.source, 'node', (one) => {
    const outer = emitter.innermost;
    emitter.innermost = item;
    emitter.items.set(item, { ...one, types: item.types });
    emitter.items.set(index, itemOf(count, index.types));
    const step_ = step(emitter);
    const code = collect(emitter, body, next);
    emitter.innermost = outer;
    return `${step_}${count}++;const ${next} = [];${code}${total} = ${next};`;
  });
  return { pre: `${start.pre}let ${total} = ${start.code}, ${count} = -1;${inner}`, code: total };
}
