// Own code systems: the person, the case and the journey.

CodeSystem: MigrantCategoryCS
Id: migrant-category
Title: "Migrant category"
Description: "Why a person moves, as IOM programmes record it. A category is a fact of a programme, not a judgement on the person; the irregular category is never written on a Patient."
* insert OwnCodeSystem
* #refugee "Refugee" "Person recognized as a refugee by a State or by UNHCR."
* #asylum-seeker "Asylum seeker" "Person whose request for protection is not yet decided."
* #idp "Internally displaced person" "Person forced to leave home without crossing a border."
* #stateless-person "Stateless person" "Person whom no State considers its national."
* #immigrant "Immigrant" "Person who moves to settle in another country."
* #labour-migrant "Labour migrant" "Person who moves to work in another country."
* #student "Student" "Person who moves to study in another country."
* #family-reunification "Family reunification" "Person who moves to join family."
* #irregular-migrant "Migrant in an irregular situation" "Person without the papers that a State asks for. Never on a Patient (mhd-pat-6)."
* #returnee "Returnee" "Person who has returned to the country or place of origin."
* #avrr-returnee "Assisted voluntary returnee" "Person who returns with assisted voluntary return and reintegration."
* #ex-combatant "Former combatant" "Person demobilized from an armed force or group."
* #ex-combatant-family "Family of a former combatant" "Dependant of a demobilized person."
* #seafarer "Seafarer" "Person who works on board a ship."
* #parolee-or-temporary-protection "Parole or temporary protection" "Person admitted under parole or temporary protection."
* #host-community "Host community" "Person of the community that hosts migrants."
* #other "Other" "A category that this list does not have."
* #unknown "Unknown" "Not known, or not asked."

CodeSystem: ProgrammeAreaCS
Id: programme-area
Title: "Programme area"
Description: "Thematic areas of IOM's Migration Health Division, by the numbers of its fact sheet (H1 to H3) and the areas that cut across them (X1 to X7)."
* insert OwnCodeSystem
* #H1-1 "Health assessments and travel assistance for resettlement" "Migration health assessments and travel health assistance, resettlement."
* #H1-2 "Labour migration and emigration" "Health examinations of labour migrants and emigrants."
* #H1-3 "Post-crisis movements" "Health in movements and evacuations after a crisis."
* #H1-4 "Assisted voluntary return of people with medical needs" "Health in assisted voluntary return and reintegration."
* #H1-5 "DNA testing and counselling" "Sampling for family links and its counselling; no result is kept."
* #H2-1 "Country agendas for migrant health" "Evidence and advice for national agendas."
* #H2-2 "Migrant-inclusive health systems" "Services that are open to migrants."
* #H2-3 "Irregular and vulnerable migrants" "Care for migrants in irregular or vulnerable situations."
* #H2-4 "Health needs of labour migrants" "Care and prevention for labour migrants and their families."
* #H2-5 "Migration of health workers" "Qualifications and flows of health workers."
* #H3-1 "Primary health care in crises" "Primary care for migrants, displaced people, returnees and host communities."
* #H3-2 "Referrals and medical evacuations" "Referral and medical evacuation."
* #H3-3 "Public and environmental health in camps" "Public and environmental health in camp coordination and camp management."
* #H3-4 "Transitional facilities and rehabilitation" "Transitional health facilities and the rebuilding of services."
* #H3-5 "Demobilized soldiers and their families" "Health in demobilization and reintegration."
* #X1 "Mental health and psychosocial support" "Mental health, psychosocial response and intercultural communication."
* #X2 "Health, border and mobility management" "Health at borders and along mobility pathways."
* #X3 "Human rights" "The right to health of migrants."
* #X4 "Family, women and children" "Family, maternal and child health."
* #X5 "HIV, tuberculosis, malaria and emerging diseases" "Communicable diseases."
* #X6 "Social determinants and development" "Social determinants of health and development."
* #X7 "Noncommunicable diseases" "Noncommunicable diseases."

CodeSystem: EncounterTypeCS
Id: mhd-encounter-type
Title: "Encounter type"
Description: "The steps of the journey and of humanitarian health work at which a migrant meets a health service."
* insert OwnCodeSystem
* #registration "Registration" "Identity, case and programme are recorded."
* #counselling "Counselling" "Information and counselling, also before and after tests."
* #health-assessment "Health assessment" "Migration health assessment: history, examination and ordered tests."
* #imaging "Imaging" "Visit for a chest film or other imaging."
* #sputum-collection "Sputum collection" "One of the visits in which sputum is collected."
* #vaccination "Vaccination" "Visit in which vaccines are given or reviewed."
* #tb-treatment "TB treatment" "Visit for directly observed treatment or its monitoring."
* #pre-departure-screening "Pre-departure medical screening" "PDMS, about three weeks before departure."
* #pre-embarkation-check "Pre-embarkation check" "PEC, at most 72 hours before departure (mhd-enc-2)."
* #departure "Departure" "Handover at the airport or border."
* #transit-check "Transit check" "Check in a transit place."
* #arrival-check "Arrival check" "Check at arrival."
* #post-arrival-followup "Follow-up after arrival" "Follow-up in the receiving country or place of return."
* #phc-consultation "Primary care consultation" "Outpatient consultation."
* #mhpss "Mental health and psychosocial visit" "Mental health and psychosocial support."
* #anc "Antenatal care" "Antenatal visit."
* #referral-visit "Referral visit" "Visit at the service referred to."
* #medevac-escort "Medical evacuation escort" "Care on the way during an evacuation."
* #dna-sampling "DNA sampling" "Witnessed sampling for a family link; no result is kept."
* #ddr-screening "Demobilization screening" "Health screening in a demobilization programme."
* #outreach "Outreach" "Visit outside a facility."

CodeSystem: VulnerabilityCS
Id: mhd-vulnerability
Title: "Vulnerability"
Description: "Situations that ask for extra care during a movement. Survivor codes exist so that they can be refused on a Patient and used in a labelled Condition."
* insert OwnCodeSystem
* #unaccompanied-child "Unaccompanied child" "Child without parents, relatives or guardian."
* #separated-child "Separated child" "Child separated from parents, with other relatives."
* #older-person-alone "Older person alone" "Older person without family."
* #single-parent "Single parent" "Parent alone with children."
* #pregnant "Pregnant" "Pregnant person."
* #disability "Disability" "Person with a disability."
* #chronic-illness "Chronic illness" "Person with a long-term illness."
* #victim-of-trafficking "Victim of trafficking" "Never on a Patient: a Condition labelled V, VIO and TRAFF."
* #torture-survivor "Torture survivor" "Never on a Patient: a Condition labelled V and VIO."
* #gbv-survivor "Survivor of gender-based violence" "Never on a Patient: a Condition labelled V and SDV."

CodeSystem: CaseRoleCS
Id: mhd-case-role
Title: "Role in the case"
Description: "What a member is in a case."
* insert OwnCodeSystem
* #principal-applicant "Principal applicant" "The person in whose name the case runs."
* #spouse "Spouse" "Spouse or partner."
* #child "Child" "Child of the applicant."
* #other-dependant "Other dependant" "Another dependant."
* #sponsor "Sponsor" "The sponsor of the case."

CodeSystem: DisplacementStatusCS
Id: displacement-status
Title: "Displacement status"
Description: "How a displaced person is housed."
* insert OwnCodeSystem
* #camp "Camp" "In a camp or settlement."
* #host-family "Host family" "With a family."
* #collective-centre "Collective centre" "In a school, hall or other shared building."
* #transit-centre "Transit centre" "Waiting for travel."
* #rented "Rented home" "In rented housing."
* #informal-settlement "Informal settlement" "In a place without services."
* #no-shelter "No shelter" "Without shelter."

CodeSystem: BirthDateAccuracyCS
Id: birth-date-accuracy
Title: "Accuracy of a birth date"
Description: "How a birth date is known."
* insert OwnCodeSystem
* #exact "Exact" "From a document or certain memory."
* #month "Month known" "Year and month known."
* #year "Year known" "Year known."
* #estimated-age "Estimated from age" "Calculated from a stated or guessed age."
* #assigned-jan-1 "1 January assigned" "The registrar put 1 January."

CodeSystem: NationalityStatusCS
Id: nationality-status
Title: "Nationality status"
Description: "What stands in place of a country when a person has no or no known nationality."
* insert OwnCodeSystem
* #XXA "Stateless" "Stateless person."
* #XXB "Refugee" "Refugee, nationality not stated."
* #XXX "Nationality unknown" "Nationality not known or not stated."

CodeSystem: IdentifierTypeCS
Id: mhd-identifier-type
Title: "MHD identifier type"
Description: "Kinds of identifiers that the HL7 table lacks."
* insert OwnCodeSystem
* #mhd-number "MHD individual number" "One per person."
* #case-number "Case number" "One per household and site."
* #unhcr-number "UNHCR individual number" "Individual number of UNHCR."
* #us-alien-number "US alien number" "A-number."
* #au-hap-id "Australian HAP ID" "Health assessment portal number."
* #ca-uci "Canadian UCI" "Unique client identifier."
* #movement-number "Movement number" "Flight, voyage or convoy."
