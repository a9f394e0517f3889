// What a conforming server and client must do: https://hl7.org/fhir/R4/capabilitystatement.html

RuleSet: StatementHead(id, name, title, description)
* id = "{id}"
* url = "{C}/CapabilityStatement/{id}"
* name = "{name}"
* title = "{title}"
* status = #draft
* date = "{DATE}"
* description = "{description}"
* kind = #requirements
* fhirVersion = #4.0.1
* format[0] = #json
* implementationGuide[0] = "{C}/ImplementationGuide/iom.mhd"

RuleSet: Type(type)
* rest.resource[+].type = #{type}

RuleSet: Profiled(profile)
* rest.resource[=].supportedProfile[+] = "{C}/StructureDefinition/{profile}"

RuleSet: Does(code)
* rest.resource[=].interaction[+].code = #{code}

RuleSet: ReadWrite
* insert Does(read)
* insert Does(vread)
* insert Does(search-type)
* insert Does(create)
* insert Does(update)
* insert Does(history-instance)

RuleSet: ReadOnly
* insert Does(read)
* insert Does(search-type)

RuleSet: Finds(name, type, definition)
* rest.resource[=].searchParam[+].name = "{name}"
* rest.resource[=].searchParam[=].type = #{type}
* rest.resource[=].searchParam[=].definition = "{definition}"

RuleSet: FindsCore(name, type, id)
* insert Finds({name}, {type}, http://hl7.org/fhir/SearchParameter/{id})

RuleSet: FindsOwn(name, type)
* insert Finds({name}, {type}, {C}/SearchParameter/{name})

RuleSet: Operates(name, definition)
* rest.resource[=].operation[+].name = "{name}"
* rest.resource[=].operation[=].definition = "{definition}"

RuleSet: ServerTypes
* insert Type(Patient)
* insert Profiled(migrant-patient)
* insert ReadWrite
* insert FindsCore(identifier, token, Patient-identifier)
* insert FindsCore(name, string, Patient-name)
* insert FindsCore(birthdate, date, individual-birthdate)
* insert FindsCore(gender, token, individual-gender)
* insert FindsCore(phonetic, string, individual-phonetic)
* insert Operates(everything, http://hl7.org/fhir/OperationDefinition/Patient-everything)
* insert Operates(match, http://hl7.org/fhir/OperationDefinition/Patient-match)
* insert Operates(summary, http://hl7.org/fhir/uv/ips/OperationDefinition/summary)
* insert Operates(icvp, {C}/OperationDefinition/icvp)
* insert Type(Group)
* insert Profiled(migrant-case)
* insert Profiled(movement-group)
* insert ReadWrite
* rest.resource[=].searchInclude[+] = "Group:member"
* insert FindsCore(identifier, token, Group-identifier)
* insert FindsCore(member, reference, Group-member)
* insert FindsCore(code, token, Group-code)
* insert Operates(export, http://hl7.org/fhir/uv/bulkdata/OperationDefinition/group-export)
* insert Type(EpisodeOfCare)
* insert Profiled(migration-episode)
* insert ReadWrite
* insert FindsCore(patient, reference, clinical-patient)
* insert FindsCore(status, token, EpisodeOfCare-status)
* insert FindsOwn(programme, token)
* insert FindsOwn(migrant-category, token)
* insert FindsOwn(destination, token)
* insert FindsOwn(departure, token)
* insert FindsOwn(planned-departure, date)
* insert Type(Encounter)
* insert Profiled(migration-encounter)
* insert ReadWrite
* insert FindsCore(patient, reference, clinical-patient)
* insert FindsCore(date, date, clinical-date)
* insert FindsCore(type, token, clinical-type)
* insert FindsCore(status, token, Encounter-status)
* insert FindsOwn(mhd-type, token)
* insert FindsOwn(programme, token)
* insert FindsOwn(planned-departure, date)
* insert Type(Observation)
* insert Profiled(mhd-observation)
* insert Profiled(tb-chest-xray)
* insert Profiled(tb-skin-test)
* insert Profiled(tb-igra)
* insert Profiled(tb-smear)
* insert Profiled(tb-culture)
* insert Profiled(tb-xpert)
* insert Profiled(tb-drug-susceptibility)
* insert Profiled(tb-classification)
* insert Profiled(malaria-rdt)
* insert Profiled(malaria-microscopy)
* insert Profiled(hiv-assay)
* insert Profiled(hiv-status)
* insert Profiled(hiv-viral-load)
* insert Profiled(cd4-count)
* insert Profiled(sti-hepatitis-test)
* insert Profiled(pregnancy-status)
* insert Profiled(mhd-vital-sign)
* insert Profiled(muac-measurement)
* insert Profiled(fit-to-travel)
* insert ReadWrite
* insert FindsCore(patient, reference, clinical-patient)
* insert FindsCore(code, token, clinical-code)
* insert FindsCore(date, date, clinical-date)
* insert FindsCore(category, token, Observation-category)
* insert FindsCore(status, token, Observation-status)
* insert FindsCore(value-concept, token, Observation-value-concept)
* insert FindsCore(component-value-concept, token, Observation-component-value-concept)
* insert FindsOwn(valid-until, date)
* insert Type(Immunization)
* insert Profiled(migrant-immunization)
* insert ReadWrite
* insert FindsCore(patient, reference, clinical-patient)
* insert FindsCore(date, date, clinical-date)
* insert FindsCore(vaccine-code, token, Immunization-vaccine-code)
* insert FindsCore(status, token, Immunization-status)
* insert Operates(icvp, {C}/OperationDefinition/icvp)
* insert Type(Condition)
* insert Profiled(migrant-condition)
* insert ReadWrite
* insert FindsCore(patient, reference, clinical-patient)
* insert FindsCore(code, token, clinical-code)
* insert FindsCore(category, token, Condition-category)
* insert FindsCore(clinical-status, token, Condition-clinical-status)
* insert Type(Specimen)
* insert Profiled(mhd-specimen)
* insert ReadWrite
* insert FindsCore(patient, reference, Specimen-patient)
* insert FindsCore(type, token, Specimen-type)
* insert Type(ServiceRequest)
* insert Profiled(referral-request)
* insert Profiled(medevac-request)
* insert ReadWrite
* insert FindsCore(patient, reference, clinical-patient)
* insert FindsCore(status, token, ServiceRequest-status)
* insert FindsCore(category, token, ServiceRequest-category)
* insert FindsOwn(programme, token)
* insert FindsOwn(escort, token)
* insert FindsOwn(travel-requirement, token)
* insert FindsOwn(receiving-country, token)
* insert Type(Task)
* insert Profiled(medevac-task)
* insert ReadWrite
* insert FindsCore(patient, reference, Task-patient)
* insert FindsCore(status, token, Task-status)
* insert FindsCore(code, token, Task-code)
* insert FindsCore(business-status, token, Task-business-status)
* insert FindsCore(focus, reference, Task-focus)
* insert Type(MedicationAdministration)
* insert Profiled(presumptive-treatment)
* insert ReadWrite
* insert FindsCore(patient, reference, clinical-patient)
* insert FindsCore(code, token, clinical-code)
* insert Type(MedicationStatement)
* insert Profiled(tb-treatment-medication)
* insert ReadWrite
* insert FindsCore(patient, reference, clinical-patient)
* insert Type(CarePlan)
* insert Profiled(tb-treatment-plan)
* insert ReadWrite
* insert FindsCore(patient, reference, clinical-patient)
* insert FindsCore(category, token, CarePlan-category)
* insert Type(DiagnosticReport)
* insert Profiled(assessment-report)
* insert ReadWrite
* insert FindsCore(patient, reference, clinical-patient)
* insert FindsCore(code, token, clinical-code)
* insert Type(Composition)
* insert Profiled(assessment-document)
* insert Profiled(certificate-document)
* insert ReadWrite
* insert FindsCore(patient, reference, clinical-patient)
* insert FindsCore(type, token, clinical-type)
* insert Operates(document, http://hl7.org/fhir/OperationDefinition/Composition-document)
* insert Type(DocumentReference)
* insert Profiled(mhd-document-reference)
* insert ReadWrite
* insert FindsCore(patient, reference, clinical-patient)
* insert FindsCore(type, token, clinical-type)
* insert FindsOwn(valid-until, date)
* insert Type(Bundle)
* insert Profiled(mhd-document-bundle)
* insert ReadWrite
* insert FindsCore(identifier, token, Bundle-identifier)
* insert Type(Consent)
* insert Profiled(migration-consent)
* insert ReadWrite
* insert FindsCore(patient, reference, clinical-patient)
* insert FindsCore(status, token, Consent-status)
* insert Type(Flag)
* insert Profiled(smc-flag)
* insert Profiled(movement-hold-flag)
* insert ReadWrite
* insert FindsCore(patient, reference, clinical-patient)
* insert Type(Organization)
* insert Profiled(mhd-organization)
* insert ReadWrite
* insert FindsCore(identifier, token, Organization-identifier)
* insert FindsCore(name, string, Organization-name)
* insert Type(Location)
* insert Profiled(mhd-location)
* insert ReadWrite
* insert FindsCore(identifier, token, Location-identifier)
* insert FindsCore(type, token, Location-type)
* insert Type(HealthcareService)
* insert Profiled(mhd-healthcare-service)
* insert ReadWrite
* insert FindsCore(organization, reference, HealthcareService-organization)
* insert FindsCore(location, reference, HealthcareService-location)
* insert Type(ImagingStudy)
* insert ReadWrite
* insert FindsCore(patient, reference, clinical-patient)
* insert FindsCore(started, date, ImagingStudy-started)
* insert Type(Practitioner)
* insert ReadWrite
* insert FindsCore(identifier, token, Practitioner-identifier)
* insert FindsCore(name, string, Practitioner-name)
* insert Type(RelatedPerson)
* insert ReadWrite
* insert FindsCore(patient, reference, RelatedPerson-patient)
* insert Type(AllergyIntolerance)
* insert ReadWrite
* insert FindsCore(patient, reference, clinical-patient)
* insert Type(DeviceRequest)
* insert ReadWrite
* insert FindsCore(patient, reference, clinical-patient)
* insert Type(Communication)
* insert ReadWrite
* insert FindsCore(patient, reference, Communication-patient)
* insert Type(Provenance)
* insert ReadWrite
* insert FindsCore(target, reference, Provenance-target)
* insert Type(AuditEvent)
* insert ReadOnly
* insert FindsCore(patient, reference, AuditEvent-patient)
* insert FindsCore(date, date, AuditEvent-date)
* insert Type(Subscription)
* insert ReadWrite
* insert FindsCore(status, token, Subscription-status)
* insert Type(Measure)
* insert ReadOnly
* insert FindsCore(url, uri, Measure-url)
* insert Operates(evaluate-measure, http://hl7.org/fhir/OperationDefinition/Measure-evaluate-measure)
* insert Type(MeasureReport)
* insert ReadOnly
* insert FindsCore(measure, reference, MeasureReport-measure)
* insert FindsCore(period, date, MeasureReport-period)
* insert Type(StructureDefinition)
* insert ReadOnly
* insert FindsCore(url, uri, conformance-url)
* insert Operates(snapshot, http://hl7.org/fhir/OperationDefinition/StructureDefinition-snapshot)
* insert Type(ValueSet)
* insert ReadOnly
* insert FindsCore(url, uri, conformance-url)
* insert Operates(expand, http://hl7.org/fhir/OperationDefinition/ValueSet-expand)
* insert Operates(validate-code, http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code)
* insert Type(CodeSystem)
* insert ReadOnly
* insert FindsCore(url, uri, conformance-url)
* insert Operates(lookup, http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup)
* insert Operates(validate-code, http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code)
* insert Type(ConceptMap)
* insert ReadOnly
* insert FindsCore(url, uri, conformance-url)
* insert Operates(translate, http://hl7.org/fhir/OperationDefinition/ConceptMap-translate)
* insert Type(SearchParameter)
* insert ReadOnly
* insert FindsCore(url, uri, conformance-url)
* insert Type(ImplementationGuide)
* insert ReadOnly
* insert FindsCore(url, uri, conformance-url)

Instance: MhdServer
InstanceOf: CapabilityStatement
Usage: #definition
* insert StatementHead(mhd-server, MhdServer, [[MHD server]], [[What a server of this guide does: it stores and returns every must-support element, holds each resource to R4 and to the profiles it claims, and answers the searches and operations below.]])
* rest.mode = #server
* rest.documentation = "Each claimed profile is enforced on create and update; a failure is an OperationOutcome with the key of the rule and the element. Transactions are atomic."
* rest.interaction[0].code = #transaction
* rest.interaction[1].code = #batch
* rest.operation[0].name = "validate"
* rest.operation[0].definition = "http://hl7.org/fhir/OperationDefinition/Resource-validate"
* insert ServerTypes

Instance: MhdClient
InstanceOf: CapabilityStatement
Usage: #definition
* insert StatementHead(mhd-client, MhdClient, [[MHD client]], [[What a client of this guide does: it sends every must-support element that it has, names its profiles in meta.profile, never lowers a security label, and follows a search to its last page.]])
* rest.mode = #client
* rest.documentation = "A registering client writes Patient, Group, EpisodeOfCare and Consent in one transaction with conditional create, so that a repeated upload makes no duplicates. A receiving client reads by passport or case number, expects several patients for a case number, and honours labels."
* rest.interaction[0].code = #transaction
* insert Type(Patient)
* insert Profiled(migrant-patient)
* insert Does(read)
* insert Does(search-type)
* insert Does(create)
* insert Does(update)
* insert FindsCore(identifier, token, Patient-identifier)
* insert Operates(everything, http://hl7.org/fhir/OperationDefinition/Patient-everything)
* insert Type(Group)
* insert Profiled(migrant-case)
* insert Does(read)
* insert Does(search-type)
* insert FindsCore(identifier, token, Group-identifier)
* insert Type(Observation)
* insert Profiled(mhd-observation)
* insert Profiled(tb-classification)
* insert Profiled(fit-to-travel)
* insert Does(read)
* insert Does(search-type)
* insert Does(create)
* insert FindsCore(patient, reference, clinical-patient)
* insert FindsCore(code, token, clinical-code)
* insert Type(Immunization)
* insert Profiled(migrant-immunization)
* insert Does(read)
* insert Does(search-type)
* insert Does(create)
* insert FindsCore(patient, reference, clinical-patient)
* insert Type(Task)
* insert Does(read)
* insert Does(search-type)
* insert Does(update)
* insert FindsCore(patient, reference, Task-patient)
* insert FindsCore(status, token, Task-status)
