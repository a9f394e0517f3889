// Consent: https://hl7.org/fhir/R4/consent.html

Profile: MigrationConsent
Parent: Consent
Id: migration-consent
Title: "Migration consent"
Description: "Sharing is denied unless a permit says otherwise. Each permit names a receiving country or body, health purposes, and an end date. HIV and mental health need permits of their own (securityLabel). No permit can serve immigration enforcement: the purpose does not exist."
* obeys mhd-con-1 and mhd-con-2
* extension contains $ext-witness named witness 0..1 MS
* identifier MS
* status MS
* scope MS
* scope = $consentscope#patient-privacy
* category 1..* MS
* category from ConsentCategoryVS (extensible)
* patient 1..1 MS
* patient only Reference(MigrantPatient)
* dateTime 1..1 MS
* performer 1..* MS
* performer ^short = "The person, or the guardian who consents"
* organization 1..* MS
* source[x] MS
* source[x] ^short = "The signed form"
* policyRule 1..1 MS
* verification 1..* MS
* verification.verified MS
* verification.verifiedWith MS
* verification.verificationDate MS
* provision 1..1 MS
* provision.type 1..1 MS
* provision.type = #deny
* provision.provision MS
* provision.provision ^short = "One permit per receiving country or body; permits do not nest further, so that the rules see them all"
* provision.provision.provision 0..0
* provision.provision.type 1..1 MS
* provision.provision.period MS
* provision.provision.actor MS
* provision.provision.actor ^short = "IRCP (receives) or PRCP (main recipient)"
* provision.provision.action MS
* provision.provision.securityLabel MS
* provision.provision.securityLabel ^short = "Labels that the permit covers; without HIV or MH here they stay closed"
* provision.provision.purpose MS
* provision.provision.class MS
* provision.provision.data MS

Invariant: mhd-con-1
Description: "Sharing is denied by default; each permit names a recipient (IRCP or PRCP), a purpose and an end date."
Severity: #error
Expression: "provision.type = 'deny' and provision.provision.where(type='permit').all(period.end.exists() and purpose.exists() and actor.where(role.coding.where(code in ('IRCP' | 'PRCP')).exists()).exists())"

Invariant: mhd-con-2
Description: "The purposes permitted are health purposes only."
Severity: #error
Expression: "provision.provision.where(type='permit').purpose.all(system='http://terminology.hl7.org/CodeSystem/v3-ActReason' and code in ('TREAT' | 'ETREAT' | 'PUBHLTH' | 'CAREMGT' | 'COC' | 'PATRQT' | 'FAMRQT' | 'HRESCH'))"
