/**
 * Where something is in a resource: path segments, and the expression that is made of them.
 * https://hl7.org/fhir/R4/operationoutcome-definitions.html#OperationOutcome.issue.expression
 */

/** `name`, an index, or `value.ofType(Quantity)` for the JSON property `valueQuantity`. */
export type Segment = string | number;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const CHOICE = /^[A-Za-z]+\.ofType\([A-Za-z0-9]+\)$/;

/**
 * A FHIRPath such as `Patient.name[0].given[1]`; odd property names are quoted and cut. A name that is no name but
 * words is left out, with what is below it.
 */
export function toExpression(segments: readonly Segment[]): string {
  let text = '';
  for (const segment of segments) {
    if (typeof segment === 'string' && segment.includes(' ')) break;
    if (typeof segment === 'number') text += `[${segment}]`;
    else {
      if (text !== '') text += '.';
      text += NAME.test(segment) || CHOICE.test(segment) ? segment : quoteName(segment);
    }
  }
  return text;
}

function quoteName(name: string): string {
  const shown = name.length > 64 ? `${name.slice(0, 63)}…` : name;
  return `\`${shown.replace(/[`\\]/g, '\\$&').replace(/\p{Cc}/gu, '?')}\``;
}

/** The JSON property of a segment: `valueQuantity` for `value.ofType(Quantity)`. */
export function jsonName(segment: string): string {
  const at = segment.indexOf('.ofType(');
  if (at < 0) return segment;
  const type = segment.slice(at + 8, -1);
  return segment.slice(0, at) + type.charAt(0).toUpperCase() + type.slice(1);
}
