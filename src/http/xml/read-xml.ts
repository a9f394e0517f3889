/**
 * A resource from XML, driven by the type model, in one pass over the events of a streaming parser. Document
 * types are refused, so there are no entities to expand.
 * https://hl7.org/fhir/R4/xml.html, https://hl7.org/fhir/R4/security.html#xml
 */
import { SaxesParser, type SaxesTagNS } from 'saxes';
import type { TypeModel, TypeNode } from '../../definitions/type-model.ts';
import { fail } from '../../fhir/issues.ts';
import { keepDecimalText, markDecimals } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import { createPace } from '../../interactions/pace.ts';

const FHIR = 'http://hl7.org/fhir';
const XHTML = 'http://www.w3.org/1999/xhtml';
const SCHEMA_INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';

type Fields = Record<string, unknown>;

/** An open element. */
type Frame =
  | { readonly kind: 'object'; readonly name: string; readonly type: TypeNode; readonly fields: Fields }
  /** Waits for a resource: `contained`, `Bundle.entry.resource`. */
  | {
      readonly kind: 'wrapper';
      readonly name: string;
      isFull: boolean;
      readonly put: (resource: Fields) => void;
    }
  | { readonly kind: 'primitive'; readonly name: string; readonly extra: Fields; readonly close: () => void }
  /** Inside a narrative; the whole is taken from the source text. */
  | { readonly kind: 'xhtml'; readonly start: number; readonly put: (div: string) => void; depth: number };

export interface XmlLimits {
  readonly depthMax: number;
  /** Elements and attributes in the whole text. */
  readonly allValuesMax?: number;
}

/** No element of FHIR has as many, namespaces included. */
const ATTRIBUTES_MAX = 100;
/** Characters that are read in one go. */
const TURN_CHARS = 1 << 16;

/**
 * @throws FhirError `malformed-xml` for what is not XML or not FHIR's, `unknown-element`, `max-cardinality`,
 *   `too-deep`, `too-many-values`
 */
export function readXml(text: string, model: TypeModel, limits: XmlLimits): Resource {
  const { parser, reading } = startReading(text, model, limits);
  parser.write(text).close();
  return reading.finish();
}

/** The same in turns, for texts that take long. */
export async function readXmlInTurns(text: string, model: TypeModel, limits: XmlLimits): Promise<Resource> {
  const { parser, reading } = startReading(text, model, limits);
  const pace = createPace();
  for (let at = 0; at < text.length; at += TURN_CHARS) {
    parser.write(text.slice(at, at + TURN_CHARS));
    await pace();
  }
  parser.close();
  return reading.finish();
}

function startReading(text: string, model: TypeModel, limits: XmlLimits) {
  const reading = new XmlReading(text, model, limits);
  const parser = new SaxesParser({ xmlns: true });
  const { allValuesMax = Number.POSITIVE_INFINITY } = limits;
  let values = 0;
  let attributes = 0;
  const count = (): void => {
    if (++values > allValuesMax) {
      throw fail('too-many-values', `The body has more than ${allValuesMax} values. Split it.`);
    }
  };
  parser.on('error', () => {
    throw malformed(parser.line, parser.column);
  });
  parser.on('doctype', () => {
    throw fail('malformed-xml', 'A document type is not allowed. Remove <!DOCTYPE>.');
  });
  parser.on('attribute', () => {
    count();
    if (++attributes > ATTRIBUTES_MAX) throw fail('malformed-xml', 'An element has too many attributes.');
  });
  parser.on('opentag', (tag) => {
    count();
    attributes = 0;
    reading.open(tag, parser.position);
  });
  parser.on('closetag', () => reading.close(parser.position));
  parser.on('text', (part) => reading.text(part));
  parser.on('cdata', (part) => reading.text(part));
  return { parser, reading };
}

function malformed(line: number, column: number): Error {
  const place = `look at line ${line}, column ${column}`;
  return fail('malformed-xml', `The body is not well-formed XML: ${place}.`, { line, column });
}

/** One pass. A class because the parser's events share its state. */
class XmlReading {
  readonly #text: string;
  readonly #model: TypeModel;
  readonly #depthMax: number;
  readonly #frames: Frame[] = [];
  #root: Resource | undefined;

  constructor(text: string, model: TypeModel, limits: XmlLimits) {
    this.#text = text;
    this.#model = model;
    this.#depthMax = limits.depthMax;
  }

  open(tag: SaxesTagNS, position: number): void {
    if (this.#frames.length >= this.#depthMax) {
      throw fail(
        'too-deep',
        `The body is nested deeper than ${this.#depthMax} levels. Send a flatter resource.`,
      );
    }
    const frame = this.#frames.at(-1);
    if (frame?.kind === 'xhtml') {
      frame.depth++;
      return;
    }
    const isNarrative = frame?.kind === 'object' && frame.type.name === 'Narrative' && tag.local === 'div';
    if (tag.uri !== (isNarrative ? XHTML : FHIR)) {
      const wanted = isNarrative ? XHTML : FHIR;
      throw fail('malformed-xml', `<${shorten(tag.local)}> must be in the namespace ${wanted}.`);
    }
    this.#frames.push(this.#openFrame(tag, frame, position));
  }

  #openFrame(tag: SaxesTagNS, frame: Frame | undefined, position: number): Frame {
    if (frame === undefined) {
      const resource = this.#openResource(tag);
      this.#root = resource.fields as Resource;
      return resource;
    }
    switch (frame.kind) {
      case 'wrapper': {
        if (frame.isFull) throw fail('malformed-xml', `<${frame.name}> may hold one resource.`);
        frame.isFull = true;
        const resource = this.#openResource(tag);
        frame.put(resource.fields);
        return resource;
      }
      case 'primitive': {
        if (tag.local !== 'extension') throw this.#unknown(tag.local);
        const extension = this.#openObject(tag, 'Extension');
        listOf(frame.extra, 'extension').push(extension.fields);
        return extension;
      }
      case 'object':
        return this.#openMember(tag, frame, position);
      case 'xhtml':
        return frame;
    }
  }

  #openResource(tag: SaxesTagNS): Extract<Frame, { kind: 'object' }> {
    const type = this.#model.type(tag.local);
    if (type === undefined || type.kind !== 'resource' || type.isAbstract) {
      throw fail('malformed-xml', `<${shorten(tag.local)}> is not a resource type of R4.`);
    }
    this.#readAttributes(tag, {}, new Set());
    return { kind: 'object', name: tag.local, type, fields: { resourceType: tag.local } };
  }

  #openObject(tag: SaxesTagNS, typeName: string): Extract<Frame, { kind: 'object' }> {
    const type = this.#model.type(typeName);
    if (type === undefined) throw this.#unknown(tag.local);
    const allowed = new Set(['id', 'url'].filter((name) => type.elements.get(name)?.isXmlAttribute));
    const fields: Fields = {};
    this.#readAttributes(tag, fields, allowed);
    return { kind: 'object', name: tag.local, type, fields };
  }

  #openMember(tag: SaxesTagNS, parent: Extract<Frame, { kind: 'object' }>, position: number): Frame {
    const name = tag.local;
    const known = parent.type.byProperty.get(name);
    if (known === undefined || known.element.isXmlAttribute) throw this.#unknown(name);
    const { element, type: typeName } = known;
    const put = (value: unknown) => this.#put(parent.fields, name, value, element.isArray);
    if (typeName === 'xhtml') {
      const start = this.#text.lastIndexOf('<', position - 1);
      return { kind: 'xhtml', start, put, depth: 0 };
    }
    if (typeName === 'Resource') {
      this.#readAttributes(tag, {}, new Set(['id']));
      return { kind: 'wrapper', name, isFull: false, put };
    }
    const kind = this.#model.type(typeName)?.kind;
    if (kind !== 'primitive') {
      const frame = this.#openObject(tag, typeName);
      put(frame.fields);
      return frame;
    }
    const attributes: Fields = {};
    this.#readAttributes(tag, attributes, PRIMITIVE_ATTRIBUTES);
    const extra: Fields = attributes.id === undefined ? {} : { id: attributes.id };
    const value = attributes.value as string | undefined;
    const close = () =>
      putPrimitive(parent.fields, name, value, extra, typeName, element.isArray, () => this.#path());
    return { kind: 'primitive', name, extra, close };
  }

  #put(fields: Fields, name: string, value: unknown, isArray: boolean): void {
    if (isArray) {
      listOf(fields, name).push(value);
      return;
    }
    if (fields[name] !== undefined) throw this.#repeated(name);
    fields[name] = value;
  }

  #readAttributes(tag: SaxesTagNS, into: Fields, allowed: ReadonlySet<string>): void {
    for (const { name, uri, value } of Object.values(tag.attributes)) {
      if (name === 'xmlns' || name.startsWith('xmlns:') || uri === SCHEMA_INSTANCE) continue;
      if (!allowed.has(name)) throw this.#unknown(`@${name}`, tag.local);
      into[name] = value;
    }
  }

  close(position: number): void {
    const frame = this.#frames.at(-1);
    if (frame?.kind === 'xhtml') {
      if (frame.depth > 0) {
        frame.depth--;
        return;
      }
      frame.put(this.#text.slice(frame.start, position));
    } else if (frame?.kind === 'primitive') frame.close();
    else if (frame?.kind === 'wrapper' && !frame.isFull) {
      throw fail('malformed-xml', `<${frame.name}> needs a resource inside.`);
    }
    this.#frames.pop();
  }

  text(part: string): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined || frame.kind === 'xhtml' || part.trim() === '') return;
    throw fail('malformed-xml', 'Text between elements is not allowed: values are in attributes.', {
      expression: this.#path(),
    });
  }

  finish(): Resource {
    if (this.#root === undefined) throw fail('malformed-xml', 'The body has no element.');
    markDecimals(this.#root);
    return this.#root;
  }

  #path(): string {
    const names = this.#frames.flatMap((frame) => (frame.kind === 'xhtml' ? [] : [frame.name]));
    return names.join('.');
  }

  #unknown(name: string, inside?: string): Error {
    const place =
      inside === undefined ? this.#path() : [this.#path(), inside].filter((part) => part !== '').join('.');
    return fail('unknown-element', `${shorten(name)} is not known here.`, { expression: place });
  }

  #repeated(name: string): Error {
    return fail('max-cardinality', `<${name}> may occur once here.`, { expression: this.#path() });
  }
}

function listOf(fields: Fields, name: string): unknown[] {
  const list = (fields[name] ?? []) as unknown[];
  fields[name] = list;
  return list;
}

const PRIMITIVE_ATTRIBUTES: ReadonlySet<string> = new Set(['id', 'value']);

/** Values and their extras are two properties in JSON; lists of them are kept in step with nulls. */
function putPrimitive(
  fields: Fields,
  name: string,
  value: string | undefined,
  extra: Fields,
  typeName: string,
  isArray: boolean,
  path: () => string,
): void {
  const hasExtra = Object.keys(extra).length > 0;
  if (value === undefined && !hasExtra) {
    throw fail('empty-element', `<${name}> has neither a value nor an extension.`, { expression: path() });
  }
  if (!isArray) {
    if (fields[name] !== undefined || fields[`_${name}`] !== undefined) {
      throw fail('max-cardinality', `<${name}> may occur once here.`, { expression: path() });
    }
    if (value !== undefined) fields[name] = toJson(fields, name, value, typeName);
    if (hasExtra) fields[`_${name}`] = extra;
    return;
  }
  const values = (fields[name] ?? []) as unknown[];
  const extras = (fields[`_${name}`] ?? []) as unknown[];
  const at = Math.max(values.length, extras.length);
  if (value !== undefined) {
    while (values.length < at) values.push(null);
    values.push(toJson(values, at, value, typeName));
    fields[name] = values;
  } else if (fields[name] !== undefined) values.push(null);
  if (hasExtra) {
    while (extras.length < at) extras.push(null);
    extras.push(extra);
    fields[`_${name}`] = extras;
  } else if (fields[`_${name}`] !== undefined) extras.push(null);
}

const INTEGERS: ReadonlySet<string> = new Set(['integer', 'positiveInt', 'unsignedInt']);
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Text that is not of the type stays text: the validator says what is wrong with it. */
function toJson(holder: object, key: string | number, text: string, typeName: string): unknown {
  if (typeName === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if ((typeName !== 'decimal' && !INTEGERS.has(typeName)) || !NUMBER.test(text)) return text;
  const value = Number(text);
  if (String(value) !== text) keepDecimalText(holder, key, text);
  return value;
}

function shorten(name: string): string {
  return name.length > 40 ? `${name.slice(0, 40)}…` : name;
}
