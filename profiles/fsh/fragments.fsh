// Parts of other people's code systems, as their licences allow. Each is a fragment: it states what it knows
// and leaves every other code undecided. See profiles/DECISIONS.md, "Licences".

CodeSystem: SnomedGpsFragment
Id: snomed-gps-fragment
Title: "SNOMED CT: codes of the Global Patient Set that this guide uses"
Description: "Codes of the SNOMED International Global Patient Set (GPS), with the fully specified names that HL7 has published (the GPS value set of September 2020, the International Patient Summary). A code without a name is in later releases of the GPS, which hold all concepts of the International Edition: look its name up there."
* ^url = "http://snomed.info/sct"
* ^publisher = "SNOMED International"
* ^version = "http://snomed.info/sct/900000000000207008/version/20200731"
* ^language = #en
* ^caseSensitive = true
* ^content = #fragment
* ^copyright = "The SNOMED International Global Patient Set (GPS) is produced by SNOMED International under the Creative Commons Attribution 4.0 International Public License (https://creativecommons.org/licenses/by/4.0/). SNOMED CT is copyright SNOMED International. The right to maintain the GPS remains vested exclusively in SNOMED International. SNOMED International does not endorse this guide. SNOMED CT was originally created by the College of American Pathologists."
* #3457005 "Patient referral (procedure)"
* #4834000 "Typhoid fever (disorder)"
* #6142004 "Influenza (disorder)"
* #10828004 "Positive (qualifier value)"
* #11999007 "Inactive tuberculosis (disorder)"
* #13213009 "Congenital heart disease (disorder)"
* #14168008 "Rabies (disorder)"
* #14189004 "Measles (disorder)"
* #14747002 "Elective immunization for international travel (procedure)"
* #16541001 "Yellow fever (disorder)"
* #16814004 "Pneumococcal infectious disease (disorder)"
* #18508006 "Plasmodium ovale (organism)"
* #18624000 "Disease caused by Rotavirus (disorder)"
* #23511006 "Meningococcal infectious disease (disorder)"
* #26643006 "Oral route (qualifier value)"
* #27836007 "Pertussis (disorder)"
* #29857009 "Chest pain (finding)"
* #30020004 "Plasmodium falciparum (organism)"
* #34206005 "Subcutaneous route (qualifier value)"
* #34706006 "Plasmodium (organism)"
* #35259002 "Structure of deltoid muscle (body structure)"
* #35489007 "Depressive disorder (disorder)"
* #36653000 "Rubella (disorder)"
* #36989005 "Mumps (disorder)"
* #38341003 "Hypertensive disorder, systemic arterial (disorder)"
* #38907003 "Varicella (disorder)"
* #40468003 "Viral hepatitis, type A (disorder)"
* #44054006 "Diabetes mellitus type 2 (disorder)"
* #46177005 "End-stage renal disease (disorder)"
* #47505003 "Posttraumatic stress disorder (disorder)"
* #47604008 "Miliary tuberculosis (disorder)"
* #49727002 "Cough (finding)"
* #49918008 "Plasmodium knowlesi (organism)"
* #52947006 "Japanese encephalitis virus disease (disorder)"
* #56395006 "Plasmodium malariae (organism)"
* #56717001 "Tuberculosis (disorder)"
* #60001007 "Not pregnant (finding)"
* #60046008 "Pleural effusion (disorder)"
* #61462000 "Malaria (disorder)"
* #63650001 "Cholera (disorder)"
* #66071002 "Viral hepatitis type B (disorder)"
* #66857006 "Hemoptysis (finding)"
* #71620000 "Fracture of femur (disorder)"
* #74746009 "Plasmodium vivax (organism)"
* #76902006 "Tetanus (disorder)"
* #77386006 "Pregnant (finding)"
* #78421000 "Intramuscular route (qualifier value)"
* #81004002 "Leprosy (disorder)"
* #82334004 "Indeterminate (qualifier value)"
* #84757009 "Epilepsy (disorder)"
* #86406008 "Human immunodeficiency virus infection (disorder)"
* #91302008 "Sepsis (disorder)"
* #95318007 "Victim of torture (finding)"
* #103738006 "History and physical examination, immigration (procedure)"
* #105502003 "Dependence on renal dialysis (finding)"
* #110379001 "Mycobacterium, non-tuberculosis (organism)"
* #113858008 "Mycobacterium tuberculosis complex (organism)"
* #113861009 "Mycobacterium tuberculosis (organism)"
* #119297000 "Blood specimen (specimen)"
* #119334006 "Sputum specimen (specimen)"
* #119361006 "Plasma specimen (specimen)"
* #119364003 "Serum specimen (specimen)"
* #122555007 "Venous blood specimen (specimen)"
* #123840003
* #127040003 "Sickle cell-hemoglobin SS disease (disorder)"
* #154283005 "Pulmonary tuberculosis (disorder)"
* #161158003
* #165815009
* #165816005 "Human immunodeficiency virus positive (finding)"
* #168137004 "Gastric aspirate sample (specimen)"
* #171371008 "Fitness to travel examination (procedure)"
* #186150001 "Enteritis caused by rotavirus (disorder)"
* #240532009 "Human papillomavirus infection (disorder)"
* #258610001 "Sputum specimen obtained by sputum induction (specimen)"
* #260347006 "Present + out of ++++ (qualifier value)"
* #260348001 "Present ++ out of ++++ (qualifier value)"
* #260349009 "Present +++ out of ++++ (qualifier value)"
* #260373001 "Detected (qualifier value)"
* #260385009 "Negative (qualifier value)"
* #260415000 "Not detected (qualifier value)"
* #261665006 "Unknown (qualifier value)"
* #284473002
* #306206005 "Referral to service (procedure)"
* #372464004 "Intradermal route (qualifier value)"
* #390906007 "Follow-up encounter (procedure)"
* #397430003 "Diphtheria caused by Corynebacterium diphtheriae (disorder)"
* #398102009 "Acute poliomyelitis (disorder)"
* #398254007 "Pre-eclampsia (disorder)"
* #409609008 "Radiologic infiltrate of lung (disorder)"
* #414546009
* #415345001
* #418268006 "Product containing antigen of live attenuated Mycobacterium bovis (medicinal product)"
* #419984006 "Inconclusive (qualifier value)"
* #423092005
* #423997002
* #428632005 "Transportation request (procedure)"
* #440500007 "Dried blood spot specimen (specimen)"
* #707307002
* #707308007
* #710106005
* #734998001 "Victim of human trafficking (finding)"
* #774618008 "Vaccine product containing only whole cell Bordetella pertussis and Clostridium tetani toxoid adsorbed and Corynebacterium diphtheriae toxoid antigens (medicinal product)"
* #775641005 "Vaccine product containing only Clostridium tetani toxoid adsorbed and Corynebacterium diphtheriae toxoid antigens (medicinal product)"
* #787859002 "Vaccine product (medicinal product)"
* #836374004 "Vaccine product containing Hepatitis B virus antigen (medicinal product)"
* #836375003 "Vaccine product containing Hepatitis A virus antigen (medicinal product)"
* #836377006 "Vaccine product containing Influenza virus antigen (medicinal product)"
* #836378001 "Vaccine product containing Japanese encephalitis virus antigen (medicinal product)"
* #836379009 "Vaccine product containing Human papillomavirus antigen (medicinal product)"
* #836380007 "Vaccine product containing Haemophilus influenzae type B antigen (medicinal product)"
* #836382004 "Vaccine product containing Measles morbillivirus antigen (medicinal product)"
* #836383009 "Vaccine product containing Vibrio cholerae antigen (medicinal product)"
* #836385002 "Vaccine product containing Yellow fever virus antigen (medicinal product)"
* #836387005 "Vaccine product containing Rotavirus antigen (medicinal product)"
* #836390004 "Vaccine product containing Salmonella enterica subspecies enterica serovar Typhi antigen (medicinal product)"
* #836393002 "Vaccine product containing Rabies lyssavirus antigen (medicinal product)"
* #836398006 "Vaccine product containing Streptococcus pneumoniae antigen (medicinal product)"
* #836401009 "Vaccine product containing Neisseria meningitidis antigen (medicinal product)"
* #836494009 "Vaccine product containing Measles morbillivirus and Mumps orthorubulavirus and Rubella virus antigens (medicinal product)"
* #836495005 "Vaccine product containing Human alphaherpesvirus 3 antigen (medicinal product)"
* #836503005 "Vaccine product containing Bordetella pertussis and Clostridium tetani and Corynebacterium diphtheriae antigens (medicinal product)"
* #838280004 "Vaccine product containing Human alphaherpesvirus 3 and Measles morbillivirus and Mumps orthorubulavirus and Rubella virus antigens (medicinal product)"
* #871765008 "Vaccine product containing only Measles morbillivirus antigen (medicinal product)"
* #1119305005
* #1031000221108 "Vaccine product containing Human poliovirus antigen (medicinal product)"
* #1431000119101 "Exposure to tuberculosis (event)"

CodeSystem: Iso3166Fragment
Id: iso-3166-fragment
Title: "ISO 3166-1 alpha-3 country codes"
Description: "Country codes with three letters and English short names. ISO allows the free use of the codes."
* ^url = "urn:iso:std:iso:3166"
* ^publisher = "ISO"
* ^language = #en
* ^caseSensitive = true
* ^content = #fragment
* ^copyright = "ISO 3166 country codes are published by ISO, which allows their free use."
* #ABW "Aruba"
* #AFG "Afghanistan"
* #AGO "Angola"
* #AIA "Anguilla"
* #ALA "Åland Islands"
* #ALB "Albania"
* #AND "Andorra"
* #ARE "United Arab Emirates"
* #ARG "Argentina"
* #ARM "Armenia"
* #ASM "American Samoa"
* #ATA "Antarctica"
* #ATF "French Southern Territories"
* #ATG "Antigua and Barbuda"
* #AUS "Australia"
* #AUT "Austria"
* #AZE "Azerbaijan"
* #BDI "Burundi"
* #BEL "Belgium"
* #BEN "Benin"
* #BES "Bonaire, Sint Eustatius and Saba"
* #BFA "Burkina Faso"
* #BGD "Bangladesh"
* #BGR "Bulgaria"
* #BHR "Bahrain"
* #BHS "Bahamas"
* #BIH "Bosnia and Herzegovina"
* #BLM "Saint Barthélemy"
* #BLR "Belarus"
* #BLZ "Belize"
* #BMU "Bermuda"
* #BOL "Bolivia, Plurinational State of"
* #BRA "Brazil"
* #BRB "Barbados"
* #BRN "Brunei Darussalam"
* #BTN "Bhutan"
* #BVT "Bouvet Island"
* #BWA "Botswana"
* #CAF "Central African Republic"
* #CAN "Canada"
* #CCK "Cocos (Keeling) Islands"
* #CHE "Switzerland"
* #CHL "Chile"
* #CHN "China"
* #CIV "Côte d''Ivoire"
* #CMR "Cameroon"
* #COD "Congo, the Democratic Republic of the"
* #COG "Congo"
* #COK "Cook Islands"
* #COL "Colombia"
* #COM "Comoros"
* #CPV "Cabo Verde"
* #CRI "Costa Rica"
* #CUB "Cuba"
* #CUW "Curaçao"
* #CXR "Christmas Island"
* #CYM "Cayman Islands"
* #CYP "Cyprus"
* #CZE "Czechia"
* #DEU "Germany"
* #DJI "Djibouti"
* #DMA "Dominica"
* #DNK "Denmark"
* #DOM "Dominican Republic"
* #DZA "Algeria"
* #ECU "Ecuador"
* #EGY "Egypt"
* #ERI "Eritrea"
* #ESH "Western Sahara"
* #ESP "Spain"
* #EST "Estonia"
* #ETH "Ethiopia"
* #FIN "Finland"
* #FJI "Fiji"
* #FLK "Falkland Islands (Malvinas)"
* #FRA "France"
* #FRO "Faroe Islands"
* #FSM "Micronesia, Federated States of"
* #GAB "Gabon"
* #GBR "United Kingdom of Great Britain and Northern Ireland"
* #GEO "Georgia"
* #GGY "Guernsey"
* #GHA "Ghana"
* #GIB "Gibraltar"
* #GIN "Guinea"
* #GLP "Guadeloupe"
* #GMB "Gambia"
* #GNB "Guinea-Bissau"
* #GNQ "Equatorial Guinea"
* #GRC "Greece"
* #GRD "Grenada"
* #GRL "Greenland"
* #GTM "Guatemala"
* #GUF "French Guiana"
* #GUM "Guam"
* #GUY "Guyana"
* #HKG "Hong Kong"
* #HMD "Heard Island and McDonald Islands"
* #HND "Honduras"
* #HRV "Croatia"
* #HTI "Haiti"
* #HUN "Hungary"
* #IDN "Indonesia"
* #IMM "Isle of Man"
* #IND "India"
* #IOT "British Indian Ocean Territory"
* #IRL "Ireland"
* #IRN "Iran, Islamic Republic of"
* #IRQ "Iraq"
* #ISL "Iceland"
* #ISR "Israel"
* #ITA "Italy"
* #JAM "Jamaica"
* #JEY "Jersey"
* #JOR "Jordan"
* #JPN "Japan"
* #KAZ "Kazakhstan"
* #KEN "Kenya"
* #KGZ "Kyrgyzstan"
* #KHM "Cambodia"
* #KIR "Kiribati"
* #KNA "Saint Kitts and Nevis"
* #KOR "Korea, Republic of"
* #KWT "Kuwait"
* #LAO "Lao People''s Democratic Republic"
* #LBN "Lebanon"
* #LBR "Liberia"
* #LBY "Libya"
* #LCA "Saint Lucia"
* #LIE "Liechtenstein"
* #LKA "Sri Lanka"
* #LSO "Lesotho"
* #LTU "Lithuania"
* #LUX "Luxembourg"
* #LVA "Latvia"
* #MAC "Macao"
* #MAF "Saint Martin (French part)"
* #MAR "Morocco"
* #MCO "Monaco"
* #MDA "Moldova, Republic of"
* #MDG "Madagascar"
* #MDV "Maldives"
* #MEX "Mexico"
* #MHL "Marshall Islands"
* #MKD "North Macedonia"
* #MLI "Mali"
* #MLT "Malta"
* #MMR "Myanmar"
* #MNE "Montenegro"
* #MNG "Mongolia"
* #MNP "Northern Mariana Islands"
* #MOZ "Mozambique"
* #MRT "Mauritania"
* #MSR "Montserrat"
* #MTQ "Martinique"
* #MUS "Mauritius"
* #MWI "Malawi"
* #MYS "Malaysia"
* #MYT "Mayotte"
* #NAM "Namibia"
* #NCL "New Caledonia"
* #NER "Niger"
* #NFK "Norfolk Island"
* #NGA "Nigeria"
* #NIC "Nicaragua"
* #NIU "Niue"
* #NLD "Netherlands"
* #NOR "Norway"
* #NPL "Nepal"
* #NRU "Nauru"
* #NZL "New Zealand"
* #OMN "Oman"
* #PAK "Pakistan"
* #PAN "Panama"
* #PCN "Pitcairn"
* #PER "Peru"
* #PHL "Philippines"
* #PLW "Palau"
* #PNG "Papua New Guinea"
* #POL "Poland"
* #PRI "Puerto Rico"
* #PRK "Korea, Democratic People''s Republic of"
* #PRT "Portugal"
* #PRY "Paraguay"
* #PSE "Palestine, State of"
* #PYF "French Polynesia"
* #QAT "Qatar"
* #REU "Réunion"
* #ROU "Romania"
* #RUS "Russian Federation"
* #RWA "Rwanda"
* #SAU "Saudi Arabia"
* #SDN "Sudan"
* #SEN "Senegal"
* #SGP "Singapore"
* #SGS "South Georgia and the South Sandwich Islands"
* #SHN "Saint Helena, Ascension and Tristan da Cunha"
* #SJM "Svalbard and Jan Mayen"
* #SLB "Solomon Islands"
* #SLE "Sierra Leone"
* #SLV "El Salvador"
* #SMR "San Marino"
* #SOM "Somalia"
* #SPM "Saint Pierre and Miquelon"
* #SRB "Serbia"
* #SSD "South Sudan"
* #STP "Sao Tome and Principe"
* #SUR "Suriname"
* #SVK "Slovakia"
* #SVN "Slovenia"
* #SWE "Sweden"
* #SWZ "Eswatini"
* #SXM "Sint Maarten (Dutch part)"
* #SYC "Seychelles"
* #SYR "Syrian Arab Republic"
* #TCA "Turks and Caicos Islands"
* #TCD "Chad"
* #TGO "Togo"
* #THA "Thailand"
* #TJK "Tajikistan"
* #TKL "Tokelau"
* #TKM "Turkmenistan"
* #TLS "Timor-Leste"
* #TON "Tonga"
* #TTO "Trinidad and Tobago"
* #TUN "Tunisia"
* #TUR "Turkey"
* #TUV "Tuvalu"
* #TWN "Taiwan, Province of China"
* #TZA "Tanzania, United Republic of"
* #UGA "Uganda"
* #UKR "Ukraine"
* #UMI "United States Minor Outlying Islands"
* #URY "Uruguay"
* #USA "United States of America"
* #UZB "Uzbekistan"
* #VAT "Holy See"
* #VCT "Saint Vincent and the Grenadines"
* #VEN "Venezuela, Bolivarian Republic of"
* #VGB "Virgin Islands, British"
* #VIR "Virgin Islands, U.S."
* #VNM "Viet Nam"
* #VUT "Vanuatu"
* #WLF "Wallis and Futuna"
* #WSM "Samoa"
* #YEM "Yemen"
* #ZAF "South Africa"
* #ZMB "Zambia"
* #ZWE "Zimbabwe"

CodeSystem: LoincFragment
Id: loinc-fragment
Title: "LOINC: codes that this guide uses"
Description: "LOINC codes of the observations and documents of this guide. A name is given only where an HL7 publication gives it; otherwise look it up at loinc.org."
* ^url = "http://loinc.org"
* ^publisher = "Regenstrief Institute, Inc."
* ^language = #en
* ^caseSensitive = true
* ^content = #fragment
* insert LoincNotice
* #10160-0 "History of Medication use Narrative"
* #100053-8
* #11348-0 "History of Past illness note"
* #11369-6 "History of Immunization note"
* #11450-4 "Problem list - Reported"
* #11477-7
* #11778-8 "Delivery date Estimated"
* #1648-5
* #16128-1
* #18185-9
* #18761-7 "Transfer summary note"
* #18776-5 "Plan of care note"
* #18860-7
* #18921-7
* #18934-0
* #18973-8
* #18974-6
* #20447-9
* #20507-0 "Reagin Ab [Presence] in Serum by RPR"
* #23627-3
* #23876-6
* #24110-9
* #24111-7
* #24467-3
* #24648-8
* #25836-8
* #29258-1
* #29463-7 "Body weight"
* #29545-1 "Physical findings Narrative"
* #29579-0
* #30745-4
* #30954-2 "Relevant diagnostic tests/laboratory data note"
* #32700-7
* #34117-2 "History and physical note"
* #36572-6
* #36643-5
* #39156-5 "Body mass index (BMI) [Ratio]"
* #42349-1
* #44261-6
* #45241-7
* #49905-3
* #5195-3
* #5196-1
* #51587-4
* #53556-7
* #539-7
* #543-9
* #55277-8
* #56888-1
* #57133-1 "Referral note"
* #59284-0
* #59408-5 "Oxygen saturation in Arterial blood by Pulse oximetry"
* #64084-7
* #64292-6 "Release of information consent"
* #68961-2
* #70569-9
* #70274-6
* #71773-6
* #71774-4
* #71775-1
* #71776-9
* #74277-5
* #74278-3
* #79424-8
* #80387-4
* #8123-2
* #82810-3 "Pregnancy status"
* #8302-2 "Body height"
* #8310-5 "Body temperature"
* #8462-4 "Diastolic blood pressure"
* #8480-6 "Systolic blood pressure"
* #85354-9 "Blood pressure panel with all children optional"
* #85362-2
* #88517-8
* #8867-4 "Heart rate"
* #89371-9
* #89372-7
* #89374-3
* #89484-0
* #89488-1
* #89489-9
* #9279-1 "Respiratory rate"
* #93850-6
* #93851-4
* #94053-6
* #94274-8
* #9844-2

CodeSystem: CvxFragment
Id: cvx-fragment
Title: "CVX: vaccine codes that this guide uses"
Description: "CVX codes of the vaccines of pre-departure programmes, from the CVX list of 2025-09-03. Where HL7 has not published the short description, a definition in our words stands in its place."
* ^url = "http://hl7.org/fhir/sid/cvx"
* ^publisher = "US Centers for Disease Control and Prevention"
* ^version = "2025-09-03"
* ^language = #en
* ^caseSensitive = true
* ^content = #fragment
* ^copyright = "CVX is a work of the United States government and free to use."
* #01 "DTP"
* #02 "OPV"
* #03 "MMR"
* #04 "M/R"
* #05 "measles"
* #06 "rubella"
* #07 "mumps"
* #08 "Hep B, adolescent or pediatric"
* #09 "Td (adult), 2 Lf tetanus toxoid, preservative free, adsorbed"
* #10 "IPV"
* #17 "Hib, unspecified formulation"
* #18 "rabies, intramuscular injection"
* #19 "BCG"
* #20 "DTaP"
* #21 "varicella"
* #37 "yellow fever"
* #43 "Hep B, adult"
* #45 "Hep B, unspecified formulation"
* #48 "Hib (PRP-T)"
* #49 "Hib (PRP-OMP)"
* #52 "Hep A, adult"
* #62 "HPV, quadrivalent"
* #67 "malaria"
* #83 "Hep A, ped/adol, 2 dose"
* #88 "influenza, unspecified formulation"
* #90 "rabies, unspecified formulation"
* #94 "MMRV"
* #101 "typhoid, ViCPs"
* #102 "DTP-Hib-Hep B"
* #108 "meningococcal ACWY, unspecified formulation"
* #113 "Td (adult), 5 Lf tetanus toxoid, preservative free, adsorbed"
* #114 "meningococcal MCV4P"
* #115 "Tdap"
* #116 "rotavirus, pentavalent"
* #118 "HPV, bivalent"
* #119 "rotavirus, monovalent"
* #133 "Pneumococcal conjugate PCV 13"
* #134 "Japanese Encephalitis IM"
* #136 "Meningococcal MCV4O"
* #140 "Influenza, seasonal, injectable, preservative free"
* #141 "Influenza, seasonal, injectable"
* #165 "HPV9"
* #172 "cholera, WC-rBS"
* #173 "cholera, BivWC"
* #174 "cholera, live attenuated"
* #177 "PCV10"
* #178 "OPV bivalent"
* #183 "Yellow fever vaccine - alt"
* #184 "Yellow fever, unspecified formulation"
* #190 "Typhoid conjugate vaccine (TCV)"
* #196
* #196 ^definition = "Td, adsorbed"
* #198
* #198 ^definition = "DTP-HepB-Hib, pentavalent"
* #203
* #203 ^definition = "MenACWY-TT"
* #204
* #204 ^definition = "Ebola (rVSV-ZEBOV)"
* #207
* #207 ^definition = "COVID-19, mRNA, 100 mcg/0.5 mL"
* #208
* #208 ^definition = "COVID-19, mRNA, 30 mcg/0.3 mL"
* #213
* #213 ^definition = "COVID-19, unspecified"
* #215
* #215 ^definition = "PCV15"
* #216
* #216 ^definition = "PCV20"
* #324
* #324 ^definition = "Fractional IPV"
* #998 "no vaccine administered"

CodeSystem: Icd10Fragment
Id: icd-10-fragment
Title: "ICD-10: codes that this guide uses"
Description: "ICD-10 codes that screening programmes report, without titles: look them up at icd.who.int."
* ^url = "http://hl7.org/fhir/sid/icd-10"
* ^publisher = "World Health Organization"
* ^caseSensitive = true
* ^content = #fragment
* ^copyright = "ICD-10 is copyright World Health Organization. Codes only."
* #A15.3
* #A15.9
* #A16.9
* #A18.8
* #A19.1
* #B24
* #B54
* #U84.3
* #Z11.1
* #Z11.4
* #Z20.1
* #Z21
* #Z53.2
* #Z75.3

CodeSystem: AtcFragment
Id: atc-fragment
Title: "ATC: medicines for presumptive treatment"
Description: "The four ATC codes of presumptive treatment before departure, with the substances' names."
* ^url = "http://www.whocc.no/atc"
* ^publisher = "WHO Collaborating Centre for Drug Statistics Methodology"
* ^language = #en
* ^caseSensitive = true
* ^content = #fragment
* ^copyright = "ATC is copyright WHO Collaborating Centre for Drug Statistics Methodology, Oslo. Four codes are cited."
* #P01BF01 "artemether and lumefantrine"
* #P02BA01 "praziquantel"
* #P02CA03 "albendazole"
* #P02CF01 "ivermectin"
