// Diagnoses and specimens.

Profile: MigrantCondition
Parent: Condition
Id: migrant-condition
Title: "Migrant condition"
Description: "A diagnosis or problem found at an assessment or visit, also as a significant medical condition (SMC) or a class A or B condition of the US scheme. Survivor status (trafficking, torture, gender-based violence) stands here, with its labels, and never on the Patient."
* identifier MS
* clinicalStatus MS
* verificationStatus MS
* category 1..* MS
* category ^slicing.discriminator.type = #pattern
* category ^slicing.discriminator.path = "$this"
* category ^slicing.rules = #open
* category ^slicing.description = "By code system"
* category contains
    core 0..1 MS and
    mhd 0..* MS
* category[core] ^patternCodeableConcept.coding.system = "http://terminology.hl7.org/CodeSystem/condition-category"
* category[core] from http://hl7.org/fhir/ValueSet/condition-category (required)
* category[core] ^short = "problem-list-item or encounter-diagnosis"
* category[mhd] ^patternCodeableConcept.coding.system = "{C}/CodeSystem/mhd-kind"
* category[mhd] from ConditionCategoryVS (required)
* category[mhd] ^short = "SMC, US class A or B"
* severity MS
* code 1..1 MS
* code from MigrantConditionVS (preferred)
* code.coding ^slicing.discriminator.type = #value
* code.coding ^slicing.discriminator.path = "system"
* code.coding ^slicing.rules = #open
* code.coding contains
    sct 0..1 MS and
    icd10 0..1 MS
* code.coding[sct].system 1..1
* code.coding[sct].system = "http://snomed.info/sct"
* code.coding[icd10].system 1..1
* code.coding[icd10].system = "http://hl7.org/fhir/sid/icd-10"
* subject only Reference(MigrantPatient)
* subject MS
* encounter MS
* onset[x] MS
* abatement[x] MS
* recordedDate MS
* recorder MS
* evidence MS
* note MS

Profile: MhdSpecimen
Parent: Specimen
Id: mhd-specimen
Title: "MHD specimen"
Description: "A sample with its collection: sputum (spontaneous or induced), gastric aspirate, blood, or a witnessed sample for a family link. For the latter only the custody of the sample is kept, never a result."
* extension contains ConsentReference named consentReference 0..1 MS
* identifier MS
* accessionIdentifier MS
* status MS
* type 1..1 MS
* type from SpecimenTypeVS (extensible)
* subject 1..1 MS
* subject only Reference(MigrantPatient)
* receivedTime MS
* request MS
* collection 1..1 MS
* collection.collector MS
* collection.collected[x] 1..1 MS
* condition MS
