/**
 * Which targets of a chain satisfy its condition: looked up one by one, and remembered for the next pages, which often
 * are about the same people.
 * https://hl7.org/fhir/R4/search.html#chaining
 */
import type { Bound } from './bind.ts';
import type { Candidate } from './candidate.ts';
import type { Meter } from './meter.ts';
import { recentOfConnection } from './on-connection.ts';
import { isProbed, probeSql } from './probe.ts';
import type { View } from './view.ts';

export type Chain = Extract<Bound, { kind: 'chain' }>;

interface Look {
  readonly view: View;
  readonly meter: Meter;
  readonly isGoingOn?: boolean;
}

type Test = (target: Candidate) => boolean;

/** Whether a target satisfies the condition, by the hash of its address; `test` is the condition on it. */
export function chainTargets(where: Chain, test: Test, look: Look): (h: number) => boolean {
  const { view, meter, isGoingOn = false } = look;
  const looksUp = lookUp(where, test, view);
  // many candidates refer to few targets
  const known = new Map<number, boolean>();
  let kept: Map<number, boolean> | undefined;
  return (h) => {
    if (isGoingOn) kept ??= keptTargets(where, view);
    let holds = known.get(h) ?? kept?.get(h);
    if (holds !== undefined) return holds;
    meter.spend(1);
    holds = looksUp(h);
    const isKept = kept !== undefined && kept.size < TARGETS_MAX;
    (isKept ? (kept as Map<number, boolean>) : known).set(h, holds);
    return holds;
  };
}

/** Where the index decides, the target is not read. */
function lookUp({ t, where }: Chain, test: Test, view: View): (h: number) => boolean {
  if (view.hasLoose || !isProbed(where)) {
    return (h) => view.byHash(h).some((target) => target.t === t && test(target));
  }
  const probe = probeSql(where, 'r');
  const filter = probe.sql === '' ? '' : `AND ${probe.sql}`;
  const sql = `SELECT 1 FROM res r INDEXED BY res_h WHERE r.h = ? AND r.op < 2 AND r.t = ? ${filter} LIMIT 1`;
  return (h) => view.connection.row(sql, h, t, ...probe.args) !== undefined;
}

const CHAINS_MAX = 4;
const TARGETS_MAX = 8 * 1024;
const NAME_MAX = 1_000;

const targetsOf = recentOfConnection<Map<number, boolean>>({ countMax: CHAINS_MAX });

function keptTargets({ t, where }: Chain, { connection, snapshot, reindexed }: View): Map<number, boolean> {
  const condition = JSON.stringify([t, where]);
  if (condition.length > NAME_MAX) return new Map();
  const name = `${condition}|${snapshot}|${reindexed}`;
  const known = targetsOf(connection).get(name);
  // when it is full, others are asked for by now
  if (known !== undefined && known.size < TARGETS_MAX) return known;
  const empty = new Map<number, boolean>();
  targetsOf(connection).put(name, empty);
  return empty;
}
