/**
 * Extensions that HL7 has published for R4 after R4 itself, in the package hl7.fhir.uv.extensions.r4: until that
 * is loaded they are known by name, so that nobody takes them for mistakes. Generated from 5.3.0-ballot-tc1.
 * https://hl7.org/fhir/extensions/
 */
export const LATER_EXTENSIONS: ReadonlySet<string> = new Set(
  `
_datatype additional-language additional-resource-compartment additionalIdentifier address-official
allergyintolerance-abatement alternate-canonical alternate-codes alternate-reference annotationType
artifact-approvalDate artifact-author artifact-canonicalReference artifact-citeAs artifact-contact
artifact-contactDetailReference artifact-copyright artifact-copyrightLabel artifact-date
artifact-description artifact-editor artifact-effectivePeriod artifact-endorser artifact-experimental
artifact-extended-contact-detail artifact-identifier artifact-isOwned artifact-jurisdiction
artifact-lastReviewDate artifact-name artifact-periodDuration artifact-publicationDate artifact-publisher
artifact-purpose artifact-reference artifact-relatedArtifact artifact-releaseDescription
artifact-releaseLabel artifact-reviewer artifact-status artifact-title artifact-topic artifact-uriReference
artifact-url artifact-usage artifact-useContext artifact-version artifact-versionAlgorithm
artifact-versionPolicy artifactassessment-content artifactassessment-disposition
artifactassessment-workflowStatus auditevent-AlternativeUserID auditevent-Lifecycle auditevent-OnBehalfOf
biologicallyderivedproduct-collection-procedure biologicallyderivedproduct-manipulation
biologicallyderivedproduct-processing businessEvent canonicalresource-short-description
capabilitystatement-declared-profile capabilitystatement-search-mode
capabilitystatement-search-parameter-use careteam-alias characteristicExpression citation-societyAffiliation
codeOptions codesystem-authoritativeSource codesystem-globalLangPack codesystem-properties-mode
codesystem-property-valueset codesystem-use-markdown coding-conformance coding-purpose
complies-with-canonical condition-diseaseCourse condition-reviewed confidential consent-ResearchStudyContext
contactpoint-comment contactpoint-multiple-use contactpoint-purpose cqf-alternativeExpression
cqf-artifactComment cqf-certainty cqf-contactAddress cqf-contactReference cqf-contributionTime
cqf-cqlAccessModifier cqf-cqlOptions cqf-cqlType cqf-criteriaReference cqf-defaultValue cqf-definitionTerm
cqf-directReferenceCode cqf-expansionParameters cqf-fhirQueryPattern cqf-improvementNotationGuidance
cqf-inputParameters cqf-isEmptyList cqf-isEmptyTuple cqf-isPrefetchToken cqf-isPrimaryCitation
cqf-isSelective cqf-knowledgeCapability cqf-knowledgeRepresentationLevel cqf-libraryAlias
cqf-logicDefinition cqf-messages cqf-modelInfo-isIncluded cqf-modelInfo-isRetrievable cqf-modelInfo-label
cqf-modelInfo-primaryCodePath cqf-modelInfoSettings cqf-notDoneValueSet cqf-parameterDefinition cqf-partOf
cqf-publicationDate cqf-publicationStatus cqf-relatedRequirement cqf-resourceType cqf-scope
cqf-shouldTraceDependency cqf-supportedCqlVersion cqf-targetInvariant cqf-testArtifact cqf-valueFilter
datatype-short-string derivation-reference detectedissue-doseType device-alertDetection
device-commercialBrand device-conformsTo device-endpoint device-gateway device-lastmaintenancetime
device-maintenanceresponsibility device-operation-cycle device-operation-duration device-operation-mode
diagnosticReport-focus diagnosticReport-workflowStatus diagnosticreport-interpretationContext
documentreference-sourcepatient documentreference-thumbnail dosage-conditions dosage-minimumGapBetweenDose
elementSource elementdefinition-conceptmap elementdefinition-defaulttype elementdefinition-graphConstraint
elementdefinition-pattern elementdefinition-suppress elementdefinition-type-must-support
endpoint-fhir-version event-recorded evidence-variable-handling-detail extended-contact-availability
extension-quantity-translation feature-assertion firstCreated identifier-checkDigit identifier-jurisdiction
immunization-procedure implementationguide-sourceFile individual-genderIdentity individual-pronouns
individual-recordedSexOrGender inherit-obligations intended-context iso21090-codedString itemWeight
largeValue lastSourceSync list-category list-for location-communication measurereport-category
measurereport-countQuantity measurereport-populationDescription medication-manufacturer
medication-manufacturingBatch medication-type medicationdispense-quantityRemaining
medicationdispense-refillsRemaining metadataresource-publish-date namingsystem-checkDigit
narrative-language-control narrative-source-control no-fixed-address note obligation obligation-profile-flag
obligations-profile observation-analysis-date-time observation-componentCategory
observation-nature-of-abnormal-test observation-structure-type observation-structureLaterality
observation-v2-subid operationoutcome-file operationoutcome-issue-col operationoutcome-issue-line
operationoutcome-issue-server operationoutcome-issue-slicetext operationoutcome-message-id
organization-brand organization-portal package-source parameters-definition patient-bornStatus
patient-contactPriority patient-fetalStatus patient-knownNonDuplicate patient-multipleBirthTotal
patient-preferredPharmacy patient-sexParameterForClinicalUse patient-unknownIdentity practitioner-job-title
practitionerrole-doingBusinessAs practitionerrole-employmentStatus preferredTerminologyServer
preferredValueAlternatives profile-mapping quantity-accuracy quantity-confidenceInterval
questionnaire-definitionBased questionnaire-derivationType questionnaire-index-answer
questionnaire-optionRestriction questionnaire-supportHyperlink questionnaireresponse-attester
referencesContained relatesto-classifier requirements-parent researchStudy-interventionalistRecruitment
researchStudy-investigatorRecruitment researchStudy-siteRecruitment researchStudy-studyRegistration
resolve-as-version-specific resource-instance-description resource-instance-name satisfies-requirement
servicerequest-order-callback-phone-number servicerequest-specimenSuggestion specimen-additive
specimen-reject-reason statistic-model-include-if structuredefinition-compliesWithProfile
structuredefinition-conformance-derivedFrom structuredefinition-extension-meaning
structuredefinition-fmm-support structuredefinition-imposeProfile structuredefinition-inheritance-control
structuredefinition-interface structuredefinition-standards-status-reason
structuredefinition-type-characteristics subject-locationClassification subscription-best-effort
supplydelivery-previousDelivery synchronicity-control targetConstraint targetElement targetPath
terminology-resource-identifier-metadata textLink time-precision timezone timing-uncertainDate
uncertainPeriod valueset-compose-createdBy valueset-compose-creationDate
valueset-compose-include-valueSetTitle valueset-expansion-parameter valueset-otherTitle
valueset-select-by-map valueset-workflowStatusDescription version-specific-use version-specific-value
web-source workflow-adheresTo workflow-barrier workflow-compliesWith workflow-followOnOf
workflow-generatedFrom workflow-protectiveFactor workflow-reason workflow-releaseDate
workflow-shallComplyWith workflow-statusReason workflow-triggeredBy
`
    .trim()
    .split(/\s+/),
);
