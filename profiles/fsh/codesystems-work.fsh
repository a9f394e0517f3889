// Own code systems: requests, places, consent and other work.

CodeSystem: MedevacPhaseCS
Id: medevac-phase
Title: "Medical evacuation phase"
Description: "The phases of a medical evacuation."
* insert OwnCodeSystem
* #requested "Requested" "The clinic has asked."
* #medical-review "Medical review" "A reviewer decides on need and urgency."
* #accepted-by-facility "Accepted by facility" "The receiving facility has accepted."
* #consent-obtained "Consent obtained" "Patient or guardian has consented."
* #documents-cleared "Documents cleared" "Travel papers and permits are there."
* #transport-booked "Transport booked" "Seat, aircraft or ambulance is booked."
* #departed "Departed" "Has left the clinic."
* #in-transit "In transit" "On the way."
* #handed-over "Handed over" "The receiving facility has taken over."
* #closed "Closed" "Outcome known and file closed."
* #declined "Declined" "Refused by reviewer, facility or patient."
* #cancelled "Cancelled" "No longer needed or possible."
* #died "Died" "The patient died before handover."

CodeSystem: MhdServiceCS
Id: mhd-service
Title: "MHD service"
Description: "Services that requests and tasks ask for where no free standard code exists."
* insert OwnCodeSystem
* #medical-evacuation "Medical evacuation" "Moving a patient to a facility that can treat."
* #specialist-referral "Specialist referral" "Referral to a specialist."
* #hospital-admission "Hospital admission" "Admission to a hospital."
* #tb-treatment-transfer "TB treatment transfer" "Transfer to another TB programme."
* #hiv-care-transfer "HIV care transfer" "Transfer to another HIV programme. Labelled HIV."
* #dialysis "Dialysis" "A dialysis place."
* #mhpss-referral "Mental health and psychosocial referral" "Referral to mental health or psychosocial support."
* #protection-referral "Protection referral" "Referral to protection services."
* #diagnostic-investigation "Diagnostic investigation" "A test that the site cannot do."
* #dna-sampling "DNA sampling" "Witnessed sampling for a reference laboratory."
* #post-arrival-followup "Follow-up after arrival" "Follow-up that the receiving side owes."
* #consent-renewal "Consent renewal" "Ask for consent again, such as at majority."

CodeSystem: LocationKindCS
Id: location-kind
Title: "Kind of place"
Description: "Kinds of places where migration health work is done."
* insert OwnCodeSystem
* #mhac "Migration health assessment centre" "IOM's own assessment centre."
* #panel-site "Panel site" "Site of a panel physician."
* #mobile-clinic "Mobile clinic" "Clinic on wheels or on foot."
* #transit-centre "Transit centre" "Place where people wait for travel."
* #camp "Camp or settlement" "Camp, site or settlement."
* #hospital "Hospital" "Hospital."
* #clinic "Clinic" "Health post or clinic."
* #point-of-entry "Point of entry" "Airport, port or border crossing."
* #laboratory "Laboratory" "Laboratory."

CodeSystem: SensitivityCS
Id: mhd-sensitivity
Title: "MHD sensitivity"
Description: "Sensitivities that the HL7 codes lack, for meta.security."
* insert OwnCodeSystem
* #TB "Tuberculosis" "Tuberculosis information."
* #IMM "Immigration status" "Facts about immigration status."
* #TRAFF "Trafficking" "Facts about trafficking."
* #PROT "Protection case" "Facts of a protection case."
* #PREGNANT "Pregnancy" "Pregnancy information. Same letters as the HL7 code that R4 does not have yet."
* #PATLOC "Whereabouts" "Where a protected person is. Same letters as the HL7 code that R4 does not have yet."
* #IDS "Identifiers" "Identifiers of a protected person. Same letters as the HL7 code that R4 does not have yet."
* #MIL "Military past" "Facts about military service or combat."

CodeSystem: ImmunizationReasonCS
Id: immunization-reason
Title: "Reason for a dose not given"
Description: "Reasons that the HL7 codes lack."
* insert OwnCodeSystem
* #not-age-appropriate "Not age-appropriate" "The vaccine is not for this age."
* #insufficient-interval "Insufficient interval" "Too early after the last dose."
* #not-routinely-available "Not routinely available" "The country does not offer the vaccine."
* #seasonal "Out of season" "Not the season for this vaccine."
* #contraindicated "Contraindicated" "Contraindicated for this person."
* #other "Other reason" "A reason that this list does not have; say it in the text."

CodeSystem: ConsentRecipientKindCS
Id: consent-recipient-kind
Title: "Kind of recipient"
Description: "Kinds of bodies to which a person may let health data go."
* insert OwnCodeSystem
* #receiving-health-authority "Receiving health authority" "Health department of the receiving country."
* #receiving-clinician "Receiving clinician" "Clinic or doctor who takes over."
* #national-programme "National disease programme" "TB, HIV or malaria programme."
* #resettlement-agency "Resettlement agency" "Agency that prepares housing and help; needs only."
* #visa-office "Visa office" "Decision only, never findings."
* #employer-or-agent "Employer or agent" "Decision only, never findings."
* #airline-medical-desk "Airline medical desk" "Fitness and needs on the way."
* #reference-laboratory "Reference laboratory" "Laboratory that examines samples."

CodeSystem: ReferralCategoryCS
Id: referral-category
Title: "Referral category"
Description: "What a referral is for."
* insert OwnCodeSystem
* #clinical "Clinical" "For treatment."
* #diagnostic "Diagnostic" "For a test or an opinion."
* #mhpss "Mental health and psychosocial" "For mental health or psychosocial support."
* #protection "Protection" "For protection services."
* #post-arrival "Post-arrival" "For care in the receiving country."

CodeSystem: MhdKindCS
Id: mhd-kind
Title: "MHD kind"
Description: "Kinds of groups, flags, conditions, documents, sections and task parameters."
* insert OwnCodeSystem
* #case "Case" "Group: the household that applies together."
* #movement "Movement" "Group: the people who travel together."
* #smc "Significant medical condition" "Condition or flag: needs arrangements for travel or arrival."
* #us-class-a "US class A condition" "Condition that bars entry without a waiver."
* #us-class-b "US class B condition" "Condition that needs follow-up after arrival."
* #movement-hold "Movement hold" "Flag: do not move this person now."
* #assessment-report "Assessment report" "Document: the whole assessment."
* #clearance-certificate "Clearance certificate" "Document: the decision without the findings."
* #section-identity-consent "Identity and consent" "Section of the assessment document."
* #section-tb "Tuberculosis" "Section of the assessment document."
* #section-fitness "Fitness to travel" "Section of assessment and certificate."
* #authorisation "Authorisation" "Task input: approval of reviewer or payer."
* #medif "Medical information form" "Task input: the airline's form."
* #tb-treatment "TB treatment" "Care plan: treatment of tuberculosis."
* #handover "Handover" "Task output: the transfer summary."

CodeSystem: OrganizationKindCS
Id: organization-kind
Title: "Kind of organization"
Description: "Kinds of bodies that migration health work deals with."
* insert OwnCodeSystem
* #iom-mission "IOM mission" "IOM office or mission."
* #panel-clinic "Panel clinic" "Clinic of a panel physician."
* #hospital "Hospital" "Hospital."
* #laboratory "Laboratory" "Laboratory."
* #health-authority "Health authority" "Ministry, state or local health department."
* #disease-programme "Disease programme" "National TB, HIV or malaria programme."
* #resettlement-agency "Resettlement agency" "Agency that receives refugees."
* #visa-office "Visa office" "Embassy or visa office."
* #employment-agency "Employment agency" "Agent of an employer."
* #carrier "Carrier" "Airline or other carrier."
* #partner "Partner" "United Nations body or non-governmental partner."
