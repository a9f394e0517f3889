// Households and movements: https://hl7.org/fhir/R4/group.html

Profile: MigrantCase
Parent: Group
Id: migrant-case
Title: "Migrant case"
Description: "The household or travel unit that applies together under one case number: a principal applicant and dependants. The case number is unique within the site that issued it, and names the case, not a person."
* obeys mhd-grp-1
* identifier 1..* MS
* identifier.system 1..1
* identifier.value 1..1
* identifier ^short = "Case number, under the system of the issuing site"
* active MS
* type = #person
* type MS
* actual = true
* actual MS
* code MS
* code = $mhd-kind#case
* name MS
* managingEntity MS
* characteristic 0..0
* member 1..* MS
* member.entity only Reference(MigrantPatient)
* member.entity MS
* member.extension contains CaseRole named caseRole 0..1 MS
* member.period MS
* member.inactive MS

Profile: MovementGroup
Parent: Group
Id: movement-group
Title: "Movement group"
Description: "The people who travel together on one flight, voyage or convoy. A receiver in the country of arrival fetches their records with Group/[id]/$export."
* identifier 1..* MS
* identifier.system 1..1
* identifier.value 1..1
* identifier ^short = "Flight, voyage or convoy number with its date"
* type = #person
* type MS
* actual = true
* actual MS
* code 1..1 MS
* code = $mhd-kind#movement
* name MS
* managingEntity MS
* characteristic 0..0
* member 1..* MS
* member.entity only Reference(MigrantPatient)
* member.entity MS

Invariant: mhd-grp-1
Description: "A case has one case number and exactly one principal applicant."
Severity: #error
Expression: "identifier.where(system.startsWith('{C}/sid/case-number')).count() = 1 and member.where(extension('{C}/StructureDefinition/case-role').value.code = 'principal-applicant').count() = 1"
