/**
 * Servers of one store that have other search parameters each, such as two versions or two time zones. As long as both
 * write, neither is indexed for what differs, however often it indexes again: each notes what it objects to, and none
 * begins a pass for types that another objects to. Noted beside what is indexed; who was killed is forgotten.
 */
import type { IndexState } from '../storage/store.ts';
import type { Prints } from './index-prints.ts';

/** Where objections are noted, beside the types. */
const OBJECTIONS = '#objections';
/** Objections are renewed each minute. */
const SILENT_MS = 150_000;

interface Objection {
  /** ms */
  readonly at: number;
  /** By type, what stands for all that its writes are indexed for. */
  readonly makes: Readonly<Record<string, string>>;
}

type Noted = Readonly<Record<string, Objection>>;

/** Types that others object to, and write otherwise than `makes` tells. */
export function objectedTypes(
  state: IndexState | undefined,
  { me, now, makes }: { readonly me: string; readonly now: number; readonly makes: (type: string) => string },
): ReadonlySet<string> {
  const types = new Set<string>();
  for (const [by, objection] of Object.entries(standing(state, now))) {
    if (by === me) continue;
    for (const [type, theirs] of Object.entries(objection.makes)) if (theirs !== makes(type)) types.add(type);
  }
  return types;
}

/** What to note so that this server objects to `makes`, or to nothing. */
export function objecting(
  state: IndexState | undefined,
  { me, now, makes }: { readonly me: string; readonly now: number; readonly makes: Objection['makes'] },
): IndexState {
  const { [me]: _, ...others } = standing(state, now);
  const all: Noted = Object.keys(makes).length === 0 ? others : { ...others, [me]: { at: now, makes } };
  const text = Object.keys(all).length === 0 ? '' : JSON.stringify(all);
  return text === (state?.[OBJECTIONS] ?? '') ? {} : { [OBJECTIONS]: text };
}

/** What is noted of a type without what this server makes otherwise. */
export function agreed(text: string, wanted: Prints): string {
  if (!text.startsWith('{')) return '';
  const noted = Object.entries(JSON.parse(text) as Record<string, string>);
  return JSON.stringify(
    Object.fromEntries(noted.filter(([code, print]) => print.endsWith(':') || wanted.get(code) === print)),
  );
}

function standing(state: IndexState | undefined, now: number): Noted {
  const text = state?.[OBJECTIONS] ?? '';
  const noted = text === '' ? {} : (JSON.parse(text) as Noted);
  return Object.fromEntries(Object.entries(noted).filter(([, { at }]) => now - at < SILENT_MS));
}
