/**
 * Writes JavaScript that validates the base types of R4: one function per type and backbone, `for..in` and
 * `switch` over the properties that are there, because probing for absent ones is what makes validators slow.
 * Names pass `identifier`, every other string JSON.stringify; nothing is pasted in raw.
 * https://hl7.org/fhir/R4/json.html
 */
import type { ConstraintSchema, ElementSchema, PropertySchema, TypeSchema } from './element-schema.ts';
import { PRIMITIVES } from './primitives.ts';

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

/** Types whose values get a hand-written look after their structure was checked: `h.after.Coding`. */
export const TYPES_WITH_RULES: ReadonlySet<string> = new Set([
  'Attachment',
  'Coding',
  'Extension',
  'Identifier',
  'Quantity',
  'Age',
  'Count',
  'Distance',
  'Duration',
  'Reference',
]);

/** The rules of the type look at the value: what they know of it may settle its form. */
const CHECKED_AFTERWARDS = 'if(v===undefined)badPrimitive("code","code",v,c);';

/** Inherited by nearly every resource and handled by hand, faster than by expression. */
const HANDLED_CONSTRAINTS = new Set([
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

const COMMON_FIRST = [
  'resourceType',
  'id',
  'meta',
  'text',
  'extension',
  'coding',
  'system',
  'code',
  'url',
  'value',
];

class Emitter {
  readonly lines: string[] = [];
  readonly bindings: BindingRow[] = [];
  readonly constraints: ConstraintRow[] = [];
  /** `const I12=...` for each constraint, and the constants that they share. */
  readonly predicates: string[] = [];
  readonly prelude = new Map<string, string>();
  readonly codeSets = new Map<string, number>();
  readonly targetSets = new Map<string, number>();
  readonly options: GenerateOptions;

  constructor(options: GenerateOptions) {
    this.options = options;
  }
}

export function generateTypes(
  types: ReadonlyMap<string, TypeSchema>,
  options: GenerateOptions,
): GeneratedTypes {
  const emitter = new Emitter(options);
  const names = [...types.keys()];
  for (const type of types.values()) emitType(emitter, type);
  for (const name of names) emitWrappers(emitter, name);
  for (const name of Object.keys(PRIMITIVES)) emitPrimitiveArray(emitter, name);
  const checks = Object.keys(PRIMITIVES).map(
    (name) => `is_${identifier(name)}=h.primitives.${identifier(name)}.check`,
  );
  const head = [
    '"use strict";',
    `const ${checks.join(',')};`,
    'const {unknown,notObject,badArray,badItem,badPrimitive,badCode,conflict,missing,empty,tooDeep,extra,extras,',
    'nullItem,openCode,codeArray,bind,resource,resources,extensions,failed,unevaluated,invariantAt,',
    'after,narrative,domain,wrongTarget,simple,canonical,inOrder}=h;',
    ...[...emitter.prelude].map(([name, code]) => `const ${identifier(name)}=${code};`),
    ...emitter.predicates,
    ...[...emitter.codeSets].map(([codes, id]) => `const B${id}=new Set(${quote(codes)}.split("\\n"));`),
    ...[...emitter.targetSets].map(([targets, id]) => `const T${id}=new Set(${quote(targets)}.split(" "));`),
  ];
  const table = names.map((name) => `${quote(name)}:${functionName(name)}`);
  const source = [...head, ...emitter.lines, `return{${table.join(',\n')}};`].join('\n');
  return { source, tables: { bindings: emitter.bindings, constraints: emitter.constraints } };
}

function emitType(emitter: Emitter, type: TypeSchema): void {
  const required = type.elements.filter((element) => element.min > 0);
  const bits = new Map(required.map((element, i) => [element.name, 2 ** i]));
  const slots = new Map(type.elements.filter((e) => e.isChoice).map((e, i) => [e.name, `s${i}`]));
  const cases: Case[] = [];
  for (const element of type.elements) {
    const bit = bits.get(element.name);
    const mark = bit === undefined ? '' : `r|=${bit};`;
    element.properties.forEach((property, i) => {
      const slot = slots.get(element.name);
      const choice =
        slot === undefined
          ? ''
          : `if(${slot}&&${slot}!==${i + 1})conflict(${quote(element.name)},k,c);${slot}=${i + 1};`;
      cases.push({
        key: property.json,
        line: `${choice}${mark}${propertyCheck(emitter, element, property, type)}`,
      });
      if (property.kind === 'primitive' && property.type !== 'elementId' && property.type !== 'xhtml') {
        cases.push({ key: `_${property.json}`, line: `${choice}${mark}${twinCheck(element, property)}` });
      }
    });
  }
  const isResource = type.kind === 'resource';
  if (isResource) cases.push({ key: 'resourceType', line: '' });
  const counters = [
    'n=0',
    ...(required.length > 0 ? ['r=0'] : []),
    ...[...slots.values()].map((slot) => `${slot}=0`),
  ];
  emitter.lines.push(
    `function ${functionName(type.name)}(o,c){let ${counters.join(',')};for(const k in o){const v=o[k];`,
    ...dispatch(cases, `unknown(${quote(type.name)},k,v,c);`),
    'n++;}',
    // Element is the twin of a primitive: whether it is empty depends on the value beside it
    ...(isResource || type.name === 'Element' ? [] : ['if(n===0)empty(c);']),
    ...requiredCheck(required, bits),
    ...endChecks(emitter, type),
    '}',
  );
}

interface Case {
  readonly key: string;
  /** What is done with `v`, the value of the key. */
  readonly line: string;
}

/**
 * By length first, which is one jump: a switch over strings compares them one after the other, and a type has
 * up to two hundred.
 */
function dispatch(cases: readonly Case[], otherwise: string): string[] {
  const byLength = Map.groupBy(
    cases.toSorted((a, b) => rank(a.key) - rank(b.key)),
    ({ key }) => key.length,
  );
  const lines = ['switch(k.length){'];
  for (const [length, group] of [...byLength].sort(([a], [b]) => a - b)) {
    lines.push(
      `case ${length}:switch(k){`,
      ...group.map(({ key, line }) => `case ${quote(key)}:${line}${isCounted(key) ? 'break;' : 'continue;'}`),
      `default:${otherwise}}break;`,
    );
  }
  return [...lines, `default:${otherwise}}`];
}

/** An id alone does not make an element; what resourceType says was settled before. */
function isCounted(key: string): boolean {
  return key !== 'id' && key !== 'resourceType';
}

function requiredCheck(required: readonly ElementSchema[], bits: ReadonlyMap<string, number>): string[] {
  if (required.length === 0) return [];
  if (required.length > 31) throw new Error(`more required elements than bits: ${required[0]?.path}`);
  const mask = [...bits.values()].reduce((sum, bit) => sum + bit, 0);
  const names = required.map((element) => quote(element.name)).join(',');
  return [
    `if(r!==${mask})missing(r,[${names}],${quote(required[0]?.path.replace(/\.[^.]*$/, '') as string)},c);`,
  ];
}

function endChecks(emitter: Emitter, type: TypeSchema): string[] {
  const lines: string[] = [];
  if (type.kind === 'resource' && type.constraints.some((one) => one.key === 'dom-2'))
    lines.push('domain(o,c);');
  if (TYPES_WITH_RULES.has(type.name)) lines.push(`after.${identifier(type.name)}(o,c);`);
  const checked = type.constraints.filter((one) => !HANDLED_CONSTRAINTS.has(one.key));
  const ids = checked.map((one) => constraintId(emitter, one, type.name));
  if (ids.length === 0) return lines;
  const tests = checked.map((one, i) => {
    const guard = one.severity === 'warning' ? '!c.errorsOnly&&' : '';
    return `if(${guard}${premise(one)}I${ids[i]}(o,c)!==true)failed(${ids[i]},c);`;
  });
  lines.push(
    `try{${tests.join('')}}catch(e){unevaluated([${ids.map((id) => `[${id},I${id}]`).join()}],o,c);}`,
  );
  return lines;
}

/** What must be so for a constraint to be worth its evaluation: without, it holds. */
const PREMISES: Readonly<Record<string, { readonly expression: string; readonly source: string }>> = {
  'per-1': {
    expression: 'start.hasValue().not() or end.hasValue().not() or (start <= end)',
    source: '!inOrder(o.start,o.end)&&',
  },
  'obs-7': {
    expression:
      'value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()',
    source: 'o.component!==undefined&&',
  },
};

function premise({ key, expression }: ConstraintSchema): string {
  const known = PREMISES[key];
  return known?.expression === expression ? known.source : '';
}

/** `id` and the like first: a switch over strings compares in order. */
function rank(key: string): number {
  const at = COMMON_FIRST.indexOf(key);
  return at < 0 ? (key.startsWith('_') ? 1000 : 100) : at;
}

function propertyCheck(
  emitter: Emitter,
  element: ElementSchema,
  property: PropertySchema,
  type: TypeSchema,
): string {
  const seg = quote(property.segment);
  const checks: string[] = [];
  switch (property.kind) {
    case 'resource':
      checks.push(`${element.isArray ? 'resources' : 'resource'}(${seg},v,c);`);
      break;
    case 'primitive':
      checks.push(primitiveCheck(emitter, element, property));
      if (property.type === 'canonical') checks.push(`if(c.strict)canonical(${seg},v,c);`);
      break;
    case 'complex':
      checks.push(complexCheck(emitter, element, property, type));
      break;
  }
  for (const one of element.constraints) {
    if (HANDLED_CONSTRAINTS.has(one.key)) continue;
    const id = constraintId(emitter, one, property.type);
    checks.push(`invariantAt(${id},I${id},${seg},v,c);`);
  }
  return checks.join('');
}

function complexCheck(
  emitter: Emitter,
  element: ElementSchema,
  property: PropertySchema,
  type: TypeSchema,
): string {
  const seg = quote(property.segment);
  if (property.type === 'Extension') {
    const isModifier = element.name === 'modifierExtension';
    return `extensions(${seg},v,c,${isModifier},${type.name === 'Extension'});`;
  }
  const array = element.isArray ? 'a_' : 'o_';
  let text = `${array}${functionName(property.type)}(${seg},v,c);`;
  if (property.type === 'Reference' && property.targets !== undefined) {
    text = `${element.isArray ? 'ra' : 'ro'}(${seg},v,c,T${targetSet(emitter, property.targets)});`;
  }
  if (property.profile?.endsWith('/SimpleQuantity')) text += `simple(${seg},v,c);`;
  for (const binding of element.bindings) {
    if (binding.strength === 'example' || !CODED.has(property.type)) continue;
    const guard = binding.strength === 'required' ? '' : 'if(!c.errorsOnly)';
    text += `${guard}bind(${bindingId(emitter, binding.strength, binding.valueSet)},${seg},v,c);`;
  }
  return text;
}

const CODED = new Set([
  'CodeableConcept',
  'Coding',
  'Quantity',
  'Age',
  'Duration',
  'Count',
  'Distance',
  'Money',
]);

function primitiveCheck(emitter: Emitter, element: ElementSchema, property: PropertySchema): string {
  const seg = quote(property.segment);
  const name = identifier(property.type);
  const required = element.bindings.find((binding) => binding.strength === 'required');
  if (required !== undefined && property.type !== 'boolean') {
    const codes = emitter.options.codesOf(required.valueSet);
    const id = bindingId(emitter, 'required', required.valueSet);
    if (element.isArray) return `codeArray(${id},${seg},v,o,c);`;
    if (codes === undefined) return `openCode(${id},${quote(property.type)},${seg},v,c);`;
    return `if(!B${codeSet(emitter, codes)}.has(v))badCode(${id},${quote(property.type)},${seg},v,c);`;
  }
  if (property.type === 'xhtml') return `narrative(${seg},v,c);`;
  if (element.isArray) return `p_${name}(${seg},v,o,c);`;
  if (element.path === 'Coding.code') return CHECKED_AFTERWARDS;
  return `if(!is_${name}(v))badPrimitive(${quote(property.type)},${seg},v,c);`;
}

/** `_birthDate`, or `_given` next to `given`. */
function twinCheck(element: ElementSchema, property: PropertySchema): string {
  const args = `${quote(property.segment)},${quote(property.json)},v,o,c`;
  return element.isArray ? `extras(${args});` : `extra(${args});`;
}

/** `o_Period` for one value, `a_Period` for an array of them. */
function emitWrappers(emitter: Emitter, name: string): void {
  const fn = functionName(name);
  const isObject = (v: string): string => `typeof ${v}==="object"&&${v}!==null&&!Array.isArray(${v})`;
  emitter.lines.push(
    `function o_${fn}(k,v,c){if(!(${isObject('v')}))return notObject(k,v,c);if(c.depth>c.depthMax)return tooDeep(c);`,
    `c.path[c.depth++]=k;${fn}(v,c);c.depth--;}`,
    `function a_${fn}(k,v,c){if(!Array.isArray(v)||v.length===0)return badArray(k,v,c);if(c.depth>c.depthMax)return tooDeep(c);`,
    'c.path[c.depth++]=k;const d=c.depth++;for(let i=0;i<v.length;i++){const e=v[i];c.path[d]=i;',
    `if(${isObject('e')})${fn}(e,c);else badItem(e,c);}c.depth=d-1;}`,
  );
  if (name !== 'Reference') return;
  emitter.lines.push(
    `function ro(k,v,c,T){c.target=undefined;o_Reference(k,v,c);if(c.target!==undefined&&!T.has(c.target))wrongTarget(k,-1,v,T,c);}`,
    `function ra(k,v,c,T){if(!Array.isArray(v)||v.length===0)return badArray(k,v,c);`,
    'c.path[c.depth++]=k;const d=c.depth++;for(let i=0;i<v.length;i++){const e=v[i];c.path[d]=i;c.target=undefined;',
    `if(${isObject('e')})Reference(e,c);else badItem(e,c);`,
    'if(c.target!==undefined&&!T.has(c.target))wrongTarget("",i,e,T,c);}c.depth=d-1;}',
  );
}

/** Arrays of primitives: null stands for a value that has only extensions in the `_` twin. */
function emitPrimitiveArray(emitter: Emitter, name: string): void {
  const id = identifier(name);
  emitter.lines.push(
    `function p_${id}(k,v,o,c){if(!Array.isArray(v)||v.length===0)return badArray(k,v,c);for(let i=0;i<v.length;i++){const e=v[i];`,
    `if(!is_${id}(e)){if(e===null)nullItem(k,i,o,c);else badPrimitive(${quote(name)},[k,i],e,c);}}}`,
  );
}

function bindingId(emitter: Emitter, strength: BindingRow['strength'], valueSet: string): number {
  const at = emitter.bindings.findIndex((row) => row.strength === strength && row.valueSet === valueSet);
  return at >= 0 ? at : emitter.bindings.push({ strength, valueSet }) - 1;
}

function constraintId(emitter: Emitter, constraint: ConstraintSchema, context: string): number {
  const rows = emitter.constraints;
  const at = rows.findIndex(
    (row) =>
      row.key === constraint.key && row.expression === constraint.expression && row.context === context,
  );
  if (at >= 0) return at;
  const id = rows.push({ ...constraint, context }) - 1;
  const lowered = emitter.options.lower(constraint.expression, context);
  for (const { name, code } of lowered?.prelude ?? []) emitter.prelude.set(name, code);
  emitter.predicates.push(`const I${id}=${lowered?.source ?? '()=>true'};`);
  return id;
}

function codeSet(emitter: Emitter, codes: ReadonlySet<string>): number {
  return intern(emitter.codeSets, [...codes].join('\n'));
}

function targetSet(emitter: Emitter, targets: readonly string[]): number {
  return intern(emitter.targetSets, targets.join(' '));
}

function intern(table: Map<string, number>, key: string): number {
  let id = table.get(key);
  if (id === undefined) {
    id = table.size;
    table.set(key, id);
  }
  return id;
}

function functionName(type: string): string {
  return identifier(type.replaceAll('.', '_'));
}

/** @throws when a name could be anything but a name. */
function identifier(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new Error(`not a name: ${JSON.stringify(name)}`);
  return name;
}

/** A JavaScript string literal; U+2028 and U+2029 are legal in it since ES2019. */
function quote(text: string): string {
  return JSON.stringify(text);
}
