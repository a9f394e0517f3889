// The person: https://hl7.org/fhir/R4/patient.html

Profile: MigrantPatient
Parent: Patient
Id: migrant-patient
Title: "Migrant patient"
Description: "A person whom IOM or a partner sees for health reasons before, during or after migration. A clinic with no documents to go by can fill it in: a name in any form, a birth date as precise as it is known (or the reason why it is not), and the MHD number that the site assigns. A case number names a household, so it may stand on several patients."
* obeys mhd-pat-1 and mhd-pat-2 and mhd-pat-3 and mhd-pat-4 and mhd-pat-5 and mhd-pat-6 and mhd-pat-7
* extension contains
    $ext-nationality named nationality 0..* MS and
    $ext-citizenship named citizenship 0..* MS and
    $ext-birthPlace named birthPlace 0..1 MS and
    $ext-interpreterRequired named interpreterRequired 0..1 MS and
    $ext-genderIdentity named genderIdentity 0..1 and
    $ext-disability named disability 0..* and
    MigrantCategory named migrantCategory 0..1 and
    Displacement named displacement 0..1 and
    Vulnerability named vulnerability 0..* MS and
    Pseudonymous named pseudonymous 0..1 MS
* extension[nationality].extension[code].value[x] from NationalityVS (required)
* extension[citizenship].extension[code].value[x] from NationalityVS (required)
* identifier 1..* MS
* identifier.system 1..1 MS
* identifier.value 1..1 MS
* identifier.assigner MS
* identifier ^slicing.discriminator.type = #value
* identifier ^slicing.discriminator.path = "system"
* identifier ^slicing.rules = #open
* identifier ^slicing.description = "By system. Passports (one HL7 system per issuing country, type PPN), case numbers (one system per site) and national identifiers (type NI) come as further identifiers: see the rules mhd-pat-2 and mhd-pat-7."
* identifier contains
    mhdId 1..1 MS and
    unhcr 0..1 MS and
    alienNumber 0..1 MS and
    hapId 0..1 MS and
    uci 0..1 MS
* identifier[mhdId] ^short = "MHD individual number: one per person, never reused"
* identifier[mhdId].system = "{C}/sid/mhd-id"
* identifier[unhcr] ^short = "UNHCR individual number"
* identifier[unhcr].system = "{C}/sid/unhcr"
* identifier[alienNumber] ^short = "US alien number (A-number)"
* identifier[alienNumber].system = "{C}/sid/us-alien-number"
* identifier[hapId] ^short = "Australian HAP ID"
* identifier[hapId].system = "{C}/sid/au-hap-id"
* identifier[uci] ^short = "Canadian unique client identifier"
* identifier[uci].system = "{C}/sid/ca-uci"
* name 1..* MS
* name obeys mhd-pat-8
* name ^short = "As in the travel document (use = official); a second name in the original script"
* name.extension contains $ext-language named language 0..1
* name.family MS
* name.given MS
* name.text MS
* telecom MS
* gender 1..1 MS
* birthDate 1..1 MS
* birthDate ^short = "As precise as it is known: year, year and month, or the full date"
* birthDate.extension contains
    BirthDateAccuracy named accuracy 0..1 MS and
    $ext-data-absent-reason named dataAbsentReason 0..1 MS and
    $ext-birthTime named birthTime 0..1
* address MS
* address ^short = "Present address; not stored for a protected person, or labelled V"
* address.country ^short = "ISO 3166-1 alpha-3"
* contact MS
* contact ^short = "Guardian, relative or agency; required for a child alone"
* contact.relationship MS
* contact.name MS
* contact.organization MS
* communication MS
* communication.language from MigrantLanguageVS (preferred)
* communication.preferred MS
* communication.extension contains $ext-proficiency named proficiency 0..*
* managingOrganization 1..1 MS
* managingOrganization only Reference(Organization)
* managingOrganization ^short = "IOM site or partner that keeps the record"
* link MS
* link ^short = "Merged records: replaced-by, replaces, seealso"

Invariant: mhd-pat-1
Description: "A patient has exactly one MHD individual number, and it is not blank."
Severity: #error
Expression: "identifier.where(system='{C}/sid/mhd-id' and value.exists()).count() = 1"

Invariant: mhd-pat-2
Description: "A passport number stands under the HL7 passport system of its issuing country, such as http://hl7.org/fhir/sid/passport-NPL."
Severity: #error
Expression: "identifier.where(type.coding.where(system='http://terminology.hl7.org/CodeSystem/v2-0203' and code='PPN').exists()).all(system.matches('^http://hl7.org/fhir/sid/passport-[A-Z]{3}$') and value.exists())"

Invariant: mhd-pat-3
Description: "The birth date is given, or a data-absent-reason says why it is not."
Severity: #error
Expression: "birthDate.hasValue() or birthDate.extension('http://hl7.org/fhir/StructureDefinition/data-absent-reason').exists()"

Invariant: mhd-pat-4
Description: "A birth date is not in the future."
Severity: #error
Expression: "birthDate.hasValue() implies (birthDate.toString().substring(0,4).toInteger() <= today().toString().substring(0,4).toInteger() and (birthDate.toString().length() = 10 implies birthDate <= today()))"

Invariant: mhd-pat-5
Description: "An unaccompanied or separated child has a responsible adult or agency as contact."
Severity: #error
Expression: "extension('{C}/StructureDefinition/vulnerability').value.coding.where(system='{C}/CodeSystem/mhd-vulnerability' and (code='unaccompanied-child' or code='separated-child')).exists() implies contact.where(relationship.exists() and (name.exists() or organization.exists())).exists()"

Invariant: mhd-pat-6
Description: "Survivor status (trafficking, torture, gender-based violence) and irregular status are never carried on the Patient."
Severity: #error
Expression: "extension('{C}/StructureDefinition/vulnerability').value.coding.where(code in ('victim-of-trafficking' | 'torture-survivor' | 'gbv-survivor')).empty() and extension('{C}/StructureDefinition/migrant-category').value.coding.where(code = 'irregular-migrant').empty()"

Invariant: mhd-pat-7
Description: "A number under a passport system is marked as a passport (type PPN), and a case number names the site that issued it in its system, such as .../case-number/TH-BKK."
Severity: #error
Expression: "identifier.where(system.startsWith('http://hl7.org/fhir/sid/passport-')).all(type.coding.where(system='http://terminology.hl7.org/CodeSystem/v2-0203' and code='PPN').exists()) and identifier.where(system.startsWith('{C}/sid/case-number')).all(system.matches('^{C}/sid/case-number/[A-Z]{2}-[A-Z0-9]{2,12}$'))"

Invariant: mhd-pat-8
Description: "A name has a family name, a given name or, for a person with one name only, a text."
Severity: #error
Expression: "family.exists() or given.exists() or text.exists()"
