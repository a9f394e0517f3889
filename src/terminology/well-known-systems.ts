/**
 * Addresses of code systems as they are often misspelt: https for http, a slash at the end, the OID of HL7 V3.
 * https://hl7.org/fhir/R4/terminologies-systems.html
 */

/** Those that are not loaded here are known by name all the same. */
const WELL_KNOWN: readonly string[] = [
  'http://loinc.org',
  'http://snomed.info/sct',
  'http://unitsofmeasure.org',
  'http://www.nlm.nih.gov/research/umls/rxnorm',
  'http://hl7.org/fhir/sid/icd-10',
  'http://hl7.org/fhir/sid/icd-10-cm',
  'http://hl7.org/fhir/sid/icd-9-cm',
  'http://hl7.org/fhir/sid/cvx',
  'http://hl7.org/fhir/sid/ndc',
  'http://hl7.org/fhir/sid/mvx',
  'http://www.whocc.no/atc',
  'http://id.who.int/icd/release/11/mms',
  'http://www.ama-assn.org/go/cpt',
  'http://dicom.nema.org/resources/ontology/DCM',
  'http://nucc.org/provider-taxonomy',
  'urn:iso:std:iso:3166',
  'urn:iso:std:iso:4217',
  'urn:ietf:bcp:47',
  'urn:ietf:bcp:13',
];

const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['urn:oid:2.16.840.1.113883.6.1', 'http://loinc.org'],
  ['urn:oid:2.16.840.1.113883.6.96', 'http://snomed.info/sct'],
  ['urn:oid:2.16.840.1.113883.6.8', 'http://unitsofmeasure.org'],
  ['urn:oid:2.16.840.1.113883.6.88', 'http://www.nlm.nih.gov/research/umls/rxnorm'],
  ['urn:oid:2.16.840.1.113883.6.3', 'http://hl7.org/fhir/sid/icd-10'],
  ['urn:oid:2.16.840.1.113883.6.90', 'http://hl7.org/fhir/sid/icd-10-cm'],
  ['urn:oid:2.16.840.1.113883.6.73', 'http://www.whocc.no/atc'],
  ['snomed.org/sct', 'http://snomed.info/sct'],
  ['snomed.info', 'http://snomed.info/sct'],
  ['loinc.org/fhir', 'http://loinc.org'],
  ['ucum.org', 'http://unitsofmeasure.org'],
  ['unitsofmeasure.org/ucum.html', 'http://unitsofmeasure.org'],
]);

const PLAIN = new Map(WELL_KNOWN.map((system) => [plain(system), system]));

/** The system that is probably meant by one that nobody knows; `isKnown` tells the systems that are loaded. */
export function meantSystem(system: string, isKnown: (system: string) => boolean): string | undefined {
  const key = plain(system);
  const meant = PLAIN.get(key) ?? OTHER_NAMES.get(system) ?? OTHER_NAMES.get(key);
  if (meant !== undefined) return meant === system ? undefined : meant;
  const bare = system.replace(/^https:/, 'http:').replace(/\/$/, '');
  return bare !== system && isKnown(bare) ? bare : undefined;
}

function plain(system: string): string {
  return system
    .toLowerCase()
    .replace(/^https?:\/\/(?:www\.)?/, '')
    .replace(/\/$/, '');
}
