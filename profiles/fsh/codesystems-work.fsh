// Own code systems: requests, places, consent and other work.

CodeSystem: MedevacPhaseCS
Id: medevac-phase
Title: "Medical evacuation phase"
Description: "The phases of a medical evacuation."
* insert OwnCodeSystem
* #requested "Requested" "The clinic has asked."
* #requested insert T([[Demandée]], [[Solicitada]], [[مطلوب]])
* #medical-review "Medical review" "A reviewer decides on need and urgency."
* #medical-review insert T([[Examen médical du dossier]], [[Revisión médica]], [[مراجعة طبية]])
* #accepted-by-facility "Accepted by facility" "The receiving facility has accepted."
* #accepted-by-facility insert T([[Acceptée par l'établissement]], [[Aceptada por el centro]], [[مقبول من المرفق]])
* #consent-obtained "Consent obtained" "Patient or guardian has consented."
* #consent-obtained insert T([[Consentement obtenu]], [[Consentimiento obtenido]], [[تم الحصول على الموافقة]])
* #documents-cleared "Documents cleared" "Travel papers and permits are there."
* #documents-cleared insert T([[Documents en règle]], [[Documentos en regla]], [[الوثائق جاهزة]])
* #transport-booked "Transport booked" "Seat, aircraft or ambulance is booked."
* #transport-booked insert T([[Transport réservé]], [[Transporte reservado]], [[تم حجز النقل]])
* #departed "Departed" "Has left the clinic."
* #departed insert T([[Partie]], [[Partió]], [[غادر]])
* #in-transit "In transit" "On the way."
* #in-transit insert T([[En transit]], [[En tránsito]], [[في الطريق]])
* #handed-over "Handed over" "The receiving facility has taken over."
* #handed-over insert T([[Remise effectuée]], [[Entregado]], [[تم التسليم]])
* #closed "Closed" "Outcome known and file closed."
* #closed insert T([[Clôturée]], [[Cerrada]], [[مغلق]])
* #declined "Declined" "Refused by reviewer, facility or patient."
* #declined insert T([[Refusée]], [[Rechazada]], [[مرفوض]])
* #cancelled "Cancelled" "No longer needed or possible."
* #cancelled insert T([[Annulée]], [[Cancelada]], [[ملغى]])
* #died "Died" "The patient died before handover."
* #died insert T([[Décès]], [[Fallecido]], [[متوفى]])

CodeSystem: MhdServiceCS
Id: mhd-service
Title: "MHD service"
Description: "Services that requests and tasks ask for where no free standard code exists."
* insert OwnCodeSystem
* #medical-evacuation "Medical evacuation" "Moving a patient to a facility that can treat."
* #medical-evacuation insert T([[Évacuation médicale]], [[Evacuación médica]], [[إجلاء طبي]])
* #specialist-referral "Specialist referral" "Referral to a specialist."
* #specialist-referral insert T([[Orientation vers un spécialiste]], [[Derivación a especialista]], [[إحالة إلى اختصاصي]])
* #hospital-admission "Hospital admission" "Admission to a hospital."
* #hospital-admission insert T([[Hospitalisation]], [[Ingreso hospitalario]], [[دخول المستشفى]])
* #tb-treatment-transfer "TB treatment transfer" "Transfer to another TB programme."
* #tb-treatment-transfer insert T([[Transfert du traitement antituberculeux]], [[Transferencia del tratamiento de tuberculosis]], [[نقل علاج السل]])
* #hiv-care-transfer "HIV care transfer" "Transfer to another HIV programme. Labelled HIV."
* #hiv-care-transfer insert T([[Transfert des soins VIH]], [[Transferencia de la atención del VIH]], [[نقل رعاية فيروس نقص المناعة]])
* #dialysis "Dialysis" "A dialysis place."
* #dialysis insert T([[Dialyse]], [[Diálisis]], [[غسيل الكلى]])
* #mhpss-referral "Mental health and psychosocial referral" "Referral to mental health or psychosocial support."
* #mhpss-referral insert T([[Orientation en santé mentale et psychosociale]], [[Derivación de salud mental y psicosocial]], [[إحالة للدعم النفسي والاجتماعي]])
* #protection-referral "Protection referral" "Referral to protection services."
* #protection-referral insert T([[Orientation en protection]], [[Derivación de protección]], [[إحالة حماية]])
* #diagnostic-investigation "Diagnostic investigation" "A test that the site cannot do."
* #diagnostic-investigation insert T([[Examen diagnostique]], [[Estudio diagnóstico]], [[استقصاء تشخيصي]])
* #dna-sampling "DNA sampling" "Witnessed sampling for a reference laboratory."
* #dna-sampling insert T([[Prélèvement ADN]], [[Toma de muestra de ADN]], [[أخذ عينة الحمض النووي]])
* #post-arrival-followup "Follow-up after arrival" "Follow-up that the receiving side owes."
* #post-arrival-followup insert T([[Suivi après l'arrivée]], [[Seguimiento tras la llegada]], [[متابعة بعد الوصول]])
* #consent-renewal "Consent renewal" "Ask for consent again, such as at majority."
* #consent-renewal insert T([[Renouvellement du consentement]], [[Renovación del consentimiento]], [[تجديد الموافقة]])

CodeSystem: LocationKindCS
Id: location-kind
Title: "Kind of place"
Description: "Kinds of places where migration health work is done."
* insert OwnCodeSystem
* #mhac "Migration health assessment centre" "IOM's own assessment centre."
* #mhac insert T([[Centre de bilan de santé migratoire]], [[Centro de evaluación de salud migratoria]], [[مركز تقييم صحة المهاجرين]])
* #panel-site "Panel site" "Site of a panel physician."
* #panel-site insert T([[Site agréé]], [[Sitio del panel]], [[موقع معتمد]])
* #mobile-clinic "Mobile clinic" "Clinic on wheels or on foot."
* #mobile-clinic insert T([[Clinique mobile]], [[Clínica móvil]], [[عيادة متنقلة]])
* #transit-centre "Transit centre" "Place where people wait for travel."
* #transit-centre insert T([[Centre de transit]], [[Centro de tránsito]], [[مركز عبور]])
* #camp "Camp or settlement" "Camp, site or settlement."
* #camp insert T([[Camp ou site]], [[Campamento o asentamiento]], [[مخيم أو مستوطنة]])
* #hospital "Hospital" "Hospital."
* #hospital insert T([[Hôpital]], [[Hospital]], [[مستشفى]])
* #clinic "Clinic" "Health post or clinic."
* #clinic insert T([[Clinique]], [[Clínica]], [[عيادة]])
* #point-of-entry "Point of entry" "Airport, port or border crossing."
* #point-of-entry insert T([[Point d'entrée]], [[Punto de entrada]], [[نقطة دخول]])
* #laboratory "Laboratory" "Laboratory."
* #laboratory insert T([[Laboratoire]], [[Laboratorio]], [[مختبر]])

CodeSystem: SensitivityCS
Id: mhd-sensitivity
Title: "MHD sensitivity"
Description: "Sensitivities that the HL7 codes lack, for meta.security."
* insert OwnCodeSystem
* #TB "Tuberculosis" "Tuberculosis information."
* #TB insert T([[Tuberculose]], [[Tuberculosis]], [[السل]])
* #IMM "Immigration status" "Facts about immigration status."
* #IMM insert T([[Statut migratoire]], [[Situación migratoria]], [[الوضع من حيث الهجرة]])
* #TRAFF "Trafficking" "Facts about trafficking."
* #TRAFF insert T([[Traite des personnes]], [[Trata de personas]], [[الاتجار بالبشر]])
* #PROT "Protection case" "Facts of a protection case."
* #PROT insert T([[Cas de protection]], [[Caso de protección]], [[حالة حماية]])
* #PREGNANT "Pregnancy" "Pregnancy information. Same letters as the HL7 code that R4 does not have yet."
* #PREGNANT insert T([[Grossesse]], [[Embarazo]], [[الحمل]])
* #PATLOC "Whereabouts" "Where a protected person is. Same letters as the HL7 code that R4 does not have yet."
* #PATLOC insert T([[Lieu de séjour]], [[Paradero]], [[مكان الوجود]])
* #IDS "Identifiers" "Identifiers of a protected person. Same letters as the HL7 code that R4 does not have yet."
* #IDS insert T([[Identifiants]], [[Identificadores]], [[المعرّفات]])
* #MIL "Military past" "Facts about military service or combat."
* #MIL insert T([[Passé militaire]], [[Pasado militar]], [[ماض عسكري]])

CodeSystem: ImmunizationReasonCS
Id: immunization-reason
Title: "Reason for a dose not given"
Description: "Reasons that the HL7 codes lack."
* insert OwnCodeSystem
* #not-age-appropriate "Not age-appropriate" "The vaccine is not for this age."
* #not-age-appropriate insert T([[Non adapté à l'âge]], [[No apropiado para la edad]], [[غير مناسب للعمر]])
* #insufficient-interval "Insufficient interval" "Too early after the last dose."
* #insufficient-interval insert T([[Intervalle insuffisant]], [[Intervalo insuficiente]], [[فاصل زمني غير كاف]])
* #not-routinely-available "Not routinely available" "The country does not offer the vaccine."
* #not-routinely-available insert T([[Non disponible en routine]], [[No disponible habitualmente]], [[غير متوفر عادة]])
* #seasonal "Out of season" "Not the season for this vaccine."
* #seasonal insert T([[Hors saison]], [[Fuera de temporada]], [[خارج الموسم]])
* #contraindicated "Contraindicated" "Contraindicated for this person."
* #contraindicated insert T([[Contre-indiqué]], [[Contraindicado]], [[موانع استعمال]])
* #other "Other reason" "A reason that this list does not have; say it in the text."
* #other insert T([[Autre raison]], [[Otro motivo]], [[سبب آخر]])

CodeSystem: ConsentRecipientKindCS
Id: consent-recipient-kind
Title: "Kind of recipient"
Description: "Kinds of bodies to which a person may let health data go."
* insert OwnCodeSystem
* #receiving-health-authority "Receiving health authority" "Health department of the receiving country."
* #receiving-health-authority insert T([[Autorité sanitaire d'accueil]], [[Autoridad sanitaria receptora]], [[السلطة الصحية المستقبلة]])
* #receiving-clinician "Receiving clinician" "Clinic or doctor who takes over."
* #receiving-clinician insert T([[Clinicien d'accueil]], [[Clínico receptor]], [[الطبيب المستقبل]])
* #national-programme "National disease programme" "TB, HIV or malaria programme."
* #national-programme insert T([[Programme national de lutte]], [[Programa nacional de control]], [[برنامج وطني لمكافحة المرض]])
* #resettlement-agency "Resettlement agency" "Agency that prepares housing and help; needs only."
* #resettlement-agency insert T([[Agence de réinstallation]], [[Agencia de reasentamiento]], [[وكالة إعادة التوطين]])
* #visa-office "Visa office" "Decision only, never findings."
* #visa-office insert T([[Service des visas]], [[Oficina de visados]], [[مكتب التأشيرات]])
* #employer-or-agent "Employer or agent" "Decision only, never findings."
* #employer-or-agent insert T([[Employeur ou agent]], [[Empleador o agente]], [[صاحب العمل أو الوكيل]])
* #airline-medical-desk "Airline medical desk" "Fitness and needs on the way."
* #airline-medical-desk insert T([[Service médical de la compagnie aérienne]], [[Servicio médico de la aerolínea]], [[المكتب الطبي لشركة الطيران]])
* #reference-laboratory "Reference laboratory" "Laboratory that examines samples."
* #reference-laboratory insert T([[Laboratoire de référence]], [[Laboratorio de referencia]], [[مختبر مرجعي]])

CodeSystem: ReferralCategoryCS
Id: referral-category
Title: "Referral category"
Description: "What a referral is for."
* insert OwnCodeSystem
* #clinical "Clinical" "For treatment."
* #clinical insert T([[Clinique]], [[Clínica]], [[سريرية]])
* #diagnostic "Diagnostic" "For a test or an opinion."
* #diagnostic insert T([[Diagnostique]], [[Diagnóstica]], [[تشخيصية]])
* #mhpss "Mental health and psychosocial" "For mental health or psychosocial support."
* #mhpss insert T([[Santé mentale et psychosociale]], [[Salud mental y psicosocial]], [[نفسية واجتماعية]])
* #protection "Protection" "For protection services."
* #protection insert T([[Protection]], [[Protección]], [[حماية]])
* #post-arrival "Post-arrival" "For care in the receiving country."
* #post-arrival insert T([[Après l'arrivée]], [[Tras la llegada]], [[بعد الوصول]])

CodeSystem: MhdKindCS
Id: mhd-kind
Title: "MHD kind"
Description: "Kinds of groups, flags, conditions, documents, sections and task parameters."
* insert OwnCodeSystem
* #case "Case" "Group: the household that applies together."
* #case insert T([[Dossier]], [[Caso]], [[ملف الحالة]])
* #movement "Movement" "Group: the people who travel together."
* #movement insert T([[Mouvement]], [[Movimiento]], [[حركة نقل]])
* #smc "Significant medical condition" "Condition or flag: needs arrangements for travel or arrival."
* #smc insert T([[Problème médical significatif]], [[Condición médica significativa]], [[حالة طبية مهمة]])
* #us-class-a "US class A condition" "Condition that bars entry without a waiver."
* #us-class-a insert T([[Affection de classe A (É.-U.)]], [[Condición de clase A (EE. UU.)]], [[حالة من الفئة ألف (الولايات المتحدة)]])
* #us-class-b "US class B condition" "Condition that needs follow-up after arrival."
* #us-class-b insert T([[Affection de classe B (É.-U.)]], [[Condición de clase B (EE. UU.)]], [[حالة من الفئة باء (الولايات المتحدة)]])
* #movement-hold "Movement hold" "Flag: do not move this person now."
* #movement-hold insert T([[Suspension du mouvement]], [[Suspensión del movimiento]], [[تعليق التنقل]])
* #assessment-report "Assessment report" "Document: the whole assessment."
* #assessment-report insert T([[Rapport de bilan de santé]], [[Informe de evaluación de salud]], [[تقرير التقييم الصحي]])
* #clearance-certificate "Clearance certificate" "Document: the decision without the findings."
* #clearance-certificate insert T([[Certificat médical d'aptitude]], [[Certificado de aptitud médica]], [[شهادة خلو طبي]])
* #section-identity-consent "Identity and consent" "Section of the assessment document."
* #section-identity-consent insert T([[Identité et consentement]], [[Identidad y consentimiento]], [[الهوية والموافقة]])
* #section-tb "Tuberculosis" "Section of the assessment document."
* #section-tb insert T([[Tuberculose]], [[Tuberculosis]], [[السل]])
* #section-fitness "Fitness to travel" "Section of assessment and certificate."
* #section-fitness insert T([[Aptitude au voyage]], [[Aptitud para viajar]], [[اللياقة للسفر]])
* #authorisation "Authorisation" "Task input: approval of reviewer or payer."
* #authorisation insert T([[Autorisation]], [[Autorización]], [[تصريح]])
* #medif "Medical information form" "Task input: the airline's form."
* #medif insert T([[Formulaire d'information médicale]], [[Formulario de información médica]], [[نموذج المعلومات الطبية]])
* #tb-treatment "TB treatment" "Care plan: treatment of tuberculosis."
* #tb-treatment insert T([[Traitement antituberculeux]], [[Tratamiento de la tuberculosis]], [[علاج السل]])
* #handover "Handover" "Task output: the transfer summary."
* #handover insert T([[Transmission]], [[Entrega]], [[تسليم]])

CodeSystem: OrganizationKindCS
Id: organization-kind
Title: "Kind of organization"
Description: "Kinds of bodies that migration health work deals with."
* insert OwnCodeSystem
* #iom-mission "IOM mission" "IOM office or mission."
* #iom-mission insert T([[Mission de l'OIM]], [[Misión de la OIM]], [[بعثة المنظمة الدولية للهجرة]])
* #panel-clinic "Panel clinic" "Clinic of a panel physician."
* #panel-clinic insert T([[Clinique agréée]], [[Clínica del panel]], [[عيادة معتمدة]])
* #hospital "Hospital" "Hospital."
* #hospital insert T([[Hôpital]], [[Hospital]], [[مستشفى]])
* #laboratory "Laboratory" "Laboratory."
* #laboratory insert T([[Laboratoire]], [[Laboratorio]], [[مختبر]])
* #health-authority "Health authority" "Ministry, state or local health department."
* #health-authority insert T([[Autorité sanitaire]], [[Autoridad sanitaria]], [[سلطة صحية]])
* #disease-programme "Disease programme" "National TB, HIV or malaria programme."
* #disease-programme insert T([[Programme de lutte]], [[Programa de control]], [[برنامج مكافحة]])
* #resettlement-agency "Resettlement agency" "Agency that receives refugees."
* #resettlement-agency insert T([[Agence de réinstallation]], [[Agencia de reasentamiento]], [[وكالة إعادة التوطين]])
* #visa-office "Visa office" "Embassy or visa office."
* #visa-office insert T([[Service des visas]], [[Oficina de visados]], [[مكتب التأشيرات]])
* #employment-agency "Employment agency" "Agent of an employer."
* #employment-agency insert T([[Agence d'emploi]], [[Agencia de empleo]], [[وكالة توظيف]])
* #carrier "Carrier" "Airline or other carrier."
* #carrier insert T([[Transporteur]], [[Transportista]], [[ناقل]])
* #partner "Partner" "United Nations body or non-governmental partner."
* #partner insert T([[Partenaire]], [[Socio]], [[شريك]])
