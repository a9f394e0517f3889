// HIV: single assays, status, viral load, CD4. All are restricted (R or V) and labelled HIV.

RuleSet: HivLabel
* obeys mhd-hiv-1
* meta 1..1 MS
* meta.security 2..* MS
* meta.security ^short = "R or V (confidentiality) and HIV (sensitivity)"

Profile: HivAssay
Parent: MhdObservation
Id: hiv-assay
Title: "HIV assay"
Description: "One assay of the testing strategy: reactive, non-reactive or invalid, never 'positive'. A status follows from several assays. Each assay names the consent under which it was done."
* insert HivLabel
* insert ComponentsByCode
* extension[consentReference] 1..1
* category[laboratory] 1..1 MS
* code from HivAssayCodeVS (required)
* performer 1..*
* insert CodedAnswer(HivAssayResultVS)
* interpretation from ReactivityVS (extensible)
* component contains
    assayNumber 0..1 MS and
    kitLot 0..1 MS and
    counsellingDone 0..1 MS
* component[assayNumber].code = $mhd-observation#assay-number
* component[assayNumber] ^short = "Place in the strategy: 1, 2 or 3"
* component[assayNumber].value[x] only integer
* component[kitLot].code = $mhd-observation#kit-lot
* component[kitLot] ^short = "Kit and lot"
* component[kitLot].value[x] only string
* component[counsellingDone].code = $mhd-observation#counselling-done
* component[counsellingDone] ^short = "Counselling before the test"
* component[counsellingDone].value[x] only boolean

Profile: HivStatus
Parent: MhdObservation
Id: hiv-status
Title: "HIV status"
Description: "The conclusion from the assays: positive, negative or inconclusive. A positive status rests on at least two reactive assays; WHO's strategy for low prevalence uses three."
* insert HivLabel
* obeys mhd-hiv-2 and mhd-hiv-2b
* category[laboratory] 1..1 MS
* code = $loinc#55277-8
* performer 1..*
* insert CodedAnswer(HivStatusVS)
* derivedFrom ^short = "The assays"

Profile: HivViralLoad
Parent: MhdObservation
Id: hiv-viral-load
Title: "HIV viral load"
Description: "HIV RNA in plasma or dried blood, in copies per mL; below the limit of detection with a comparator."
* insert HivLabel
* obeys mhd-hiv-3
* category[laboratory] 1..1 MS
* code from HivViralLoadCodeVS (required)
* performer 1..*
* value[x] only Quantity
* valueQuantity ^short = "Number with unit {copies}/mL; comparator '<' when below the limit"
* specimen ^short = "Plasma or dried blood spot"

Profile: Cd4Count
Parent: MhdObservation
Id: cd4-count
Title: "CD4 count"
Description: "CD4 cells per microlitre, or per cent of lymphocytes."
* insert HivLabel
* category[laboratory] 1..1 MS
* code from Cd4CodeVS (required)
* performer 1..*
* value[x] only Quantity
* valueQuantity from Cd4UnitVS (required)

Invariant: mhd-hiv-1
Description: "An HIV result is labelled restricted (R or V) and HIV-sensitive."
Severity: #error
Expression: "meta.security.where(system='http://terminology.hl7.org/CodeSystem/v3-Confidentiality' and code in ('R' | 'V')).exists() and meta.security.where(system='http://terminology.hl7.org/CodeSystem/v3-ActCode' and code='HIV').exists()"

Invariant: mhd-hiv-2
Description: "An HIV-positive status rests on at least two reactive assays (derivedFrom)."
Severity: #error
Expression: "value.coding.where(code='165816005').exists() implies derivedFrom.count() >= 2"

Invariant: mhd-hiv-2b
Description: "An HIV-positive status rests on {HIV_ASSAYS} reactive assays under the WHO strategy for low prevalence. (Where two suffice, ignore it: a warning.)"
Severity: #warning
Expression: "value.coding.where(code='165816005').exists() implies derivedFrom.count() >= {HIV_ASSAYS}"

Invariant: mhd-hiv-3
Description: "A viral load is in copies per mL (or IU/mL, or log copies/mL), with '<' when it is below the limit."
Severity: #error
Expression: "value.ofType(Quantity).exists() implies value.where(system = 'http://unitsofmeasure.org' and code in ('{copies}/mL' | '[IU]/mL' | '{Log_copies}/mL') and value >= 0).exists()"
