/**
 * Looks into the raw text of a resource again: where the elements with issues stand, and which properties
 * occur twice, which JSON.parse does not tell. Only asked for when there is something to say.
 * https://hl7.org/fhir/R4/json.html, https://www.rfc-editor.org/rfc/rfc8259#section-4
 */
import { jsonName, type Segment } from './path.ts';
import type { Steps } from './turns.ts';

export interface Position {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
}

/** A property that occurs again in its object. */
export interface DuplicateKey {
  readonly segments: readonly Segment[];
  readonly position: Position;
}

interface Wanted {
  readonly children: Map<Segment, Wanted>;
  /** Where the element stands in the text; the nearest one around it when it is not there. */
  offset: number;
}

interface Frame {
  readonly isArray: boolean;
  readonly wanted: Wanted | undefined;
  readonly keys: Set<string> | undefined;
  /** Of the member being read. */
  key: string;
  index: number;
}

/** How far the text is read before others may get a turn. */
const STEP_CHARS = 65_536;
const QUOTE = 34;
const BACKSLASH = 92;

/** The first segment of a path is the resource type, which stands for the whole text. */
export function* findPositions(text: string, paths: readonly (readonly Segment[])[]): Steps<Position[]> {
  const root: Wanted = { children: new Map(), offset: 0 };
  for (const path of paths) want(root, path);
  yield* scan(text, root, undefined);
  return toPositions(
    text,
    paths.map((path) => offsetOf(root, path)),
  );
}

/** At most `max` of them. `type` is the name of the root in paths. */
export function* findDuplicateKeys(text: string, type: string, max: number): Steps<DuplicateKey[]> {
  const found: { segments: Segment[]; offset: number }[] = [];
  yield* scan(text, undefined, (frames, offset) => {
    if (found.length < max) found.push({ segments: [type, ...pathOf(frames)], offset });
  });
  const positions = toPositions(
    text,
    found.map((one) => one.offset),
  );
  return found.map(({ segments }, i) => ({ segments, position: positions[i] as Position }));
}

function want(root: Wanted, path: readonly Segment[]): void {
  let node = root;
  for (const segment of path.slice(1)) {
    const key = typeof segment === 'number' ? segment : jsonName(segment);
    let next = node.children.get(key);
    if (next === undefined) {
      next = { children: new Map(), offset: -1 };
      node.children.set(key, next);
    }
    node = next;
  }
}

function offsetOf(root: Wanted, path: readonly Segment[]): number {
  let node = root;
  let { offset } = root;
  for (const segment of path.slice(1)) {
    const next = node.children.get(typeof segment === 'number' ? segment : jsonName(segment));
    if (next === undefined || next.offset < 0) break;
    node = next;
    offset = next.offset;
  }
  return offset;
}

type OnDuplicate = (frames: readonly Frame[], offset: number) => void;

/** One pass without recursion over text that is known to be JSON. */
function* scan(text: string, root: Wanted | undefined, onDuplicate: OnDuplicate | undefined): Steps<void> {
  const frames: Frame[] = [];
  let stepEnd = STEP_CHARS;
  let at = skipSpace(text, 0);
  if (root !== undefined) root.offset = at;
  let wanted = root;
  while (at < text.length) {
    const char = text[at];
    if (char === '{' || char === '[') {
      const keys = char === '{' && onDuplicate !== undefined ? new Set<string>() : undefined;
      frames.push({ isArray: char === '[', wanted, keys, key: '', index: -1 });
      at = beginMember(text, skipSpace(text, at + 1), frames, onDuplicate);
    } else if (char === '}' || char === ']') {
      frames.pop();
      at = skipSpace(text, at + 1);
    } else if (char === ',') {
      at = beginMember(text, skipSpace(text, at + 1), frames, onDuplicate);
    } else {
      at = skipSpace(text, endOfScalar(text, at));
    }
    wanted = wantedMember(frames.at(-1));
    if (at < stepEnd) continue;
    stepEnd = at + STEP_CHARS;
    yield;
  }
}

/** Reads the key of a member, or counts an item; leaves at the value. */
function beginMember(
  text: string,
  at: number,
  frames: readonly Frame[],
  onDuplicate: OnDuplicate | undefined,
): number {
  const frame = frames.at(-1) as Frame;
  const char = text[at];
  if (char === '}' || char === ']') return at;
  if (frame.isArray) {
    frame.index++;
    mark(frame.wanted?.children.get(frame.index), at);
    return at;
  }
  const end = endOfString(text, at);
  frame.key = keyOf(text, at, end);
  if (frame.keys !== undefined) {
    if (frame.keys.has(frame.key)) onDuplicate?.(frames, at);
    frame.keys.add(frame.key);
  }
  const children = frame.wanted?.children;
  mark(children?.get(frame.key), at);
  // the twin of a primitive stands in when there is no value
  if (frame.key.startsWith('_')) mark(children?.get(frame.key.slice(1)), at);
  return skipSpace(text, skipSpace(text, end) + 1);
}

function mark(wanted: Wanted | undefined, offset: number): void {
  if (wanted !== undefined && wanted.offset < 0) wanted.offset = offset;
}

function wantedMember(frame: Frame | undefined): Wanted | undefined {
  const children = frame?.wanted?.children;
  if (children === undefined || frame === undefined) return undefined;
  if (frame.isArray) return children.get(frame.index);
  return (
    children.get(frame.key) ?? (frame.key.startsWith('_') ? children.get(frame.key.slice(1)) : undefined)
  );
}

function pathOf(frames: readonly Frame[]): Segment[] {
  return frames.map((frame) => (frame.isArray ? frame.index : frame.key));
}

function keyOf(text: string, at: number, end: number): string {
  const raw = text.slice(at + 1, end - 1);
  return raw.includes('\\') ? (JSON.parse(text.slice(at, end)) as string) : raw;
}

/** After the closing quote of the string that begins at `at`. */
function endOfString(text: string, at: number): number {
  let end = at;
  for (;;) {
    end = text.indexOf('"', end + 1);
    if (end < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
}

function endOfScalar(text: string, at: number): number {
  if (text.charCodeAt(at) === QUOTE) return endOfString(text, at);
  let end = at + 1;
  while (end < text.length && !',]}'.includes(text[end] as string) && text.charCodeAt(end) > 32) end++;
  return end;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 32 || text.charCodeAt(at) === 0xfeff) at++;
  return at;
}

function toPositions(text: string, offsets: readonly number[]): Position[] {
  const order = offsets.map((offset, i) => ({ offset, i })).sort((a, b) => a.offset - b.offset);
  const positions: Position[] = [];
  let line = 1;
  let lineStart = 0;
  let next = text.indexOf('\n');
  for (const { offset, i } of order) {
    while (next >= 0 && next < offset) {
      line++;
      lineStart = next + 1;
      next = text.indexOf('\n', lineStart);
    }
    positions[i] = { line, column: offset - lineStart + 1 };
  }
  return positions;
}
