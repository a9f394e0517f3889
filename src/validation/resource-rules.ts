/** Which hand-written rules a type of resource has besides its definition. */
import type { Resource } from '../fhir/types.ts';
import { checkBundle } from './bundle-rules.ts';
import type { Collector } from './collector.ts';
import { checkMeasure, checkMeasureReport } from './measure-rules.ts';
import { checkQuestionnaireResponse } from './questionnaire-response-rules.ts';
import { checkQuestionnaire } from './questionnaire-rules.ts';
import { checkCapabilityStatement, checkSearchParameter } from './search-rules.ts';
import { checkStructureDefinition } from './structure-definition-rules.ts';
import {
  checkCodeSystem,
  checkConceptMap,
  checkOperationDefinition,
  checkValueSet,
} from './terminology-rules.ts';
import { checkVitalSigns } from './vital-signs.ts';

export type ResourceRule = (resource: Resource, c: Collector) => void;

export const RESOURCE_RULES: ReadonlyMap<string, ResourceRule> = new Map<string, ResourceRule>([
  ['Bundle', (bundle, c) => (c.bundle === undefined ? undefined : checkBundle(bundle, c.bundle, c))],
  ['CapabilityStatement', checkCapabilityStatement],
  ['CodeSystem', checkCodeSystem],
  ['ConceptMap', checkConceptMap],
  ['Measure', checkMeasure],
  ['MeasureReport', checkMeasureReport],
  ['Observation', checkVitalSigns],
  ['OperationDefinition', checkOperationDefinition],
  ['Questionnaire', checkQuestionnaire],
  ['QuestionnaireResponse', checkQuestionnaireResponse],
  ['SearchParameter', checkSearchParameter],
  ['StructureDefinition', checkStructureDefinition],
  ['ValueSet', checkValueSet],
]);
