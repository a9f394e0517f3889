/** Made-up families as import transactions, and samples of them for searches. */
import type { Resource } from '../../../src/fhir/types.ts';
import { CULTURES } from '../../../src/seed/names.ts';
import { type Batch, populate } from '../../../src/seed/population.ts';
import type { Samples } from '../search-data.ts';

export interface ImportData {
  /** The sites, under fixed ids. */
  readonly directory: Buffer;
  /** A transaction of POSTs with urn:uuid references per family; undefined at the end. */
  next(): { readonly body: Buffer; readonly resources: number } | undefined;
  /** Resources given so far by type, directory included. */
  readonly counts: ReadonlyMap<string, number>;
  patientsGiven(): number;
  patientsLeft(): number;
}

export function importData(patients: number, seed: number): ImportData {
  const counts = new Map<string, number>();
  let given = 0;
  const count = ({ resources, patients: some }: Batch): void => {
    given += some;
    for (const { resourceType } of resources) counts.set(resourceType, (counts.get(resourceType) ?? 0) + 1);
  };
  const batches = populate({ patients, seed });
  const first = batches.next().value as Batch;
  count(first);
  return {
    directory: transaction(first, 'PUT'),
    counts,
    patientsGiven: () => given,
    patientsLeft: () => patients - given,
    next() {
      const { done, value } = batches.next();
      if (done) return undefined;
      count(value);
      return { body: transaction(value, 'POST'), resources: value.resources.length };
    },
  };
}

function transaction({ resources }: Batch, method: 'PUT' | 'POST'): Buffer {
  const entry = resources.map((resource) => ({
    ...(method === 'POST' ? { fullUrl: `urn:uuid:${resource.id}` } : {}),
    resource,
    request: {
      method,
      url: method === 'POST' ? resource.resourceType : `${resource.resourceType}/${resource.id}`,
    },
  }));
  const text = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
  return Buffer.from(
    method === 'PUT'
      ? text
      : text.replace(/"reference":"[A-Za-z]+\/(0000[0-9a-f-]+)"/g, '"reference":"urn:uuid:$1"'),
  );
}

const SAMPLE = 200;

/** Ids that the server gave, and codes and names that are in the data. */
export async function takeSamples(base: URL): Promise<Samples> {
  const page = async (type: string): Promise<Resource[]> => {
    const response = await fetch(`${base}/${type}?_count=${SAMPLE}`, {
      headers: { accept: 'application/fhir+json' },
    });
    const { entry = [] } = (await response.json()) as { entry?: { resource: Resource }[] };
    return entry.map(({ resource }) => resource);
  };
  const ids = async (type: string): Promise<string[]> => (await page(type)).map(({ id }) => id as string);
  const codes = async (type: string): Promise<string[]> =>
    (await page(type)).flatMap(({ code }) =>
      ((code as Coded | undefined)?.coding ?? []).map((one) => `${one.system ?? ''}|${one.code}`),
    );
  return {
    patients: await ids('Patient'),
    practitioners: await ids('Practitioner'),
    locations: await ids('Location'),
    families: Object.values(CULTURES).flatMap(({ families }) => families.map(({ latin }) => latin)),
    conditionCodes: atLeastOne(await codes('Condition'), 'http://snomed.info/sct|38341003'),
    procedureCodes: atLeastOne(await codes('Procedure'), 'http://snomed.info/sct|430193006'),
  };
}

interface Coded {
  readonly coding?: readonly { readonly system?: string; readonly code?: string }[];
}

function atLeastOne(list: readonly string[], preset: string): readonly string[] {
  return list.length === 0 ? [preset] : list;
}

/** Bytes of the JSON text of a resource, in the mean. */
export function meanBytes(patients: number, seed: number): number {
  let bytes = 0;
  let count = 0;
  for (const { resources } of populate({ patients, seed })) {
    for (const resource of resources) {
      bytes += Buffer.byteLength(JSON.stringify(resource));
      count++;
    }
  }
  return bytes / count;
}
