/**
 * A table before a look-up by text: what came last is found by comparing. Texts that come out of JSON.parse have no
 * hash yet, so that a map would read all of each; systems, canonicals and URLs come again and again.
 * https://hl7.org/fhir/R4/datatypes.html#uri
 */

const PLACES = 1024;
/** Longer texts are looked up each time, so that nobody can fill the memory with them. */
const CHARS_MAX = 500;

/** Asks `lookUp`, whose answer for a text never changes. A place belongs to the last text that fell on it. */
export function withRecent<T>(lookUp: (text: string) => T): (text: string) => T {
  const texts: string[] = new Array(PLACES).fill('');
  const answers: T[] = new Array(PLACES);
  return (text) => {
    const { length } = text;
    if (length === 0 || length > CHARS_MAX) return lookUp(text);
    const last = text.charCodeAt(length - 1) * 7 + text.charCodeAt(length - 3) * 3;
    const place = (length * 31 + last + text.charCodeAt(length >> 1)) & (PLACES - 1);
    if (texts[place] === text) return answers[place] as T;
    const answer = lookUp(text);
    texts[place] = text;
    answers[place] = answer;
    return answer;
  };
}
