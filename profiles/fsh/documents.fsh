// Reports, documents and certificates.

Profile: AssessmentReport
Parent: DiagnosticReport
Id: assessment-report
Title: "Assessment report"
Description: "The results of one migration health assessment in one place, with the conclusion (TB class, fitness) and the signed form."
* extension contains $ext-episodeOfCare named episodeOfCare 0..1 MS
* identifier MS
* status MS
* category MS
* code MS
* code = $sct#103738006
* subject 1..1 MS
* subject only Reference(MigrantPatient)
* encounter MS
* effective[x] 1..1 MS
* issued MS
* performer 1..* MS
* result MS
* imagingStudy MS
* conclusion MS
* conclusionCode MS
* conclusionCode ^short = "TB class and fitness decision"
* presentedForm MS

RuleSet: DocumentSection(name, code, title, min)
* section contains {name} {min}..1 MS
* section[{name}].title 1..1 MS
* section[{name}].code 1..1 MS
* section[{name}].code = {code}
* section[{name}] ^short = "{title}"

RuleSet: SectionsByCode
* section ^slicing.discriminator.type = #pattern
* section ^slicing.discriminator.path = "code"
* section ^slicing.rules = #open
* section ^slicing.description = "By code"

Profile: AssessmentDocument
Parent: Composition
Id: assessment-document
Title: "Assessment document"
Description: "The whole assessment as a document that travels with the person: identity and consent, history, examination, results, tuberculosis, immunizations, medicines, problems, fitness, plan and referral. Composition/[id]/$document makes the Bundle."
* identifier MS
* status MS
* type MS
* type = $loinc#34117-2
* category MS
* subject 1..1 MS
* subject only Reference(MigrantPatient)
* encounter MS
* date MS
* author MS
* title MS
* confidentiality MS
* confidentiality ^short = "At least as high as the highest label inside"
* attester MS
* custodian 1..1 MS
* event MS
* section 1..* MS
* insert SectionsByCode
* insert DocumentSection(identityConsent, $mhd-kind#section-identity-consent, [[Identity and consent]], 0)
* insert DocumentSection(history, $loinc#11348-0, [[History of past illness]], 0)
* insert DocumentSection(physical, $loinc#29545-1, [[Physical findings]], 0)
* insert DocumentSection(results, $loinc#30954-2, [[Results]], 1)
* insert DocumentSection(tuberculosis, $mhd-kind#section-tb, [[Tuberculosis]], 0)
* insert DocumentSection(immunizations, $loinc#11369-6, [[Immunizations]], 0)
* insert DocumentSection(medications, $loinc#10160-0, [[Medicines]], 0)
* insert DocumentSection(problems, $loinc#11450-4, [[Problems]], 0)
* insert DocumentSection(fitness, $mhd-kind#section-fitness, [[Fitness to travel]], 0)
* insert DocumentSection(plan, $loinc#18776-5, [[Plan]], 0)
* insert DocumentSection(referral, $loinc#42349-1, [[Reason for referral]], 0)

Profile: CertificateDocument
Parent: Composition
Id: certificate-document
Title: "Certificate document"
Description: "What an airline, a visa office, an employer or an agent may see: who, the decision, the scheme and until when it is valid. It has one section with the fitness decision and, where the scheme asks for it, the TB class. It never refers to a finding."
* identifier 1..1 MS
* status MS
* type MS
* type = $mhd-kind#clearance-certificate
* subject 1..1 MS
* subject only Reference(MigrantPatient)
* date MS
* author MS
* title MS
* attester 1..* MS
* custodian 1..1 MS
* event 1..1 MS
* event.period 1..1 MS
* event.period.end 1..1 MS
* event.period ^short = "From the decision until it expires"
* section 1..1 MS
* section.title 1..1 MS
* section.code 1..1 MS
* section.code = $mhd-kind#section-fitness
* section.text 1..1 MS
* section.entry 1..2 MS
* section.entry only Reference(FitToTravel or TBClassification)
* section.section 0..0

Profile: MhdDocumentBundle
Parent: Bundle
Id: mhd-document-bundle
Title: "MHD document"
Description: "A document Bundle of an assessment or certificate. It is labelled at least as restricted as what is in it, HIV content travels only with an active consent, and M. tuberculosis in culture only with its classification."
* obeys mhd-bdl-1 and mhd-bdl-2 and mhd-bdl-3
* identifier 1..1 MS
* type MS
* type = #document
* timestamp 1..1 MS
* entry 2..* MS
* entry.fullUrl 1..1 MS
* entry.resource 1..1 MS
* entry.search 0..0
* entry.request 0..0
* entry.response 0..0

Profile: MhdDocumentReference
Parent: DocumentReference
Id: mhd-document-reference
Title: "MHD document reference"
Description: "A signed form, certificate, film report or transfer summary kept as a file, and until when it is valid."
* extension contains ValidUntil named validUntil 0..1 MS
* identifier MS
* status MS
* docStatus MS
* type 1..1 MS
* category MS
* subject 1..1 MS
* subject only Reference(MigrantPatient)
* date MS
* author MS
* custodian MS
* relatesTo MS
* securityLabel MS
* content MS
* content.attachment MS
* context MS

Invariant: mhd-bdl-1
Description: "A bundle that holds a culture of M. tuberculosis also holds a class A or B0 classification, or its like in the scheme of another country."
Severity: #error
Expression: "entry.resource.ofType(Observation).where(code.coding.where(code='539-7').exists() and component.value.coding.where(code in ('113861009' | '113858008')).exists()).exists() implies entry.resource.ofType(Observation).where(value.coding.where(system='{C}/CodeSystem/tb-immigration-class' and code in ('A' | 'A-waiver' | 'B0-pulmonary' | 'GB-tb-found' | 'GB-cleared' | 'CA-S2.02' | 'CA-S2.02U' | 'AU-undertaking')).exists()).exists()"

Invariant: mhd-bdl-2
Description: "A bundle is labelled at least as restricted as what is in it."
Severity: #error
Expression: "entry.resource.meta.security.where(system='http://terminology.hl7.org/CodeSystem/v3-Confidentiality' and code in ('R' | 'V')).exists() implies meta.security.where(system='http://terminology.hl7.org/CodeSystem/v3-Confidentiality' and code in ('R' | 'V')).exists()"

Invariant: mhd-bdl-3
Description: "HIV content travels with the active consent that lets it travel."
Severity: #error
Expression: "entry.resource.meta.security.where(system='http://terminology.hl7.org/CodeSystem/v3-ActCode' and code='HIV').exists() implies entry.resource.ofType(Consent).where(status='active').exists()"
