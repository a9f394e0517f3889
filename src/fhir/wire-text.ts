/**
 * Text on its way out: in UTF-8, each byte as one character. Pieces of it are joined and sent without being encoded
 * again, and one name in another script does not make a page a text of two bytes a character, which V8 takes four times
 * as long to join and to encode.
 * https://www.rfc-editor.org/rfc/rfc8259#section-8.1
 */

/** Halves of pairs become U+FFFD, as wherever text is encoded. */
export function toWireText(text: string): string {
  return NOT_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

export function fromWireText(wire: string): string {
  return NOT_ASCII.test(wire) ? Buffer.from(wire, 'latin1').toString('utf8') : wire;
}

const NOT_ASCII = /[^\0-\x7f]/;
