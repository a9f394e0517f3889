/**
 * Distance on the globe for the special parameter `near`.
 * https://hl7.org/fhir/R4/location.html#positional
 */

/** Mean radius of the earth in metres. */
const EARTH_M = 6_371_008.8;
const RADIANS = Math.PI / 180;

/** Great-circle distance in metres between two positions in degrees. */
export function distanceM(
  latitude1: number,
  longitude1: number,
  latitude2: number,
  longitude2: number,
): number {
  const rise = Math.sin(((latitude2 - latitude1) * RADIANS) / 2);
  const run = Math.sin(((longitude2 - longitude1) * RADIANS) / 2);
  const chord = rise * rise + Math.cos(latitude1 * RADIANS) * Math.cos(latitude2 * RADIANS) * run * run;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/** Latitudes that a circle reaches, in degrees: the range to scan before measuring. */
export function latitudeBand(
  latitude: number,
  radiusM: number,
): { readonly lo: number; readonly hi: number } {
  // a hair wider than the circle, so that rounding cannot lose a position on its edge
  const reach = (radiusM / EARTH_M / RADIANS) * (1 + 1e-9) + 1e-9;
  return { lo: latitude - reach, hi: latitude + reach };
}
