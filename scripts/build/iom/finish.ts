/**
 * What every definition of the package has in common and no author should have to repeat: version, date,
 * publisher, jurisdiction. Mappings of the R4 core are left out of snapshots, as they double their size.
 * https://hl7.org/fhir/R4/metadatatypes.html
 */
import { PACKAGE_DATE, PACKAGE_VERSION } from '../../../src/fhir/canonical.ts';
import type { FhirJson } from './sushi.ts';

const WORLD = {
  coding: [{ system: 'http://unstats.un.org/unsd/methods/m49/m49.htm', code: '001', display: 'World' }],
};

interface ElementList {
  element: Record<string, unknown>[];
}

export function finishDefinition(definition: FhirJson): FhirJson {
  const { resourceType, id, mapping, ...rest } = definition;
  const finished: FhirJson = {
    resourceType,
    id,
    ...rest,
    version: rest.version ?? PACKAGE_VERSION,
    status: rest.status ?? 'draft',
    date: rest.date ?? PACKAGE_DATE,
    publisher: rest.publisher ?? 'Passerelle, for IOM Migration Health',
    ...(resourceType === 'NamingSystem' ? {} : { experimental: rest.experimental ?? false }),
    jurisdiction: rest.jurisdiction ?? [WORLD],
  };
  if (resourceType === 'NamingSystem') delete finished.version;
  if (resourceType !== 'StructureDefinition')
    return mapping === undefined ? finished : { ...finished, mapping };
  for (const view of ['snapshot', 'differential']) {
    const list = finished[view] as ElementList | undefined;
    for (const element of list?.element ?? []) delete element.mapping;
  }
  return finished;
}
