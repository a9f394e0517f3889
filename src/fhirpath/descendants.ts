/**
 * `descendants().name` without looking where no such element can be: CodeSystems and Questionnaires of
 * thousands of items are asked for little else.
 */
import type { TypeModel } from '../definitions/type-model.ts';
import type { RuntimeContext, TypedNode } from './expression.ts';
import { FhirPathError, STEPS_MAX } from './failure.ts';
import { concreteType, elementOf, mayHaveTwin, pushNodes } from './tree.ts';
import { isAbstractResource } from './types.ts';

/** A property that can lead to an element of the wanted name, or is one. */
interface Lead {
  readonly json: string;
  readonly type: string;
  readonly isTarget: boolean;
}

type Leads = Map<string, readonly Lead[]>;

const LEADS = new WeakMap<TypeModel, Map<string, Leads>>();
const LEAD_NAMES_MAX = 500;

/** Properties by type under which an element of that name can be; resources inside are looked at then. */
function leadsTo(model: TypeModel, name: string): Leads {
  let byName = LEADS.get(model);
  if (byName === undefined) {
    byName = new Map();
    LEADS.set(model, byName);
  }
  let leads = byName.get(name);
  if (leads === undefined) {
    leads = new Map();
    if (byName.size >= LEAD_NAMES_MAX) byName.clear();
    byName.set(name, leads);
  }
  return leads;
}

function findLeads(model: TypeModel, type: string, name: string): readonly Lead[] {
  const leads: Lead[] = [];
  for (const element of model.type(type)?.elements.values() ?? []) {
    for (const property of element.properties) {
      const isTarget = element.name === name;
      if (isTarget || canReach(model, property.type, name)) {
        leads.push({ json: property.json, type: property.type, isTarget });
      }
    }
  }
  return leads;
}

function canReach(model: TypeModel, type: string, name: string): boolean {
  const seen = new Set<string>();
  const stack = [type];
  for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
    if (isAbstractResource(one)) return true;
    if (seen.has(one)) continue;
    seen.add(one);
    for (const element of model.type(one)?.elements.values() ?? []) {
      // The `value` of a primitive is no element of JSON.
      if (element.name === name && (name !== 'value' || !mayHaveTwin(one))) return true;
      for (const property of element.properties) stack.push(property.type);
    }
  }
  return false;
}

/** `descendants().name`: the children of that name of all descendants, level by level. */
export function descendantsNamed(
  context: RuntimeContext,
  list: readonly TypedNode[],
  name: unknown,
): readonly TypedNode[] {
  const found: TypedNode[] = [];
  const wanted = name as string;
  const leads = leadsTo(context.model, wanted);
  let level: TypedNode[] = [];
  for (const node of list) pushLeads(context, leads, node, wanted, level, undefined);
  let visited = 0;
  while (level.length > 0) {
    const next: TypedNode[] = [];
    for (const node of level) pushLeads(context, leads, node, wanted, next, found);
    visited += level.length;
    if (visited > STEPS_MAX) throw new FhirPathError('too many descendants', 'too-costly');
    level = next;
  }
  return found;
}

/** Puts the children that can lead further into `next`, and those of the wanted name into `found`. */
function pushLeads(
  context: RuntimeContext,
  leads: Leads,
  parent: TypedNode,
  name: string,
  next: TypedNode[],
  found: TypedNode[] | undefined,
): void {
  const object = elementOf(parent.value, parent.extra);
  if (object === undefined) return;
  const type = concreteType(parent.type, parent.value);
  let own = leads.get(type);
  if (own === undefined) {
    own = findLeads(context.model, type, name);
    leads.set(type, own);
  }
  for (const lead of own) {
    const value = object[lead.json];
    const extra = mayHaveTwin(lead.type) ? object[`_${lead.json}`] : undefined;
    if (value == null && extra == null) continue;
    pushNodes(next, value, extra, lead.type);
    if (lead.isTarget && found !== undefined) pushNodes(found, value, extra, lead.type);
  }
}
