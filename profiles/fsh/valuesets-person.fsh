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
Description: "ISO 3166-1 alpha-3 codes."
* include codes from system $iso3166

ValueSet: NationalityVS
Id: nationality
Title: "Nationality"
Description: "ISO 3166-1 alpha-3 codes, and stateless, refugee or unknown in place of one."
* include codes from system $iso3166
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
