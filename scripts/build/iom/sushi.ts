/**
 * Compiles FSH to R4 definitions with SUSHI, in this process and without a network: the R4 core is handed
 * over from memory as a virtual package, so that neither a package cache nor a registry is asked.
 * https://hl7.org/fhir/uv/shorthand/
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fhirdefs, sushiExport, sushiImport, utils } from 'fsh-sushi';

export interface FhirJson {
  resourceType: string;
  id: string;
  [name: string]: unknown;
}

export interface FshCompilation {
  /** Definitions as SUSHI wrote them: StructureDefinitions with snapshots. */
  readonly resources: readonly FhirJson[];
  /** What SUSHI found wrong, `file:line: text`; empty for a good guide. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

interface FshOptions {
  /** Folder of the `.fsh` files. */
  readonly folder: string;
  readonly canonical: string;
  readonly version: string;
  /** Name -> text that takes the place of `{NAME}` in the sources. */
  readonly placeholders: Readonly<Record<string, string>>;
  readonly core: ReadonlyMap<string, FhirJson>;
}

/** Not reentrant: SUSHI keeps its log in globals. */
export async function compileFsh(options: FshOptions): Promise<FshCompilation> {
  const log = utils.errorsAndWarnings;
  log.reset();
  log.shouldTrack = true;
  for (const transport of utils.logger.transports) transport.silent = true;
  const sources = readdirSync(options.folder)
    .filter((name) => name.endsWith('.fsh'))
    .sort()
    .map((name) => {
      let text = readFileSync(join(options.folder, name), 'utf8');
      for (const [key, value] of Object.entries(options.placeholders))
        text = text.replaceAll(`{${key}}`, value);
      return new sushiImport.RawFSH(text, name);
    });
  const definitions = await fhirdefs.createFHIRDefinitions();
  await definitions.loadVirtualPackage(virtualCore(options.core));
  definitions.optimize();
  const tank = utils.fillTank(sources, {
    canonical: options.canonical,
    version: options.version,
    fhirVersion: ['4.0.1'],
    status: 'draft',
    FSHOnly: true,
  } as Parameters<typeof utils.fillTank>[1]);
  tank.checkDuplicateNameEntities();
  const exported = sushiExport.exportFHIR(tank, definitions);
  const artefacts = [
    ...exported.profiles,
    ...exported.extensions,
    ...exported.instances,
    ...exported.valueSets,
    ...exported.codeSystems,
  ];
  return {
    resources: artefacts.map((one) => one.toJSON(true) as FhirJson),
    errors: log.errors.map(describe),
    warnings: log.warnings.map(describe),
  };
}

function virtualCore(core: ReadonlyMap<string, FhirJson>) {
  return {
    getPackageJSON: () => ({ name: 'hl7.fhir.r4.core', version: '4.0.1' }),
    getResourceByKey: (key: string) => core.get(key),
    registerResources: async (register: (key: string, resource: unknown) => void) => {
      for (const [key, resource] of core) register(key, resource);
    },
  } as Parameters<fhirdefs.FHIRDefinitions['loadVirtualPackage']>[0];
}

interface LogEntry {
  readonly message: string;
  readonly input?: string;
  readonly location?: { readonly startLine: number };
}

function describe(entry: LogEntry): string {
  return `${entry.input ?? 'FSH'}:${entry.location?.startLine ?? '?'}: ${entry.message}`;
}
