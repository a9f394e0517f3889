// Vaccine doses: https://hl7.org/fhir/R4/immunization.html

Profile: MigrantImmunization
Parent: Immunization
Id: migrant-immunization
Title: "Migrant immunization"
Description: "A vaccine dose that was given by the site, taken from a card or from memory, or not given for a stated reason. The fields carry what a vaccination worksheet, a national register and an international certificate ask for."
* obeys mhd-imm-1 and mhd-imm-2 and mhd-imm-3 and mhd-imm-4
* extension contains
    IcvpIntended named icvpIntended 0..1 MS and
    WhoPqProduct named whoPqProduct 0..1 MS
* identifier MS
* status MS
* statusReason MS
* statusReason from ImmunizationReasonVS (required)
* statusReason ^short = "Why the dose was not given"
* vaccineCode MS
* vaccineCode.coding ^slicing.discriminator.type = #value
* vaccineCode.coding ^slicing.discriminator.path = "system"
* vaccineCode.coding ^slicing.rules = #open
* vaccineCode.coding contains
    cvx 0..1 MS and
    sct 0..1 MS and
    atc 0..1 and
    icd11 0..1
* vaccineCode.coding[cvx] from VaccineCvxVS (preferred)
* vaccineCode.coding[cvx].system 1..1
* vaccineCode.coding[cvx].system = "http://hl7.org/fhir/sid/cvx"
* vaccineCode.coding[cvx].code 1..1
* vaccineCode.coding[cvx] ^short = "CVX: what US receivers read"
* vaccineCode.coding[sct].system 1..1
* vaccineCode.coding[sct] from VaccineProductVS (preferred)
* vaccineCode.coding[sct].system = "http://snomed.info/sct"
* vaccineCode.coding[sct].code 1..1
* vaccineCode.coding[sct] ^short = "SNOMED CT product: what an International Patient Summary reads"
* vaccineCode.coding[atc].system 1..1
* vaccineCode.coding[atc].system = "http://www.whocc.no/atc"
* vaccineCode.coding[atc].code 1..1
* vaccineCode.coding[atc] ^short = "ATC group J07"
* vaccineCode.coding[icd11].system 1..1
* vaccineCode.coding[icd11].system = "http://id.who.int/icd/release/11/mms"
* vaccineCode.coding[icd11].code 1..1
* vaccineCode.coding[icd11] ^short = "ICD-11 extension code, as WHO SMART Immunizations uses"
* patient only Reference(MigrantPatient)
* patient MS
* encounter MS
* occurrence[x] MS
* occurrence[x] ^short = "Date of the dose; a text such as 'as a child' only for history"
* recorded MS
* primarySource 1..1 MS
* primarySource ^short = "True: given or seen by the site. False: taken from a card, register or memory"
* reportOrigin MS
* location MS
* manufacturer MS
* lotNumber MS
* expirationDate MS
* site MS
* route MS
* doseQuantity MS
* performer MS
* protocolApplied MS
* protocolApplied.series MS
* protocolApplied.targetDisease MS
* protocolApplied.targetDisease from TargetDiseaseVS (preferred)
* protocolApplied.doseNumber[x] MS
* protocolApplied.seriesDoses[x] MS
* reaction MS

Invariant: mhd-imm-1
Description: "A dose that was not given has a reason, and no lot, dose quantity or reaction."
Severity: #error
Expression: "status = 'not-done' implies (statusReason.exists() and lotNumber.empty() and doseQuantity.empty() and reaction.empty())"

Invariant: mhd-imm-2
Description: "A dose given by the site has a lot number and a performer; a dose taken from history says where it is known from (reportOrigin)."
Severity: #error
Expression: "(status = 'completed' and primarySource = true implies (lotNumber.exists() and performer.exists())) and (primarySource = false implies reportOrigin.exists())"

Invariant: mhd-imm-3
Description: "A dose meant for an international certificate carries maker, lot, full date and clinician."
Severity: #error
Expression: "extension('{C}/StructureDefinition/icvp-intended').where(value = true).exists() implies (manufacturer.exists() and lotNumber.exists() and performer.exists() and occurrence.ofType(dateTime).toString().length() >= 10)"

Invariant: mhd-imm-4
Description: "The dose number is not above the number of doses in the series."
Severity: #error
Expression: "protocolApplied.where(doseNumber.ofType(positiveInt).exists() and seriesDoses.ofType(positiveInt).exists()).all(doseNumber <= seriesDoses)"
