/**
 * The special parameter `near` of Location: `latitude|longitude|distance|units`.
 * https://hl7.org/fhir/R4/location.html#positional
 */
import type { CompiledParameter } from './compiled-parameter.ts';
import { splitEscaped } from './parse.ts';
import { anyOf } from './predicates.ts';
import type { Predicate } from './query.ts';
import { badModifier, badValue, quote } from './search-errors.ts';

/** When the value names no distance. */
const DEFAULT_KM = 10;

/** Metres of the units that people and UCUM write. */
const UNITS: Readonly<Record<string, number>> = {
  m: 1,
  km: 1000,
  mi: 1609.344,
  '[mi_i]': 1609.344,
  '[mi_us]': 1609.347219,
  '[nmi_i]': 1852,
  ft: 0.3048,
  '[ft_i]': 0.3048,
};

export function resolveNear(
  parameter: CompiledParameter,
  name: string,
  modifier: string | undefined,
  values: readonly string[],
): Predicate {
  if (modifier !== undefined) throw badModifier(name, modifier, ['missing']);
  return anyOf(values.map((value) => nearPredicate(parameter, name, value)));
}

const NUMBER = /^[+-]?\d+(\.\d+)?$/;

function nearPredicate(parameter: CompiledParameter, name: string, value: string): Predicate {
  const [latitude = '', longitude = '', distance = '', unit = ''] = splitEscaped(value, '|');
  const isPosition = NUMBER.test(latitude) && NUMBER.test(longitude) && Math.abs(Number(latitude)) <= 90;
  if (!isPosition || Math.abs(Number(longitude)) > 180) {
    throw badValue(
      name,
      `${quote(value)} must be latitude|longitude|distance|units in degrees, such as 16.87|96.19|5|km.`,
    );
  }
  if (distance !== '' && !/^\d+(\.\d+)?$/.test(distance))
    throw badValue(name, `${quote(distance)} is no distance.`);
  // without a distance its unit counts for nothing
  const metres = UNITS[unit === '' || distance === '' ? 'km' : unit];
  if (metres === undefined) {
    throw badValue(name, `${quote(unit)} is no unit of distance here; use ${Object.keys(UNITS).join(', ')}.`);
  }
  return {
    kind: 'near',
    k: parameter.k,
    latitude: Number(latitude),
    longitude: Number(longitude),
    radiusM: (distance === '' ? DEFAULT_KM : Number(distance)) * metres,
  };
}
