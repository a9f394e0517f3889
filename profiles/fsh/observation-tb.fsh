// Tuberculosis: screening, tests, classification for travel.

Profile: TBChestXray
Parent: MhdObservation
Id: tb-chest-xray
Title: "Chest X-ray for TB screening"
Description: "The reading of a screening chest film: normal or abnormal, the findings of the panel physician's worksheet, and whether the film suggests tuberculosis. Two readers are two performers; the images stand in derivedFrom."
* insert ComponentsByCode
* obeys mhd-cxr-1
* category[imaging] 1..1 MS
* code from TBChestXrayCodeVS (required)
* performer 1..*
* insert CodedAnswer(TBChestXrayResultVS)
* derivedFrom ^short = "ImagingStudy of the film"
* component contains
    cxrFinding 0..* MS and
    cxrIndication 0..* MS and
    suggestsTb 1..1 MS
* component[cxrFinding].code = $mhd-observation#cxr-finding
* component[cxrFinding] ^short = "A finding of the list; one component each"
* component[cxrFinding].value[x] 1..1
* insert CodedComponent(cxrFinding, CxrFindingVS)
* component[cxrIndication].code = $mhd-observation#cxr-indication
* component[cxrIndication] ^short = "Why the film was taken"
* component[cxrIndication].value[x] 1..1
* insert CodedComponent(cxrIndication, CxrIndicationVS)
* component[suggestsTb].code = $mhd-observation#suggests-tb
* component[suggestsTb] ^short = "Whether the film suggests tuberculosis: yes leads to sputum"
* component[suggestsTb].value[x] only boolean
* component[suggestsTb].value[x] 1..1

Profile: TBSkinTest
Parent: MhdObservation
Id: tb-skin-test
Title: "Tuberculin skin test"
Description: "Induration in millimetres 48 to 72 hours after the injection. The period runs from placing to reading."
* insert ComponentsByCode
* obeys mhd-tst-1 and mhd-tst-2
* code = $loinc#1648-5
* performer 1..*
* value[x] only Quantity
* valueQuantity = 'mm'
* effective[x] only Period
* effective[x] ^short = "From placed to read"
* interpretation from TstInterpretationVS (required)
* interpretation ^short = "POS or NEG"
* component contains tstConversion 0..1 MS
* component[tstConversion].code = $mhd-observation#tst-conversion
* component[tstConversion] ^short = "Whether the test turned from negative to positive"
* component[tstConversion].value[x] only boolean

Profile: TBIgra
Parent: MhdObservation
Id: tb-igra
Title: "TB interferon gamma release assay"
Description: "The laboratory's interpretation of an IGRA with the measured tubes (QuantiFERON) or spot counts (T-SPOT). The kit is named in device."
* insert ComponentsByCode
* category[laboratory] 1..1 MS
* code from TBIgraCodeVS (required)
* performer 1..*
* insert CodedAnswer(TBIgraResultVS)
* device MS
* device ^short = "Kit, such as QFT-Plus or T-SPOT.TB"
* component contains
    nil 0..1 MS and
    mitogen 0..1 MS and
    tb1 0..1 MS and
    tb2 0..1 MS and
    spotsA 0..1 MS and
    spotsB 0..1 MS
* component[nil].code = $loinc#71776-9
* component[nil] ^short = "Nil (background), IU/mL"
* component[nil].value[x] only Quantity
* component[nil].valueQuantity = '[IU]/mL'
* component[mitogen].code = $loinc#71774-4
* component[mitogen] ^short = "Mitogen minus nil, IU/mL"
* component[mitogen].value[x] only Quantity
* component[mitogen].valueQuantity = '[IU]/mL'
* component[tb1].code = $loinc#64084-7
* component[tb1] ^short = "TB1 antigen minus nil, IU/mL"
* component[tb1].value[x] only Quantity
* component[tb1].valueQuantity = '[IU]/mL'
* component[tb2].code = $loinc#88517-8
* component[tb2] ^short = "TB2 antigen minus nil, IU/mL"
* component[tb2].value[x] only Quantity
* component[tb2].valueQuantity = '[IU]/mL'
* component[spotsA].code = $loinc#74277-5
* component[spotsA] ^short = "T-SPOT panel A, spots"
* component[spotsA].value[x] only Quantity
* component[spotsB].code = $loinc#74278-3
* component[spotsB] ^short = "T-SPOT panel B, spots"
* component[spotsB].value[x] only Quantity

Profile: TBSmear
Parent: MhdObservation
Id: tb-smear
Title: "Sputum smear microscopy"
Description: "Acid-fast bacilli in one specimen, graded. Three specimens are three observations with specimen number 1 to 3."
* insert ComponentsByCode
* obeys mhd-smr-1
* category[laboratory] 1..1 MS
* code = $loinc#11477-7
* performer 1..*
* insert CodedAnswer(TBSmearResultVS)
* specimen 1..1
* specimen ^short = "Sputum, induced sputum or gastric aspirate"
* component contains specimenNumber 0..1 MS
* component[specimenNumber].code = $mhd-observation#specimen-number
* component[specimenNumber] ^short = "Which of the three specimens: 1, 2 or 3"
* component[specimenNumber].value[x] only integer

Profile: TBCulture
Parent: MhdObservation
Id: tb-culture
Title: "Mycobacterial culture"
Description: "Culture of one specimen. A positive one names its organism. While the culture is held the status is preliminary and there is no value."
* insert ComponentsByCode
* obeys mhd-cul-1 and mhd-cul-2
* category[laboratory] 1..1 MS
* code from TBCultureCodeVS (required)
* performer 1..*
* insert CodedAnswer(TBCultureResultVS)
* component contains
    cultureOrganism 0..* MS and
    cultureMedium 0..1 MS and
    daysHeld 0..1 MS and
    specimenNumber 0..1 MS
* component[cultureOrganism].value[x] 1..1
* component[cultureOrganism].code = $mhd-observation#culture-organism
* component[cultureOrganism] ^short = "Organism grown"
* insert CodedComponent(cultureOrganism, MycobacteriumVS)
* component[cultureMedium].code = $mhd-observation#culture-medium
* component[cultureMedium] ^short = "Liquid or solid"
* insert CodedComponent(cultureMedium, CultureMediumVS)
* component[daysHeld].code = $mhd-observation#days-held
* component[daysHeld] ^short = "Days the culture was held"
* component[daysHeld].value[x] only integer
* component[specimenNumber].code = $mhd-observation#specimen-number
* component[specimenNumber].value[x] only integer

Profile: TBXpert
Parent: MhdObservation
Id: tb-xpert
Title: "Xpert MTB/RIF"
Description: "Rapid molecular test for M. tuberculosis and rifampicin resistance. Resistance is reported exactly when M. tuberculosis is detected. Ultra or XDR cartridges are named in device."
* insert ComponentsByCode
* obeys mhd-xpt-1 and mhd-xpt-2
* category[laboratory] 1..1 MS
* code = $loinc#89371-9
* performer 1..*
* value[x] 0..0
* device MS
* component contains
    mtb 1..1 MS and
    rif 0..1 MS and
    mtbLoad 0..1 MS
* component[mtb].code = $loinc#85362-2
* component[mtb] ^short = "M. tuberculosis complex: detected, not detected, indeterminate"
* insert CodedComponent(mtb, DetectionVS)
* component[rif].code = $loinc#89372-7
* component[rif] ^short = "Rifampicin resistance: detected, not detected, indeterminate"
* insert CodedComponent(rif, DetectionVS)
* component[mtbLoad].code = $mhd-observation#mtb-load
* component[mtbLoad] ^short = "Semi-quantitative load"
* insert CodedComponent(mtbLoad, MtbLoadVS)

Profile: TBDrugSusceptibility
Parent: MhdObservation
Id: tb-drug-susceptibility
Title: "TB drug susceptibility"
Description: "Susceptible, intermediate or resistant, one component per drug, from a positive culture or molecular result (derivedFrom). The method says whether it was phenotypic or molecular."
* obeys mhd-dst-1
* category[laboratory] 1..1 MS
* code from TBDrugSusceptibilityCodeVS (required)
* performer 1..*
* value[x] 0..0
* method MS
* method from DstMethodVS (required)
* derivedFrom 1..*
* component 1..*
* component.code from TBDrugVS (extensible)
* component.value[x] only CodeableConcept
* component.value[x] from SusceptibilityVS (required)

Profile: TBClassification
Parent: MhdObservation
Id: tb-classification
Title: "TB classification for migration"
Description: "The TB class under the scheme of the receiving country (US class, UK certificate, Canadian or Australian surveillance), the summaries it rests on, clearance for travel and until when it is valid. A new classification is a new observation; earlier ones stay."
* insert ComponentsByCode
* obeys mhd-tbc-1 and mhd-tbc-2 and mhd-tbc-3 and mhd-tbc-4 and mhd-tbc-5 and mhd-tbc-6 and mhd-tbc-6b
* extension contains ValidUntil named validUntil 0..1 MS
* category[exam] 1..1 MS
* code = $mhd-observation#tb-classification
* effective[x] only dateTime
* performer 1..*
* insert CodedAnswer(TBImmigrationClassVS)
* value[x] 1..1
* component contains
    cxrSummary 0..1 MS and
    infectionTestSummary 0..1 MS and
    smearSummary 0..1 MS and
    cultureSummary 0..1 MS and
    dstSummary 0..1 MS and
    treatmentStatus 0..1 MS and
    tbContact 0..1 MS and
    extrapulmonarySite 0..* MS and
    travelClearance 0..1 MS
* component[cxrSummary].value[x] 1..1
* component[cxrSummary].code = $mhd-observation#cxr-summary
* component[cxrSummary] ^short = "Chest film: normal, suggestive, other abnormality, not done"
* insert CodedComponent(cxrSummary, CxrSummaryVS)
* component[infectionTestSummary].value[x] 1..1
* component[infectionTestSummary].code = $mhd-observation#infection-test-summary
* component[infectionTestSummary] ^short = "IGRA or skin test"
* insert CodedComponent(infectionTestSummary, InfectionTestSummaryVS)
* component[smearSummary].value[x] 1..1
* component[smearSummary].code = $mhd-observation#smear-summary
* component[smearSummary] ^short = "Sputum smears together"
* insert CodedComponent(smearSummary, SmearSummaryVS)
* component[cultureSummary].value[x] 1..1
* component[cultureSummary].code = $mhd-observation#culture-summary
* component[cultureSummary] ^short = "Sputum cultures together"
* insert CodedComponent(cultureSummary, CultureSummaryVS)
* component[dstSummary].value[x] 1..1
* component[dstSummary].code = $mhd-observation#dst-summary
* component[dstSummary] ^short = "Drug susceptibility in one word"
* insert CodedComponent(dstSummary, DstSummaryVS)
* component[treatmentStatus].value[x] 1..1
* component[treatmentStatus].code = $mhd-observation#treatment-status
* component[treatmentStatus] ^short = "TB treatment: not started, on treatment, completed"
* insert CodedComponent(treatmentStatus, TreatmentStatusVS)
* component[tbContact].value[x] 1..1
* component[tbContact].code = $mhd-observation#tb-contact
* component[tbContact] ^short = "Known contact of a TB case"
* component[tbContact].value[x] only boolean
* component[extrapulmonarySite].value[x] 1..1
* component[extrapulmonarySite].code = $mhd-observation#extrapulmonary-site
* component[extrapulmonarySite] ^short = "Site of extrapulmonary TB"
* component[extrapulmonarySite].value[x] only CodeableConcept
* component[travelClearance].value[x] 1..1
* component[travelClearance].code = $mhd-observation#travel-clearance
* component[travelClearance] ^short = "Cleared, not cleared or deferred"
* insert CodedComponent(travelClearance, TravelClearanceVS)

Invariant: mhd-cxr-1
Description: "A normal screening film has no finding of the TB list; an abnormal one has at least one finding."
Severity: #error
Expression: "(value.coding.where(code='707308007').exists() implies component.where(code.coding.where(code='cxr-finding').exists()).empty()) and (value.coding.where(code='707307002').exists() implies component.where(code.coding.where(code='cxr-finding').exists()).exists())"

Invariant: mhd-tst-1
Description: "A tuberculin skin test is read 48 to 72 hours after it is placed (the period runs from placed to read)."
Severity: #error
Expression: "effective.ofType(Period).exists() implies (effective.start + 48 hours <= effective.end and effective.end <= effective.start + 72 hours)"

Invariant: mhd-tst-2
Description: "The induration is in mm and agrees with the reading: 10 mm or more is positive, under 5 mm is not."
Severity: #error
Expression: "value.ofType(Quantity).exists() implies (value.where(code = 'mm' and value >= 0).exists() and interpretation.exists() and (value.value >= 10 implies interpretation.coding.where(code='POS').exists()) and (value.value < 5 implies interpretation.coding.where(code='POS').empty()))"

Invariant: mhd-smr-1
Description: "A reported smear has a specimen, and either a result or the reason for none."
Severity: #error
Expression: "status in ('final' | 'amended' | 'corrected') implies (specimen.exists() and (value.exists() xor dataAbsentReason.exists()))"

Invariant: mhd-cul-1
Description: "A positive culture names its organism; a negative or contaminated one names none."
Severity: #error
Expression: "(value.coding.where(code='10828004').exists() implies component.where(code.coding.where(code='culture-organism').exists()).value.exists()) and (value.coding.where(code in ('260385009' | '123840003')).exists() implies component.where(code.coding.where(code='culture-organism').exists()).empty())"

Invariant: mhd-cul-2
Description: "A final negative culture was held at least {CULTURE_HOLD_DAYS} days after collection. (The number of days is not confirmed by a published source: a warning.)"
Severity: #warning
Expression: "(status = 'final' and value.coding.where(code='260385009').exists()) implies (issued.exists() and effective.ofType(dateTime).toString().length() >= 10 and iif(issued < effective.ofType(dateTime) + {CULTURE_HOLD_DAYS} days, false, true))"

Invariant: mhd-xpt-1
Description: "Rifampicin resistance is reported exactly when M. tuberculosis is detected."
Severity: #error
Expression: "(component.where(code.coding.where(code='85362-2').exists()).value.coding.where(code='260373001').exists() implies component.where(code.coding.where(code='89372-7').exists()).exists()) and (component.where(code.coding.where(code='85362-2').exists()).value.coding.where(code='260415000').exists() implies component.where(code.coding.where(code='89372-7').exists()).value.empty())"

Invariant: mhd-xpt-2
Description: "The M. tuberculosis part of the test has a result, or the reason for none."
Severity: #error
Expression: "component.where(code.coding.where(code='85362-2').exists()).all(value.exists() or dataAbsentReason.exists())"

Invariant: mhd-dst-1
Description: "Drug susceptibility follows a positive culture or molecular result (derivedFrom), and each drug is S, I, R or indeterminate, or has the reason for no result."
Severity: #error
Expression: "derivedFrom.exists() and component.exists() and component.all(value.coding.where(system='http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation' and code in ('S' | 'I' | 'R' | 'IND')).exists() or dataAbsentReason.exists())"

Invariant: mhd-tbc-1
Description: "Every TB class but 'none' rests on at least one observation (derivedFrom)."
Severity: #error
Expression: "value.coding.where(system='{C}/CodeSystem/tb-immigration-class').where(code != 'none').exists() implies derivedFrom.exists()"

Invariant: mhd-tbc-2
Description: "Class B1 pulmonary needs sputum smears and cultures that are all negative."
Severity: #error
Expression: "value.coding.where(system='{C}/CodeSystem/tb-immigration-class').where(code='B1-pulmonary').exists() implies (component.where(code.coding.where(code='smear-summary').exists()).value.coding.where(code='all-negative').exists() and component.where(code.coding.where(code='culture-summary').exists()).value.coding.where(code='all-negative').exists())"

Invariant: mhd-tbc-3
Description: "M. tuberculosis in culture means class A (or A with a waiver), or B0 once treatment is completed; in the schemes of other countries, tuberculosis found, or follow-up once treatment is completed."
Severity: #error
Expression: "component.where(code.coding.where(code='culture-summary').exists()).value.coding.where(code='mtb').exists() implies (value.coding.where(system='{C}/CodeSystem/tb-immigration-class').where(code in ('A' | 'A-waiver' | 'GB-tb-found')).exists() or (value.coding.where(system='{C}/CodeSystem/tb-immigration-class').where(code in ('B0-pulmonary' | 'GB-cleared' | 'CA-S2.02' | 'CA-S2.02U' | 'AU-undertaking')).exists() and component.where(code.coding.where(code='treatment-status').exists()).value.coding.where(code='completed').exists()))"

Invariant: mhd-tbc-4
Description: "Class B2 needs a positive IGRA or skin test; class B3 needs a known TB contact."
Severity: #error
Expression: "(value.coding.where(system='{C}/CodeSystem/tb-immigration-class').where(code='B2').exists() implies component.where(code.coding.where(code='infection-test-summary').exists()).value.coding.where(code='positive').exists()) and (value.coding.where(system='{C}/CodeSystem/tb-immigration-class').where(code='B3').exists() implies component.where(code.coding.where(code='tb-contact').exists() and value = true).exists())"

Invariant: mhd-tbc-5
Description: "Class A without a waiver is not cleared for travel."
Severity: #error
Expression: "value.coding.where(system='{C}/CodeSystem/tb-immigration-class').where(code='A').exists() implies component.where(code.coding.where(code='travel-clearance').exists()).value.coding.where(code='not-cleared').exists()"

Invariant: mhd-tbc-6
Description: "A TB clearance lasts at most 6 months, 3 months for a known TB contact."
Severity: #error
Expression: "extension('{C}/StructureDefinition/valid-until').value.exists() implies (effective.ofType(dateTime).toString().length() >= 10 and iif(extension('{C}/StructureDefinition/valid-until').value > effective.ofType(dateTime) + 6 months, false, true) and (component.where(code.coding.where(code='tb-contact').exists() and value = true).exists() implies iif(extension('{C}/StructureDefinition/valid-until').value > effective.ofType(dateTime) + 3 months, false, true)))"

Invariant: mhd-tbc-6b
Description: "A TB clearance of class B0 or B1 lasts at most {CLEARANCE_MONTHS_B} months. (The number of months is not confirmed by a published source: a warning.)"
Severity: #warning
Expression: "(extension('{C}/StructureDefinition/valid-until').value.exists() and value.coding.where(system='{C}/CodeSystem/tb-immigration-class').where(code in ('B0-pulmonary' | 'B1-pulmonary' | 'B1-extrapulmonary')).exists()) implies (effective.ofType(dateTime).toString().length() >= 10 and iif(extension('{C}/StructureDefinition/valid-until').value > effective.ofType(dateTime) + {CLEARANCE_MONTHS_B} months, false, true))"
