/**
 * The clinical date that the lists of a type are ordered by: `_sort=-date` on it costs nothing.
 */
import type { CompiledParameter } from './compiled-parameter.ts';
import { CONTAINED, type SearchParameters } from './parameters.ts';

/** Where it is not the parameter `date`. */
const PRIMARY: Readonly<Record<string, string>> = {
  Appointment: 'date',
  CarePlan: 'date',
  Claim: 'created',
  ClaimResponse: 'created',
  Communication: 'sent',
  CommunicationRequest: 'authored',
  Condition: 'recorded-date',
  CoverageEligibilityRequest: 'created',
  CoverageEligibilityResponse: 'created',
  DeviceRequest: 'authored-on',
  ExplanationOfBenefit: 'created',
  Goal: 'start-date',
  ImagingStudy: 'started',
  Media: 'created',
  MedicationAdministration: 'effective-time',
  MedicationDispense: 'whenhandedover',
  MedicationRequest: 'authoredon',
  MedicationStatement: 'effective',
  NutritionOrder: 'datetime',
  PaymentNotice: 'created',
  PaymentReconciliation: 'created',
  Provenance: 'recorded',
  QuestionnaireResponse: 'authored',
  ServiceRequest: 'authored',
  Slot: 'start',
  Specimen: 'collected',
  Task: 'authored-on',
  Bundle: 'timestamp',
};

/** The code of the parameter, which a type need not have. */
export function primaryDateCode(type: string): string {
  return PRIMARY[type] ?? 'date';
}

export function primaryDate(parameters: SearchParameters, type: string): CompiledParameter | undefined {
  // the lists of a container are in the order of its own date
  if (type.includes(CONTAINED)) return undefined;
  const parameter = parameters.find(type, primaryDateCode(type));
  return parameter?.type === 'date' && parameter.answeredBy[0] === parameter ? parameter : undefined;
}
