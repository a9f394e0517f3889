// Visits: https://hl7.org/fhir/R4/encounter.html

Profile: MigrationEncounter
Parent: Encounter
Id: migration-encounter
Title: "Migration encounter"
Description: "A visit or check within a migration episode, from registration and health assessment to the pre-embarkation check and follow-up after arrival. One type says which step of the journey it is; a SNOMED CT code for the same step may stand beside it."
* obeys mhd-enc-1 and mhd-enc-2
* extension contains
    ProgrammeArea named programmeArea 1..1 MS and
    PlannedDeparture named plannedDeparture 0..1 MS and
    $ext-modeOfArrival named modeOfArrival 0..1
* identifier MS
* status MS
* class MS
* class from MigrationEncounterClassVS (extensible)
* class ^short = "AMB, FLD (mobile clinic), IMP, EMER, VR or HH"
* type 1..* MS
* type ^slicing.discriminator.type = #pattern
* type ^slicing.discriminator.path = "$this"
* type ^slicing.rules = #open
* type ^slicing.description = "The step of the journey, by its code system"
* type contains mhdType 1..1 MS
* type[mhdType] ^patternCodeableConcept.coding.system = "{C}/CodeSystem/mhd-encounter-type"
* type[mhdType] from MhdEncounterTypeVS (required)
* type[mhdType] ^short = "Step of the journey; SNOMED CT for the same step may be a second coding or a second type"
* subject 1..1 MS
* subject only Reference(MigrantPatient)
* episodeOfCare 1..* MS
* episodeOfCare only Reference(MigrationEpisode)
* participant MS
* period 1..1 MS
* reasonCode MS
* diagnosis MS
* location MS
* serviceProvider 1..1 MS

Invariant: mhd-enc-1
Description: "A finished encounter has a start and an end."
Severity: #error
Expression: "status = 'finished' implies (period.start.exists() and period.end.exists())"

Invariant: mhd-enc-2
Description: "A pre-embarkation check takes place within the 72 hours before the planned departure, which is stated with its time."
Severity: #error
Expression: "type.coding.where(code='pre-embarkation-check').exists() implies (extension('{C}/StructureDefinition/planned-departure').value.exists() and period.start <= extension('{C}/StructureDefinition/planned-departure').value and period.start + 72 hours >= extension('{C}/StructureDefinition/planned-departure').value)"
