/**
 * Evaluates once per call what no `$this` changes, wherever in a loop it stands: `%resource.type` inside
 * `entry.all(…)`, all codes of a resource inside a comparison.
 */
import { type Code, type Emitter, local } from './emitter.ts';
import type { Expr } from './expr.ts';

export function isWorthKeeping(emitter: Emitter, expr: Expr): boolean {
  return emitter.loops > 0 && expr.depth === 0 && expr.kind !== 'constant' && expr.kind !== 'variable';
}

/** The first evaluation fills a local of the function; `code` of the result is its name. */
export function memoize(emitter: Emitter, make: () => Code): Code {
  const done = local(emitter, 'd', 'false');
  const value = local(emitter, 'm');
  const { innermost, loops } = emitter;
  emitter.loops = 0;
  const { pre, code } = make();
  emitter.innermost = innermost;
  emitter.loops = loops;
  return { pre: `if (!${done}) {${pre}${value} = ${code};${done} = true;}`, code: value };
}
