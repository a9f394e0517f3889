/** Made-up families as import transactions, and samples of them for searches. */
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
}

export function importData(patients: number, seed: number): ImportData {
  const counts = new Map<string, number>();
  const count = ({ resources }: Batch): void => {
    for (const { resourceType } of resources) counts.set(resourceType, (counts.get(resourceType) ?? 0) + 1);
  };
  const batches = populate({ patients, seed });
  const first = batches.next().value as Batch;
  count(first);
  return {
    directory: transaction(first, 'PUT'),
    counts,
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

/** Ids that the server gave, and values of the families. */
export async function takeSamples(base: URL): Promise<Samples> {
  const ids = async (type: string): Promise<string[]> => {
    const response = await fetch(`${base}/${type}?_count=${SAMPLE}`, {
      headers: { accept: 'application/fhir+json' },
    });
    const { entry = [] } = (await response.json()) as { entry?: { resource: { id: string } }[] };
    return entry.map(({ resource }) => resource.id);
  };
  return {
    patients: await ids('Patient'),
    practitioners: await ids('Practitioner'),
    locations: await ids('Location'),
    families: Object.values(CULTURES).flatMap(({ families }) => families.map(({ latin }) => latin)),
    conditionCodes: ['38341003', '44054006', '35489007', '84757009', '47505003'],
    procedureCodes: ['430193006', '399208008'],
  };
}
