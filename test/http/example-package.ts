/** A small FHIR package to load at run time. */
import { packTarball } from '../../scripts/build/iom/tarball.ts';

export const manifestOf = (name: string) => ({
  name,
  version: '1.0.0',
  fhirVersions: ['4.0.1'],
  dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
});

/** A Patient whose birth date is known. */
export const bornProfile = (base: string, more: object = {}) => ({
  resourceType: 'StructureDefinition',
  id: 'born',
  url: `${base}/StructureDefinition/born`,
  name: 'Born',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  derivation: 'constraint',
  differential: {
    element: [
      { id: 'Patient', path: 'Patient' },
      { id: 'Patient.birthDate', path: 'Patient.birthDate', min: 1 },
    ],
  },
  ...more,
});

/** The files as `npm pack` would pack them. */
export function packFiles(files: Readonly<Record<string, unknown>>): Buffer {
  const entries = Object.entries(files);
  return packTarball(new Map(entries.map(([name, value]) => [`package/${name}`, JSON.stringify(value)])));
}
