// Value sets of vaccines, treatment, requests, places, consent.

ValueSet: ImmunizationReasonVS
Id: immunization-reason
Title: "Reason for a dose not given"
Description: "HL7 reasons (immune, medical precaution, out of stock, patient objection) and the waiver reasons of vaccination worksheets."
* $v3-ActReason#IMMUNE "immunity"
* $v3-ActReason#MEDPREC "medical precaution"
* $v3-ActReason#OSTOCK "product out of stock"
* $v3-ActReason#PATOBJ "patient objection"
* include codes from system ImmunizationReasonCS

ValueSet: VaccineCvxVS
Id: vaccine-cvx
Title: "Vaccine (CVX)"
Description: "Vaccines of pre-departure programmes."
* include codes from system $cvx

ValueSet: VaccineProductVS
Id: vaccine-product
Title: "Vaccine (SNOMED CT)"
Description: "Vaccine product groups that WHO and the International Patient Summary use."
* insert GpsNotice
* $sct#787859002 "Vaccine product (medicinal product)"
* $sct#418268006 "Product containing antigen of live attenuated Mycobacterium bovis (medicinal product)"
* $sct#836503005 "Vaccine product containing Bordetella pertussis and Clostridium tetani and Corynebacterium diphtheriae antigens (medicinal product)"
* $sct#774618008 "Vaccine product containing only whole cell Bordetella pertussis and Clostridium tetani toxoid adsorbed and Corynebacterium diphtheriae toxoid antigens (medicinal product)"
* $sct#775641005 "Vaccine product containing only Clostridium tetani toxoid adsorbed and Corynebacterium diphtheriae toxoid antigens (medicinal product)"
* $sct#836494009 "Vaccine product containing Measles morbillivirus and Mumps orthorubulavirus and Rubella virus antigens (medicinal product)"
* $sct#838280004 "Vaccine product containing Human alphaherpesvirus 3 and Measles morbillivirus and Mumps orthorubulavirus and Rubella virus antigens (medicinal product)"
* $sct#871765008 "Vaccine product containing only Measles morbillivirus antigen (medicinal product)"
* $sct#836390004 "Vaccine product containing Salmonella enterica subspecies enterica serovar Typhi antigen (medicinal product)"
* $sct#836374004 "Vaccine product containing Hepatitis B virus antigen (medicinal product)"
* $sct#836375003 "Vaccine product containing Hepatitis A virus antigen (medicinal product)"
* $sct#836377006 "Vaccine product containing Influenza virus antigen (medicinal product)"
* $sct#836378001 "Vaccine product containing Japanese encephalitis virus antigen (medicinal product)"
* $sct#836379009 "Vaccine product containing Human papillomavirus antigen (medicinal product)"
* $sct#836380007 "Vaccine product containing Haemophilus influenzae type B antigen (medicinal product)"
* $sct#836382004 "Vaccine product containing Measles morbillivirus antigen (medicinal product)"
* $sct#836383009 "Vaccine product containing Vibrio cholerae antigen (medicinal product)"
* $sct#836385002 "Vaccine product containing Yellow fever virus antigen (medicinal product)"
* $sct#836387005 "Vaccine product containing Rotavirus antigen (medicinal product)"
* $sct#836393002 "Vaccine product containing Rabies lyssavirus antigen (medicinal product)"
* $sct#836398006 "Vaccine product containing Streptococcus pneumoniae antigen (medicinal product)"
* $sct#836401009 "Vaccine product containing Neisseria meningitidis antigen (medicinal product)"
* $sct#836495005 "Vaccine product containing Human alphaherpesvirus 3 antigen (medicinal product)"
* $sct#1031000221108 "Vaccine product containing Human poliovirus antigen (medicinal product)"
* $sct#1119305005

ValueSet: TargetDiseaseVS
Id: target-disease
Title: "Target disease"
Description: "Diseases that vaccines of pre-departure programmes protect against, as the International Patient Summary codes them."
* insert GpsNotice
* $sct#56717001 "Tuberculosis (disorder)"
* $sct#397430003 "Diphtheria caused by Corynebacterium diphtheriae (disorder)"
* $sct#76902006 "Tetanus (disorder)"
* $sct#27836007 "Pertussis (disorder)"
* $sct#66071002 "Viral hepatitis type B (disorder)"
* $sct#398102009 "Acute poliomyelitis (disorder)"
* $sct#14189004 "Measles (disorder)"
* $sct#36653000 "Rubella (disorder)"
* $sct#36989005 "Mumps (disorder)"
* $sct#38907003 "Varicella (disorder)"
* $sct#18624000
* $sct#240532009 "Human papillomavirus infection (disorder)"
* $sct#23511006
* $sct#16814004 "Pneumococcal infectious disease (disorder)"
* $sct#6142004 "Influenza (disorder)"
* $sct#52947006
* $sct#40468003 "Viral hepatitis, type A (disorder)"
* $sct#16541001
* $sct#63650001
* $sct#4834000 "Typhoid fever (disorder)"
* $sct#14168008
* $sct#61462000 "Malaria (disorder)"

ValueSet: PresumptiveMedicationVS
Id: presumptive-medication
Title: "Presumptive medicine"
Description: "Artemether and lumefantrine, albendazole, ivermectin, praziquantel."
* $atc#P01BF01 "artemether and lumefantrine"
* $atc#P02CA03 "albendazole"
* $atc#P02CF01 "ivermectin"
* $atc#P02BA01 "praziquantel"

ValueSet: ReferralCategoryVS
Id: referral-category
Title: "Referral category"
Description: "All referral categories."
* include codes from system ReferralCategoryCS

ValueSet: ReferralServiceVS
Id: referral-service
Title: "Referral service"
Description: "SNOMED CT patient referral and referral to service, and own services."
* insert GpsNotice
* $sct#3457005 "Patient referral (procedure)"
* $sct#306206005
* include codes from system MhdServiceCS

ValueSet: MhdServiceVS
Id: mhd-service
Title: "MHD service"
Description: "All own services."
* include codes from system MhdServiceCS

ValueSet: MedevacPhaseVS
Id: medevac-phase
Title: "Medical evacuation phase"
Description: "All phases."
* include codes from system MedevacPhaseCS

ValueSet: LocationKindVS
Id: location-kind
Title: "Kind of place"
Description: "All kinds of places."
* include codes from system LocationKindCS

ValueSet: SensitivityVS
Id: mhd-sensitivity
Title: "Sensitivity"
Description: "Sensitivities for meta.security: those of HL7 that migration health uses, and own ones."
* $v3-ActCode#HIV
* $v3-ActCode#STD
* $v3-ActCode#MH
* $v3-ActCode#PSY
* $v3-ActCode#SUD
* $v3-ActCode#SDV
* $v3-ActCode#VIO
* $v3-ActCode#SEX
* $v3-ActCode#GDIS
* $v3-ActCode#PRS
* include codes from system SensitivityCS

ValueSet: ConsentRecipientKindVS
Id: consent-recipient-kind
Title: "Kind of recipient"
Description: "All kinds of recipients."
* include codes from system ConsentRecipientKindCS

ValueSet: MigrantConditionVS
Id: migrant-condition
Title: "Condition"
Description: "Conditions that assessments find most often; any SNOMED CT code is allowed."
* insert GpsNotice
* $sct#56717001 "Tuberculosis (disorder)"
* $sct#154283005 "Pulmonary tuberculosis (disorder)"
* $sct#423997002
* $sct#423092005
* $sct#710106005
* $sct#415345001
* $sct#414546009
* $sct#11999007 "Inactive tuberculosis (disorder)"
* $sct#1431000119101 "Exposure to tuberculosis (event)"
* $sct#61462000 "Malaria (disorder)"
* $sct#86406008 "Human immunodeficiency virus infection (disorder)"
* $sct#47505003 "Posttraumatic stress disorder (disorder)"
* $sct#35489007 "Depressive disorder (disorder)"
* $sct#84757009 "Epilepsy (disorder)"
* $sct#38341003 "Hypertensive disorder, systemic arterial (disorder)"
* $sct#44054006 "Diabetes mellitus type 2 (disorder)"
* $sct#46177005 "End-stage renal disease (disorder)"
* $sct#105502003 "Dependence on renal dialysis (finding)"
* $sct#127040003 "Sickle cell-hemoglobin SS disease (disorder)"
* $sct#13213009 "Congenital heart disease (disorder)"
* $sct#398254007 "Pre-eclampsia (disorder)"
* $sct#71620000 "Fracture of femur (disorder)"
* $sct#91302008 "Sepsis (disorder)"
* $sct#81004002 "Leprosy (disorder)"
* $sct#95318007 "Victim of torture (finding)"
* $sct#734998001 "Victim of human trafficking (finding)"

ValueSet: OrganizationKindVS
Id: organization-kind
Title: "Kind of organization"
Description: "All kinds of organizations."
* include codes from system OrganizationKindCS

ValueSet: SpecimenTypeVS
Id: specimen-type
Title: "Specimen type"
Description: "Specimens of an assessment."
* insert GpsNotice
* $sct#119334006 "Sputum specimen (specimen)"
* $sct#258610001 "Sputum specimen obtained by sputum induction (specimen)"
* $sct#168137004 "Gastric aspirate sample (specimen)"
* $sct#119297000 "Blood specimen (specimen)"
* $sct#122555007 "Venous blood specimen (specimen)"
* $sct#119364003 "Serum specimen (specimen)"
* $sct#119361006 "Plasma specimen (specimen)"
* $sct#440500007 "Dried blood spot specimen (specimen)"

ValueSet: ConsentCategoryVS
Id: consent-category
Title: "Consent category"
Description: "Release of information, or patient consent."
* insert LoincNotice
* $loinc#64292-6 "Release of information consent"
* $loinc#59284-0

ValueSet: GestationUnitVS
Id: gestation-unit
Title: "Unit of gestation"
Description: "Weeks or days."
* insert UcumNotice
* $ucum#wk
* $ucum#d

ValueSet: LengthUnitVS
Id: length-unit
Title: "Unit of length"
Description: "Centimetres or millimetres."
* insert UcumNotice
* $ucum#cm
* $ucum#mm

ValueSet: ConditionCategoryVS
Id: mhd-condition-category
Title: "MHD condition category"
Description: "Significant medical condition, US class A, US class B."
* $mhd-kind#smc
* $mhd-kind#us-class-a
* $mhd-kind#us-class-b

ValueSet: ConsentPurposeVS
Id: consent-purpose
Title: "Purpose of a permit"
Description: "Health purposes that a permit may name. There is none for immigration enforcement (mhd-con-2)."
* $v3-ActReason#TREAT "treatment"
* $v3-ActReason#ETREAT "Emergency Treatment"
* $v3-ActReason#PUBHLTH "public health"
* $v3-ActReason#CAREMGT "care management"
* $v3-ActReason#COC "coordination of care"
* $v3-ActReason#PATRQT "patient requested"
* $v3-ActReason#FAMRQT "family requested"
* $v3-ActReason#HRESCH "healthcare research"

ValueSet: ResponsibleAdultVS
Id: responsible-adult
Title: "Responsible adult"
Description: "Relations of the person who answers for a child or for a person without capacity."
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#GUARD
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#HPOWATT
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#MTH
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#FTH
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#NMTH
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#NFTH
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#SIB
* http://terminology.hl7.org/CodeSystem/v3-RoleCode#SPS

ValueSet: HandlingInstructionVS
Id: handling-instruction
Title: "Handling instruction"
Description: "Labels that tell the recipient what to do with the content."
* $v3-ActCode#NORDSCLCD
* $v3-ActCode#NOAUTH
* $v3-ActCode#NOREUSE
* $v3-ActCode#DELAU
* $v3-ActCode#CPLYCD
* $v3-ActCode#DEID
* $v3-ActCode#MASK

ValueSet: MhdUnitVS
Id: mhd-unit
Title: "Units"
Description: "UCUM units of the measurements of this guide."
* insert UcumNotice
* $ucum#mm
* $ucum#cm
* $ucum#[IU]/mL
* $ucum#{copies}/mL
* $ucum#{Log_copies}/mL
* $ucum#/uL
* $ucum#%
* $ucum#mg
* $ucum#ug/kg
* $ucum#L/min
* $ucum#Cel
* $ucum#kg
* $ucum#mm[Hg]
* $ucum#/min
* $ucum#wk
* $ucum#d
* $ucum#mL

ValueSet: NotifiableVS
Id: notifiable
Title: "Notifiable results"
Description: "Codes of results that a ministry of health asks to be told of: tuberculosis, HIV and malaria. For searches with code:in."
* insert LoincNotice
* $loinc#11477-7
* $loinc#539-7
* $loinc#543-9
* $loinc#89371-9
* $loinc#29579-0
* $loinc#94053-6
* $loinc#55277-8
* $loinc#70569-9
* $loinc#51587-4
* $loinc#32700-7
* $mhd-observation#tb-classification

ValueSet: LiveVaccineVS
Id: live-vaccine
Title: "Live vaccines"
Description: "Live vaccines that are not given in the 28 days before departure (MMR and its parts, varicella, MMRV, yellow fever, oral polio)."
* $cvx#02
* $cvx#03
* $cvx#04
* $cvx#05
* $cvx#06
* $cvx#07
* $cvx#21
* $cvx#37
* $cvx#94
* $cvx#178

ValueSet: SensitiveHivVS
Id: sensitive-hiv
Title: "Codes labelled HIV"
Description: "Results and diagnoses that carry the labels R and HIV."
* insert LoincNotice
* $loinc#80387-4
* $loinc#49905-3
* $loinc#68961-2
* $loinc#56888-1
* $loinc#89374-3
* $loinc#55277-8
* $loinc#20447-9
* $loinc#25836-8
* $loinc#23876-6
* $loinc#24467-3
* $loinc#8123-2
* $sct#86406008 "Human immunodeficiency virus infection (disorder)"
* $sct#165816005 "Human immunodeficiency virus positive (finding)"
* $icd10#B24
* $icd10#Z21
* $icd10#Z11.4

ValueSet: SensitiveStiVS
Id: sensitive-sti
Title: "Codes labelled STD"
Description: "Results that carry the labels R and STD."
* insert LoincNotice
* $loinc#20507-0
* $loinc#24110-9
* $loinc#24111-7
* $loinc#5195-3
* $loinc#5196-1
* $loinc#16128-1

ValueSet: SensitiveTbVS
Id: sensitive-tb
Title: "Codes labelled TB"
Description: "Results and diagnoses that carry the labels R and TB."
* insert LoincNotice
* $loinc#24648-8
* $loinc#36572-6
* $loinc#30745-4
* $loinc#36643-5
* $loinc#1648-5
* $loinc#71773-6
* $loinc#71775-1
* $loinc#11477-7
* $loinc#79424-8
* $loinc#539-7
* $loinc#543-9
* $loinc#89371-9
* $loinc#29579-0
* $loinc#94053-6
* $loinc#45241-7
* $mhd-observation#tb-classification
* $sct#56717001 "Tuberculosis (disorder)"
* $sct#154283005 "Pulmonary tuberculosis (disorder)"
* $sct#423997002
* $sct#423092005
* $sct#710106005
* $sct#415345001
* $sct#414546009
* $sct#11999007 "Inactive tuberculosis (disorder)"
* $sct#1431000119101 "Exposure to tuberculosis (event)"
* $icd10#A15.3
* $icd10#A15.9
* $icd10#A16.9
* $icd10#A18.8
* $icd10#A19.1
* $icd10#Z11.1
* $icd10#Z20.1
* $icd10#U84.3

ValueSet: SensitiveMentalHealthVS
Id: sensitive-mental-health
Title: "Codes labelled MH"
Description: "Diagnoses and scores that carry the labels R and MH."
* insert LoincNotice
* $loinc#44261-6
* $loinc#70274-6
* $sct#47505003 "Posttraumatic stress disorder (disorder)"
* $sct#35489007 "Depressive disorder (disorder)"

ValueSet: SensitivePregnancyVS
Id: sensitive-pregnancy
Title: "Codes labelled PREGNANT"
Description: "Findings that carry the label PREGNANT where an employer or agent could receive them."
* insert LoincNotice
* $loinc#82810-3
* $loinc#11778-8
* $loinc#18185-9
* $sct#77386006 "Pregnant (finding)"
* $sct#398254007 "Pre-eclampsia (disorder)"

ValueSet: SensitiveViolenceVS
Id: sensitive-violence
Title: "Codes labelled VIO"
Description: "Diagnoses that carry the labels V and VIO."
* insert GpsNotice
* $sct#95318007 "Victim of torture (finding)"
* $sct#734998001 "Victim of human trafficking (finding)"

ValueSet: SensitiveTraffickingVS
Id: sensitive-trafficking
Title: "Codes labelled TRAFF"
Description: "Diagnoses that carry the labels V and TRAFF."
* insert GpsNotice
* $sct#734998001 "Victim of human trafficking (finding)"
