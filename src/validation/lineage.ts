/**
 * What outlives a generation of definitions: the schemas of R4, compiled rules, and each profile that was read
 * and compiled, which is used again as long as nothing that it was made from has changed. So to write one
 * definition costs its own compilation and that of what depends on it, and no more.
 */
import type { StructureDefinition } from '@medplum/fhirtypes';
import type { DefinitionEntry, Definitions } from '../definitions/definitions.ts';
import type { TypeModel } from '../definitions/type-model.ts';
import type { Overlay, OverlayEnvironment } from './collector.ts';
import type { PredicatesAhead } from './compiled-types.ts';
import { createExpressionRules } from './expression-rules.ts';
import type { ProfileNode } from './profile-tree.ts';
import { createSchemas, type Schemas } from './schemas.ts';

/** Definitions by canonical, as they were when something was made from them. */
type Sources = ReadonlyMap<string, DefinitionEntry | undefined>;

interface Made<T> {
  readonly sources: Sources;
  readonly value: T;
}

export interface Lineage {
  readonly model: TypeModel;
  readonly schemas: Schemas;
  readonly rules: ReturnType<typeof createExpressionRules>;
  readonly structures: Memory<StructureDefinition | null>;
  readonly overlays: Memory<Overlay>;
  readonly trees: WeakMap<StructureDefinition, { readonly root: ProfileNode | undefined }>;
  readonly roots: WeakMap<ProfileNode, string>;
  /** For overlays, which must not hold on to the generation that they were compiled in. */
  readonly overlayEnv: OverlayEnvironment;
  /** Finds the tree of a profile while an overlay is compiled. */
  treeOf: (profile: string) => ProfileNode | undefined;
  /** A definition, of which depends whatever is being made. */
  ask(canonical: string, definitions: Definitions): StructureDefinition | undefined;
}

interface Memory<T> {
  /** What is remembered under the key if its sources are the same in `definitions`; else it is made. */
  get(key: string, definitions: Definitions, make: () => T): T;
}

/** Keys come with requests too, so what is remembered is bounded. */
const REMEMBERED_MAX = 10_000;

export function createLineage(
  definitions: Definitions,
  model: TypeModel,
  ahead: PredicatesAhead | undefined,
): Lineage {
  const schemas = createSchemas(definitions);
  const rules = createExpressionRules(model, ahead);
  const roots = new WeakMap<ProfileNode, string>();
  const recorder = createRecorder();
  const lineage: Lineage = {
    ...{ model, schemas, rules, roots },
    structures: recorder.memory(),
    overlays: recorder.memory(),
    trees: new WeakMap(),
    treeOf: () => undefined,
    ask(canonical, generation) {
      recorder.note(new Map([[canonical, entryOfStructure(canonical, generation)]]));
      return generation.structure(canonical);
    },
    overlayEnv: {
      schemas,
      isA: (type, ancestor) => model.isA(type, ancestor),
      constraintCheck: rules.constraintCheck,
      tree: (profile) => lineage.treeOf(profile),
      profileOfRoot: (node) => roots.get(node),
    },
  };
  return lineage;
}

/** Notes which definitions are asked for while something is made, by everything that is being made. */
function createRecorder() {
  const open: Map<string, DefinitionEntry | undefined>[] = [];

  function note(sources: Sources): void {
    for (const one of open) for (const [canonical, entry] of sources) one.set(canonical, entry);
  }

  function memory<T>(): Memory<T> {
    const made = new Map<string, Made<T>>();
    return {
      get(key, definitions, make) {
        const known = made.get(key);
        if (known !== undefined && isSame(known.sources, definitions)) {
          note(known.sources);
          return known.value;
        }
        const sources = new Map<string, DefinitionEntry | undefined>();
        open.push(sources);
        try {
          const value = make();
          if (made.size >= REMEMBERED_MAX) made.clear();
          made.set(key, { sources, value });
          return value;
        } finally {
          open.pop();
          note(sources);
        }
      },
    };
  }

  return { memory, note };
}

function entryOfStructure(canonical: string, definitions: Definitions): DefinitionEntry | undefined {
  return definitions.entry(canonical, 'StructureDefinition');
}

function isSame(sources: Sources, definitions: Definitions): boolean {
  for (const [canonical, entry] of sources) {
    if (entryOfStructure(canonical, definitions) !== entry) return false;
  }
  return true;
}
