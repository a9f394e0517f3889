// Names for the systems that the files of this folder use. {C} is the canonical base, filled in by the build.

Alias: $sct = http://snomed.info/sct
Alias: $loinc = http://loinc.org
Alias: $ucum = http://unitsofmeasure.org
Alias: $cvx = http://hl7.org/fhir/sid/cvx
Alias: $icd10 = http://hl7.org/fhir/sid/icd-10
Alias: $icd11 = http://id.who.int/icd/release/11/mms
Alias: $atc = http://www.whocc.no/atc
Alias: $iso3166 = urn:iso:std:iso:3166
Alias: $bcp47 = urn:ietf:bcp:47
Alias: $v2-0203 = http://terminology.hl7.org/CodeSystem/v2-0203
Alias: $v3-ActCode = http://terminology.hl7.org/CodeSystem/v3-ActCode
Alias: $v3-ActReason = http://terminology.hl7.org/CodeSystem/v3-ActReason
Alias: $v3-Confidentiality = http://terminology.hl7.org/CodeSystem/v3-Confidentiality
Alias: $v3-ObservationInterpretation = http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation
Alias: $v3-ParticipationType = http://terminology.hl7.org/CodeSystem/v3-ParticipationType
Alias: $observation-category = http://terminology.hl7.org/CodeSystem/observation-category
Alias: $condition-category = http://terminology.hl7.org/CodeSystem/condition-category
Alias: $consentscope = http://terminology.hl7.org/CodeSystem/consentscope
Alias: $data-absent-reason = http://terminology.hl7.org/CodeSystem/data-absent-reason

Alias: $mhd-observation = {C}/CodeSystem/mhd-observation
Alias: $mhd-result = {C}/CodeSystem/mhd-result
Alias: $mhd-kind = {C}/CodeSystem/mhd-kind
Alias: $mhd-service = {C}/CodeSystem/mhd-service
Alias: $mhd-identifier-type = {C}/CodeSystem/mhd-identifier-type

Alias: $ext-nationality = http://hl7.org/fhir/StructureDefinition/patient-nationality
Alias: $ext-citizenship = http://hl7.org/fhir/StructureDefinition/patient-citizenship
Alias: $ext-birthPlace = http://hl7.org/fhir/StructureDefinition/patient-birthPlace
Alias: $ext-interpreterRequired = http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired
Alias: $ext-genderIdentity = http://hl7.org/fhir/StructureDefinition/patient-genderIdentity
Alias: $ext-disability = http://hl7.org/fhir/StructureDefinition/patient-disability
Alias: $ext-proficiency = http://hl7.org/fhir/StructureDefinition/patient-proficiency
Alias: $ext-birthTime = http://hl7.org/fhir/StructureDefinition/patient-birthTime
Alias: $ext-data-absent-reason = http://hl7.org/fhir/StructureDefinition/data-absent-reason
Alias: $ext-language = http://hl7.org/fhir/StructureDefinition/language
Alias: $ext-episodeOfCare = http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare
Alias: $ext-modeOfArrival = http://hl7.org/fhir/StructureDefinition/encounter-modeOfArrival
Alias: $ext-flag-priority = http://hl7.org/fhir/StructureDefinition/flag-priority
Alias: $ext-witness = http://hl7.org/fhir/StructureDefinition/consent-Witness
