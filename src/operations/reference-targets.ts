/**
 * The resources of this server that a resource refers to, so that `$validate` can hold them to the profiles
 * that its own profiles ask of them. Writes look at the type in the address alone: following every reference
 * would make each write as slow as its neighbours are many.
 * https://hl7.org/fhir/R4/references.html
 */
import { parseStored } from '../fhir/json.ts';
import { parseReference } from '../fhir/references.ts';
import type { Resource } from '../fhir/types.ts';
import type { InteractionContext } from '../interactions/context.ts';

/** Resources read for one validation, those that are referred to by the ones read included. */
export const TARGETS_MAX = 100;

/** A look-up by the reference as it is written. References to other servers and to versions are left out. */
export async function readTargets(
  resource: Resource,
  baseUrl: string,
  context: InteractionContext,
): Promise<(reference: string) => Resource | undefined> {
  const targets = new Map<string, Resource>();
  const tried = new Set<string>();
  let open = addressesIn(resource, baseUrl);
  while (open.size > 0) {
    const next = new Set<string>();
    for (const address of open) {
      if (tried.has(address)) continue;
      if (tried.size >= TARGETS_MAX) break;
      tried.add(address);
      const [type = '', id = ''] = address.split('/');
      const stored = await context.store.read(type, id);
      if (stored === undefined || stored.deleted) continue;
      const target = parseStored(stored.json);
      targets.set(address, target);
      for (const one of addressesIn(target, baseUrl)) next.add(one);
    }
    open = next;
  }
  return (reference) => targets.get(localAddress(reference, baseUrl) ?? '');
}

/** `Patient/1` of the references to this server. */
function addressesIn(root: Resource, baseUrl: string): Set<string> {
  const found = new Set<string>();
  const open: unknown[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'reference' && typeof value === 'string') {
        const address = localAddress(value, baseUrl);
        if (address !== undefined) found.add(address);
      } else if (typeof value === 'object' && value !== null) open.push(value);
    }
  }
  return found;
}

function localAddress(reference: string, baseUrl: string): string | undefined {
  const address = parseReference(reference);
  if (address === undefined || address.versionId !== undefined) return undefined;
  return address.base === '' || address.base === baseUrl ? `${address.type}/${address.id}` : undefined;
}
