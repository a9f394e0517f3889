// Own code systems: findings, results and decisions.

CodeSystem: TBImmigrationClassCS
Id: tb-immigration-class
Title: "TB class for migration"
Description: "Classes and decisions on tuberculosis as receiving countries use them. The scheme is part of the code: US letters, the UK certificate, Canadian surveillance codes, the Australian undertaking."
* insert OwnCodeSystem
* ^property[0].code = #scheme
* ^property[0].description = "Country whose scheme the class belongs to, ISO 3166-1 alpha-2"
* ^property[0].type = #code
* ^property[1].code = #cleared
* ^property[1].description = "Whether the person may travel with this class"
* ^property[1].type = #boolean
* ^property[2].code = #follow-up-days
* ^property[2].description = "Days after arrival within which the receiving side follows up"
* ^property[2].type = #integer
* #none "No TB class" "US: no sign of tuberculosis."
* #none ^property[0].code = #scheme
* #none ^property[0].valueCode = #US
* #none ^property[1].code = #cleared
* #none ^property[1].valueBoolean = true
* #A "Class A" "US: infectious tuberculosis; not cleared until treated or waived."
* #A ^property[0].code = #scheme
* #A ^property[0].valueCode = #US
* #A ^property[1].code = #cleared
* #A ^property[1].valueBoolean = false
* #A-waiver "Class A with waiver" "US: class A, travel allowed under a waiver."
* #A-waiver ^property[0].code = #scheme
* #A-waiver ^property[0].valueCode = #US
* #A-waiver ^property[1].code = #cleared
* #A-waiver ^property[1].valueBoolean = true
* #A-waiver ^property[2].code = #follow-up-days
* #A-waiver ^property[2].valueInteger = 30
* #B0-pulmonary "Class B0, pulmonary" "US: tuberculosis treated to completion by the panel site before travel."
* #B0-pulmonary ^property[0].code = #scheme
* #B0-pulmonary ^property[0].valueCode = #US
* #B0-pulmonary ^property[1].code = #cleared
* #B0-pulmonary ^property[1].valueBoolean = true
* #B0-pulmonary ^property[2].code = #follow-up-days
* #B0-pulmonary ^property[2].valueInteger = 30
* #B1-pulmonary "Class B1, pulmonary" "US: signs or film suggest tuberculosis; smears and cultures negative."
* #B1-pulmonary ^property[0].code = #scheme
* #B1-pulmonary ^property[0].valueCode = #US
* #B1-pulmonary ^property[1].code = #cleared
* #B1-pulmonary ^property[1].valueBoolean = true
* #B1-pulmonary ^property[2].code = #follow-up-days
* #B1-pulmonary ^property[2].valueInteger = 30
* #B1-extrapulmonary "Class B1, extrapulmonary" "US: extrapulmonary tuberculosis."
* #B1-extrapulmonary ^property[0].code = #scheme
* #B1-extrapulmonary ^property[0].valueCode = #US
* #B1-extrapulmonary ^property[1].code = #cleared
* #B1-extrapulmonary ^property[1].valueBoolean = true
* #B1-extrapulmonary ^property[2].code = #follow-up-days
* #B1-extrapulmonary ^property[2].valueInteger = 30
* #B2 "Class B2, infection" "US: positive IGRA or skin test without disease."
* #B2 ^property[0].code = #scheme
* #B2 ^property[0].valueCode = #US
* #B2 ^property[1].code = #cleared
* #B2 ^property[1].valueBoolean = true
* #B2 ^property[2].code = #follow-up-days
* #B2 ^property[2].valueInteger = 30
* #B3 "Class B3, contact" "US: recent contact of a known case."
* #B3 ^property[0].code = #scheme
* #B3 ^property[0].valueCode = #US
* #B3 ^property[1].code = #cleared
* #B3 ^property[1].valueBoolean = true
* #B3 ^property[2].code = #follow-up-days
* #B3 ^property[2].valueInteger = 30
* #GB-cleared "UK: certificate issued" "UK pre-entry screening: clearance certificate issued."
* #GB-cleared ^property[0].code = #scheme
* #GB-cleared ^property[0].valueCode = #GB
* #GB-cleared ^property[1].code = #cleared
* #GB-cleared ^property[1].valueBoolean = true
* #GB-referred "UK: referred for sputum" "UK pre-entry screening: further tests before a decision."
* #GB-referred ^property[0].code = #scheme
* #GB-referred ^property[0].valueCode = #GB
* #GB-referred ^property[1].code = #cleared
* #GB-referred ^property[1].valueBoolean = false
* #GB-tb-found "UK: tuberculosis found" "UK pre-entry screening: tuberculosis, no certificate."
* #GB-tb-found ^property[0].code = #scheme
* #GB-tb-found ^property[0].valueCode = #GB
* #GB-tb-found ^property[1].code = #cleared
* #GB-tb-found ^property[1].valueBoolean = false
* #CA-S2.02 "Canada: surveillance S2.02" "Report to public health within 30 days after arrival."
* #CA-S2.02 ^property[0].code = #scheme
* #CA-S2.02 ^property[0].valueCode = #CA
* #CA-S2.02 ^property[1].code = #cleared
* #CA-S2.02 ^property[1].valueBoolean = true
* #CA-S2.02 ^property[2].code = #follow-up-days
* #CA-S2.02 ^property[2].valueInteger = 30
* #CA-S2.02U "Canada: urgent surveillance S2.02U" "Report to public health within 7 days after arrival."
* #CA-S2.02U ^property[0].code = #scheme
* #CA-S2.02U ^property[0].valueCode = #CA
* #CA-S2.02U ^property[1].code = #cleared
* #CA-S2.02U ^property[1].valueBoolean = true
* #CA-S2.02U ^property[2].code = #follow-up-days
* #CA-S2.02U ^property[2].valueInteger = 7
* #CA-none "Canada: no surveillance" "No surveillance for tuberculosis."
* #CA-none ^property[0].code = #scheme
* #CA-none ^property[0].valueCode = #CA
* #CA-none ^property[1].code = #cleared
* #CA-none ^property[1].valueBoolean = true
* #AU-undertaking "Australia: health undertaking" "Contact with the health service within 28 days after arrival."
* #AU-undertaking ^property[0].code = #scheme
* #AU-undertaking ^property[0].valueCode = #AU
* #AU-undertaking ^property[1].code = #cleared
* #AU-undertaking ^property[1].valueBoolean = true
* #AU-undertaking ^property[2].code = #follow-up-days
* #AU-undertaking ^property[2].valueInteger = 28
* #AU-none "Australia: no undertaking" "No undertaking for tuberculosis."
* #AU-none ^property[0].code = #scheme
* #AU-none ^property[0].valueCode = #AU
* #AU-none ^property[1].code = #cleared
* #AU-none ^property[1].valueBoolean = true

CodeSystem: TBEvidenceCS
Id: tb-evidence
Title: "TB evidence"
Description: "The one-word summaries on which a TB classification rests."
* insert OwnCodeSystem
* #all-negative "All negative" "All specimens negative."
* #any-positive "Any positive" "At least one specimen positive."
* #mtb "M. tuberculosis" "M. tuberculosis complex grown."
* #ntm-only "Only other mycobacteria" "Only mycobacteria other than tuberculosis grown."
* #contaminated "Contaminated" "Contaminated, no result."
* #positive "Positive" "Positive."
* #negative "Negative" "Negative."
* #indeterminate "Indeterminate" "Neither positive nor negative."
* #not-done "Not done" "Not done or not needed."
* #normal "Normal" "Normal."
* #suggestive "Suggests tuberculosis" "Findings suggest tuberculosis."
* #abnormal-other "Abnormal, not suggestive" "Abnormal without suggesting tuberculosis."
* #on-treatment "On treatment" "Treatment has started and is not finished."
* #completed "Completed" "Treatment completed."
* #not-started "Not started" "Treatment needed and not started."
* #cleared "Cleared" "Cleared for travel."
* #not-cleared "Not cleared" "Not cleared for travel."
* #deferred "Deferred" "Decision deferred."
* #susceptible "Susceptible" "All tested first-line drugs susceptible."
* #resistant "Resistant, not to rifampicin" "Resistant to a drug other than rifampicin."
* #rifampicin-resistant "Rifampicin-resistant" "Resistant to rifampicin, isoniazid susceptible or unknown."
* #multidrug-resistant "Multidrug-resistant" "Resistant to rifampicin and isoniazid."

CodeSystem: CxrFindingCS
Id: cxr-finding
Title: "Chest X-ray finding"
Description: "Findings of a screening chest film that the tuberculosis worksheet asks for. The property says whether a finding suggests active tuberculosis."
* insert OwnCodeSystem
* ^property[0].code = #suggests-tb
* ^property[0].description = "Whether the finding suggests active tuberculosis"
* ^property[0].type = #boolean
* #infiltrate-or-consolidation "Infiltrate or consolidation" "Opacification of airspaces."
* #infiltrate-or-consolidation ^property[0].code = #suggests-tb
* #infiltrate-or-consolidation ^property[0].valueBoolean = true
* #reticular-fibrosis "Reticular markings suggesting fibrosis" "Reticular markings."
* #reticular-fibrosis ^property[0].code = #suggests-tb
* #reticular-fibrosis ^property[0].valueBoolean = true
* #cavitary-lesion "Cavitary lesion" "A cavity."
* #cavitary-lesion ^property[0].code = #suggests-tb
* #cavitary-lesion ^property[0].valueBoolean = true
* #nodule-poorly-defined-margins "Nodule with poorly defined margins" "Nodule or mass with poorly defined margins."
* #nodule-poorly-defined-margins ^property[0].code = #suggests-tb
* #nodule-poorly-defined-margins ^property[0].valueBoolean = true
* #pleural-effusion "Pleural effusion" "Fluid in the pleural space."
* #pleural-effusion ^property[0].code = #suggests-tb
* #pleural-effusion ^property[0].valueBoolean = true
* #hilar-mediastinal-adenopathy "Hilar or mediastinal adenopathy" "Enlarged lymph nodes."
* #hilar-mediastinal-adenopathy ^property[0].code = #suggests-tb
* #hilar-mediastinal-adenopathy ^property[0].valueBoolean = true
* #miliary "Miliary pattern" "Miliary findings."
* #miliary ^property[0].code = #suggests-tb
* #miliary ^property[0].valueBoolean = true
* #volume-loss "Volume loss or retraction" "Loss of volume."
* #volume-loss ^property[0].code = #suggests-tb
* #volume-loss ^property[0].valueBoolean = true
* #discrete-linear-opacity "Discrete linear opacity" "Discrete linear opacity."
* #discrete-linear-opacity ^property[0].code = #suggests-tb
* #discrete-linear-opacity ^property[0].valueBoolean = true
* #discrete-nodule-no-calcification "Discrete nodule without calcification" "Discrete nodule without calcification."
* #discrete-nodule-no-calcification ^property[0].code = #suggests-tb
* #discrete-nodule-no-calcification ^property[0].valueBoolean = true
* #irregular-thick-pleura "Irregular thick pleural reaction" "Irregular thick pleura."
* #irregular-thick-pleura ^property[0].code = #suggests-tb
* #irregular-thick-pleura ^property[0].valueBoolean = true
* #smooth-pleural-thickening "Smooth pleural thickening" "Smooth thickening."
* #smooth-pleural-thickening ^property[0].code = #suggests-tb
* #smooth-pleural-thickening ^property[0].valueBoolean = false
* #calcified-nodule "Calcified nodule" "Calcified nodule."
* #calcified-nodule ^property[0].code = #suggests-tb
* #calcified-nodule ^property[0].valueBoolean = false
* #cardiac "Cardiac finding" "Cardiac finding."
* #cardiac ^property[0].code = #suggests-tb
* #cardiac ^property[0].valueBoolean = false
* #musculoskeletal "Musculoskeletal finding" "Bone or soft tissue finding."
* #musculoskeletal ^property[0].code = #suggests-tb
* #musculoskeletal ^property[0].valueBoolean = false
* #other "Other finding" "Finding that this list does not have."
* #other ^property[0].code = #suggests-tb
* #other ^property[0].valueBoolean = false

CodeSystem: CxrIndicationCS
Id: cxr-indication
Title: "Chest X-ray indication"
Description: "Why a screening chest film is taken."
* insert OwnCodeSystem
* #age-15-or-older "Age 15 years or older" "Film by age."
* #known-hiv "Known HIV infection" "Film because of HIV infection. The Observation is then labelled HIV."
* #tb-history "History of tuberculosis" "Tuberculosis in the past."
* #tb-symptoms "Signs or symptoms" "Signs or symptoms of tuberculosis."
* #igra-positive "Positive IGRA or skin test" "Positive test of infection."
* #extrapulmonary-tb "Extrapulmonary tuberculosis" "Extrapulmonary tuberculosis suspected or known."
* #tb-contact "Contact of a TB case" "Contact of a known case."

CodeSystem: MhdObservationCS
Id: mhd-observation
Title: "MHD observation"
Description: "Questions and parts of findings for which no standard code exists: what a component of an assessment observation is about."
* insert OwnCodeSystem
* #tb-classification "TB classification" "TB class or decision for migration."
* #cxr-finding "Chest X-ray finding" "A finding on the film."
* #cxr-indication "Chest X-ray indication" "Why the film was taken."
* #suggests-tb "Film suggests tuberculosis" "Whether the film suggests tuberculosis."
* #tst-conversion "Skin test conversion" "Whether the skin test turned positive."
* #specimen-number "Specimen number" "Which specimen of the series."
* #culture-organism "Organism grown" "Organism that the culture grew."
* #culture-medium "Culture medium" "Liquid or solid."
* #days-held "Days held" "Days that the culture was held."
* #mtb-load "M. tuberculosis load" "Semi-quantitative load of a molecular test."
* #cxr-summary "Chest X-ray summary" "Chest films in one word."
* #infection-test-summary "Infection test summary" "IGRA or skin test in one word."
* #smear-summary "Smear summary" "Smears in one word."
* #culture-summary "Culture summary" "Cultures in one word."
* #dst-summary "Drug susceptibility summary" "Drug susceptibility in one word."
* #treatment-status "TB treatment status" "Treatment in one word."
* #tb-contact "TB contact" "Whether the person is a known contact."
* #extrapulmonary-site "Extrapulmonary site" "Site of extrapulmonary tuberculosis."
* #travel-clearance "Travel clearance" "Cleared, not cleared or deferred."
* #malaria-species "Plasmodium species" "Species found."
* #malaria-stage "Plasmodium stage" "Stage seen on the film."
* #rdt-product "Rapid test product" "Product and lot of the rapid test."
* #assay-number "Assay number" "Place of the assay in the testing strategy."
* #kit-lot "Kit and lot" "Kit and lot number."
* #counselling-done "Counselling done" "Whether counselling preceded the test."
* #check-kind "Kind of check" "Which check before travel it was."
* #travel-requirement "Travel requirement" "What is needed on the way."
* #escort "Escort" "Who escorts."
* #unfit-reason "Reason against travel" "Why travel is deferred or refused."
* #oxygen-flow "Oxygen flow" "Oxygen in litres per minute."

CodeSystem: MhdResultCS
Id: mhd-result
Title: "MHD result"
Description: "Answers for which no free standard code exists."
* insert OwnCodeSystem
* #scanty "Scanty" "Smear: a few acid-fast bacilli, below 1+."
* #borderline "Borderline" "T-SPOT: borderline count, to be repeated."
* #mixed-species "Mixed species" "Malaria: more than one species."
* #liquid "Liquid medium" "Culture in liquid medium."
* #solid "Solid medium" "Culture on solid medium."
* #load-trace "Trace" "Load: trace."
* #load-very-low "Very low" "Load: very low."
* #load-low "Low" "Load: low."
* #load-medium "Medium" "Load: medium."
* #load-high "High" "Load: high."
* #phenotypic "Phenotypic" "Susceptibility by growth in presence of the drug."
* #molecular "Molecular" "Susceptibility by mutations found."
* #ring-form "Ring forms" "Malaria: ring forms."
* #trophozoite "Trophozoites" "Malaria: trophozoites."
* #schizont "Schizonts" "Malaria: schizonts."
* #gametocyte "Gametocytes" "Malaria: gametocytes."
* #reactive "Reactive" "Assay reactive."
* #non-reactive "Non-reactive" "Assay not reactive."
* #invalid "Invalid" "Assay invalid, to be repeated."
* #not-applicable "Not applicable" "The question does not arise, such as pregnancy in a man or a small child."

CodeSystem: CheckKindCS
Id: check-kind
Title: "Kind of check before travel"
Description: "Which check a fitness-to-travel decision comes from."
* insert OwnCodeSystem
* #pdms "Pre-departure medical screening" "About three weeks before departure."
* #pec "Pre-embarkation check" "At most 72 hours before departure."
* #avrr "Check before assisted return" "Before assisted voluntary return."
* #medevac "Check before medical evacuation" "Before a medical evacuation."
* #employment "Examination for employment abroad" "Examination of a labour migrant."

CodeSystem: FitnessDecisionCS
Id: fitness-decision
Title: "Fitness decision"
Description: "The decision on fitness to travel."
* insert OwnCodeSystem
* #fit "Fit" "Fit to travel without conditions."
* #fit-with-conditions "Fit with conditions" "Fit when the stated requirements are met."
* #deferred "Deferred" "Not now; to be checked again."
* #unfit "Unfit" "Not fit to travel."

CodeSystem: UnfitReasonCS
Id: unfit-reason
Title: "Reason against travel"
Description: "Why travel is deferred or refused, in words that a travel desk may read. The diagnosis stands elsewhere."
* insert OwnCodeSystem
* #infectious-disease "Infectious disease" "A disease that others could catch on the way."
* #fever-or-rash "Fever or rash" "Fever or rash under observation."
* #outbreak-hold "Outbreak hold" "Movement held because of an outbreak."
* #unstable-condition "Unstable condition" "A condition that is not stable enough."
* #recent-surgery-or-injury "Recent surgery or injury" "Recent operation or injury."
* #late-pregnancy "Late pregnancy" "Too close to delivery for the carrier."
* #mental-state "Mental state" "A mental state that makes travel unsafe now."
* #treatment-incomplete "Treatment incomplete" "A treatment must be finished first."
* #results-pending "Results pending" "A result is still awaited."
* #no-escort-or-equipment "Escort or equipment missing" "What is needed on the way is not there."
* #other "Other reason" "Reason that this list does not have."

CodeSystem: TravelRequirementCS
Id: travel-requirement
Title: "Travel requirement"
Description: "What a passenger needs on the way. WCHR, WCHS and WCHC are the airlines' own codes."
* insert OwnCodeSystem
* #oxygen "Oxygen in flight" "Oxygen supply on board."
* #stretcher "Stretcher" "Lying on a stretcher."
* #WCHR "Wheelchair to the aircraft" "Can climb steps and walk in the cabin."
* #WCHS "Wheelchair and help with steps" "Cannot climb steps, can walk in the cabin."
* #WCHC "Wheelchair to the seat" "Cannot walk in the cabin."
* #extra-seat "Extra seat" "One more seat."
* #aisle-seat "Aisle seat" "Seat by the aisle."
* #medical-equipment "Medical equipment" "Equipment carried on board."
* #medication-in-flight "Medication in flight" "Medicines needed during the journey."
* #isolation "Isolation" "Apart from other passengers."
* #ground-ambulance "Ground ambulance" "Ambulance before or after the flight."
* #interpreter "Interpreter" "Somebody who speaks the passenger's language."

CodeSystem: EscortTypeCS
Id: escort-type
Title: "Escort type"
Description: "Who travels with the passenger."
* insert OwnCodeSystem
* #none "No escort" "Travels alone."
* #family "Family member" "A relative."
* #non-medical "Non-medical escort" "Operational escort."
* #nurse "Nurse" "A nurse."
* #paramedic "Paramedic" "A paramedic."
* #physician "Physician" "A physician."
* #medical-team "Medical team" "More than one clinician."
