/**
 * Packages into definitions, all of a package or nothing of it: what is broken, missing, doubled or circular
 * is named with file, canonical and element.
 * https://hl7.org/fhir/R4/packages.html
 */
import type { StructureDefinition } from '@medplum/fhirtypes';
import { type Issue, isError, issue } from '../fhir/issues.ts';
import type { Resource } from '../fhir/types.ts';
import type { DefinitionEntry, DefinitionSource, Definitions } from './definitions.ts';
import { canonicalUrl } from './entry.ts';
import type { FhirPackage, PackageFile } from './package.ts';
import { checkStructure } from './package-structures.ts';
import { packEntry } from './packed-entry.ts';
import { CORE_PACKAGE_ID, R4_STRUCTURES, withEntries } from './registry.ts';
import { findMisshape } from './shape.ts';
import { createTypeModel } from './types.ts';

export interface LoadResult {
  /** The next generation; the given one when there are errors. */
  readonly definitions: Definitions;
  readonly issues: readonly Issue[];
}

/** Resources that are definitions whatever they lack: without a canonical they are at fault. */
const DEFINITION_TYPES = new Set([
  'StructureDefinition',
  'ValueSet',
  'CodeSystem',
  'SearchParameter',
  'OperationDefinition',
  'ConceptMap',
  'CompartmentDefinition',
]);

/** Adds the packages in the order of their dependencies; the first that fails stops the rest. */
export function loadPackages(definitions: Definitions, packages: readonly FhirPackage[]): LoadResult {
  const issues: Issue[] = [];
  let current = definitions;
  for (const one of inDependencyOrder(packages)) {
    const result = loadPackage(current, one);
    issues.push(...result.issues);
    if (result.issues.some(isError)) return { definitions, issues };
    current = result.definitions;
  }
  return { definitions: current, issues };
}

export function loadPackage(definitions: Definitions, fhirPackage: FhirPackage): LoadResult {
  const source = { packageId: fhirPackage.id, packageVersion: fhirPackage.version };
  const issues = [...checkManifest(definitions, fhirPackage)];
  if (issues.some(isError)) return { definitions, issues };
  const files = canonicalFiles(fhirPackage, issues);
  checkShapes(definitions, files, issues);
  if (issues.some(isError)) return { definitions, issues };
  const fresh = withoutDoubles(definitions, files, issues);
  if (issues.some(isError)) return { definitions, issues };
  const entries = completeStructures(definitions, fresh, source, issues);
  if (issues.some(isError)) return { definitions, issues };
  return { definitions: withEntries(definitions, entries), issues };
}

function inDependencyOrder(packages: readonly FhirPackage[]): readonly FhirPackage[] {
  const byId = new Map(packages.map((one) => [one.id, one]));
  const ordered = new Set<FhirPackage>();
  const visit = (one: FhirPackage, open: readonly string[]): void => {
    for (const id of Object.keys(one.dependencies)) {
      const dependency = byId.get(id);
      if (dependency !== undefined && !open.includes(id)) visit(dependency, [...open, id]);
    }
    ordered.add(one);
  };
  for (const one of packages) if (!ordered.has(one)) visit(one, [one.id]);
  return [...ordered];
}

function checkManifest(
  definitions: Definitions,
  { id, version, fhirVersions, dependencies }: FhirPackage,
): readonly Issue[] {
  const name = `${id}#${version}`;
  const loaded = new Set(definitions.packages.map((one) => one.packageId));
  if (loaded.has(id)) {
    return [
      issue(
        'definition-conflict',
        `The package ${name} cannot be loaded: another version of it, or itself, is loaded already.`,
      ),
    ];
  }
  if (fhirVersions.length > 0 && !fhirVersions.some((one) => /^4\.0(\.|$)/.test(one))) {
    const versions = fhirVersions.join(', ');
    return [
      issue(
        'package-unreadable',
        `The package ${name} is for FHIR ${versions}; this server speaks R4 (4.0.1).`,
      ),
    ];
  }
  return Object.entries(dependencies)
    .filter(([dependency]) => dependency !== CORE_PACKAGE_ID && !loaded.has(dependency))
    .map(([dependency, wanted]) =>
      issue(
        'package-dependency',
        `The package ${name} depends on ${dependency}#${wanted}, which is not loaded: what it takes from there is unknown.`,
      ),
    );
}

/** Definitions only: examples of ordinary resources have no canonical. */
function canonicalFiles({ files }: FhirPackage, issues: Issue[]): readonly PackageFile[] {
  const canonical: PackageFile[] = [];
  for (const file of files) {
    const { resourceType } = file.resource;
    if (canonicalUrl(file.resource) !== undefined) canonical.push(file);
    else if (DEFINITION_TYPES.has(resourceType)) {
      issues.push(
        issue('definition-broken', `${file.name}: this ${resourceType} has no url.`, {
          expression: `${resourceType}.url`,
        }),
      );
    }
  }
  return canonical;
}

function checkShapes(definitions: Definitions, files: readonly PackageFile[], issues: Issue[]): void {
  const model = createTypeModel(definitions);
  for (const { name, resource } of files) {
    const found = findMisshape(model, resource);
    if (found === undefined) continue;
    const { expression, text } = found;
    issues.push(
      issue('definition-broken', `${name}: ${canonicalUrl(resource)}: ${expression} ${text}.`, {
        source: canonicalUrl(resource),
        expression,
      }),
    );
  }
}

/** The same resource under the same canonical in another package is left out; another one is an error. */
function withoutDoubles(
  definitions: Definitions,
  files: readonly PackageFile[],
  issues: Issue[],
): readonly PackageFile[] {
  const seen = new Map<string, string>();
  return files.filter(({ name, resource }) => {
    const { resourceType } = resource;
    const url = canonicalUrl(resource) as string;
    const canonical = typeof resource.version === 'string' ? `${url}|${resource.version}` : url;
    const conflict = (other: string): false => {
      issues.push(
        issue(
          'definition-conflict',
          `${name}: ${resourceType} ${canonical} is defined in ${other} already.`,
          {
            source: canonical,
            expression: `${resourceType}.url`,
          },
        ),
      );
      return false;
    };
    const twin = seen.get(`${resourceType} ${canonical}`);
    if (twin !== undefined) return conflict(twin);
    seen.set(`${resourceType} ${canonical}`, name);
    if (isCoreType(definitions, url)) return conflict('R4 itself');
    const known = definitions
      .entries(resourceType)
      .find((one) => one.url === url && one.version === resource.version);
    if (known === undefined) return true;
    if (sameContent(known.loadOriginal(), resource)) return false;
    return conflict(known.source.packageId ?? 'a resource of this server');
  });
}

function isCoreType(definitions: Definitions, url: string): boolean {
  return (
    url.startsWith(R4_STRUCTURES) &&
    definitions.entry(url, 'StructureDefinition')?.derivation === 'specialization'
  );
}

/** Publishers add narrative and metadata to one and the same definition. */
function sameContent(a: Resource, b: Resource): boolean {
  const strip = ({ id: _id, meta: _meta, text: _text, extension: _extension, ...rest }: Resource): unknown =>
    rest;
  return JSON.stringify(strip(a)) === JSON.stringify(strip(b));
}

function completeStructures(
  definitions: Definitions,
  files: readonly PackageFile[],
  source: DefinitionSource,
  issues: Issue[],
): readonly DefinitionEntry[] {
  const own = new Map<string, StructureDefinition>();
  for (const { resource } of files) {
    if (resource.resourceType === 'StructureDefinition') {
      own.set(String(resource.url), resource as unknown as StructureDefinition);
    }
  }
  const lookup = (canonical: string): StructureDefinition | undefined =>
    own.get(canonical.split('|', 1)[0] as string) ?? definitions.structure(canonical);
  return files.map(({ name, resource }) => {
    if (resource.resourceType !== 'StructureDefinition') return packEntry(resource, source);
    const structure = own.get(String(resource.url)) as StructureDefinition;
    const checked = checkStructure(lookup, structure);
    for (const one of checked.issues) issues.push({ ...one, text: `${name}: ${one.text}` });
    own.set(String(resource.url), checked.structure);
    return packEntry(checked.structure as unknown as Resource, source);
  });
}
