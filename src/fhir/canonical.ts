/** The one place that holds the canonical base, version and date of the IOM package. */

export const CANONICAL_BASE = 'https://fhir.iom.int/mhd';
export const PACKAGE_ID = 'iom.mhd';
export const PACKAGE_VERSION = '0.1.0';
/** Date of the definitions. Fixed, so that the package has the same bytes wherever it is built. */
export const PACKAGE_DATE = '2026-11-26';
