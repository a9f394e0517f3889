/**
 * Everything that compiled expressions call: generated code sees this module as `rt` and nothing else of
 * the server. https://hl7.org/fhirpath/N1/
 */
// biome-ignore-start lint/performance/noBarrelFile: generated modules import one namespace

export { highBoundary, lowBoundary } from './boundaries.ts';
export {
  avg,
  distinct,
  exclude,
  hasOneValue,
  hasValue,
  intersect,
  isDistinct,
  isNew,
  max,
  min,
  newSeen,
  sorted,
  subsetOf,
  sum,
  supersetOf,
} from './collections.ts';
export { containedAreUsed } from './contained.ts';
export {
  converts,
  getValue,
  toBoolean,
  toDate,
  toDateTime,
  toDecimal,
  toInteger,
  toQuantity,
  toText,
  toTime,
  truthOf,
} from './conversions.ts';
export { compareDates, equalDates, now, timeOfDay, today } from './dates.ts';
export { descendantsNamed } from './descendants.ts';
export { checkCount, notSingle, STEPS_MAX, tooCostly } from './failure.ts';
export {
  abs,
  add,
  addNumbers,
  ceiling,
  divide,
  divideNumbers,
  exp,
  floor,
  ln,
  log,
  multiply,
  multiplyNumbers,
  negate,
  power,
  quotient,
  quotientNumbers,
  remainder,
  remainderNumbers,
  round,
  sqrt,
  subtract,
  subtractNumbers,
  truncate,
} from './numbers.ts';
export { comparable } from './quantities.ts';
export { conformsTo, htmlChecks, memberOf, refersTo, resolve, subsumedBy, subsumes } from './references.ts';
export {
  concat,
  containsText,
  decode,
  encode,
  endsWith,
  escapeText,
  indexOf,
  join,
  lastIndexOf,
  length,
  lower,
  matches,
  matchesFull,
  pattern,
  replace,
  replaceMatches,
  split,
  startsWith,
  substring,
  test,
  toChars,
  trim,
  unescapeText,
  upper,
  weight,
} from './texts.ts';
export {
  asArray,
  checkModifiers,
  children,
  childrenNamed,
  descendants,
  elementOf,
  findChoice,
  isA,
  longer,
  NOTHING,
  typeInfo,
  typeInfoPart,
  typeOf,
} from './tree.ts';
export { compare, equal, equalLists, equivalent, equivalentLists } from './values.ts';
// biome-ignore-end lint/performance/noBarrelFile: see above
