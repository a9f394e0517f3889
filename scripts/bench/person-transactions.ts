/**
 * The made-up families of the import as transactions of one person each, about 17 resources, as text: created with
 * links between their entries, as clients send them.
 */

import type { Resource } from '../../src/fhir/types.ts';
import { type Batch, populate } from '../../src/seed/population.ts';

export interface PersonTransaction {
  readonly text: string;
  readonly resources: number;
  /** JSON of the resources alone. */
  readonly jsonBytes: number;
}

export interface PersonSource {
  /** The sites, under fixed ids. */
  readonly directory: string;
  /** The transactions of so many further people, or of those that are left. */
  next(patients: number): PersonTransaction[];
}

export function personTransactions(patients: number, seed: number): PersonSource {
  const batches = populate({ patients, seed });
  const first = batches.next().value as Batch;
  const waiting: PersonTransaction[] = [];
  return {
    directory: bundle(first.resources.map((resource) => entry(resource, 'PUT'))),
    next(count) {
      while (waiting.length < count) {
        const { done, value } = batches.next();
        if (done) break;
        waiting.push(...split(value.resources).map(toTransaction));
      }
      return waiting.splice(0, count);
    },
  };
}

/** Each person with what follows until the next. */
function split(resources: readonly Resource[]): Resource[][] {
  const people: Resource[][] = [];
  for (const resource of resources) {
    if (resource.resourceType === 'Patient') people.push([]);
    people.at(-1)?.push(resource);
  }
  return people;
}

function toTransaction(resources: readonly Resource[]): PersonTransaction {
  const own = new Set(resources.map(({ id }) => id));
  const text = bundle(resources.map((resource) => entry(resource, 'POST'))).replace(
    /"reference":"[A-Za-z]+\/(0000[0-9a-f-]+)"/g,
    (all, id: string) => (own.has(id) ? `"reference":"urn:uuid:${id}"` : all),
  );
  const jsonBytes = resources.reduce((sum, one) => sum + Buffer.byteLength(JSON.stringify(one)), 0);
  return { text, resources: resources.length, jsonBytes };
}

function entry(resource: Resource, method: 'PUT' | 'POST'): object {
  const { resourceType, id } = resource;
  return method === 'PUT'
    ? { resource, request: { method, url: `${resourceType}/${id}` } }
    : { fullUrl: `urn:uuid:${id}`, resource, request: { method, url: resourceType } };
}

function bundle(entries: readonly object[]): string {
  return JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: entries });
}
