/**
 * A resource as XML, driven by the type model: one mapping for all types.
 * https://hl7.org/fhir/R4/xml.html
 */
import type { ElementModel, TypeModel, TypeNode } from '../../definitions/type-model.ts';
import { decimalText } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import { createPace } from '../../interactions/pace.ts';
import { namedEntities } from './entities.ts';

const NAMESPACE = 'http://hl7.org/fhir';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';

type Fields = Readonly<Record<string, unknown>>;

/** Properties that the model does not know are left out: XML has no place for them. */
export function writeXml(resource: Resource, model: TypeModel, isPretty = false): string {
  const out: Output = { text: DECLARATION, newline: isPretty ? '\n' : '', depth: 0 };
  writeResource(resource, model, out, ` xmlns="${NAMESPACE}"`);
  return out.text;
}

/** The same in turns, entry by entry: a page of search results or a history may be long. */
export async function writeBundleInTurns(
  bundle: Resource,
  model: TypeModel,
  isPretty: boolean,
): Promise<string> {
  const { entry } = bundle;
  const type = model.type('Bundle');
  if (!Array.isArray(entry) || type === undefined) return writeXml(bundle, model, isPretty);
  const pace = createPace();
  const out: Output = { text: DECLARATION, newline: isPretty ? '\n' : '', depth: 0 };
  startLine(out);
  out.text += `<Bundle xmlns="${NAMESPACE}">`;
  out.depth++;
  for (const element of type.elements.values()) {
    for (const { json, type: name } of element.properties) {
      const parts: Fields[] = json === 'entry' ? entry.map((one) => ({ entry: [one] })) : [bundle];
      for (const part of parts) {
        if (part[json] !== undefined) writeElement(part, json, name, model, out);
        await pace();
      }
    }
  }
  out.depth--;
  startLine(out);
  out.text += '</Bundle>';
  return out.text;
}

interface Output {
  text: string;
  /** Empty without indentation. */
  readonly newline: string;
  depth: number;
}

function startLine(out: Output): void {
  if (out.newline !== '') out.text += `\n${'  '.repeat(out.depth)}`;
}

function writeResource(resource: Resource, model: TypeModel, out: Output, attributes: string): void {
  const { resourceType } = resource;
  const type = model.type(resourceType);
  if (type === undefined) return;
  startLine(out);
  out.text += `<${resourceType}${attributes}>`;
  out.depth++;
  writeMembers(resource, type, model, out);
  out.depth--;
  startLine(out);
  out.text += `</${resourceType}>`;
}

function writeMembers(fields: Fields, type: TypeNode, model: TypeModel, out: Output): void {
  for (const element of type.elements.values()) {
    if (element.isXmlAttribute) continue;
    for (const { json, type: name } of element.properties) {
      const value = fields[json];
      const extra = fields[`_${json}`];
      if (value !== undefined || extra !== undefined) writeElement(fields, json, name, model, out);
    }
  }
}

function writeElement(fields: Fields, json: string, typeName: string, model: TypeModel, out: Output): void {
  const value = fields[json];
  const extra = fields[`_${json}`];
  const type = model.type(typeName);
  const isPrimitive = type === undefined || type.kind === 'primitive';
  if (!Array.isArray(value) && !Array.isArray(extra)) {
    const source = typeof value === 'number' ? decimalText(fields, json) : undefined;
    if (isPrimitive) writePrimitive(json, source ?? value, extra, typeName, model, out);
    else writeComplex(json, value, typeName, model, out);
    return;
  }
  const values = Array.isArray(value) ? value : [];
  const extras = Array.isArray(extra) ? extra : [];
  for (let at = 0; at < Math.max(values.length, extras.length); at++) {
    const source = typeof values[at] === 'number' ? decimalText(values, at) : undefined;
    if (isPrimitive) writePrimitive(json, source ?? values[at], extras[at], typeName, model, out);
    else writeComplex(json, values[at], typeName, model, out);
  }
}

function writePrimitive(
  name: string,
  value: unknown,
  extra: unknown,
  typeName: string,
  model: TypeModel,
  out: Output,
): void {
  startLine(out);
  if (typeName === 'xhtml') {
    out.text += namedEntities(String(value));
    return;
  }
  const fields = asFields(extra);
  const id = typeof fields.id === 'string' ? ` id="${escapeAttribute(fields.id)}"` : '';
  const hasValue = value !== undefined && value !== null;
  out.text += `<${name}${id}${hasValue ? ` value="${escapeAttribute(String(value))}"` : ''}`;
  if (!Array.isArray(fields.extension)) {
    out.text += '/>';
    return;
  }
  out.text += '>';
  out.depth++;
  for (const extension of fields.extension) writeComplex('extension', extension, 'Extension', model, out);
  out.depth--;
  startLine(out);
  out.text += `</${name}>`;
}

function writeComplex(name: string, value: unknown, typeName: string, model: TypeModel, out: Output): void {
  const fields = asFields(value);
  startLine(out);
  // ExampleScenario has an element that is called resourceType, so the type decides.
  if (typeName === 'Resource') {
    out.text += `<${name}>`;
    out.depth++;
    writeResource(value as Resource, model, out, '');
    out.depth--;
    startLine(out);
    out.text += `</${name}>`;
    return;
  }
  const type = model.type(typeName);
  if (type === undefined) return;
  out.text += `<${name}${attributesOf(fields, type.elements)}`;
  const before = out.text.length;
  out.text += '>';
  out.depth++;
  writeMembers(fields, type, model, out);
  out.depth--;
  if (out.text.length === before + 1) {
    out.text = `${out.text.slice(0, before)}/>`;
    return;
  }
  startLine(out);
  out.text += `</${name}>`;
}

function attributesOf(fields: Fields, elements: ReadonlyMap<string, ElementModel>): string {
  let attributes = '';
  for (const name of ['id', 'url']) {
    const value = fields[name];
    if (typeof value === 'string' && elements.get(name)?.isXmlAttribute === true) {
      attributes += ` ${name}="${escapeAttribute(value)}"`;
    }
  }
  return attributes;
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: characters that XML 1.0 cannot carry at all
const SPECIAL = /[&<>"\t\n\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // Bare, these would come back as spaces.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function escapeAttribute(text: string): string {
  return text.replace(SPECIAL, (char) => ESCAPES[char] ?? '\ufffd');
}
