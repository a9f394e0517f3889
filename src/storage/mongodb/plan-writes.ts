/**
 * What a list of commands does to the current versions, worked out before anything is sent: new versions in order,
 * the versions they replace, and the results. Commands of one transaction see each other.
 * https://hl7.org/fhir/R4/http.html#concurrency
 */
import { hashTerm } from '../../search/term-hash.ts';
import { ConflictError, type Expected, type WriteCommand, type WriteResult } from '../store.ts';
import { timeOf } from './commit-clock.ts';
import {
  type BlobDocument,
  type HistoryDocument,
  historyKey,
  METHODS,
  type ResourceDocument,
  resourceKey,
  TOMBSTONE,
} from './documents.ts';
import { DELETED_KEY, indexMembersOf } from './index-keys.ts';
import { orderKey } from './order-key.ts';
import { encodeText } from './texts.ts';

/** A version to be written, and the one it replaces. */
export interface PlannedVersion {
  readonly document: ResourceDocument;
  readonly replaces: ResourceDocument | undefined;
}

export interface PlannedWrites {
  readonly versions: readonly PlannedVersion[];
  readonly results: readonly WriteResult[];
  readonly parts: readonly BlobDocument[];
}

/** Current versions by key, as read; tombstones are versions too. */
export type Heads = ReadonlyMap<string, ResourceDocument>;

/**
 * @param positions one for each command
 * @throws ConflictError when an expected version does not hold
 */
export function planWrites(
  commands: readonly WriteCommand[],
  heads: Heads,
  positions: readonly bigint[],
  region: string,
): PlannedWrites {
  const current = new Map(heads);
  const versions: PlannedVersion[] = [];
  const results: WriteResult[] = [];
  const parts: BlobDocument[] = [];
  for (const [index, command] of commands.entries()) {
    const key = resourceKey(command.type, command.id);
    const head = current.get(key);
    if (!holds(command.expected, head)) throw new ConflictError('expected', index);
    if (command.kind === 'delete' && (head === undefined || head.m === TOMBSTONE)) {
      results.push(unchanged(head, positions[index]!));
      continue;
    }
    const written =
      command.kind === 'put'
        ? live(command, head, positions[index]!, region)
        : dead(head!, positions[index]!);
    parts.push(...written.parts);
    versions.push({ document: written.document, replaces: head });
    current.set(key, written.document);
    results.push({
      versionId: String(written.document.v),
      lastUpdated: timeOf(written.document.c),
      created: command.kind === 'put' && (head === undefined || head.m === TOMBSTONE),
      changed: true,
    });
  }
  return { versions, results, parts };
}

export function historyOf(replaced: ResourceDocument): HistoryDocument {
  const { _id, ...members } = replaced;
  return { _id: historyKey(_id, replaced.v), i: _id, ...members };
}

/** 31 bits by which resources are spread over shards. */
export function spreadOf(key: string): number {
  return hashTerm(key) % 0x7fffffff;
}

function holds(expected: Expected, head: ResourceDocument | undefined): boolean {
  const isLive = head !== undefined && head.m !== TOMBSTONE;
  if (expected === 'any') return true;
  if (expected === 'absent') return !isLive;
  return isLive && String(head.v) === expected.versionId;
}

function unchanged(head: ResourceDocument | undefined, position: bigint): WriteResult {
  return {
    versionId: head === undefined ? '' : String(head.v),
    lastUpdated: timeOf(head?.c ?? position),
    created: false,
    changed: false,
  };
}

function live(
  command: WriteCommand & { kind: 'put' },
  head: ResourceDocument | undefined,
  position: bigint,
  region: string,
): { document: ResourceDocument; parts: readonly BlobDocument[] } {
  const { type, id, text, postings } = command;
  const version = (head?.v ?? 0) + 1;
  const updated = new Date(timeOf(position)).toISOString();
  const json = `${text.before}"versionId":"${version}","lastUpdated":"${updated}"${text.after}`;
  const { parts, ...body } = encodeText(json);
  const key = resourceKey(type, id);
  const created = head?.n ?? position;
  const document: ResourceDocument = {
    _id: key,
    t: type,
    v: version,
    c: position,
    n: created,
    m: METHODS.indexOf(command.method),
    rg: head?.rg ?? region,
    sk: head?.sk ?? spreadOf(key),
    o: orderKey(postings.date, created),
    ...indexMembersOf(type, id, postings),
    ...body,
  };
  return { document, parts };
}

/** A tombstone is in no list of the index but that of tombstones. */
function dead(head: ResourceDocument, position: bigint): { document: ResourceDocument; parts: [] } {
  const { _id, t, v, n, rg, sk, o } = head;
  const document = { _id, t, v: v + 1, c: position, n, m: TOMBSTONE, rg, sk, o, k: [DELETED_KEY] };
  return { document, parts: [] };
}
