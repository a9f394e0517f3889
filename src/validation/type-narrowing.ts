/**
 * What a profile says of types: fewer variants of a choice, profiles of datatypes and resources, other
 * targets of references.
 * https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.type
 */
import type { ElementDefinition } from '@medplum/fhirtypes';
import type { Collector, ItemCheck, OverlayContext } from './collector.ts';
import type { ElementSchema } from './element-schema.ts';
import { type Item, isObject } from './items.ts';
import { type ProfileNode, profilesOfType } from './profile-tree.ts';
import { targetResource } from './reference-target.ts';
import { list, show } from './suggestion.ts';

type TypeRef = NonNullable<ElementDefinition['type']>[number];

export function compileTypes(node: ProfileNode, base: ElementSchema, context: OverlayContext): ItemCheck[] {
  const types = node.element.type ?? [];
  if (types.length === 0 || node.element.contentReference !== undefined) return [];
  const checks: ItemCheck[] = [];
  const narrowed = narrowCheck(types, base, context);
  if (narrowed !== undefined) checks.push(narrowed);
  const profiled = profileCheck(types, base, context);
  if (profiled !== undefined) checks.push(profiled);
  const targets = targetCheck(types, base, context);
  if (targets !== undefined) checks.push(targets);
  return checks;
}

function narrowCheck(
  types: readonly TypeRef[],
  base: ElementSchema,
  context: OverlayContext,
): ItemCheck | undefined {
  const isResource = base.properties[0]?.kind === 'resource';
  const codes = new Set(types.map((type) => type.code as string));
  if (isResource) {
    if (codes.has('Resource') || codes.has('DomainResource')) return undefined;
  } else if (!base.isChoice || base.properties.every((property) => codes.has(property.type)))
    return undefined;
  return (item, c) => {
    if (codes.has(item.type) || c.isCounted()) return;
    const text = `${show(item.type).slice(1, -1)} is not allowed here by ${context.profileName}; allowed: ${list([...codes])}.`;
    c.report('type-not-allowed', text, { source: context.source });
  };
}

/** Profiles of the value itself. Extensions are held to their definitions wherever they occur. */
function profileCheck(
  types: readonly TypeRef[],
  base: ElementSchema,
  context: OverlayContext,
): ItemCheck | undefined {
  const byType = new Map<string, string[]>();
  for (const type of types) {
    const profiles = profilesOfType(type).filter((one) => !isBaseProfile(one, type.code as string, base));
    if (profiles.length > 0 && type.code !== 'Extension') byType.set(type.code as string, profiles);
    else byType.delete(type.code as string);
  }
  if (byType.size === 0) return undefined;
  const isResource = base.properties[0]?.kind === 'resource';
  // a part of another profile, named by elementdefinition-profile-element
  const ofPart = byType.get('BackboneElement') ?? byType.get('Element');
  const any = isResource ? [...byType.values()].flat() : [];
  return (item, c) => {
    const profiles =
      byType.get(item.type) ??
      (isResource && byType.has('Resource') ? any : item.type.includes('.') ? ofPart : undefined);
    if (profiles !== undefined) c.env.checkAny(profiles, item, context.source, c);
  };
}

function isBaseProfile(profile: string, code: string, base: ElementSchema): boolean {
  const url = profile.split('|', 1)[0];
  return (
    url === `http://hl7.org/fhir/StructureDefinition/${code}` ||
    base.properties.some((one) => one.profile === profile)
  );
}

function targetCheck(
  types: readonly TypeRef[],
  base: ElementSchema,
  context: OverlayContext,
): ItemCheck | undefined {
  const references = types.filter((type) => type.code === 'Reference');
  const targets = references.flatMap((type) => type.targetProfile ?? []);
  const modes = new Set<string>(references.flatMap((type) => type.aggregation ?? []));
  const baseTargets = base.properties.find((property) => property.type === 'Reference')?.targets;
  const isSame =
    targets.every((one) => isPlainType(one)) &&
    (targets.length === 0 ||
      targets.some((one) => one.endsWith('/Resource')) ||
      baseTargets?.every((type) => targets.some((one) => one.endsWith(`/${type}`))) === true);
  if (isSame && modes.size === 0) return undefined;
  const asked = isSame ? [] : targets;
  return (item, c) => {
    if (item.type !== 'Reference' || !isObject(item.value)) return;
    checkTarget(item, asked, modes, context, c);
  };
}

function isPlainType(profile: string): boolean {
  return /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/[A-Z][A-Za-z]+(?:\|.*)?$/.test(profile);
}

function checkTarget(
  item: Item,
  targets: readonly string[],
  modes: ReadonlySet<string>,
  context: OverlayContext,
  c: Collector,
): void {
  const target = targetResource(item.value as Readonly<Record<string, unknown>>, c);
  const fitting = target && c.env.fittingTargets(targets, target.type);
  if (target === undefined || fitting === undefined) return;
  if (
    modes.size > 0 &&
    !modes.has(target.how) &&
    (item.value as { reference?: unknown }).reference !== undefined
  ) {
    const text = `The target is ${target.how}, but ${context.profileName} allows ${list([...modes])} only.`;
    c.report('reference-target', text, { source: context.source, subject: 'aggregation' });
  }
  if (targets.length === 0) return;
  if (fitting.length === 0) {
    if (c.isCounted()) return;
    const types = [...new Set(targets.map((one) => c.env.typeOfProfile(one) ?? one))];
    const text = `Points to a ${target.type}; ${context.profileName} allows ${list(types)}.`;
    c.report('reference-target', text, { source: context.source });
  } else if (target.resource !== undefined) {
    c.env.checkTargetProfiles(fitting, target.resource, context.source, c);
  }
}
