/**
 * FHIR packages that were loaded at run time: kept in the store as Binary resources under a tag, and in force
 * again from the start.
 * https://hl7.org/fhir/R4/packages.html
 */
import { type FhirPackage, readPackage } from '../definitions/package.ts';
import { CANONICAL_BASE } from '../fhir/canonical.ts';
import { fail } from '../fhir/issues.ts';
import { parseStored } from '../fhir/json.ts';
import { composeText } from '../fhir/resource-text.ts';
import type { Resource } from '../fhir/types.ts';
import type { Predicate } from '../search/query.ts';
import { codeForm } from '../search/term-forms.ts';
import { hashParam, hashTerm } from '../search/term-hash.ts';
import type { Store } from '../storage/store.ts';
import type { InteractionContext, LoadedPackage } from './context.ts';
import type { Generations } from './generations.ts';

const TAG = { system: `${CANONICAL_BASE}/CodeSystem/passerelle-tag`, code: 'fhir-package' };

/** More than anybody loads; beyond it the oldest are not in force after a restart. */
const PACKAGES_MAX = 200;

/**
 * Keeps a package and puts it into force, all of it or nothing: what the store did not take is not in force.
 * @returns also the types whose stored resources must be indexed again
 * @throws FhirError naming file, canonical and element of every fault
 */
export async function loadPackageBytes(
  bytes: Uint8Array,
  store: Store,
  generations: Generations,
): Promise<{ loaded: LoadedPackage; stale: readonly string[] }> {
  const fhirPackage = await readPackage(bytes);
  const { id, version } = fhirPackage;
  if (generations.current().definitions.packages.some((one) => one.packageId === id)) {
    throw fail('duplicate', `The package ${id} is loaded already.`, { expression: 'package.json' });
  }
  generations.check([fhirPackage]);
  await keep(bytes, fhirPackage, store, generations);
  const { issues, stale } = await enforceOrDrop(fhirPackage, store, generations);
  return { loaded: { id, version, definitions: fhirPackage.files.length, issues }, stale };
}

/** A definition that was written meanwhile may stand in its way: then the package is not kept either. */
async function enforceOrDrop(
  fhirPackage: FhirPackage,
  store: Store,
  generations: Generations,
): Promise<ReturnType<Generations['load']>> {
  try {
    return generations.load([fhirPackage]);
  } catch (error) {
    await store.transact([{ kind: 'delete', type: 'Binary', id: keptId(fhirPackage), expected: 'any' }]);
    throw error;
  }
}

function keptId({ id }: Pick<FhirPackage, 'id'>): string {
  return `package.${id}`.slice(0, 64);
}

async function keep(
  bytes: Uint8Array,
  { id, version }: FhirPackage,
  store: Store,
  generations: Generations,
): Promise<void> {
  const resource: Resource = {
    resourceType: 'Binary',
    id: keptId({ id }),
    meta: { tag: [TAG, { system: `${CANONICAL_BASE}/CodeSystem/passerelle-tag`, code: `${id}-${version}` }] },
    contentType: 'application/gzip',
    data: Buffer.from(bytes).toString('base64'),
  };
  const postings = generations.current().extract(resource);
  const text = composeText(resource, resource.id as string);
  await store.transact([
    {
      kind: 'put',
      type: 'Binary',
      id: resource.id as string,
      method: 'PUT',
      text,
      postings,
      expected: 'any',
    },
  ]);
}

/** Packages kept by earlier runs, in the order of their dependencies. @throws FhirError when one is unreadable */
export async function restorePackages(context: InteractionContext, generations: Generations): Promise<void> {
  const packages = await keptPackages(context, []);
  if (packages.length > 0) generations.load(packages);
}

/**
 * Puts packages into force that another server of the same database has kept since (ms).
 * @returns the types whose stored resources must be indexed again
 * @throws FhirError when one is unreadable
 */
export async function followPackages(
  context: InteractionContext,
  generations: Generations,
  since: number,
): Promise<readonly string[]> {
  const kept = await keptPackages(context, [{ kind: 'updated', prefix: 'ge', lo: since, hi: since }]);
  const { packages } = generations.current().definitions;
  const fresh = kept.filter(({ id }) => !packages.some(({ packageId }) => packageId === id));
  return fresh.length === 0 ? [] : generations.load(fresh).stale;
}

async function keptPackages(
  context: InteractionContext,
  criteria: readonly Predicate[],
): Promise<readonly FhirPackage[]> {
  const k = hashParam('Binary', '_tag');
  const tag: Predicate = { kind: 'term', k, terms: [hashTerm(codeForm(TAG.system, TAG.code))] };
  const where: Predicate = { kind: 'all', of: [tag, ...criteria] };
  const page = await context.store.search(
    { types: ['Binary'], where, sort: [] },
    { limit: PACKAGES_MAX, total: 'none' },
  );
  const packages: FhirPackage[] = [];
  for (const row of page.rows) {
    const { data } = parseStored(row.json);
    packages.push(await readPackage(Buffer.from(String(data), 'base64')));
  }
  return packages;
}
