/**
 * Extensions against their definitions: known or not, allowed at this place, ordinary or modifier. What the
 * definition says of value and parts is its profile, checked like any other.
 * https://hl7.org/fhir/R4/extensibility.html
 */
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import type { Definitions } from '../definitions/definitions.ts';
import type { TypeModel } from '../definitions/type-model.ts';
import type { Collector } from './collector.ts';
import { readBindings } from './element-schema.ts';
import { createExtensionContexts } from './extension-context.ts';
import { LATER_EXTENSIONS } from './later-extensions.ts';
import { jsonName, type Segment } from './path.ts';
import { withRecent } from './recent.ts';
import { badArray, badItem, tooDeep } from './structure-issues.ts';
import { list, shorten, show } from './suggestion.ts';

type Json = Readonly<Record<string, unknown>>;

/** What of an extension definition is needed at each use. */
interface ExtensionRule {
  readonly definition: StructureDefinition;
  readonly isModifier: boolean;
  /** Allowed on any element. */
  readonly isAnywhere: boolean;
  /** Allowed on any resource. */
  readonly isOnResources: boolean;
  readonly elements: ReadonlySet<string>;
  readonly parents: ReadonlySet<string>;
  readonly expressions: readonly string[];
  readonly invariants: readonly string[];
  /** See `plainValues`. */
  readonly values: ReadonlySet<string> | undefined;
}

export interface ExtensionParts {
  readonly definitions: Definitions;
  readonly model: TypeModel;
  /** The structure of an Extension. */
  readonly validateExtension: (extension: Json, c: Collector) => void;
  /** Holds the extension to its definition. */
  readonly checkProfile: (definition: StructureDefinition, extension: Json, c: Collector) => void;
}

/** Extensions of this space are published with R4, so an unknown one is a mistake. */
const CORE_EXTENSIONS = 'http://hl7.org/fhir/StructureDefinition/';

/** Where R4 itself uses extensions of its own beyond the contexts that it published. */
const FURTHER_CONTEXTS: Readonly<Record<string, readonly string[]>> = {
  [`${CORE_EXTENSIONS}regex`]: ['ElementDefinition.type'],
  [`${CORE_EXTENSIONS}structuredefinition-fhir-type`]: ['ElementDefinition.type'],
  [`${CORE_EXTENSIONS}structuredefinition-normative-version`]: ['DomainResource', 'ElementDefinition'],
};

const RULES_MAX = 10_000;
const URL_CHARS_MAX = 500;

export function createExtensionRules(parts: ExtensionParts) {
  const rules = new Map<string, ExtensionRule | null>();
  const namesAt = createExtensionContexts(parts.model);

  /** The URLs of unknown extensions come from requests, so what is remembered is bounded. */
  const ruleOf = withRecent((url) => {
    let rule = rules.get(url);
    if (rule === undefined) {
      rule = readRule(parts.definitions, url) ?? null;
      if (url.length > URL_CHARS_MAX) return rule;
      if (rules.size >= RULES_MAX) rules.clear();
      rules.set(url, rule);
    }
    return rule;
  });

  function extensions(
    at: Segment,
    value: unknown,
    c: Collector,
    isModifier: boolean,
    isNested: boolean,
  ): void {
    if (!Array.isArray(value) || value.length === 0) {
      badArray(at, value, c);
      return;
    }
    if (c.depth > c.depthMax) {
      tooDeep(c);
      return;
    }
    const holder = c.depth;
    c.path[c.depth++] = at;
    const slot = c.depth++;
    for (let i = 0; i < value.length; i++) {
      const one = value[i];
      c.path[slot] = i;
      if (typeof one !== 'object' || one === null || Array.isArray(one)) badItem(one, c);
      else {
        parts.validateExtension(one, c);
        if (typeof one.url === 'string') checkDefinition(one, one.url, holder, c, isModifier, isNested);
      }
    }
    c.depth = holder;
  }

  function checkDefinition(
    extension: Json,
    url: string,
    holder: number,
    c: Collector,
    isModifier: boolean,
    isNested: boolean,
  ): void {
    const rule = ruleOf(url);
    if (rule === null) {
      unknownExtension(url, c, isModifier, isNested);
      return;
    }
    if (rule.isModifier !== isModifier) reportModifier(url, rule.isModifier, c);
    if (!rule.isAnywhere && !isAllowedAt(rule, holder, c)) reportContext(rule, url, holder, c);
    if (rule.invariants.length > 0) checkInvariants(rule, url, holder, c);
    if (c.errorsOnly && rule.values !== undefined && hasPlainValue(extension, rule.values)) return;
    parts.checkProfile(rule.definition, extension, c);
  }

  function isAllowedAt(rule: ExtensionRule, holder: number, c: Collector): boolean {
    const depth = c.depth;
    c.depth = holder;
    let isAllowed = false;
    if (holder === c.resourceDepth) {
      isAllowed = rule.isOnResources || rule.elements.has(c.resourceType);
    } else {
      for (const name of namesAt(c)) {
        if (rule.elements.has(name)) {
          isAllowed = true;
          break;
        }
      }
    }
    c.depth = depth;
    return isAllowed || (rule.parents.size > 0 && isInside(rule, holder, c)) || isSelected(rule, holder, c);
  }

  /** Contexts of type `fhirpath`: the element is among the results. What cannot be evaluated allows. */
  function isSelected(rule: ExtensionRule, holder: number, c: Collector): boolean {
    if (rule.expressions.length === 0) return false;
    const here = holder === c.resourceDepth ? c.resource : valueAt(c, holder);
    return rule.expressions.some((expression) => {
      const found = c.env.select(expression, c.resource, c);
      return found === undefined || found.some((node) => node.value === here || node.extra === here);
    });
  }

  /** Contexts of type `extension`: the URL of the extension around this one or around its value, or `url#part`. */
  function isInside(rule: ExtensionRule, holder: number, c: Collector): boolean {
    const segment = c.path[holder - 1];
    const isValue = typeof segment === 'string' && segment.startsWith('value.ofType(');
    const parent = valueAt(c, isValue ? holder - 1 : holder);
    if (typeof parent?.url !== 'string') return false;
    if (rule.parents.has(parent.url)) return true;
    const around = parent.url.includes(':') ? undefined : valueAt(c, holder - 2)?.url;
    return around !== undefined && rule.parents.has(`${around}#${parent.url}`);
  }

  /** contextInvariant: rules about the element that carries the extension. */
  function checkInvariants(rule: ExtensionRule, url: string, holder: number, c: Collector): void {
    const here = holder === c.resourceDepth ? c.resource : valueAt(c, holder);
    for (const expression of rule.invariants) {
      if (c.env.testExpression(expression, here, c) !== false) continue;
      const text = `The extension ${url} may be used only where ${shorten(expression)} holds.`;
      c.report('extension-context', text, { source: url, subject: expression });
    }
  }

  function reportContext(rule: ExtensionRule, url: string, holder: number, c: Collector): void {
    const depth = c.depth;
    c.depth = holder;
    const here = holder === c.resourceDepth ? c.resourceType : ([...namesAt(c)][0] as string);
    c.depth = depth;
    const allowed = list([...rule.elements, ...rule.parents]);
    const text = `The extension ${url} is not allowed on ${here}; it is for ${allowed}.`;
    c.report('extension-context', text, { source: url });
  }

  return { extensions };
}

function reportModifier(url: string, shouldBe: boolean, c: Collector): void {
  const text = shouldBe
    ? `${url} changes the meaning of what it stands on: it belongs into modifierExtension.`
    : `${url} is not a modifier extension: it belongs into extension.`;
  c.report('extension-context', text, { source: url, subject: 'modifier' });
}

function unknownExtension(url: string, c: Collector, isModifier: boolean, isNested: boolean): void {
  if (!url.includes(':')) {
    if (isNested) return;
    const text = `The url of an extension must be absolute, not ${show(url)}.`;
    c.report('invalid-primitive', text, { at: 'url' });
  } else if (isModifier) {
    const text = `The modifier extension ${show(url)} is not known, so this element cannot be understood safely.`;
    c.report('extension-unknown-modifier', text);
  } else if (url.includes('|')) {
    const text = `The url of an extension is written without a version: ${show(url)}.`;
    c.report('invalid-primitive', text, { at: 'url' });
  } else if (url.startsWith(CORE_EXTENSIONS) && LATER_EXTENSIONS.has(url.slice(CORE_EXTENSIONS.length))) {
    const text = `${show(url)} was published after R4: load the package hl7.fhir.uv.extensions.r4 to have it checked.`;
    c.report('extension-unknown', text, { severity: 'warning' });
  } else if (url.startsWith(CORE_EXTENSIONS)) {
    const text = `HL7 has published no extension ${show(url)} for R4, and no loaded package defines it.`;
    c.report('extension-unknown', text, { severity: 'error' });
  } else if (!c.errorsOnly) {
    c.report('extension-unknown', `The extension ${show(url)} is not known here, so it was not checked.`);
  }
}

function readRule(definitions: Definitions, url: string): ExtensionRule | undefined {
  if (!url.includes(':') || url.includes('|')) return undefined;
  const definition = definitions.structure(url);
  if (definition?.type !== 'Extension' || definition.derivation !== 'constraint') return undefined;
  const contexts = definition.context ?? [];
  const of = (type: string): string[] =>
    contexts.filter((one) => one.type === type).map((one) => one.expression ?? '');
  const elements = new Set([
    ...of('element').map((one) => one.replaceAll('[x]', '')),
    ...(FURTHER_CONTEXTS[url] ?? []),
  ]);
  return {
    definition,
    isModifier: definition.snapshot?.element?.[0]?.isModifier === true,
    isAnywhere: contexts.length === 0 || elements.has('Element'),
    isOnResources: elements.has('DomainResource') || elements.has('Resource'),
    elements,
    parents: new Set(of('extension')),
    expressions: of('fhirpath'),
    invariants: definition.contextInvariant ?? [],
    values: plainValues(definition),
  };
}

/**
 * The properties that can hold the value of an extension whose definition asks nothing else of it: not a code
 * from a value set, not a length. Nearly all are of that kind. Undefined for the others.
 */
function plainValues(definition: StructureDefinition): ReadonlySet<string> | undefined {
  const values = new Set<string>();
  for (const element of definition.snapshot?.element ?? []) {
    if (element.sliceName !== undefined) return undefined;
    if (element.constraint?.some((one) => one.key !== 'ele-1' && one.key !== 'ext-1') === true)
      return undefined;
    switch (element.path) {
      case 'Extension':
      case 'Extension.id':
        break;
      case 'Extension.extension':
        if (element.min !== 0) return undefined;
        break;
      case 'Extension.url':
        if (element.fixedUri !== definition.url) return undefined;
        break;
      case 'Extension.value[x]':
        if (!isPlain(element)) return undefined;
        for (const { code } of element.type ?? []) values.add(jsonName(`value.ofType(${code})`));
        break;
      default:
        return undefined;
    }
  }
  return values.size === 0 ? undefined : values;
}

/** What an element may say without asking more of a value than its type does. */
const PLAIN =
  /^(?:id|path|short|definition|comment|requirements|alias|min|max|base|type|condition|constraint|mustSupport|isModifier|isSummary|binding|mapping)$/;

function isPlain(element: ElementDefinition): boolean {
  return (
    Object.keys(element).every((key) => PLAIN.test(key)) &&
    element.max === '1' &&
    readBindings(element).every((one) => one.strength !== 'required') &&
    (element.type ?? []).every((type) => Object.keys(type).every((key) => key === 'code'))
  );
}

function hasPlainValue(extension: Json, values: ReadonlySet<string>): boolean {
  let hasValue = false;
  for (const key in extension) {
    if (key === 'url' || key === 'id') continue;
    if (!values.has(key) || extension[key] === null) return false;
    hasValue = true;
  }
  return hasValue;
}

/** The JSON value that the first `depth` segments lead to. */
export function valueAt(c: Collector, depth: number): Json | undefined {
  let value: unknown = c.resource;
  for (let i = c.resourceDepth; i < depth && typeof value === 'object' && value !== null; i++) {
    const segment = c.path[i] as Segment;
    const holder = value as Json;
    value = holder[segment];
    if (typeof value !== 'object') value = holder[`_${segment}`];
  }
  return value as Json | undefined;
}
