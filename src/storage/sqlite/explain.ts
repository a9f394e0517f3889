/**
 * A search with an account of its work: every statement, how often it ran, what it gave, how long it took, and how
 * SQLite carries it out.
 * https://www.sqlite.org/eqp.html
 */
import type { SearchQuery } from '../../search/query.ts';
import type { ExplainedStep, Explanation, SearchPageRequest } from '../store.ts';
import type { Connection, Row } from './connection.ts';
import { readTransaction } from './connection.ts';
import { type SearchOptions, type SearchTrace, search } from './search.ts';

export function explainSearch(
  connection: Connection,
  query: SearchQuery,
  page: SearchPageRequest,
  options: SearchOptions,
): Explanation {
  const work = new Map<string, { calls: number; rows: number; ms: number }>();
  const trace: SearchTrace = { plan: 'nothing', reads: '', sql: [], examined: 0, snapshot: 0 };
  const account = watched(connection, work);
  const found = readTransaction(connection, () =>
    search(account, query, page, { ...options, isAnew: true }, trace),
  );
  const steps: ExplainedStep[] = [];
  for (const [statement, done] of work) {
    steps.push({ statement, plan: queryPlan(connection, statement), ...done });
  }
  const { plan, reads, sql, examined } = trace;
  const how = reads === '' ? plan : `${plan} ${reads}`;
  return { engine: 'sqlite', how, examined, returned: found.rows.length, total: found.total, steps, sql };
}

/** The connection, with an account of each statement by its text. */
function watched(
  connection: Connection,
  work: Map<string, { calls: number; rows: number; ms: number }>,
): Connection {
  const account = <Result>(sql: string, run: () => Result, count: (result: Result) => number): Result => {
    const done = work.get(sql) ?? { calls: 0, rows: 0, ms: 0 };
    work.set(sql, done);
    const start = performance.now();
    const result = run();
    done.ms += performance.now() - start;
    done.calls++;
    done.rows += count(result);
    return result;
  };
  return {
    ...connection,
    row: (sql, ...args) =>
      account(
        sql,
        () => connection.row(sql, ...args),
        (row) => (row === undefined ? 0 : 1),
      ),
    rows: (sql, ...args) =>
      account(
        sql,
        () => connection.rows(sql, ...args),
        (rows: Row[]) => rows.length,
      ),
  };
}

/** `SEARCH p USING INDEX …`, indented by its place in the tree. */
function queryPlan(connection: Connection, sql: string): string[] {
  const depths = new Map<unknown, number>([[0, -1]]);
  return connection.rows(`EXPLAIN QUERY PLAN ${sql}`).map(([id, parent, , detail]) => {
    const depth = (depths.get(parent) ?? -1) + 1;
    depths.set(id, depth);
    return `${'  '.repeat(depth)}${String(detail)}`;
  });
}
