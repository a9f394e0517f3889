/**
 * The names by which an extension definition may call the element that an extension stands on: its path, the
 * path from each enclosing datatype, its type and the ancestors of that.
 * https://hl7.org/fhir/R4/defining-extensions.html#context
 */
import type { TypeModel } from '../definitions/type-model.ts';
import type { Collector } from './collector.ts';
import type { Segment } from './path.ts';

const CACHE_MAX = 5000;
const RECENT_MAX = 256;

/** A place without its indices, and its names. */
interface Place {
  readonly type: string;
  readonly segments: readonly string[];
  readonly names: ReadonlySet<string>;
}

export function createExtensionContexts(model: TypeModel) {
  const cache = new Map<string, ReadonlySet<string>>();
  /** The last place of each sum of lengths: no path has to be put together to find its names again. */
  const recent: (Place | undefined)[] = new Array(RECENT_MAX).fill(undefined);

  /** Names of the element at the current place; `[x]` is left out of them. */
  function namesAt(c: Collector): ReadonlySet<string> {
    let sum = c.resourceType.length;
    for (let i = c.resourceDepth; i < c.depth; i++) {
      const segment = c.path[i] as Segment;
      if (typeof segment === 'string') sum = sum * 5 + segment.length;
    }
    const place = sum & (RECENT_MAX - 1);
    const last = recent[place];
    if (last !== undefined && isAt(last, c)) return last.names;
    const names = lookUp(c);
    const segments = c.path.slice(c.resourceDepth, c.depth).filter((one) => typeof one === 'string');
    recent[place] = { type: c.resourceType, segments, names };
    return names;
  }

  function lookUp(c: Collector): ReadonlySet<string> {
    let key = c.resourceType;
    for (let i = c.resourceDepth; i < c.depth; i++) {
      const segment = c.path[i] as Segment;
      if (typeof segment === 'string') key += `.${segment}`;
    }
    let names = cache.get(key);
    if (names === undefined) {
      names = namesOf(c.resourceType, c.path.slice(c.resourceDepth, c.depth));
      if (cache.size >= CACHE_MAX) cache.clear();
      cache.set(key, names);
    }
    return names;
  }

  function isAt({ type, segments }: Place, c: Collector): boolean {
    if (type !== c.resourceType) return false;
    let count = 0;
    for (let i = c.resourceDepth; i < c.depth; i++) {
      const segment = c.path[i] as Segment;
      if (typeof segment === 'string' && segment !== segments[count++]) return false;
    }
    return count === segments.length;
  }

  function namesOf(resourceType: string, segments: readonly Segment[]): ReadonlySet<string> {
    let paths = [resourceType, ...ancestorsOf(resourceType)];
    let type = resourceType;
    for (const segment of segments) {
      if (typeof segment === 'number') continue;
      const step = stepInto(type, segment);
      if (step === undefined) break;
      paths = [
        ...new Set([...paths.flatMap((path) => step.names.map((name) => `${path}.${name}`)), step.type]),
      ];
      type = step.type;
    }
    paths.push(...ancestorsOf(type));
    if (!resourceLike(type)) paths.push('Element');
    return new Set(paths);
  }

  function ancestorsOf(type: string): string[] {
    const names: string[] = [];
    for (let base = model.type(type)?.base; base !== undefined; base = model.type(base)?.base)
      names.push(base);
    return names;
  }

  function resourceLike(type: string): boolean {
    return model.type(type)?.kind === 'resource';
  }

  function stepInto(type: string, segment: string): { names: string[]; type: string } | undefined {
    const name = segment.split('.', 1)[0] as string;
    const element = model.type(type)?.elements.get(name);
    if (element === undefined) return undefined;
    const choice = /\.ofType\((\w+)\)$/.exec(segment)?.[1];
    if (choice === undefined) return { names: [name], type: element.properties[0]?.type as string };
    const json = name + choice.charAt(0).toUpperCase() + choice.slice(1);
    return { names: [name, json], type: choice };
  }

  return namesAt;
}
