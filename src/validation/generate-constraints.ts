/**
 * The end of a generated validator: rules of the type, and its invariants, on what was read on the way. An
 * invariant that reads a few properties only is handed just these, for objects of one type come in many shapes.
 * https://hl7.org/fhir/R4/conformance-rules.html#constraints
 */
import type { ConstraintSchema, TypeSchema } from './element-schema.ts';
import { choiceSlot, type Emitter, identifier, local } from './emitter.ts';

/**
 * Types whose values get a hand-written look after their structure was checked, and the properties that it is
 * handed: `h.after.Coding(system, code, display, c)`. To read them from the object again would cost more, for
 * objects of one type come in many shapes. `o` is the object itself.
 */
const QUANTITY = ['system', 'code'];
const TYPES_WITH_RULES: Readonly<Record<string, readonly string[]>> = {
  Attachment: ['data', 'size', 'hash'],
  Coding: ['system', 'code', 'display'],
  // whether there is a value, and the object itself besides
  Extension: ['extension'],
  Identifier: ['system', 'value'],
  Quantity: QUANTITY,
  Age: QUANTITY,
  Count: QUANTITY,
  Distance: QUANTITY,
  Duration: QUANTITY,
  Reference: ['reference', 'type'],
};

/** Types that `$validate` looks at more closely than a write: which rule, of which properties. */
const STRICT_RULES: Readonly<Record<string, { readonly rule: string; readonly read: readonly string[] }>> = {
  Meta: { rule: 'distinctLabels', read: ['security', 'tag'] },
  Period: { rule: 'comparable', read: ['start', 'end'] },
};

/** Inherited by nearly every resource and handled by hand, faster than by expression. */
export const HANDLED_CONSTRAINTS = new Set([
  'dom-2',
  'dom-3',
  'dom-4',
  'dom-5',
  'dom-6',
  'ext-1',
  'ref-1',
  'txt-1',
  'txt-2',
  'csd-1',
  'que-2',
]);

export interface EndChecks {
  readonly lines: readonly string[];
  /** Properties that the lines read from variables. */
  readonly read: ReadonlySet<string>;
}

export function endChecks(emitter: Emitter, type: TypeSchema): EndChecks {
  const lines: string[] = [];
  const read = new Set<string>();
  if (type.kind === 'resource' && type.constraints.some((one) => one.key === 'dom-2'))
    lines.push(`domain(o,${handOver(read, 'contained', 'text')},c);`);
  const handed = TYPES_WITH_RULES[type.name];
  if (handed !== undefined) {
    const given =
      type.name === 'Extension'
        ? `${choiceSlot(type, 'value')}!==0,${handOver(read, ...handed)},o`
        : handOver(read, ...handed);
    lines.push(`after.${identifier(type.name)}(${given},c);`);
  }
  const strict = STRICT_RULES[type.name];
  if (strict !== undefined) {
    for (const json of strict.read) read.add(json);
    lines.push(`if(c.strict)${identifier(strict.rule)}(${strict.read.map(local).join()},c);`);
  }
  const known = new Set(type.elements.flatMap((one) => one.properties.map(({ json }) => json)));
  const checked = type.constraints.filter((one) => !HANDLED_CONSTRAINTS.has(one.key));
  const tests = checked.map((one) => {
    const id = constraintId(emitter, one, type.name);
    const premise = premiseOf(one);
    for (const json of premise?.read ?? []) read.add(json);
    const guard = `${one.severity === 'warning' ? '!c.errorsOnly&&' : ''}${premise?.source(type) ?? ''}`;
    return { id, text: `if(${guard}I${id}(${subject(emitter, id, known, read)},c)!==true)failed(${id},c);` };
  });
  if (tests.length > 0) {
    const retries = tests.map(({ id }) => `[${id},I${id}]`).join();
    lines.push(`try{${tests.map(({ text }) => text).join('')}}catch(e){unevaluated([${retries}],o,c);}`);
  }
  // what comes after the structure of a resource asks for it
  if (type.kind === 'resource') lines.push(`return ${handOver(read, 'meta')};`);
  return { lines, read };
}

/** The variables of properties as arguments. */
function handOver(read: Set<string>, ...properties: readonly string[]): string {
  for (const json of properties) read.add(json);
  return properties.map(local).join();
}

const READ_MAX = 8;

/**
 * What a constraint is evaluated on. One that reads a few properties of its node and nothing else gets an
 * object of just these, which always has one shape.
 */
function subject(emitter: Emitter, id: number, known: ReadonlySet<string>, read: Set<string>): string {
  const source = emitter.sources[id] as string;
  const body = source.slice(source.indexOf('=>'));
  const names = new Set([...body.matchAll(/\bnode\.(\w+)/g)].map(([, name]) => name as string));
  const isAll = body.match(/\bnode\b/g)?.length === body.match(/\bnode\.\w/g)?.length;
  const isKnown = [...names].every((name) => known.has(name.replace(/^_/, '')));
  if (!isAll || !isKnown || names.size > READ_MAX || /\bextra\b/.test(body)) return 'o';
  for (const name of names) read.add(name);
  return `{${[...names].map((name) => `${identifier(name)}:${local(name)}`).join()}}`;
}

interface Premise {
  readonly expression: string;
  readonly source: (type: TypeSchema) => string;
  readonly read: readonly string[];
}

/** What must be so for a constraint to be worth its evaluation: without, it holds. */
const PREMISES: Readonly<Record<string, Premise>> = {
  'per-1': {
    expression: 'start.hasValue().not() or end.hasValue().not() or (start <= end)',
    source: () => `!inOrder(${local('start')},${local('end')})&&`,
    read: ['start', 'end'],
  },
  'obs-6': {
    expression: 'dataAbsentReason.empty() or value.empty()',
    source: (type) => `${local('dataAbsentReason')}!==undefined&&${choiceSlot(type, 'value')}!==0&&`,
    read: ['dataAbsentReason'],
  },
  'obs-7': {
    expression:
      'value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()',
    source: (type) =>
      `${local('component')}!==undefined&&${choiceSlot(type, 'value')}!==0&&sharesCode(${local('component')},c)&&`,
    read: ['component'],
  },
};

function premiseOf({ key, expression }: ConstraintSchema): Premise | undefined {
  const known = PREMISES[key];
  return known?.expression === expression ? known : undefined;
}

export function constraintId(emitter: Emitter, constraint: ConstraintSchema, context: string): number {
  const rows = emitter.constraints;
  const at = rows.findIndex(
    (row) =>
      row.key === constraint.key && row.expression === constraint.expression && row.context === context,
  );
  if (at >= 0) return at;
  const id = rows.push({ ...constraint, context }) - 1;
  const lowered = emitter.options.lower(constraint.expression, context);
  for (const { name, code } of lowered?.prelude ?? []) emitter.prelude.set(name, code);
  emitter.sources[id] = lowered?.source ?? '()=>true';
  emitter.predicates.push(`const I${id}=${emitter.sources[id]};`);
  return id;
}
