// Value sets of the person, the case and the journey.

RuleSet: GpsNotice
* ^copyright = "Contains SNOMED CT codes of the SNOMED International Global Patient Set (CC BY 4.0, SNOMED International), and codes that WHO's digital adaptation kits name as such. SNOMED CT was originally created by the College of American Pathologists."

RuleSet: LoincNotice
* ^copyright = "This material contains content from LOINC (http://loinc.org). LOINC is copyright Regenstrief Institute, Inc. and the Logical Observation Identifiers Names and Codes (LOINC) Committee and is available at no cost under the license at http://loinc.org/license. LOINC is a registered United States trademark of Regenstrief Institute, Inc."

ValueSet: MigrantCategoryVS
Id: migrant-category
Title: "Migrant category"
Description: "All migrant categories."
* include codes from system MigrantCategoryCS

ValueSet: ProgrammeAreaVS
Id: programme-area
Title: "Programme area"
Description: "All programme areas."
* include codes from system ProgrammeAreaCS

ValueSet: CaseRoleVS
Id: mhd-case-role
Title: "Role in the case"
Description: "All roles in a case."
* include codes from system CaseRoleCS

ValueSet: VulnerabilityVS
Id: mhd-vulnerability
Title: "Vulnerability"
Description: "All vulnerabilities. The survivor codes are in the set so that the rule mhd-pat-6 can name what is wrong; they are never accepted on a Patient."
* include codes from system VulnerabilityCS

ValueSet: BirthDateAccuracyVS
Id: birth-date-accuracy
Title: "Accuracy of a birth date"
Description: "All accuracies."
* include codes from system BirthDateAccuracyCS

ValueSet: DisplacementStatusVS
Id: displacement-status
Title: "Displacement status"
Description: "All kinds of housing."
* include codes from system DisplacementStatusCS

ValueSet: CountryVS
Id: country
Title: "Country"
Description: "ISO 3166-1 alpha-3 codes, listed so that a required binding can be checked."
* $iso3166#ABW
* $iso3166#AFG
* $iso3166#AGO
* $iso3166#AIA
* $iso3166#ALA
* $iso3166#ALB
* $iso3166#AND
* $iso3166#ARE
* $iso3166#ARG
* $iso3166#ARM
* $iso3166#ASM
* $iso3166#ATA
* $iso3166#ATF
* $iso3166#ATG
* $iso3166#AUS
* $iso3166#AUT
* $iso3166#AZE
* $iso3166#BDI
* $iso3166#BEL
* $iso3166#BEN
* $iso3166#BES
* $iso3166#BFA
* $iso3166#BGD
* $iso3166#BGR
* $iso3166#BHR
* $iso3166#BHS
* $iso3166#BIH
* $iso3166#BLM
* $iso3166#BLR
* $iso3166#BLZ
* $iso3166#BMU
* $iso3166#BOL
* $iso3166#BRA
* $iso3166#BRB
* $iso3166#BRN
* $iso3166#BTN
* $iso3166#BVT
* $iso3166#BWA
* $iso3166#CAF
* $iso3166#CAN
* $iso3166#CCK
* $iso3166#CHE
* $iso3166#CHL
* $iso3166#CHN
* $iso3166#CIV
* $iso3166#CMR
* $iso3166#COD
* $iso3166#COG
* $iso3166#COK
* $iso3166#COL
* $iso3166#COM
* $iso3166#CPV
* $iso3166#CRI
* $iso3166#CUB
* $iso3166#CUW
* $iso3166#CXR
* $iso3166#CYM
* $iso3166#CYP
* $iso3166#CZE
* $iso3166#DEU
* $iso3166#DJI
* $iso3166#DMA
* $iso3166#DNK
* $iso3166#DOM
* $iso3166#DZA
* $iso3166#ECU
* $iso3166#EGY
* $iso3166#ERI
* $iso3166#ESH
* $iso3166#ESP
* $iso3166#EST
* $iso3166#ETH
* $iso3166#FIN
* $iso3166#FJI
* $iso3166#FLK
* $iso3166#FRA
* $iso3166#FRO
* $iso3166#FSM
* $iso3166#GAB
* $iso3166#GBR
* $iso3166#GEO
* $iso3166#GGY
* $iso3166#GHA
* $iso3166#GIB
* $iso3166#GIN
* $iso3166#GLP
* $iso3166#GMB
* $iso3166#GNB
* $iso3166#GNQ
* $iso3166#GRC
* $iso3166#GRD
* $iso3166#GRL
* $iso3166#GTM
* $iso3166#GUF
* $iso3166#GUM
* $iso3166#GUY
* $iso3166#HKG
* $iso3166#HMD
* $iso3166#HND
* $iso3166#HRV
* $iso3166#HTI
* $iso3166#HUN
* $iso3166#IDN
* $iso3166#IMM
* $iso3166#IND
* $iso3166#IOT
* $iso3166#IRL
* $iso3166#IRN
* $iso3166#IRQ
* $iso3166#ISL
* $iso3166#ISR
* $iso3166#ITA
* $iso3166#JAM
* $iso3166#JEY
* $iso3166#JOR
* $iso3166#JPN
* $iso3166#KAZ
* $iso3166#KEN
* $iso3166#KGZ
* $iso3166#KHM
* $iso3166#KIR
* $iso3166#KNA
* $iso3166#KOR
* $iso3166#KWT
* $iso3166#LAO
* $iso3166#LBN
* $iso3166#LBR
* $iso3166#LBY
* $iso3166#LCA
* $iso3166#LIE
* $iso3166#LKA
* $iso3166#LSO
* $iso3166#LTU
* $iso3166#LUX
* $iso3166#LVA
* $iso3166#MAC
* $iso3166#MAF
* $iso3166#MAR
* $iso3166#MCO
* $iso3166#MDA
* $iso3166#MDG
* $iso3166#MDV
* $iso3166#MEX
* $iso3166#MHL
* $iso3166#MKD
* $iso3166#MLI
* $iso3166#MLT
* $iso3166#MMR
* $iso3166#MNE
* $iso3166#MNG
* $iso3166#MNP
* $iso3166#MOZ
* $iso3166#MRT
* $iso3166#MSR
* $iso3166#MTQ
* $iso3166#MUS
* $iso3166#MWI
* $iso3166#MYS
* $iso3166#MYT
* $iso3166#NAM
* $iso3166#NCL
* $iso3166#NER
* $iso3166#NFK
* $iso3166#NGA
* $iso3166#NIC
* $iso3166#NIU
* $iso3166#NLD
* $iso3166#NOR
* $iso3166#NPL
* $iso3166#NRU
* $iso3166#NZL
* $iso3166#OMN
* $iso3166#PAK
* $iso3166#PAN
* $iso3166#PCN
* $iso3166#PER
* $iso3166#PHL
* $iso3166#PLW
* $iso3166#PNG
* $iso3166#POL
* $iso3166#PRI
* $iso3166#PRK
* $iso3166#PRT
* $iso3166#PRY
* $iso3166#PSE
* $iso3166#PYF
* $iso3166#QAT
* $iso3166#REU
* $iso3166#ROU
* $iso3166#RUS
* $iso3166#RWA
* $iso3166#SAU
* $iso3166#SDN
* $iso3166#SEN
* $iso3166#SGP
* $iso3166#SGS
* $iso3166#SHN
* $iso3166#SJM
* $iso3166#SLB
* $iso3166#SLE
* $iso3166#SLV
* $iso3166#SMR
* $iso3166#SOM
* $iso3166#SPM
* $iso3166#SRB
* $iso3166#SSD
* $iso3166#STP
* $iso3166#SUR
* $iso3166#SVK
* $iso3166#SVN
* $iso3166#SWE
* $iso3166#SWZ
* $iso3166#SXM
* $iso3166#SYC
* $iso3166#SYR
* $iso3166#TCA
* $iso3166#TCD
* $iso3166#TGO
* $iso3166#THA
* $iso3166#TJK
* $iso3166#TKL
* $iso3166#TKM
* $iso3166#TLS
* $iso3166#TON
* $iso3166#TTO
* $iso3166#TUN
* $iso3166#TUR
* $iso3166#TUV
* $iso3166#TWN
* $iso3166#TZA
* $iso3166#UGA
* $iso3166#UKR
* $iso3166#UMI
* $iso3166#URY
* $iso3166#USA
* $iso3166#UZB
* $iso3166#VAT
* $iso3166#VCT
* $iso3166#VEN
* $iso3166#VGB
* $iso3166#VIR
* $iso3166#VNM
* $iso3166#VUT
* $iso3166#WLF
* $iso3166#WSM
* $iso3166#YEM
* $iso3166#ZAF
* $iso3166#ZMB
* $iso3166#ZWE

ValueSet: NationalityVS
Id: nationality
Title: "Nationality"
Description: "ISO 3166-1 alpha-3 codes, and stateless, refugee or unknown in place of one."
* $iso3166#ABW
* $iso3166#AFG
* $iso3166#AGO
* $iso3166#AIA
* $iso3166#ALA
* $iso3166#ALB
* $iso3166#AND
* $iso3166#ARE
* $iso3166#ARG
* $iso3166#ARM
* $iso3166#ASM
* $iso3166#ATA
* $iso3166#ATF
* $iso3166#ATG
* $iso3166#AUS
* $iso3166#AUT
* $iso3166#AZE
* $iso3166#BDI
* $iso3166#BEL
* $iso3166#BEN
* $iso3166#BES
* $iso3166#BFA
* $iso3166#BGD
* $iso3166#BGR
* $iso3166#BHR
* $iso3166#BHS
* $iso3166#BIH
* $iso3166#BLM
* $iso3166#BLR
* $iso3166#BLZ
* $iso3166#BMU
* $iso3166#BOL
* $iso3166#BRA
* $iso3166#BRB
* $iso3166#BRN
* $iso3166#BTN
* $iso3166#BVT
* $iso3166#BWA
* $iso3166#CAF
* $iso3166#CAN
* $iso3166#CCK
* $iso3166#CHE
* $iso3166#CHL
* $iso3166#CHN
* $iso3166#CIV
* $iso3166#CMR
* $iso3166#COD
* $iso3166#COG
* $iso3166#COK
* $iso3166#COL
* $iso3166#COM
* $iso3166#CPV
* $iso3166#CRI
* $iso3166#CUB
* $iso3166#CUW
* $iso3166#CXR
* $iso3166#CYM
* $iso3166#CYP
* $iso3166#CZE
* $iso3166#DEU
* $iso3166#DJI
* $iso3166#DMA
* $iso3166#DNK
* $iso3166#DOM
* $iso3166#DZA
* $iso3166#ECU
* $iso3166#EGY
* $iso3166#ERI
* $iso3166#ESH
* $iso3166#ESP
* $iso3166#EST
* $iso3166#ETH
* $iso3166#FIN
* $iso3166#FJI
* $iso3166#FLK
* $iso3166#FRA
* $iso3166#FRO
* $iso3166#FSM
* $iso3166#GAB
* $iso3166#GBR
* $iso3166#GEO
* $iso3166#GGY
* $iso3166#GHA
* $iso3166#GIB
* $iso3166#GIN
* $iso3166#GLP
* $iso3166#GMB
* $iso3166#GNB
* $iso3166#GNQ
* $iso3166#GRC
* $iso3166#GRD
* $iso3166#GRL
* $iso3166#GTM
* $iso3166#GUF
* $iso3166#GUM
* $iso3166#GUY
* $iso3166#HKG
* $iso3166#HMD
* $iso3166#HND
* $iso3166#HRV
* $iso3166#HTI
* $iso3166#HUN
* $iso3166#IDN
* $iso3166#IMM
* $iso3166#IND
* $iso3166#IOT
* $iso3166#IRL
* $iso3166#IRN
* $iso3166#IRQ
* $iso3166#ISL
* $iso3166#ISR
* $iso3166#ITA
* $iso3166#JAM
* $iso3166#JEY
* $iso3166#JOR
* $iso3166#JPN
* $iso3166#KAZ
* $iso3166#KEN
* $iso3166#KGZ
* $iso3166#KHM
* $iso3166#KIR
* $iso3166#KNA
* $iso3166#KOR
* $iso3166#KWT
* $iso3166#LAO
* $iso3166#LBN
* $iso3166#LBR
* $iso3166#LBY
* $iso3166#LCA
* $iso3166#LIE
* $iso3166#LKA
* $iso3166#LSO
* $iso3166#LTU
* $iso3166#LUX
* $iso3166#LVA
* $iso3166#MAC
* $iso3166#MAF
* $iso3166#MAR
* $iso3166#MCO
* $iso3166#MDA
* $iso3166#MDG
* $iso3166#MDV
* $iso3166#MEX
* $iso3166#MHL
* $iso3166#MKD
* $iso3166#MLI
* $iso3166#MLT
* $iso3166#MMR
* $iso3166#MNE
* $iso3166#MNG
* $iso3166#MNP
* $iso3166#MOZ
* $iso3166#MRT
* $iso3166#MSR
* $iso3166#MTQ
* $iso3166#MUS
* $iso3166#MWI
* $iso3166#MYS
* $iso3166#MYT
* $iso3166#NAM
* $iso3166#NCL
* $iso3166#NER
* $iso3166#NFK
* $iso3166#NGA
* $iso3166#NIC
* $iso3166#NIU
* $iso3166#NLD
* $iso3166#NOR
* $iso3166#NPL
* $iso3166#NRU
* $iso3166#NZL
* $iso3166#OMN
* $iso3166#PAK
* $iso3166#PAN
* $iso3166#PCN
* $iso3166#PER
* $iso3166#PHL
* $iso3166#PLW
* $iso3166#PNG
* $iso3166#POL
* $iso3166#PRI
* $iso3166#PRK
* $iso3166#PRT
* $iso3166#PRY
* $iso3166#PSE
* $iso3166#PYF
* $iso3166#QAT
* $iso3166#REU
* $iso3166#ROU
* $iso3166#RUS
* $iso3166#RWA
* $iso3166#SAU
* $iso3166#SDN
* $iso3166#SEN
* $iso3166#SGP
* $iso3166#SGS
* $iso3166#SHN
* $iso3166#SJM
* $iso3166#SLB
* $iso3166#SLE
* $iso3166#SLV
* $iso3166#SMR
* $iso3166#SOM
* $iso3166#SPM
* $iso3166#SRB
* $iso3166#SSD
* $iso3166#STP
* $iso3166#SUR
* $iso3166#SVK
* $iso3166#SVN
* $iso3166#SWE
* $iso3166#SWZ
* $iso3166#SXM
* $iso3166#SYC
* $iso3166#SYR
* $iso3166#TCA
* $iso3166#TCD
* $iso3166#TGO
* $iso3166#THA
* $iso3166#TJK
* $iso3166#TKL
* $iso3166#TKM
* $iso3166#TLS
* $iso3166#TON
* $iso3166#TTO
* $iso3166#TUN
* $iso3166#TUR
* $iso3166#TUV
* $iso3166#TWN
* $iso3166#TZA
* $iso3166#UGA
* $iso3166#UKR
* $iso3166#UMI
* $iso3166#URY
* $iso3166#USA
* $iso3166#UZB
* $iso3166#VAT
* $iso3166#VCT
* $iso3166#VEN
* $iso3166#VGB
* $iso3166#VIR
* $iso3166#VNM
* $iso3166#VUT
* $iso3166#WLF
* $iso3166#WSM
* $iso3166#YEM
* $iso3166#ZAF
* $iso3166#ZMB
* $iso3166#ZWE
* include codes from system NationalityStatusCS

ValueSet: MigrantLanguageVS
Id: migrant-language
Title: "Language of migrants"
Description: "Languages that migrants speak most often in IOM programmes, as BCP-47 tags. R4 has a list of common languages, in which many of these are missing."
* $bcp47#am "Amharic"
* $bcp47#ar "Arabic"
* $bcp47#arc "Aramaic"
* $bcp47#az "Azerbaijani"
* $bcp47#bn "Bengali"
* $bcp47#bo "Tibetan"
* $bcp47#bs "Bosnian"
* $bcp47#ckb "Central Kurdish (Sorani)"
* $bcp47#cnh "Hakha Chin"
* $bcp47#dz "Dzongkha"
* $bcp47#en "English"
* $bcp47#es "Spanish"
* $bcp47#fa "Persian"
* $bcp47#fil "Filipino"
* $bcp47#fr "French"
* $bcp47#ff "Fulah"
* $bcp47#gu "Gujarati"
* $bcp47#ha "Hausa"
* $bcp47#hi "Hindi"
* $bcp47#hmn "Hmong"
* $bcp47#ht "Haitian Creole"
* $bcp47#hy "Armenian"
* $bcp47#id "Indonesian"
* $bcp47#kac "Kachin"
* $bcp47#kar "Karen"
* $bcp47#km "Khmer"
* $bcp47#kmr "Northern Kurdish (Kurmanji)"
* $bcp47#kn "Kannada"
* $bcp47#ko "Korean"
* $bcp47#ksw "S'gaw Karen"
* $bcp47#kyu "Western Kayah"
* $bcp47#lg "Ganda"
* $bcp47#ln "Lingala"
* $bcp47#lo "Lao"
* $bcp47#mnw "Mon"
* $bcp47#ms "Malay"
* $bcp47#my "Burmese"
* $bcp47#ne "Nepali"
* $bcp47#nus "Nuer"
* $bcp47#om "Oromo"
* $bcp47#pa "Punjabi"
* $bcp47#prs "Dari"
* $bcp47#ps "Pashto"
* $bcp47#pt "Portuguese"
* $bcp47#pwo "Western Pwo Karen"
* $bcp47#rhg "Rohingya"
* $bcp47#rn "Rundi"
* $bcp47#ru "Russian"
* $bcp47#rw "Kinyarwanda"
* $bcp47#shn "Shan"
* $bcp47#si "Sinhala"
* $bcp47#so "Somali"
* $bcp47#sw "Swahili"
* $bcp47#ta "Tamil"
* $bcp47#tg "Tajik"
* $bcp47#th "Thai"
* $bcp47#ti "Tigrinya"
* $bcp47#tk "Turkmen"
* $bcp47#tl "Tagalog"
* $bcp47#tr "Turkish"
* $bcp47#uk "Ukrainian"
* $bcp47#ur "Urdu"
* $bcp47#uz "Uzbek"
* $bcp47#vi "Vietnamese"
* $bcp47#wo "Wolof"
* $bcp47#yo "Yoruba"
* $bcp47#zh "Chinese"
* $bcp47#din "Dinka"
* $bcp47#kri "Krio"

ValueSet: MhdEncounterTypeVS
Id: mhd-encounter-type
Title: "Encounter type"
Description: "All steps of the journey."
* include codes from system EncounterTypeCS

ValueSet: EncounterSnomedVS
Id: encounter-snomed
Title: "Encounter type (SNOMED CT)"
Description: "SNOMED CT codes that may stand beside the step of the journey."
* insert GpsNotice
* $sct#103738006 "History and physical examination, immigration (procedure)"
* $sct#171371008 "Fitness to travel examination (procedure)"
* $sct#14747002 "Elective immunization for international travel (procedure)"
* $sct#390906007 "Follow-up encounter (procedure)"

ValueSet: MigrationEncounterClassVS
Id: migration-encounter-class
Title: "Encounter class"
Description: "Classes of encounters that migration health work uses."
* $v3-ActCode#AMB "ambulatory"
* $v3-ActCode#FLD "field"
* $v3-ActCode#IMP "inpatient encounter"
* $v3-ActCode#EMER "emergency"
* $v3-ActCode#VR "virtual"
* $v3-ActCode#HH "home health"

ValueSet: MhdIdentifierTypeVS
Id: mhd-identifier-type
Title: "MHD identifier type"
Description: "Own kinds of identifiers."
* include codes from system IdentifierTypeCS
