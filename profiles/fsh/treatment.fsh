// Presumptive treatment before departure, and treatment of tuberculosis.

Profile: PresumptiveTreatment
Parent: MedicationAdministration
Id: presumptive-treatment
Title: "Presumptive treatment"
Description: "An observed dose against malaria or parasites before departure: artemether-lumefantrine, albendazole, ivermectin or praziquantel, with the checks that make it safe (pregnancy, Loa loa). A dose not given says why."
* obeys mhd-mad-1 and mhd-mad-2
* extension contains
    LoaLoaExposure named loaLoaExposure 0..1 MS and
    PregnancyCheck named pregnancyCheck 0..1 MS
* status MS
* statusReason MS
* category MS
* medication[x] only CodeableConcept
* medication[x] from PresumptiveMedicationVS (required)
* medication[x] MS
* subject only Reference(MigrantPatient)
* subject MS
* context MS
* supportingInformation MS
* supportingInformation ^short = "Body weight and other findings that the dose rests on"
* effective[x] MS
* performer MS
* performer ^short = "Who gave the dose and saw it swallowed; required when completed"
* reasonCode MS
* request MS
* dosage MS
* dosage.dose MS

Profile: TBTreatmentPlan
Parent: CarePlan
Id: tb-treatment-plan
Title: "TB treatment plan"
Description: "Directly observed treatment of tuberculosis: regimen, start, end, outcome and monitoring, as the panel site or the national programme gives it."
* identifier MS
* status MS
* intent MS
* category 1..* MS
* category ^slicing.discriminator.type = #pattern
* category ^slicing.discriminator.path = "$this"
* category ^slicing.rules = #open
* category contains tbTreatment 1..1 MS
* category[tbTreatment] = $mhd-kind#tb-treatment
* title MS
* subject only Reference(MigrantPatient)
* subject MS
* encounter MS
* period 1..1 MS
* period.start 1..1 MS
* period ^short = "Start and, once it is over, end of treatment"
* author MS
* contributor MS
* addresses MS
* supportingInfo MS
* activity MS
* note MS

Profile: TBTreatmentMedication
Parent: MedicationStatement
Id: tb-treatment-medication
Title: "TB medicine"
Description: "One medicine of a TB regimen: what, since when, how much, and whether each dose is observed (DOT)."
* status MS
* statusReason MS

* basedOn MS
* category MS
* medication[x] MS
* medication[x] only CodeableConcept
* subject only Reference(MigrantPatient)
* subject MS
* effective[x] 1..1 MS
* informationSource MS
* reasonCode MS
* reasonReference MS
* dosage MS

Invariant: mhd-mad-1
Description: "A presumptive dose that was given has a dose and an observer; one not given has a reason."
Severity: #error
Expression: "(status = 'completed' implies (dosage.dose.exists() and performer.exists())) and (status = 'not-done' implies statusReason.exists())"

Invariant: mhd-mad-2
Description: "Ivermectin needs a Loa loa exposure check that is negative; albendazole needs 'not pregnant' or 'not applicable'."
Severity: #error
Expression: "(status = 'completed' and medication.coding.where(system='http://www.whocc.no/atc' and code='P02CF01').exists() implies extension('{C}/StructureDefinition/loa-loa-exposure').where(value = false).exists()) and (status = 'completed' and medication.coding.where(system='http://www.whocc.no/atc' and code='P02CA03').exists() implies extension('{C}/StructureDefinition/pregnancy-check').value.coding.where(code in ('60001007' | 'not-applicable')).exists())"
