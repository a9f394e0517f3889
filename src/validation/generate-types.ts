/**
 * Writes JavaScript that validates the base types of R4: one function per type and backbone, `for..in` and
 * `switch` over the properties that are there, because probing for absent ones is what makes validators slow.
 * Names pass `identifier`, every other string JSON.stringify; nothing is pasted in raw.
 * https://hl7.org/fhir/R4/json.html
 */
import type { ElementSchema, PropertySchema, TypeSchema } from './element-schema.ts';
import {
  type BindingRow,
  choiceSlot,
  Emitter,
  functionName,
  type GeneratedTypes,
  type GenerateOptions,
  identifier,
  local,
  quote,
} from './emitter.ts';
import { constraintId, endChecks, HANDLED_CONSTRAINTS } from './generate-constraints.ts';
import { PRIMITIVES } from './primitives.ts';

/** The rules of Coding look at these texts: what they know of them may settle their form. */
const CHECKED_AFTERWARDS: Readonly<Record<string, string>> = {
  'Coding.code': 'if(v===undefined)badPrimitive("code","code",v,c);',
  'Coding.system': 'if(typeof v!=="string")badPrimitive("uri","system",v,c);',
};

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
    'after,narrative,domain,wrongTarget,targets,simple,canonical,inOrder,comparable,sharesCode,distinctLabels,elementId}=h;',
    ...[...emitter.prelude].map(([name, code]) => `const ${identifier(name)}=${code};`),
    ...emitter.predicates,
    ...[...emitter.codeSets].map(([codes, id]) => codeTest(id, codes.split('\n'))),
    ...[...emitter.targetSets].map(([names, id]) => `const T${id}=targets(${quote(names)});`),
  ];
  const table = names.map((name) => `${quote(name)}:${functionName(name)}`);
  const source = [...head, ...emitter.lines, `return{${table.join(',\n')}};`].join('\n');
  return { source, tables: { bindings: emitter.bindings, constraints: emitter.constraints } };
}

function emitType(emitter: Emitter, type: TypeSchema): void {
  const required = type.elements.filter((element) => element.min > 0);
  const bits = new Map(required.map((element, i) => [element.name, 2 ** i]));
  const slots = new Map(
    type.elements.filter((e) => e.isChoice).map(({ name }) => [name, choiceSlot(type, name)]),
  );
  const cases: Case[] = [];
  const end = endChecks(emitter, type);
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
      if (property.kind === 'primitive' && !WITHOUT_TWIN.has(property.type) && !isBare(element, type)) {
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
    ...[...end.read].map(local),
  ];
  emitter.lines.push(
    `function ${functionName(type.name)}(o,c){let ${counters.join(',')};for(const k in o){const v=o[k];`,
    ...dispatch(cases, end.read),
    `unknown(${quote(type.name)},k,v,c);n++;}`,
    // Element is the twin of a primitive: whether it is empty depends on the value beside it
    ...(isResource || type.name === 'Element' ? [] : ['if(n===0)empty(c);']),
    ...requiredCheck(required, bits),
    ...end.lines,
    '}',
  );
}

/** Attributes in XML, so that extensions have no place there. */
const WITHOUT_TWIN: ReadonlySet<string> = new Set(['elementId', 'xhtml']);

/** What identifies a resource or an extension is a value and nothing else. */
function isBare(element: ElementSchema, type: TypeSchema): boolean {
  return element.path === 'Extension.url' || (type.kind === 'resource' && element.name === 'id');
}

interface Case {
  readonly key: string;
  /** What is done with `v`, the value of the key. */
  readonly line: string;
}

/**
 * By length first, which is one jump: a switch over strings compares them one after the other, and a type has
 * up to two hundred. Falls through when there is no case. What is in `read` is kept for the end.
 */
function dispatch(cases: readonly Case[], read: ReadonlySet<string>): string[] {
  const byLength = Map.groupBy(
    cases.toSorted((a, b) => rank(a.key) - rank(b.key)),
    ({ key }) => key.length,
  );
  const lines = ['switch(k.length){'];
  for (const [length, group] of [...byLength].sort(([a], [b]) => a - b)) {
    lines.push(`case ${length}:switch(k){`);
    for (const { key, line } of group) {
      const keep = read.has(key) ? `${local(key)}=v;` : '';
      lines.push(`case ${quote(key)}:${keep}${line}${isCounted(key) ? 'n++;' : ''}continue;`);
    }
    lines.push('}break;');
  }
  return [...lines, '}'];
}

/** An id alone does not make an element; what resourceType says was settled before. */
function isCounted(key: string): boolean {
  return key !== 'id' && key !== 'resourceType';
}

function requiredCheck(required: readonly ElementSchema[], bits: ReadonlyMap<string, number>): string[] {
  if (required.length === 0) return [];
  if (required.length > 31) throw new Error(`more required elements than bits: ${required[0]?.path}`);
  const mask = [...bits.values()].reduce((sum, bit) => sum + bit, 0);
  const names = required.map((one) => quote(one.isChoice ? `${one.name}[x]` : one.name)).join(',');
  return [
    `if(r!==${mask})missing(r,[${names}],${quote(required[0]?.path.replace(/\.[^.]*$/, '') as string)},c);`,
  ];
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
      checks.push(primitiveCheck(emitter, element, property, type));
      if (property.type === 'canonical' || isOwnCanonical(element, property, type)) {
        const targets =
          property.targets === undefined ? 'undefined' : `T${targetSet(emitter, property.targets)}`;
        checks.push(`if(c.strict)canonical(${seg},v,c,${targets});`);
      }
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

/** `url` of a definition: what canonicals name. */
function isOwnCanonical(element: ElementSchema, property: PropertySchema, type: TypeSchema): boolean {
  const isDefinition = type.kind === 'resource' && type.elements.some((one) => one.name === 'publisher');
  return isDefinition && element.name === 'url' && property.type === 'uri';
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

function primitiveCheck(
  emitter: Emitter,
  element: ElementSchema,
  property: PropertySchema,
  type: TypeSchema,
): string {
  const seg = quote(property.segment);
  const name = identifier(property.type);
  const required = element.bindings.find((binding) => binding.strength === 'required');
  if (required !== undefined && property.type !== 'boolean') {
    const codes = emitter.options.codesOf(required.valueSet);
    const id = bindingId(emitter, 'required', required.valueSet);
    if (element.isArray) return `codeArray(${id},${seg},v,o,c);`;
    if (codes === undefined) return `openCode(${id},${quote(property.type)},${seg},v,c);`;
    return `if(!B${codeSet(emitter, codes)}(v))badCode(${id},${quote(property.type)},${seg},v,c);`;
  }
  if (property.type === 'xhtml') return `narrative(${seg},v,c);`;
  if (element.isArray) return `p_${name}(${seg},v,o,c);`;
  const later = CHECKED_AFTERWARDS[element.path];
  if (later !== undefined) return later;
  if (property.type === 'elementId' && type.name !== 'ElementDefinition') {
    return `if(is_${name}(v))elementId(o,v,c);else badPrimitive("elementId",${seg},v,c);`;
  }
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
    `function ro(k,v,c,T){c.target=undefined;o_Reference(k,v,c);if(c.target!==undefined&&c.target!==T.last)wrongTarget(k,v,T,c);}`,
    `function ra(k,v,c,T){if(!Array.isArray(v)||v.length===0)return badArray(k,v,c);`,
    'c.path[c.depth++]=k;const d=c.depth++;for(let i=0;i<v.length;i++){const e=v[i];c.path[d]=i;c.target=undefined;',
    `if(${isObject('e')})Reference(e,c);else badItem(e,c);`,
    'if(c.target!==undefined&&c.target!==T.last)wrongTarget("",e,T,c);}c.depth=d-1;}',
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

function codeSet(emitter: Emitter, codes: ReadonlySet<string>): number {
  return intern(emitter.codeSets, [...codes].join('\n'));
}

function targetSet(emitter: Emitter, targets: readonly string[]): number {
  return intern(emitter.targetSets, targets.join(' '));
}

const COMPARED_MAX = 64;

/**
 * Whether a value is one of the codes. To compare with the few of its length is faster than to look it up, for a
 * code of ten characters and more comes out of JSON.parse without a hash.
 */
function codeTest(id: number, codes: readonly string[]): string {
  if (codes.length > COMPARED_MAX)
    return `const S${id}=new Set(${quote(codes.join('\n'))}.split("\\n"));function B${id}(v){return S${id}.has(v);}`;
  const cases = [...Map.groupBy(codes, (code) => code.length)].map(
    ([length, group]) => `case ${length}:return ${group.map((code) => `v===${quote(code)}`).join('||')};`,
  );
  return `function B${id}(v){if(typeof v==="string")switch(v.length){${cases.join('')}}return false;}`;
}

function intern(table: Map<string, number>, key: string): number {
  let id = table.get(key);
  if (id === undefined) {
    id = table.size;
    table.set(key, id);
  }
  return id;
}
