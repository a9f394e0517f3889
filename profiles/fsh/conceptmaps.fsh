// Maps from own codes to standard ones, and to the status of R4 resources.

RuleSet: MapHead(id, name, title, description, source, target)
* id = "{id}"
* url = "{C}/ConceptMap/{id}"
* name = "{name}"
* title = "{title}"
* status = #draft
* description = "{description}"
* sourceCanonical = "{source}"
* targetCanonical = "{target}"

RuleSet: Equal(code, target)
* group[0].element[+].code = #{code}
* group[0].element[=].target[0].code = #{target}
* group[0].element[=].target[0].equivalence = #equivalent

RuleSet: Wider(code, target)
* group[0].element[+].code = #{code}
* group[0].element[=].target[0].code = #{target}
* group[0].element[=].target[0].equivalence = #wider

RuleSet: Narrower(code, target, comment)
* group[0].element[+].code = #{code}
* group[0].element[=].target[0].code = #{target}
* group[0].element[=].target[0].equivalence = #narrower
* group[0].element[=].target[0].comment = "{comment}"

RuleSet: Related(code, target)
* group[0].element[+].code = #{code}
* group[0].element[=].target[0].code = #{target}
* group[0].element[=].target[0].equivalence = #relatedto

RuleSet: NoTarget(code, comment)
* group[0].element[+].code = #{code}
* group[0].element[=].target[0].equivalence = #unmatched
* group[0].element[=].target[0].comment = "{comment}"

Instance: CxrFindingToSnomed
InstanceOf: ConceptMap
Usage: #definition
* insert MapHead(cxr-finding-to-snomed, CxrFindingToSnomed, [[Chest X-ray finding to SNOMED CT]], [[Findings of the screening list that have a SNOMED CT code in the Global Patient Set.]], [[{C}/ValueSet/tb-cxr-finding]], [[http://snomed.info/sct?fhir_vs]])
* group[0].source = "{C}/CodeSystem/cxr-finding"
* group[0].target = "http://snomed.info/sct"
* insert Narrower(infiltrate-or-consolidation, 409609008, [[infiltrate only]])
* insert Equal(pleural-effusion, 60046008)
* insert Related(miliary, 47604008)

Instance: EncounterTypeToSnomed
InstanceOf: ConceptMap
Usage: #definition
* insert MapHead(encounter-type-to-snomed, EncounterTypeToSnomed, [[Encounter type to SNOMED CT]], [[Steps of the journey that have a SNOMED CT code in the Global Patient Set.]], [[{C}/ValueSet/mhd-encounter-type]], [[http://snomed.info/sct?fhir_vs]])
* group[0].source = "{C}/CodeSystem/mhd-encounter-type"
* group[0].target = "http://snomed.info/sct"
* insert Equal(health-assessment, 103738006)
* insert Wider(pre-departure-screening, 171371008)
* insert Wider(pre-embarkation-check, 171371008)
* insert Wider(vaccination, 14747002)
* insert Wider(post-arrival-followup, 390906007)

Instance: MedevacPhaseToTaskStatus
InstanceOf: ConceptMap
Usage: #definition
* insert MapHead(medevac-phase-to-task-status, MedevacPhaseToTaskStatus, [[Evacuation phase to task status]], [[The Task.status that goes with each phase of a medical evacuation.]], [[{C}/ValueSet/medevac-phase]], [[http://hl7.org/fhir/ValueSet/task-status]])
* group[0].source = "{C}/CodeSystem/medevac-phase"
* group[0].target = "http://hl7.org/fhir/task-status"
* insert Equal(requested, requested)
* insert Wider(medical-review, received)
* insert Wider(accepted-by-facility, accepted)
* insert Wider(consent-obtained, accepted)
* insert Wider(documents-cleared, accepted)
* insert Wider(transport-booked, ready)
* insert Wider(departed, in-progress)
* insert Wider(in-transit, in-progress)
* insert Wider(handed-over, completed)
* insert Wider(closed, completed)
* insert Equal(declined, rejected)
* insert Equal(cancelled, cancelled)
* insert Wider(died, failed)

Instance: VaccineCvxToSnomed
InstanceOf: ConceptMap
Usage: #definition
* insert MapHead(vaccine-cvx-to-snomed, VaccineCvxToSnomed, [[CVX to SNOMED CT vaccine product groups]], [[From the vaccine codes that US receivers read to the product groups that an International Patient Summary reads. A group is wider than the product.]], [[{C}/ValueSet/vaccine-cvx]], [[{C}/ValueSet/vaccine-product]])
* group[0].source = "http://hl7.org/fhir/sid/cvx"
* group[0].target = "http://snomed.info/sct"
* insert Wider(19, 418268006)
* insert Wider(198, 836503005)
* insert Wider(102, 836503005)
* insert Wider(01, 836503005)
* insert Wider(20, 836503005)
* insert Wider(115, 836503005)
* insert Wider(09, 775641005)
* insert Wider(113, 775641005)
* insert Wider(196, 775641005)
* insert Wider(08, 836374004)
* insert Wider(43, 836374004)
* insert Wider(45, 836374004)
* insert Wider(17, 836380007)
* insert Wider(48, 836380007)
* insert Wider(49, 836380007)
* insert Wider(10, 1031000221108)
* insert Wider(178, 1031000221108)
* insert Wider(324, 1031000221108)
* insert Wider(133, 836398006)
* insert Wider(177, 836398006)
* insert Wider(215, 836398006)
* insert Wider(216, 836398006)
* insert Wider(88, 836377006)
* insert Wider(140, 836377006)
* insert Wider(141, 836377006)
* insert Wider(134, 836378001)
* insert Wider(207, 1119305005)
* insert Wider(208, 1119305005)
* insert Wider(213, 1119305005)
* insert Wider(03, 836494009)
* insert Wider(04, 836382004)
* insert Wider(05, 871765008)
* insert Wider(21, 836495005)
* insert Wider(94, 838280004)
* insert Wider(116, 836387005)
* insert Wider(119, 836387005)
* insert Wider(62, 836379009)
* insert Wider(118, 836379009)
* insert Wider(165, 836379009)
* insert Wider(108, 836401009)
* insert Wider(114, 836401009)
* insert Wider(136, 836401009)
* insert Wider(203, 836401009)
* insert Wider(37, 836385002)
* insert Wider(183, 836385002)
* insert Wider(184, 836385002)
* insert Wider(172, 836383009)
* insert Wider(173, 836383009)
* insert Wider(174, 836383009)
* insert Wider(52, 836375003)
* insert Wider(83, 836375003)
* insert Wider(18, 836393002)
* insert Wider(90, 836393002)
* insert NoTarget(67, [[no product group in the Global Patient Set]])
* insert Wider(101, 836390004)
* insert Wider(190, 836390004)
* insert NoTarget(204, [[no product group in the Global Patient Set]])

Instance: HivAssayResultToInterpretation
InstanceOf: ConceptMap
Usage: #definition
* insert MapHead(hiv-assay-result-to-interpretation, HivAssayResultToInterpretation, [[HIV assay result to interpretation]], [[Reactive and non-reactive as HL7 interpretation codes, for receivers that read those.]], [[{C}/ValueSet/hiv-assay-result]], [[{C}/ValueSet/reactivity]])
* group[0].source = "{C}/CodeSystem/mhd-result"
* group[0].target = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
* insert Equal(reactive, RR)
* insert Equal(non-reactive, NR)
* insert NoTarget(invalid, [[repeat the assay]])

Instance: SensitivityToActCode
InstanceOf: ConceptMap
Usage: #definition
* insert MapHead(sensitivity-to-act-code, SensitivityToActCode, [[MHD sensitivity to HL7 ActCode]], [[Own sensitivities that later releases of HL7 terminology have as codes. R4's own release lacks them, so a server that checks codes would refuse them.]], [[{C}/ValueSet/mhd-sensitivity]], [[http://terminology.hl7.org/ValueSet/v3-ActCode]])
* group[0].source = "{C}/CodeSystem/mhd-sensitivity"
* group[0].target = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
* group[0].targetVersion = "9.0.0"
* insert Equal(PREGNANT, PREGNANT)
* insert Equal(PATLOC, PATLOC)
* insert Equal(IDS, IDS)
* insert NoTarget(TB, [[no code]])
* insert NoTarget(IMM, [[no code]])
* insert NoTarget(TRAFF, [[no code; VIO is wider]])
* insert NoTarget(PROT, [[no code]])
* insert NoTarget(MIL, [[no code]])

Instance: HivStatusToWhoSmartHiv
InstanceOf: ConceptMap
Usage: #definition
* insert MapHead(hiv-status-to-who-smart-hiv, HivStatusToWhoSmartHiv, [[HIV status to WHO SMART HIV]], [[The conclusion of HIV testing as WHO SMART HIV codes it (test result, HIV.B.DE111). Target codes only.]], [[{C}/ValueSet/hiv-status]], [[http://smart.who.int/hiv/ValueSet/HIV.B.DE111]])
* group[0].source = "http://snomed.info/sct"
* group[0].target = "http://smart.who.int/hiv/CodeSystem/HIVConcepts"
* insert Equal(165816005, HIV.B.DE112)
* insert Equal(165815009, HIV.B.DE113)
* insert Wider(419984006, HIV.B.DE114)

Instance: ImmunizationStatusToWhoSmartImmunizations
InstanceOf: ConceptMap
Usage: #definition
* insert MapHead(immunization-status-to-who-smart-immunizations, ImmunizationStatusToWhoSmartImmunizations, [[Immunization status to WHO SMART Immunizations]], [[The status of a dose as WHO SMART Immunizations codes it (event status). Target codes only.]], [[http://hl7.org/fhir/ValueSet/immunization-status]], [[http://smart.who.int/immunizations/ValueSet/IMMZ.D.DE1]])
* group[0].source = "http://hl7.org/fhir/event-status"
* group[0].target = "http://smart.who.int/immunizations/CodeSystem/IMMZ.D"
* insert Equal(completed, DE2)
* insert Equal(entered-in-error, DE3)
* insert Equal(not-done, DE4)

Instance: MigrantCategoryToSnomed
InstanceOf: ConceptMap
Usage: #definition
* insert MapHead(migrant-category-to-snomed, MigrantCategoryToSnomed, [[Migrant category to SNOMED CT]], [[SNOMED CT has a code for immigrants only. Refugee and asylum codes are not in the Global Patient Set of 2020.]], [[{C}/ValueSet/migrant-category]], [[http://snomed.info/sct?fhir_vs]])
* group[0].source = "{C}/CodeSystem/migrant-category"
* group[0].target = "http://snomed.info/sct"
* insert Equal(immigrant, 161158003)
* insert Wider(labour-migrant, 161158003)
* insert Wider(family-reunification, 161158003)
* insert NoTarget(refugee, [[no verified code]])
* insert NoTarget(asylum-seeker, [[no verified code]])
