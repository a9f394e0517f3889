// What all findings have in common: https://hl7.org/fhir/R4/observation.html

Profile: MhdObservation
Parent: Observation
Id: mhd-observation
Title: "MHD observation"
Description: "Base of all findings of a migration health assessment: whose, when, by whom, in which visit and episode, and a value or the reason why there is none. The particular tests derive from it; a finding without a profile of its own may use it directly."
* ^abstract = false
* obeys mhd-obs-1
* extension contains
    $ext-episodeOfCare named episodeOfCare 0..1 MS and
    ConsentReference named consentReference 0..1 MS
* identifier MS
* status MS
* category 1..* MS
* category ^slicing.discriminator.type = #pattern
* category ^slicing.discriminator.path = "$this"
* category ^slicing.rules = #open
* category ^slicing.description = "At least one of the core categories"
* category contains
    laboratory 0..1 and
    imaging 0..1 and
    exam 0..1 and
    survey 0..1
* category[laboratory] = $observation-category#laboratory
* category[imaging] = $observation-category#imaging
* category[exam] = $observation-category#exam
* category[survey] = $observation-category#survey
* code MS
* subject 1..1 MS
* subject only Reference(MigrantPatient)
* encounter MS

* effective[x] 1..1 MS
* effective[x] only dateTime or Period
* effective[x] ^short = "When the sample was taken or the finding made; data-absent-reason when unknown"
* issued MS
* performer MS
* value[x] MS
* dataAbsentReason MS
* interpretation MS
* note MS
* specimen MS
* derivedFrom MS
* component MS

Invariant: mhd-obs-1
Description: "A reported finding has a value or the reason why there is none, unless its components or members carry the values."
Severity: #error
Expression: "(status in ('final' | 'amended' | 'corrected') and component.empty() and hasMember.empty()) implies (value.exists() or dataAbsentReason.exists())"

RuleSet: ComponentsByCode
* component ^slicing.discriminator.type = #pattern
* component ^slicing.discriminator.path = "code"
* component ^slicing.rules = #open
* component ^slicing.description = "By code"

RuleSet: CodedComponent(name, valueSet)
* component[{name}].value[x] only CodeableConcept
* component[{name}].value[x] from {valueSet} (required)

RuleSet: CodedAnswer(valueSet)
* value[x] only CodeableConcept
* value[x] from {valueSet} (required)
