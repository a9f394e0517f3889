// Value sets of tuberculosis.

ValueSet: TBChestXrayCodeVS
Id: tb-chest-xray-code
Title: "Chest X-ray code"
Description: "Chest films: PA, AP, unspecified views, two views."
* insert LoincNotice
* $loinc#24648-8
* $loinc#36572-6
* $loinc#30745-4
* $loinc#36643-5

ValueSet: TBChestXrayResultVS
Id: tb-chest-xray-result
Title: "Chest X-ray result"
Description: "Normal or abnormal chest film."
* insert GpsNotice
* $sct#707308007
* $sct#707307002

ValueSet: CxrFindingVS
Id: tb-cxr-finding
Title: "Chest X-ray finding"
Description: "All findings of the screening list."
* include codes from system CxrFindingCS

ValueSet: CxrIndicationVS
Id: cxr-indication
Title: "Chest X-ray indication"
Description: "All reasons for a screening film."
* include codes from system CxrIndicationCS

ValueSet: TstInterpretationVS
Id: tst-interpretation
Title: "Skin test reading"
Description: "Positive or negative."
* $v3-ObservationInterpretation#POS "Positive"
* $v3-ObservationInterpretation#NEG "Negative"

ValueSet: TBIgraCodeVS
Id: tb-igra-code
Title: "IGRA code"
Description: "Interpretation in blood, or the panel."
* insert LoincNotice
* $loinc#71773-6
* $loinc#71775-1

ValueSet: TBIgraResultVS
Id: tb-igra-result
Title: "IGRA result"
Description: "Positive, negative, indeterminate, borderline (T-SPOT)."
* insert GpsNotice
* $sct#10828004 "Positive (qualifier value)"
* $sct#260385009 "Negative (qualifier value)"
* $sct#82334004 "Indeterminate (qualifier value)"
* $mhd-result#borderline

ValueSet: TBSmearResultVS
Id: tb-smear-result
Title: "Smear result"
Description: "Negative, scanty, 1+ to 3+."
* insert GpsNotice
* $sct#260385009 "Negative (qualifier value)"
* $mhd-result#scanty
* $sct#260347006 "Present + out of ++++ (qualifier value)"
* $sct#260348001 "Present ++ out of ++++ (qualifier value)"
* $sct#260349009 "Present +++ out of ++++ (qualifier value)"

ValueSet: TBCultureCodeVS
Id: tb-culture-code
Title: "Culture code"
Description: "Mycobacterial culture of sputum or another specimen."
* insert LoincNotice
* $loinc#539-7
* $loinc#543-9

ValueSet: TBCultureResultVS
Id: tb-culture-result
Title: "Culture result"
Description: "Positive, negative or contaminated. A pending culture has no value and status preliminary."
* insert GpsNotice
* $sct#10828004 "Positive (qualifier value)"
* $sct#260385009 "Negative (qualifier value)"
* $sct#123840003

ValueSet: MycobacteriumVS
Id: mycobacterium
Title: "Mycobacterium"
Description: "Organisms that a mycobacterial culture names."
* insert GpsNotice
* $sct#113861009 "Mycobacterium tuberculosis (organism)"
* $sct#113858008 "Mycobacterium tuberculosis complex (organism)"
* $sct#110379001 "Mycobacterium, non-tuberculosis (organism)"

ValueSet: CultureMediumVS
Id: culture-medium
Title: "Culture medium"
Description: "Liquid or solid."
* $mhd-result#liquid
* $mhd-result#solid

ValueSet: DetectionVS
Id: detection
Title: "Detection"
Description: "Detected, not detected, indeterminate. An invalid run has no value but the data-absent-reason error."
* insert GpsNotice
* $sct#260373001 "Detected (qualifier value)"
* $sct#260415000 "Not detected (qualifier value)"
* $sct#82334004 "Indeterminate (qualifier value)"

ValueSet: MtbLoadVS
Id: mtb-load
Title: "M. tuberculosis load"
Description: "Trace to high."
* $mhd-result#load-trace
* $mhd-result#load-very-low
* $mhd-result#load-low
* $mhd-result#load-medium
* $mhd-result#load-high

ValueSet: TBDrugSusceptibilityCodeVS
Id: tb-drug-susceptibility-code
Title: "Drug susceptibility panel"
Description: "Susceptibility panel, or resistance panel of M. tuberculosis."
* insert LoincNotice
* $loinc#29579-0
* $loinc#94053-6

ValueSet: TBDrugVS
Id: tb-drug
Title: "TB drug"
Description: "Susceptibility to single drugs: phenotypic, and genotypic for rifampicin, isoniazid and amikacin."
* insert LoincNotice
* $loinc#18974-6
* $loinc#18934-0
* $loinc#18973-8
* $loinc#18921-7
* $loinc#100053-8
* $loinc#94274-8
* $loinc#29258-1
* $loinc#18860-7
* $loinc#93851-4
* $loinc#93850-6
* $loinc#23627-3
* $loinc#89489-9
* $loinc#89488-1
* $loinc#89484-0

ValueSet: SusceptibilityVS
Id: susceptibility
Title: "Susceptibility"
Description: "Susceptible, intermediate, resistant, indeterminate."
* $v3-ObservationInterpretation#S "Susceptible"
* $v3-ObservationInterpretation#I "Intermediate"
* $v3-ObservationInterpretation#R "Resistant"
* $v3-ObservationInterpretation#IND "Indeterminate"

ValueSet: DstMethodVS
Id: dst-method
Title: "Susceptibility method"
Description: "Phenotypic or molecular."
* $mhd-result#phenotypic
* $mhd-result#molecular

ValueSet: TBImmigrationClassVS
Id: tb-immigration-class
Title: "TB class for migration"
Description: "All classes and decisions of all schemes."
* include codes from system TBImmigrationClassCS

ValueSet: TBEvidenceVS
Id: tb-evidence
Title: "TB evidence"
Description: "All one-word summaries."
* include codes from system TBEvidenceCS

ValueSet: CxrSummaryVS
Id: cxr-summary
Title: "Chest X-ray summary"
Description: "Chest films in one word."
* TBEvidenceCS#normal
* TBEvidenceCS#suggestive
* TBEvidenceCS#abnormal-other
* TBEvidenceCS#not-done

ValueSet: InfectionTestSummaryVS
Id: infection-test-summary
Title: "Infection test summary"
Description: "IGRA or skin test in one word."
* TBEvidenceCS#positive
* TBEvidenceCS#negative
* TBEvidenceCS#indeterminate
* TBEvidenceCS#not-done

ValueSet: SmearSummaryVS
Id: smear-summary
Title: "Smear summary"
Description: "Smears in one word."
* TBEvidenceCS#all-negative
* TBEvidenceCS#any-positive
* TBEvidenceCS#not-done

ValueSet: CultureSummaryVS
Id: culture-summary
Title: "Culture summary"
Description: "Cultures in one word."
* TBEvidenceCS#all-negative
* TBEvidenceCS#mtb
* TBEvidenceCS#ntm-only
* TBEvidenceCS#contaminated
* TBEvidenceCS#not-done

ValueSet: DstSummaryVS
Id: dst-summary
Title: "Drug susceptibility summary"
Description: "Drug susceptibility in one word."
* TBEvidenceCS#susceptible
* TBEvidenceCS#resistant
* TBEvidenceCS#rifampicin-resistant
* TBEvidenceCS#multidrug-resistant
* TBEvidenceCS#indeterminate
* TBEvidenceCS#not-done

ValueSet: TreatmentStatusVS
Id: treatment-status
Title: "TB treatment status"
Description: "Treatment in one word."
* TBEvidenceCS#not-started
* TBEvidenceCS#on-treatment
* TBEvidenceCS#completed

ValueSet: TravelClearanceVS
Id: travel-clearance
Title: "Travel clearance"
Description: "Cleared, not cleared, deferred."
* TBEvidenceCS#cleared
* TBEvidenceCS#not-cleared
* TBEvidenceCS#deferred
