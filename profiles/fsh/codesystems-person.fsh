// Own code systems: the person, the case and the journey.

CodeSystem: MigrantCategoryCS
Id: migrant-category
Title: "Migrant category"
Description: "Why a person moves, as IOM programmes record it. A category is a fact of a programme, not a judgement on the person; the irregular category is never written on a Patient."
* insert OwnCodeSystem
* #refugee "Refugee" "Person recognized as a refugee by a State or by UNHCR."
* #refugee insert T([[Réfugié]], [[Refugiado]], [[لاجئ]])
* #asylum-seeker "Asylum seeker" "Person whose request for protection is not yet decided."
* #asylum-seeker insert T([[Demandeur d'asile]], [[Solicitante de asilo]], [[طالب لجوء]])
* #idp "Internally displaced person" "Person forced to leave home without crossing a border."
* #idp insert T([[Personne déplacée interne]], [[Persona desplazada interna]], [[نازح داخلي]])
* #stateless-person "Stateless person" "Person whom no State considers its national."
* #stateless-person insert T([[Apatride]], [[Persona apátrida]], [[شخص عديم الجنسية]])
* #immigrant "Immigrant" "Person who moves to settle in another country."
* #immigrant insert T([[Immigrant]], [[Inmigrante]], [[مهاجر مقيم]])
* #labour-migrant "Labour migrant" "Person who moves to work in another country."
* #labour-migrant insert T([[Travailleur migrant]], [[Trabajador migrante]], [[عامل مهاجر]])
* #student "Student" "Person who moves to study in another country."
* #student insert T([[Étudiant]], [[Estudiante]], [[طالب]])
* #family-reunification "Family reunification" "Person who moves to join family."
* #family-reunification insert T([[Regroupement familial]], [[Reunificación familiar]], [[لم شمل الأسرة]])
* #irregular-migrant "Migrant in an irregular situation" "Person without the papers that a State asks for. Never on a Patient (mhd-pat-6)."
* #irregular-migrant insert T([[Migrant en situation irrégulière]], [[Migrante en situación irregular]], [[مهاجر في وضع غير نظامي]])
* #returnee "Returnee" "Person who has returned to the country or place of origin."
* #returnee insert T([[Personne de retour]], [[Retornado]], [[عائد]])
* #avrr-returnee "Assisted voluntary returnee" "Person who returns with assisted voluntary return and reintegration."
* #avrr-returnee insert T([[Bénéficiaire du retour volontaire assisté]], [[Beneficiario del retorno voluntario asistido]], [[عائد في إطار العودة الطوعية بمساعدة]])
* #ex-combatant "Former combatant" "Person demobilized from an armed force or group."
* #ex-combatant insert T([[Ex-combattant]], [[Excombatiente]], [[مقاتل سابق]])
* #ex-combatant-family "Family of a former combatant" "Dependant of a demobilized person."
* #ex-combatant-family insert T([[Famille d'ex-combattant]], [[Familiar de excombatiente]], [[أسرة مقاتل سابق]])
* #seafarer "Seafarer" "Person who works on board a ship."
* #seafarer insert T([[Marin]], [[Marino]], [[بحّار]])
* #parolee-or-temporary-protection "Parole or temporary protection" "Person admitted under parole or temporary protection."
* #parolee-or-temporary-protection insert T([[Protection temporaire]], [[Protección temporal]], [[حماية مؤقتة]])
* #host-community "Host community" "Person of the community that hosts migrants."
* #host-community insert T([[Communauté d'accueil]], [[Comunidad de acogida]], [[مجتمع مضيف]])
* #other "Other" "A category that this list does not have."
* #other insert T([[Autre]], [[Otra]], [[أخرى]])
* #unknown "Unknown" "Not known, or not asked."
* #unknown insert T([[Inconnue]], [[Desconocida]], [[غير معروفة]])

CodeSystem: ProgrammeAreaCS
Id: programme-area
Title: "Programme area"
Description: "Thematic areas of IOM's Migration Health Division, by the numbers of its fact sheet (H1 to H3) and the areas that cut across them (X1 to X7)."
* insert OwnCodeSystem
* #H1-1 "Health assessments and travel assistance for resettlement" "Migration health assessments and travel health assistance, resettlement."
* #H1-1 insert T([[Bilans de santé et aide au voyage pour la réinstallation]], [[Evaluaciones de salud y asistencia de viaje para el reasentamiento]], [[التقييمات الصحية والمساعدة في السفر لإعادة التوطين]])
* #H1-2 "Labour migration and emigration" "Health examinations of labour migrants and emigrants."
* #H1-2 insert T([[Migration de main-d'œuvre et émigration]], [[Migración laboral y emigración]], [[هجرة العمالة والهجرة إلى الخارج]])
* #H1-3 "Post-crisis movements" "Health in movements and evacuations after a crisis."
* #H1-3 insert T([[Mouvements après une crise]], [[Movimientos posteriores a una crisis]], [[التنقلات بعد الأزمات]])
* #H1-4 "Assisted voluntary return of people with medical needs" "Health in assisted voluntary return and reintegration."
* #H1-4 insert T([[Retour volontaire assisté de personnes ayant des besoins médicaux]], [[Retorno voluntario asistido de personas con necesidades médicas]], [[العودة الطوعية بمساعدة لذوي الاحتياجات الطبية]])
* #H1-5 "DNA testing and counselling" "Sampling for family links and its counselling; no result is kept."
* #H1-5 insert T([[Tests ADN et conseil]], [[Pruebas de ADN y asesoramiento]], [[اختبارات الحمض النووي والمشورة]])
* #H2-1 "Country agendas for migrant health" "Evidence and advice for national agendas."
* #H2-1 insert T([[Programmes nationaux pour la santé des migrants]], [[Agendas nacionales de salud de los migrantes]], [[الأجندات الوطنية لصحة المهاجرين]])
* #H2-2 "Migrant-inclusive health systems" "Services that are open to migrants."
* #H2-2 insert T([[Systèmes de santé ouverts aux migrants]], [[Sistemas de salud inclusivos para migrantes]], [[نظم صحية شاملة للمهاجرين]])
* #H2-3 "Irregular and vulnerable migrants" "Care for migrants in irregular or vulnerable situations."
* #H2-3 insert T([[Migrants en situation irrégulière ou vulnérables]], [[Migrantes irregulares y vulnerables]], [[المهاجرون غير النظاميين والمستضعفون]])
* #H2-4 "Health needs of labour migrants" "Care and prevention for labour migrants and their families."
* #H2-4 insert T([[Besoins de santé des travailleurs migrants]], [[Necesidades de salud de los trabajadores migrantes]], [[الاحتياجات الصحية للعمال المهاجرين]])
* #H2-5 "Migration of health workers" "Qualifications and flows of health workers."
* #H2-5 insert T([[Migration des personnels de santé]], [[Migración del personal de salud]], [[هجرة العاملين الصحيين]])
* #H3-1 "Primary health care in crises" "Primary care for migrants, displaced people, returnees and host communities."
* #H3-1 insert T([[Soins de santé primaires en situation de crise]], [[Atención primaria de salud en crisis]], [[الرعاية الصحية الأولية في الأزمات]])
* #H3-2 "Referrals and medical evacuations" "Referral and medical evacuation."
* #H3-2 insert T([[Orientations et évacuations médicales]], [[Derivaciones y evacuaciones médicas]], [[الإحالات والإجلاء الطبي]])
* #H3-3 "Public and environmental health in camps" "Public and environmental health in camp coordination and camp management."
* #H3-3 insert T([[Santé publique et environnementale dans les camps]], [[Salud pública y ambiental en campamentos]], [[الصحة العامة والبيئية في المخيمات]])
* #H3-4 "Transitional facilities and rehabilitation" "Transitional health facilities and the rebuilding of services."
* #H3-4 insert T([[Structures transitoires et réhabilitation]], [[Instalaciones transitorias y rehabilitación]], [[المرافق الانتقالية وإعادة التأهيل]])
* #H3-5 "Demobilized soldiers and their families" "Health in demobilization and reintegration."
* #H3-5 insert T([[Soldats démobilisés et leurs familles]], [[Soldados desmovilizados y sus familias]], [[الجنود المسرّحون وأسرهم]])
* #X1 "Mental health and psychosocial support" "Mental health, psychosocial response and intercultural communication."
* #X1 insert T([[Santé mentale et soutien psychosocial]], [[Salud mental y apoyo psicosocial]], [[الصحة النفسية والدعم النفسي الاجتماعي]])
* #X2 "Health, border and mobility management" "Health at borders and along mobility pathways."
* #X2 insert T([[Santé, frontières et gestion de la mobilité]], [[Salud, fronteras y gestión de la movilidad]], [[الصحة وإدارة الحدود والتنقل]])
* #X3 "Human rights" "The right to health of migrants."
* #X3 insert T([[Droits de l'homme]], [[Derechos humanos]], [[حقوق الإنسان]])
* #X4 "Family, women and children" "Family, maternal and child health."
* #X4 insert T([[Famille, femmes et enfants]], [[Familia, mujeres y niños]], [[الأسرة والنساء والأطفال]])
* #X5 "HIV, tuberculosis, malaria and emerging diseases" "Communicable diseases."
* #X5 insert T([[VIH, tuberculose, paludisme et maladies émergentes]], [[VIH, tuberculosis, malaria y enfermedades emergentes]], [[فيروس نقص المناعة البشرية والسل والملاريا والأمراض الناشئة]])
* #X6 "Social determinants and development" "Social determinants of health and development."
* #X6 insert T([[Déterminants sociaux et développement]], [[Determinantes sociales y desarrollo]], [[المحددات الاجتماعية والتنمية]])
* #X7 "Noncommunicable diseases" "Noncommunicable diseases."
* #X7 insert T([[Maladies non transmissibles]], [[Enfermedades no transmisibles]], [[الأمراض غير السارية]])

CodeSystem: EncounterTypeCS
Id: mhd-encounter-type
Title: "Encounter type"
Description: "The steps of the journey and of humanitarian health work at which a migrant meets a health service."
* insert OwnCodeSystem
* #registration "Registration" "Identity, case and programme are recorded."
* #registration insert T([[Enregistrement]], [[Registro]], [[تسجيل]])
* #counselling "Counselling" "Information and counselling, also before and after tests."
* #counselling insert T([[Conseil]], [[Consejería]], [[مشورة]])
* #health-assessment "Health assessment" "Migration health assessment: history, examination and ordered tests."
* #health-assessment insert T([[Bilan de santé]], [[Evaluación de salud]], [[تقييم صحي]])
* #imaging "Imaging" "Visit for a chest film or other imaging."
* #imaging insert T([[Imagerie]], [[Imagenología]], [[تصوير طبي]])
* #sputum-collection "Sputum collection" "One of the visits in which sputum is collected."
* #sputum-collection insert T([[Recueil de crachats]], [[Recolección de esputo]], [[جمع البلغم]])
* #vaccination "Vaccination" "Visit in which vaccines are given or reviewed."
* #vaccination insert T([[Vaccination]], [[Vacunación]], [[تطعيم]])
* #tb-treatment "TB treatment" "Visit for directly observed treatment or its monitoring."
* #tb-treatment insert T([[Traitement antituberculeux]], [[Tratamiento de la tuberculosis]], [[علاج السل]])
* #pre-departure-screening "Pre-departure medical screening" "PDMS, about three weeks before departure."
* #pre-departure-screening insert T([[Examen médical avant le départ]], [[Revisión médica previa a la salida]], [[فحص طبي قبل المغادرة]])
* #pre-embarkation-check "Pre-embarkation check" "PEC, at most 72 hours before departure (mhd-enc-2)."
* #pre-embarkation-check insert T([[Contrôle avant l'embarquement]], [[Control previo al embarque]], [[فحص قبل الصعود]])
* #departure "Departure" "Handover at the airport or border."
* #departure insert T([[Départ]], [[Salida]], [[مغادرة]])
* #transit-check "Transit check" "Check in a transit place."
* #transit-check insert T([[Contrôle en transit]], [[Control en tránsito]], [[فحص أثناء العبور]])
* #arrival-check "Arrival check" "Check at arrival."
* #arrival-check insert T([[Contrôle à l'arrivée]], [[Control a la llegada]], [[فحص عند الوصول]])
* #post-arrival-followup "Follow-up after arrival" "Follow-up in the receiving country or place of return."
* #post-arrival-followup insert T([[Suivi après l'arrivée]], [[Seguimiento tras la llegada]], [[متابعة بعد الوصول]])
* #phc-consultation "Primary care consultation" "Outpatient consultation."
* #phc-consultation insert T([[Consultation de soins primaires]], [[Consulta de atención primaria]], [[استشارة رعاية أولية]])
* #mhpss "Mental health and psychosocial visit" "Mental health and psychosocial support."
* #mhpss insert T([[Consultation de santé mentale et psychosociale]], [[Consulta de salud mental y psicosocial]], [[زيارة الدعم النفسي والاجتماعي]])
* #anc "Antenatal care" "Antenatal visit."
* #anc insert T([[Consultation prénatale]], [[Control prenatal]], [[رعاية ما قبل الولادة]])
* #referral-visit "Referral visit" "Visit at the service referred to."
* #referral-visit insert T([[Consultation sur orientation]], [[Consulta por derivación]], [[زيارة إحالة]])
* #medevac-escort "Medical evacuation escort" "Care on the way during an evacuation."
* #medevac-escort insert T([[Escorte d'évacuation médicale]], [[Escolta de evacuación médica]], [[مرافقة إجلاء طبي]])
* #dna-sampling "DNA sampling" "Witnessed sampling for a family link; no result is kept."
* #dna-sampling insert T([[Prélèvement ADN]], [[Toma de muestra de ADN]], [[أخذ عينة الحمض النووي]])
* #ddr-screening "Demobilization screening" "Health screening in a demobilization programme."
* #ddr-screening insert T([[Examen de démobilisation]], [[Revisión de desmovilización]], [[فحص التسريح]])
* #outreach "Outreach" "Visit outside a facility."
* #outreach insert T([[Action de proximité]], [[Alcance comunitario]], [[خدمات ميدانية]])

CodeSystem: VulnerabilityCS
Id: mhd-vulnerability
Title: "Vulnerability"
Description: "Situations that ask for extra care during a movement. Survivor codes exist so that they can be refused on a Patient and used in a labelled Condition."
* insert OwnCodeSystem
* #unaccompanied-child "Unaccompanied child" "Child without parents, relatives or guardian."
* #unaccompanied-child insert T([[Enfant non accompagné]], [[Niño no acompañado]], [[طفل غير مصحوب]])
* #separated-child "Separated child" "Child separated from parents, with other relatives."
* #separated-child insert T([[Enfant séparé]], [[Niño separado]], [[طفل منفصل عن والديه]])
* #older-person-alone "Older person alone" "Older person without family."
* #older-person-alone insert T([[Personne âgée seule]], [[Persona mayor sola]], [[مسن بمفرده]])
* #single-parent "Single parent" "Parent alone with children."
* #single-parent insert T([[Parent seul]], [[Padre o madre sola]], [[والد وحيد]])
* #pregnant "Pregnant" "Pregnant person."
* #pregnant insert T([[Enceinte]], [[Embarazada]], [[حامل]])
* #disability "Disability" "Person with a disability."
* #disability insert T([[Handicap]], [[Discapacidad]], [[إعاقة]])
* #chronic-illness "Chronic illness" "Person with a long-term illness."
* #chronic-illness insert T([[Maladie chronique]], [[Enfermedad crónica]], [[مرض مزمن]])
* #victim-of-trafficking "Victim of trafficking" "Never on a Patient: a Condition labelled V, VIO and TRAFF."
* #victim-of-trafficking insert T([[Victime de la traite]], [[Víctima de trata]], [[ضحية اتجار بالبشر]])
* #torture-survivor "Torture survivor" "Never on a Patient: a Condition labelled V and VIO."
* #torture-survivor insert T([[Survivant de la torture]], [[Superviviente de tortura]], [[ناج من التعذيب]])
* #gbv-survivor "Survivor of gender-based violence" "Never on a Patient: a Condition labelled V and SDV."
* #gbv-survivor insert T([[Survivante de violences basées sur le genre]], [[Superviviente de violencia de género]], [[ناجية من العنف القائم على النوع الاجتماعي]])

CodeSystem: CaseRoleCS
Id: mhd-case-role
Title: "Role in the case"
Description: "What a member is in a case."
* insert OwnCodeSystem
* #principal-applicant "Principal applicant" "The person in whose name the case runs."
* #principal-applicant insert T([[Demandeur principal]], [[Solicitante principal]], [[مقدم الطلب الرئيسي]])
* #spouse "Spouse" "Spouse or partner."
* #spouse insert T([[Conjoint]], [[Cónyuge]], [[زوج أو زوجة]])
* #child "Child" "Child of the applicant."
* #child insert T([[Enfant]], [[Hijo]], [[طفل]])
* #other-dependant "Other dependant" "Another dependant."
* #other-dependant insert T([[Autre personne à charge]], [[Otro dependiente]], [[معال آخر]])
* #sponsor "Sponsor" "The sponsor of the case."
* #sponsor insert T([[Parrain]], [[Patrocinador]], [[كفيل]])

CodeSystem: DisplacementStatusCS
Id: displacement-status
Title: "Displacement status"
Description: "How a displaced person is housed."
* insert OwnCodeSystem
* #camp "Camp" "In a camp or settlement."
* #camp insert T([[Camp]], [[Campamento]], [[مخيم]])
* #host-family "Host family" "With a family."
* #host-family insert T([[Famille d'accueil]], [[Familia de acogida]], [[أسرة مضيفة]])
* #collective-centre "Collective centre" "In a school, hall or other shared building."
* #collective-centre insert T([[Centre collectif]], [[Centro colectivo]], [[مركز جماعي]])
* #transit-centre "Transit centre" "Waiting for travel."
* #transit-centre insert T([[Centre de transit]], [[Centro de tránsito]], [[مركز عبور]])
* #rented "Rented home" "In rented housing."
* #rented insert T([[Logement loué]], [[Vivienda alquilada]], [[سكن مستأجر]])
* #informal-settlement "Informal settlement" "In a place without services."
* #informal-settlement insert T([[Site informel]], [[Asentamiento informal]], [[تجمع غير رسمي]])
* #no-shelter "No shelter" "Without shelter."
* #no-shelter insert T([[Sans abri]], [[Sin techo]], [[بلا مأوى]])

CodeSystem: BirthDateAccuracyCS
Id: birth-date-accuracy
Title: "Accuracy of a birth date"
Description: "How a birth date is known."
* insert OwnCodeSystem
* #exact "Exact" "From a document or certain memory."
* #exact insert T([[Exacte]], [[Exacta]], [[دقيق]])
* #month "Month known" "Year and month known."
* #month insert T([[Mois connu]], [[Mes conocido]], [[الشهر معروف]])
* #year "Year known" "Year known."
* #year insert T([[Année connue]], [[Año conocido]], [[السنة معروفة]])
* #estimated-age "Estimated from age" "Calculated from a stated or guessed age."
* #estimated-age insert T([[Estimée d'après l'âge]], [[Estimada por la edad]], [[مقدر من العمر]])
* #assigned-jan-1 "1 January assigned" "The registrar put 1 January."
* #assigned-jan-1 insert T([[1er janvier attribué]], [[1 de enero asignado]], [[1 يناير محدد إداريا]])

CodeSystem: NationalityStatusCS
Id: nationality-status
Title: "Nationality status"
Description: "What stands in place of a country when a person has no or no known nationality."
* insert OwnCodeSystem
* #XXA "Stateless" "Stateless person."
* #XXA insert T([[Apatride]], [[Apátrida]], [[عديم الجنسية]])
* #XXB "Refugee" "Refugee, nationality not stated."
* #XXB insert T([[Réfugié]], [[Refugiado]], [[لاجئ]])
* #XXX "Nationality unknown" "Nationality not known or not stated."
* #XXX insert T([[Nationalité inconnue]], [[Nacionalidad desconocida]], [[جنسية غير معروفة]])

CodeSystem: IdentifierTypeCS
Id: mhd-identifier-type
Title: "MHD identifier type"
Description: "Kinds of identifiers that the HL7 table lacks."
* insert OwnCodeSystem
* #mhd-number "MHD individual number" "One per person."
* #mhd-number insert T([[Numéro individuel MHD]], [[Número individual MHD]], [[الرقم الفردي]])
* #case-number "Case number" "One per household and site."
* #case-number insert T([[Numéro de dossier]], [[Número de caso]], [[رقم الملف]])
* #unhcr-number "UNHCR individual number" "Individual number of UNHCR."
* #unhcr-number insert T([[Numéro individuel HCR]], [[Número individual ACNUR]], [[رقم المفوضية الفردي]])
* #us-alien-number "US alien number" "A-number."
* #us-alien-number insert T([[Numéro d'étranger (É.-U.)]], [[Número de extranjero (EE. UU.)]], [[رقم الأجنبي (الولايات المتحدة)]])
* #au-hap-id "Australian HAP ID" "Health assessment portal number."
* #au-hap-id insert T([[HAP ID (Australie)]], [[HAP ID (Australia)]], [[رقم HAP الأسترالي]])
* #ca-uci "Canadian UCI" "Unique client identifier."
* #ca-uci insert T([[IUC (Canada)]], [[IUC (Canadá)]], [[المعرف الموحد الكندي]])
* #movement-number "Movement number" "Flight, voyage or convoy."
* #movement-number insert T([[Numéro du mouvement]], [[Número de movimiento]], [[رقم حركة النقل]])
