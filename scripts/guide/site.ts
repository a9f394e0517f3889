/** The content of a package as the guide sees it: definitions by canonical, and where each has its page. */
import type {
  CodeSystem,
  ElementDefinition,
  OperationDefinition,
  SearchParameter,
  StructureDefinition,
  ValueSet,
} from '@medplum/fhirtypes';
import type { Resource } from '../../src/fhir/types.ts';

export interface Example {
  /** File name without `.json`. */
  readonly name: string;
  readonly resource: Resource;
  /** Issue keys that it must fail with; empty for a good example. */
  readonly fails: readonly { readonly key: string; readonly expression?: string }[];
  /** Why a bad example is bad. */
  readonly why?: string;
  readonly group: 'good' | 'bad' | 'scenario';
}

export interface Site {
  readonly name: string;
  readonly version: string;
  readonly base: string;
  readonly profiles: readonly StructureDefinition[];
  readonly extensions: readonly StructureDefinition[];
  readonly valueSets: readonly ValueSet[];
  readonly codeSystems: readonly CodeSystem[];
  readonly searchParameters: readonly SearchParameter[];
  readonly operations: readonly OperationDefinition[];
  readonly others: readonly Resource[];
  readonly examples: readonly Example[];
  /** Page of a canonical of this package. */
  pageOf(canonical: string): string | undefined;
}

export type {
  CodeSystem,
  ElementDefinition,
  OperationDefinition,
  SearchParameter,
  StructureDefinition,
  ValueSet,
};

const FOLDERS: Readonly<Record<string, string>> = {
  StructureDefinition: 'profile',
  ValueSet: 'valueset',
  CodeSystem: 'codesystem',
};

export function toSite(
  resources: readonly Resource[],
  examples: readonly Example[],
  about: { readonly name: string; readonly version: string; readonly base: string },
): Site {
  const pages = new Map<string, string>();
  for (const one of resources) {
    const folder = FOLDERS[one.resourceType];
    if (folder !== undefined) pages.set(String(one.url), `${folder}/${one.id}.html`);
  }
  const ofType = <T>(type: string): T[] =>
    resources
      .filter((one) => one.resourceType === type)
      .sort((a, b) => title(a).localeCompare(title(b))) as unknown as T[];
  const structures = ofType<StructureDefinition>('StructureDefinition');
  const known = new Set([
    'StructureDefinition',
    'ValueSet',
    'CodeSystem',
    'SearchParameter',
    'OperationDefinition',
  ]);
  return {
    ...about,
    profiles: structures.filter((one) => one.type !== 'Extension'),
    extensions: structures.filter((one) => one.type === 'Extension'),
    valueSets: ofType('ValueSet'),
    codeSystems: ofType('CodeSystem'),
    searchParameters: ofType('SearchParameter'),
    operations: ofType('OperationDefinition'),
    others: resources.filter((one) => !known.has(one.resourceType)),
    examples,
    pageOf: (canonical) => pages.get(canonical.split('|')[0] as string),
  };
}

function title(resource: Resource): string {
  return String(resource.title ?? resource.name ?? resource.id);
}
