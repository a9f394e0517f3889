/**
 * Remembers what pure functions made of short texts: names, labels and words repeat from resource to resource.
 */

/** Longer texts seldom repeat. */
const LENGTH_MAX = 100;

/** Starts over when `max` texts are remembered. */
export function memoize<T>(make: (text: string) => T, max: number): (text: string) => T {
  const remembered = new Map<string, T>();
  return (text) => {
    if (text.length > LENGTH_MAX) return make(text);
    let made = remembered.get(text);
    if (made === undefined) {
      made = make(text);
      if (remembered.size >= max) remembered.clear();
      remembered.set(text, made);
    }
    return made;
  };
}
