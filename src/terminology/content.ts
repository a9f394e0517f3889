/** Sets of coded values that may be partly undecidable, and their union, intersection and difference. */
import type { Membership } from './terminology.ts';

export type Codes = ReadonlyMap<string, ReadonlySet<string>>;

export interface Content {
  test(system: string | undefined, code: string): Membership;
  /** All of it, when it can be enumerated. */
  readonly codes: Codes | undefined;
}

export const NOTHING: Content = ofCodes(new Map());
export const UNDECIDED: Content = { test: () => 'unknown', codes: undefined };

export function ofCodes(codes: Codes): Content {
  return {
    codes,
    test(system, code) {
      if (system !== undefined) return codes.get(system)?.has(code) ? 'yes' : 'no';
      for (const set of codes.values()) if (set.has(code)) return 'yes';
      return 'no';
    },
  };
}

/** Part of one system, decided code by code. */
export function ofSystem(system: string, test: (code: string) => Membership): Content {
  return {
    codes: undefined,
    test: (asked, code) => (asked === undefined || asked === system ? test(code) : 'no'),
  };
}

export function union(parts: readonly Content[]): Content {
  if (parts.length === 1) return parts[0] as Content;
  const codes = unionCodes(parts);
  if (codes !== undefined) return ofCodes(codes);
  return {
    codes: undefined,
    test(system, code) {
      let answer: Membership = 'no';
      for (const part of parts) {
        const one = part.test(system, code);
        if (one === 'yes') return 'yes';
        if (one === 'unknown') answer = 'unknown';
      }
      return answer;
    },
  };
}

function unionCodes(parts: readonly Content[]): Codes | undefined {
  const union = new Map<string, ReadonlySet<string>>();
  for (const { codes } of parts) {
    if (codes === undefined) return undefined;
    for (const [system, set] of codes) {
      const known = union.get(system);
      union.set(system, known === undefined ? set : new Set([...known, ...set]));
    }
  }
  return union;
}

export function intersection(a: Content, b: Content): Content {
  const [small, other] = a.codes === undefined ? [b, a] : [a, b];
  const codes = small.codes && selectCodes(small.codes, other, 'yes', 'no');
  if (codes !== undefined) return ofCodes(codes);
  return {
    codes: undefined,
    test(system, code) {
      const first = a.test(system, code);
      if (first === 'no') return 'no';
      const second = b.test(system, code);
      return second === 'yes' ? first : second;
    },
  };
}

export function difference(a: Content, b: Content): Content {
  const codes = a.codes && selectCodes(a.codes, b, 'no', 'yes');
  if (codes !== undefined) return ofCodes(codes);
  return {
    codes: undefined,
    test(system, code) {
      const first = a.test(system, code);
      if (first === 'no') return 'no';
      const second = b.test(system, code);
      if (second === 'yes') return 'no';
      return second === 'unknown' ? 'unknown' : first;
    },
  };
}

/** Those codes for which the other content answers `keep`; undefined when it does not decide all of them. */
function selectCodes(codes: Codes, other: Content, keep: Membership, drop: Membership): Codes | undefined {
  const selected = new Map<string, ReadonlySet<string>>();
  for (const [system, set] of codes) {
    const kept = new Set<string>();
    for (const code of set) {
      const answer = other.test(system, code);
      if (answer === keep) kept.add(code);
      else if (answer !== drop) return undefined;
    }
    if (kept.size > 0) selected.set(system, kept);
  }
  return selected;
}
