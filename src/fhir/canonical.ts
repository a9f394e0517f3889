/** The one place that holds the canonical base and version of the IOM package. */

export const CANONICAL_BASE = 'https://fhir.iom.int/mhd';
export const PACKAGE_ID = 'iom.mhd';
export const PACKAGE_VERSION = '0.1.0';
