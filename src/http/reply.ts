/**
 * An InteractionResponse as bytes and headers: format, indentation, compression. Stored JSON goes out as it
 * is.
 * https://hl7.org/fhir/R4/http.html#2.21.0.1.2
 */
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { TypeModel } from '../definitions/type-model.ts';
import { parseStored } from '../fhir/json.ts';
import { bodyText } from '../interactions/body-text.ts';
import { toEtag } from '../interactions/headers.ts';
import type { InteractionResponse, KeptWire, ResponseBody } from '../interactions/request.ts';
import type { ReplyFormat } from './negotiation.ts';
import { writeBundleInTurns, writeXml } from './xml/write-xml.ts';

export interface WireReply {
  readonly status: number;
  readonly headers: Record<string, string | number>;
  readonly body: string | Buffer | undefined;
  /** Whether a body of text has one character for each byte. */
  readonly isBytes?: boolean;
}

/** What goes to a stream that encodes text as UTF-8. */
export function encodable({ body, isBytes }: WireReply): string | Buffer | undefined {
  return typeof body === 'string' && isBytes ? Buffer.from(body, 'latin1') : body;
}

export interface ReplyOptions {
  readonly format: ReplyFormat;
  readonly isPretty: boolean;
  readonly acceptEncoding: string | undefined;
  readonly model: TypeModel;
  /** Smaller bodies are not compressed. */
  readonly compressBytesMin: number;
}

export function toHeaders(response: InteractionResponse): Record<string, string | number> {
  const headers: Record<string, string | number> = { ...response.headers };
  if (response.versionId !== undefined) headers.etag = toEtag(response.versionId);
  if (response.lastModified !== undefined) headers['last-modified'] = toHttpDate(response.lastModified);
  if (response.location !== undefined) {
    if (response.status === 201) headers.location = response.location;
    headers['content-location'] = response.location;
  }
  return headers;
}

/** Synchronous unless the body is compressed, or a Bundle in XML. */
export function toWire(response: InteractionResponse, options: ReplyOptions): WireReply | Promise<WireReply> {
  const headers = toHeaders(response);
  const { status, body } = response;
  if (body === undefined) return { status, headers, body: undefined };
  headers['content-type'] = options.format.contentType;
  if (options.format.format === 'json' && !options.isPretty) {
    if (body.kind === 'json' && body.kept !== undefined)
      return finishWire(status, headers, body.json, options, { kept: body.kept });
    if (body.kind === 'wire') return finishWire(status, headers, body.wire, options, { isBytes: true });
  }
  const text = toText(body, options);
  return typeof text === 'string'
    ? finishWire(status, headers, text, options)
    : text.then((written) => finishWire(status, headers, written, options));
}

function finishWire(
  status: number,
  headers: Record<string, string | number>,
  text: string,
  { compressBytesMin, acceptEncoding }: ReplyOptions,
  { kept, isBytes }: { readonly kept?: KeptWire; readonly isBytes?: true } = {},
): WireReply | Promise<WireReply> {
  const isWorth = text.length >= compressBytesMin && acceptEncoding !== undefined;
  if (isWorth) headers.vary = 'Accept-Encoding, Accept, Origin';
  const encoding = isWorth ? chooseEncoding(acceptEncoding) : undefined;
  if (encoding === undefined && kept === undefined) return { status, headers, body: text, isBytes };
  if (encoding !== undefined) headers['content-encoding'] = encoding;
  const made = kept?.get(encoding ?? 'identity') ?? toBytes(text, isBytes ? 'latin1' : 'utf8', encoding);
  const finish = (bytes: Buffer): WireReply => {
    kept?.set(encoding ?? 'identity', bytes);
    return { status, headers, body: bytes };
  };
  return made instanceof Promise ? made.then(finish) : finish(made);
}

function toText(body: ResponseBody, options: ReplyOptions): string | Promise<string> {
  const { model, isPretty } = options;
  if (options.format.format === 'xml') {
    const resource = body.kind === 'resource' ? body.resource : parseStored(bodyText(body));
    return resource.resourceType === 'Bundle'
      ? writeBundleInTurns(resource, model, isPretty)
      : writeXml(resource, model, isPretty);
  }
  const json = bodyText(body);
  return isPretty ? indentJson(json) : json;
}

const INDENT = '  ';

/** Indents JSON text without parsing it, so that decimals keep their digits. */
export function indentJson(json: string): string {
  let out = '';
  let depth = 0;
  let start = 0;
  const breakLine = (to: number) => {
    out += `${json.slice(start, to)}\n${INDENT.repeat(depth)}`;
    start = to;
  };
  for (let at = 0; at < json.length; at++) {
    switch (json[at]) {
      case '"':
        for (at++; json[at] !== '"'; at++) if (json[at] === '\\') at++;
        break;
      case '{':
      case '[':
        if (json[at + 1] === '}' || json[at + 1] === ']') {
          at++;
          break;
        }
        depth++;
        breakLine(at + 1);
        break;
      case '}':
      case ']':
        depth--;
        breakLine(at);
        break;
      case ',':
        breakLine(at + 1);
        break;
      case ':':
        out += `${json.slice(start, at + 1)} `;
        start = at + 1;
        break;
    }
  }
  return out + json.slice(start);
}

const gzipAsync = promisify(gzip);
const brotliAsync = promisify(brotliCompress);
/** Fast settings: JSON shrinks to a fifth already, and the load is on our processor. */
const GZIP = { level: 2 };
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } };

function toBytes(
  text: string,
  charset: 'utf8' | 'latin1',
  encoding: 'gzip' | 'br' | undefined,
): Buffer | Promise<Buffer> {
  const bytes = Buffer.from(text, charset);
  if (encoding === undefined) return bytes;
  return encoding === 'br' ? brotliAsync(bytes, BROTLI) : gzipAsync(bytes, GZIP);
}

export function chooseEncoding(acceptEncoding: string): 'gzip' | 'br' | undefined {
  const accepts = (name: string) => {
    const match = new RegExp(`(?:^|,)\\s*${name}\\s*(?:;\\s*q=([\\d.]+))?\\s*(?:,|$)`, 'i').exec(
      acceptEncoding,
    );
    return match !== null && Number(match[1] ?? 1) > 0;
  };
  if (accepts('br')) return 'br';
  return accepts('gzip') ? 'gzip' : undefined;
}

let lastSecond = -1;
let lastHttpDate = '';

/** Consecutive writes fall into the same second. */
function toHttpDate(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastHttpDate = new Date(ms).toUTCString();
  }
  return lastHttpDate;
}
