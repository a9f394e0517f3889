// Value sets of malaria, HIV, other findings and fitness to travel.

RuleSet: UcumNotice
* ^copyright = "UCUM codes are copyright Regenstrief Institute, Inc. and the UCUM Organization, used under the UCUM licence (http://unitsofmeasure.org)."

ValueSet: PositiveNegativeVS
Id: positive-negative
Title: "Positive or negative"
Description: "Positive or negative. An invalid test has no value but the data-absent-reason error."
* insert GpsNotice
* $sct#10828004 "Positive (qualifier value)"
* $sct#260385009 "Negative (qualifier value)"

ValueSet: MalariaMicroscopyCodeVS
Id: malaria-microscopy-code
Title: "Malaria microscopy code"
Description: "Plasmodium by light microscopy, or malaria smear."
* insert LoincNotice
* $loinc#51587-4
* $loinc#32700-7

ValueSet: MalariaSpeciesVS
Id: malaria-species
Title: "Plasmodium species"
Description: "Species, the genus when not determined, mixed."
* insert GpsNotice
* $sct#30020004 "Plasmodium falciparum (organism)"
* $sct#74746009 "Plasmodium vivax (organism)"
* $sct#18508006 "Plasmodium ovale (organism)"
* $sct#56395006 "Plasmodium malariae (organism)"
* $sct#49918008 "Plasmodium knowlesi (organism)"
* $sct#34706006 "Plasmodium (organism)"
* $mhd-result#mixed-species

ValueSet: MalariaStageVS
Id: malaria-stage
Title: "Plasmodium stage"
Description: "Stages on a blood film."
* $mhd-result#ring-form
* $mhd-result#trophozoite
* $mhd-result#schizont
* $mhd-result#gametocyte

ValueSet: HivAssayCodeVS
Id: hiv-assay-code
Title: "HIV assay code"
Description: "Single HIV assays."
* insert LoincNotice
* $loinc#80387-4
* $loinc#49905-3
* $loinc#68961-2
* $loinc#56888-1
* $loinc#89374-3

ValueSet: HivAssayResultVS
Id: hiv-assay-result
Title: "HIV assay result"
Description: "Reactive, non-reactive, invalid; never positive."
* $mhd-result#reactive
* $mhd-result#non-reactive
* $mhd-result#invalid

ValueSet: ReactivityVS
Id: reactivity
Title: "Reactivity"
Description: "Reactive or non-reactive."
* $v3-ObservationInterpretation#RR "Reactive"
* $v3-ObservationInterpretation#NR "Non-reactive"

ValueSet: HivStatusVS
Id: hiv-status
Title: "HIV status"
Description: "Positive, negative, inconclusive."
* insert GpsNotice
* $sct#165816005 "Human immunodeficiency virus positive (finding)"
* $sct#165815009
* $sct#419984006 "Inconclusive (qualifier value)"

ValueSet: HivViralLoadCodeVS
Id: hiv-viral-load-code
Title: "HIV viral load code"
Description: "Viral load in plasma or another specimen."
* insert LoincNotice
* $loinc#20447-9
* $loinc#25836-8
* $loinc#23876-6

ValueSet: Cd4CodeVS
Id: cd4-code
Title: "CD4 code"
Description: "CD4 cells per microlitre, or per cent."
* insert LoincNotice
* $loinc#24467-3
* $loinc#8123-2

ValueSet: Cd4UnitVS
Id: cd4-unit
Title: "CD4 unit"
Description: "Per microlitre, or per cent."
* insert UcumNotice
* $ucum#/uL
* $ucum#%

ValueSet: StiHepatitisCodeVS
Id: sti-hepatitis-code
Title: "STI and hepatitis test"
Description: "Syphilis (RPR, treponemal), hepatitis B surface antigen, hepatitis C antibody, gonorrhoea DNA."
* insert LoincNotice
* $loinc#20507-0
* $loinc#24110-9
* $loinc#5195-3
* $loinc#5196-1
* $loinc#16128-1
* $loinc#24111-7

ValueSet: ScreeningResultVS
Id: screening-result
Title: "Screening result"
Description: "Positive, negative, reactive, non-reactive, detected, not detected, indeterminate."
* insert GpsNotice
* $sct#10828004 "Positive (qualifier value)"
* $sct#260385009 "Negative (qualifier value)"
* $sct#260373001 "Detected (qualifier value)"
* $sct#260415000 "Not detected (qualifier value)"
* $sct#82334004 "Indeterminate (qualifier value)"
* $mhd-result#reactive
* $mhd-result#non-reactive

ValueSet: PregnancyStatusVS
Id: pregnancy-status
Title: "Pregnancy status"
Description: "Pregnant, not pregnant, unknown."
* insert GpsNotice
* $sct#77386006 "Pregnant (finding)"
* $sct#60001007 "Not pregnant (finding)"
* $sct#261665006 "Unknown (qualifier value)"

ValueSet: PregnancyCheckVS
Id: pregnancy-check
Title: "Pregnancy check"
Description: "Pregnant, not pregnant, unknown, or the question does not arise."
* insert GpsNotice
* $sct#77386006 "Pregnant (finding)"
* $sct#60001007 "Not pregnant (finding)"
* $sct#261665006 "Unknown (qualifier value)"
* $mhd-result#not-applicable

ValueSet: FitnessDecisionVS
Id: fitness-decision
Title: "Fitness decision"
Description: "Fit, fit with conditions, deferred, unfit."
* include codes from system FitnessDecisionCS

ValueSet: CheckKindVS
Id: check-kind
Title: "Kind of check"
Description: "All checks before travel."
* include codes from system CheckKindCS

ValueSet: TravelRequirementVS
Id: travel-requirement
Title: "Travel requirement"
Description: "All needs on the way."
* include codes from system TravelRequirementCS

ValueSet: EscortTypeVS
Id: escort-type
Title: "Escort type"
Description: "All kinds of escort."
* include codes from system EscortTypeCS

ValueSet: UnfitReasonVS
Id: unfit-reason
Title: "Reason against travel"
Description: "All reasons."
* include codes from system UnfitReasonCS
