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
* #none insert T([[Aucune classe]], [[Sin clase]], [[بلا تصنيف]])
* #none ^property[0].code = #scheme
* #none ^property[0].valueCode = #US
* #none ^property[1].code = #cleared
* #none ^property[1].valueBoolean = true
* #A "Class A" "US: infectious tuberculosis; not cleared until treated or waived."
* #A insert T([[Classe A]], [[Clase A]], [[الفئة ألف]])
* #A ^property[0].code = #scheme
* #A ^property[0].valueCode = #US
* #A ^property[1].code = #cleared
* #A ^property[1].valueBoolean = false
* #A-waiver "Class A with waiver" "US: class A, travel allowed under a waiver."
* #A-waiver insert T([[Classe A avec dérogation]], [[Clase A con exención]], [[الفئة ألف مع إعفاء]])
* #A-waiver ^property[0].code = #scheme
* #A-waiver ^property[0].valueCode = #US
* #A-waiver ^property[1].code = #cleared
* #A-waiver ^property[1].valueBoolean = true
* #A-waiver ^property[2].code = #follow-up-days
* #A-waiver ^property[2].valueInteger = 30
* #B0-pulmonary "Class B0, pulmonary" "US: tuberculosis treated to completion by the panel site before travel."
* #B0-pulmonary insert T([[Classe B0, pulmonaire]], [[Clase B0, pulmonar]], [[الفئة باء 0، رئوي]])
* #B0-pulmonary ^property[0].code = #scheme
* #B0-pulmonary ^property[0].valueCode = #US
* #B0-pulmonary ^property[1].code = #cleared
* #B0-pulmonary ^property[1].valueBoolean = true
* #B0-pulmonary ^property[2].code = #follow-up-days
* #B0-pulmonary ^property[2].valueInteger = 30
* #B1-pulmonary "Class B1, pulmonary" "US: signs or film suggest tuberculosis; smears and cultures negative."
* #B1-pulmonary insert T([[Classe B1, pulmonaire]], [[Clase B1, pulmonar]], [[الفئة باء 1، رئوي]])
* #B1-pulmonary ^property[0].code = #scheme
* #B1-pulmonary ^property[0].valueCode = #US
* #B1-pulmonary ^property[1].code = #cleared
* #B1-pulmonary ^property[1].valueBoolean = true
* #B1-pulmonary ^property[2].code = #follow-up-days
* #B1-pulmonary ^property[2].valueInteger = 30
* #B1-extrapulmonary "Class B1, extrapulmonary" "US: extrapulmonary tuberculosis."
* #B1-extrapulmonary insert T([[Classe B1, extrapulmonaire]], [[Clase B1, extrapulmonar]], [[الفئة باء 1، خارج الرئة]])
* #B1-extrapulmonary ^property[0].code = #scheme
* #B1-extrapulmonary ^property[0].valueCode = #US
* #B1-extrapulmonary ^property[1].code = #cleared
* #B1-extrapulmonary ^property[1].valueBoolean = true
* #B1-extrapulmonary ^property[2].code = #follow-up-days
* #B1-extrapulmonary ^property[2].valueInteger = 30
* #B2 "Class B2, infection" "US: positive IGRA or skin test without disease."
* #B2 insert T([[Classe B2, infection]], [[Clase B2, infección]], [[الفئة باء 2، عدوى]])
* #B2 ^property[0].code = #scheme
* #B2 ^property[0].valueCode = #US
* #B2 ^property[1].code = #cleared
* #B2 ^property[1].valueBoolean = true
* #B2 ^property[2].code = #follow-up-days
* #B2 ^property[2].valueInteger = 30
* #B3 "Class B3, contact" "US: recent contact of a known case."
* #B3 insert T([[Classe B3, contact]], [[Clase B3, contacto]], [[الفئة باء 3، مخالط]])
* #B3 ^property[0].code = #scheme
* #B3 ^property[0].valueCode = #US
* #B3 ^property[1].code = #cleared
* #B3 ^property[1].valueBoolean = true
* #B3 ^property[2].code = #follow-up-days
* #B3 ^property[2].valueInteger = 30
* #GB-cleared "UK: certificate issued" "UK pre-entry screening: clearance certificate issued."
* #GB-cleared insert T([[R.-U. : certificat délivré]], [[RU: certificado emitido]], [[المملكة المتحدة: صدرت الشهادة]])
* #GB-cleared ^property[0].code = #scheme
* #GB-cleared ^property[0].valueCode = #GB
* #GB-cleared ^property[1].code = #cleared
* #GB-cleared ^property[1].valueBoolean = true
* #GB-referred "UK: referred for sputum" "UK pre-entry screening: further tests before a decision."
* #GB-referred insert T([[R.-U. : orienté pour crachats]], [[RU: derivado para esputo]], [[المملكة المتحدة: إحالة لفحص البلغم]])
* #GB-referred ^property[0].code = #scheme
* #GB-referred ^property[0].valueCode = #GB
* #GB-referred ^property[1].code = #cleared
* #GB-referred ^property[1].valueBoolean = false
* #GB-tb-found "UK: tuberculosis found" "UK pre-entry screening: tuberculosis, no certificate."
* #GB-tb-found insert T([[R.-U. : tuberculose trouvée]], [[RU: tuberculosis detectada]], [[المملكة المتحدة: اكتشاف السل]])
* #GB-tb-found ^property[0].code = #scheme
* #GB-tb-found ^property[0].valueCode = #GB
* #GB-tb-found ^property[1].code = #cleared
* #GB-tb-found ^property[1].valueBoolean = false
* #CA-S2.02 "Canada: surveillance S2.02" "Report to public health within 30 days after arrival."
* #CA-S2.02 insert T([[Canada : surveillance S2.02]], [[Canadá: vigilancia S2.02]], [[كندا: مراقبة S2.02]])
* #CA-S2.02 ^property[0].code = #scheme
* #CA-S2.02 ^property[0].valueCode = #CA
* #CA-S2.02 ^property[1].code = #cleared
* #CA-S2.02 ^property[1].valueBoolean = true
* #CA-S2.02 ^property[2].code = #follow-up-days
* #CA-S2.02 ^property[2].valueInteger = 30
* #CA-S2.02U "Canada: urgent surveillance S2.02U" "Report to public health within 7 days after arrival."
* #CA-S2.02U insert T([[Canada : surveillance urgente S2.02U]], [[Canadá: vigilancia urgente S2.02U]], [[كندا: مراقبة عاجلة S2.02U]])
* #CA-S2.02U ^property[0].code = #scheme
* #CA-S2.02U ^property[0].valueCode = #CA
* #CA-S2.02U ^property[1].code = #cleared
* #CA-S2.02U ^property[1].valueBoolean = true
* #CA-S2.02U ^property[2].code = #follow-up-days
* #CA-S2.02U ^property[2].valueInteger = 7
* #CA-none "Canada: no surveillance" "No surveillance for tuberculosis."
* #CA-none insert T([[Canada : pas de surveillance]], [[Canadá: sin vigilancia]], [[كندا: لا مراقبة]])
* #CA-none ^property[0].code = #scheme
* #CA-none ^property[0].valueCode = #CA
* #CA-none ^property[1].code = #cleared
* #CA-none ^property[1].valueBoolean = true
* #AU-undertaking "Australia: health undertaking" "Contact with the health service within 28 days after arrival."
* #AU-undertaking insert T([[Australie : engagement de santé]], [[Australia: compromiso de salud]], [[أستراليا: تعهد صحي]])
* #AU-undertaking ^property[0].code = #scheme
* #AU-undertaking ^property[0].valueCode = #AU
* #AU-undertaking ^property[1].code = #cleared
* #AU-undertaking ^property[1].valueBoolean = true
* #AU-undertaking ^property[2].code = #follow-up-days
* #AU-undertaking ^property[2].valueInteger = 28
* #AU-none "Australia: no undertaking" "No undertaking for tuberculosis."
* #AU-none insert T([[Australie : pas d'engagement]], [[Australia: sin compromiso]], [[أستراليا: لا تعهد]])
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
* #all-negative insert T([[Tous négatifs]], [[Todos negativos]], [[كلها سلبية]])
* #any-positive "Any positive" "At least one specimen positive."
* #any-positive insert T([[Au moins un positif]], [[Alguno positivo]], [[واحدة إيجابية على الأقل]])
* #mtb "M. tuberculosis" "M. tuberculosis complex grown."
* #mtb insert T([[M. tuberculosis]], [[M. tuberculosis]], [[المتفطرة السلية]])
* #ntm-only "Only other mycobacteria" "Only mycobacteria other than tuberculosis grown."
* #ntm-only insert T([[Autres mycobactéries seulement]], [[Solo otras micobacterias]], [[متفطرات أخرى فقط]])
* #contaminated "Contaminated" "Contaminated, no result."
* #contaminated insert T([[Contaminé]], [[Contaminado]], [[ملوثة]])
* #positive "Positive" "Positive."
* #positive insert T([[Positif]], [[Positivo]], [[إيجابي]])
* #negative "Negative" "Negative."
* #negative insert T([[Négatif]], [[Negativo]], [[سلبي]])
* #indeterminate "Indeterminate" "Neither positive nor negative."
* #indeterminate insert T([[Indéterminé]], [[Indeterminado]], [[غير محدد]])
* #not-done "Not done" "Not done or not needed."
* #not-done insert T([[Non fait]], [[No realizado]], [[لم يُجرَ]])
* #normal "Normal" "Normal."
* #normal insert T([[Normal]], [[Normal]], [[طبيعي]])
* #suggestive "Suggests tuberculosis" "Findings suggest tuberculosis."
* #suggestive insert T([[Évoque une tuberculose]], [[Sugiere tuberculosis]], [[يوحي بالسل]])
* #abnormal-other "Abnormal, not suggestive" "Abnormal without suggesting tuberculosis."
* #abnormal-other insert T([[Anormal, non évocateur]], [[Anormal, no sugestivo]], [[غير طبيعي ولا يوحي بالسل]])
* #on-treatment "On treatment" "Treatment has started and is not finished."
* #on-treatment insert T([[Sous traitement]], [[En tratamiento]], [[تحت العلاج]])
* #completed "Completed" "Treatment completed."
* #completed insert T([[Terminé]], [[Completado]], [[مكتمل]])
* #not-started "Not started" "Treatment needed and not started."
* #not-started insert T([[Non commencé]], [[No iniciado]], [[لم يبدأ]])
* #cleared "Cleared" "Cleared for travel."
* #cleared insert T([[Autorisé]], [[Autorizado]], [[مسموح]])
* #not-cleared "Not cleared" "Not cleared for travel."
* #not-cleared insert T([[Non autorisé]], [[No autorizado]], [[غير مسموح]])
* #deferred "Deferred" "Decision deferred."
* #deferred insert T([[Reporté]], [[Aplazado]], [[مؤجل]])
* #susceptible "Susceptible" "All tested first-line drugs susceptible."
* #susceptible insert T([[Sensible]], [[Sensible]], [[حساس]])
* #resistant "Resistant, not to rifampicin" "Resistant to a drug other than rifampicin."
* #resistant insert T([[Résistant, sauf rifampicine]], [[Resistente, no a rifampicina]], [[مقاوم لغير الريفامبيسين]])
* #rifampicin-resistant "Rifampicin-resistant" "Resistant to rifampicin, isoniazid susceptible or unknown."
* #rifampicin-resistant insert T([[Résistant à la rifampicine]], [[Resistente a rifampicina]], [[مقاوم للريفامبيسين]])
* #multidrug-resistant "Multidrug-resistant" "Resistant to rifampicin and isoniazid."
* #multidrug-resistant insert T([[Multirésistant]], [[Multirresistente]], [[مقاوم لأدوية متعددة]])

CodeSystem: CxrFindingCS
Id: cxr-finding
Title: "Chest X-ray finding"
Description: "Findings of a screening chest film that the tuberculosis worksheet asks for. The property says whether a finding suggests active tuberculosis."
* insert OwnCodeSystem
* ^property[0].code = #suggests-tb
* ^property[0].description = "Whether the finding suggests active tuberculosis"
* ^property[0].type = #boolean
* #infiltrate-or-consolidation "Infiltrate or consolidation" "Opacification of airspaces."
* #infiltrate-or-consolidation insert T([[Infiltrat ou condensation]], [[Infiltrado o consolidación]], [[ارتشاح أو تصلب]])
* #infiltrate-or-consolidation ^property[0].code = #suggests-tb
* #infiltrate-or-consolidation ^property[0].valueBoolean = true
* #reticular-fibrosis "Reticular markings suggesting fibrosis" "Reticular markings."
* #reticular-fibrosis insert T([[Images réticulaires évoquant une fibrose]], [[Marcas reticulares sugestivas de fibrosis]], [[علامات شبكية توحي بالتليف]])
* #reticular-fibrosis ^property[0].code = #suggests-tb
* #reticular-fibrosis ^property[0].valueBoolean = true
* #cavitary-lesion "Cavitary lesion" "A cavity."
* #cavitary-lesion insert T([[Lésion cavitaire]], [[Lesión cavitaria]], [[آفة كهفية]])
* #cavitary-lesion ^property[0].code = #suggests-tb
* #cavitary-lesion ^property[0].valueBoolean = true
* #nodule-poorly-defined-margins "Nodule with poorly defined margins" "Nodule or mass with poorly defined margins."
* #nodule-poorly-defined-margins insert T([[Nodule à contours flous]], [[Nódulo de bordes mal definidos]], [[عقيدة غير واضحة الحدود]])
* #nodule-poorly-defined-margins ^property[0].code = #suggests-tb
* #nodule-poorly-defined-margins ^property[0].valueBoolean = true
* #pleural-effusion "Pleural effusion" "Fluid in the pleural space."
* #pleural-effusion insert T([[Épanchement pleural]], [[Derrame pleural]], [[انصباب جنبي]])
* #pleural-effusion ^property[0].code = #suggests-tb
* #pleural-effusion ^property[0].valueBoolean = true
* #hilar-mediastinal-adenopathy "Hilar or mediastinal adenopathy" "Enlarged lymph nodes."
* #hilar-mediastinal-adenopathy insert T([[Adénopathie hilaire ou médiastinale]], [[Adenopatía hiliar o mediastínica]], [[تضخم العقد النقيرية أو المنصفية]])
* #hilar-mediastinal-adenopathy ^property[0].code = #suggests-tb
* #hilar-mediastinal-adenopathy ^property[0].valueBoolean = true
* #miliary "Miliary pattern" "Miliary findings."
* #miliary insert T([[Aspect miliaire]], [[Patrón miliar]], [[نمط دخني]])
* #miliary ^property[0].code = #suggests-tb
* #miliary ^property[0].valueBoolean = true
* #volume-loss "Volume loss or retraction" "Loss of volume."
* #volume-loss insert T([[Perte de volume ou rétraction]], [[Pérdida de volumen o retracción]], [[نقص الحجم أو انكماش]])
* #volume-loss ^property[0].code = #suggests-tb
* #volume-loss ^property[0].valueBoolean = true
* #discrete-linear-opacity "Discrete linear opacity" "Discrete linear opacity."
* #discrete-linear-opacity insert T([[Opacité linéaire isolée]], [[Opacidad lineal aislada]], [[عتامة خطية منفصلة]])
* #discrete-linear-opacity ^property[0].code = #suggests-tb
* #discrete-linear-opacity ^property[0].valueBoolean = true
* #discrete-nodule-no-calcification "Discrete nodule without calcification" "Discrete nodule without calcification."
* #discrete-nodule-no-calcification insert T([[Nodule isolé sans calcification]], [[Nódulo aislado sin calcificación]], [[عقيدة منفصلة بلا تكلس]])
* #discrete-nodule-no-calcification ^property[0].code = #suggests-tb
* #discrete-nodule-no-calcification ^property[0].valueBoolean = true
* #irregular-thick-pleura "Irregular thick pleural reaction" "Irregular thick pleura."
* #irregular-thick-pleura insert T([[Réaction pleurale épaisse et irrégulière]], [[Reacción pleural gruesa irregular]], [[تفاعل جنبي سميك غير منتظم]])
* #irregular-thick-pleura ^property[0].code = #suggests-tb
* #irregular-thick-pleura ^property[0].valueBoolean = true
* #smooth-pleural-thickening "Smooth pleural thickening" "Smooth thickening."
* #smooth-pleural-thickening insert T([[Épaississement pleural régulier]], [[Engrosamiento pleural liso]], [[ثخانة جنبية ملساء]])
* #smooth-pleural-thickening ^property[0].code = #suggests-tb
* #smooth-pleural-thickening ^property[0].valueBoolean = false
* #calcified-nodule "Calcified nodule" "Calcified nodule."
* #calcified-nodule insert T([[Nodule calcifié]], [[Nódulo calcificado]], [[عقيدة متكلسة]])
* #calcified-nodule ^property[0].code = #suggests-tb
* #calcified-nodule ^property[0].valueBoolean = false
* #cardiac "Cardiac finding" "Cardiac finding."
* #cardiac insert T([[Anomalie cardiaque]], [[Hallazgo cardíaco]], [[موجودة قلبية]])
* #cardiac ^property[0].code = #suggests-tb
* #cardiac ^property[0].valueBoolean = false
* #musculoskeletal "Musculoskeletal finding" "Bone or soft tissue finding."
* #musculoskeletal insert T([[Anomalie ostéo-musculaire]], [[Hallazgo musculoesquelético]], [[موجودة عضلية هيكلية]])
* #musculoskeletal ^property[0].code = #suggests-tb
* #musculoskeletal ^property[0].valueBoolean = false
* #other "Other finding" "Finding that this list does not have."
* #other insert T([[Autre anomalie]], [[Otro hallazgo]], [[موجودة أخرى]])
* #other ^property[0].code = #suggests-tb
* #other ^property[0].valueBoolean = false

CodeSystem: CxrIndicationCS
Id: cxr-indication
Title: "Chest X-ray indication"
Description: "Why a screening chest film is taken."
* insert OwnCodeSystem
* #age-15-or-older "Age 15 years or older" "Film by age."
* #age-15-or-older insert T([[Âge de 15 ans ou plus]], [[15 años o más]], [[العمر 15 سنة أو أكثر]])
* #known-hiv "Known HIV infection" "Film because of HIV infection. The Observation is then labelled HIV."
* #known-hiv insert T([[Infection à VIH connue]], [[Infección por VIH conocida]], [[عدوى فيروس نقص المناعة معروفة]])
* #tb-history "History of tuberculosis" "Tuberculosis in the past."
* #tb-history insert T([[Antécédent de tuberculose]], [[Antecedente de tuberculosis]], [[سوابق السل]])
* #tb-symptoms "Signs or symptoms" "Signs or symptoms of tuberculosis."
* #tb-symptoms insert T([[Signes ou symptômes]], [[Signos o síntomas]], [[علامات أو أعراض]])
* #igra-positive "Positive IGRA or skin test" "Positive test of infection."
* #igra-positive insert T([[IGRA ou test cutané positif]], [[IGRA o prueba cutánea positiva]], [[اختبار إيجابي للعدوى]])
* #extrapulmonary-tb "Extrapulmonary tuberculosis" "Extrapulmonary tuberculosis suspected or known."
* #extrapulmonary-tb insert T([[Tuberculose extrapulmonaire]], [[Tuberculosis extrapulmonar]], [[السل خارج الرئة]])
* #tb-contact "Contact of a TB case" "Contact of a known case."
* #tb-contact insert T([[Contact d'un cas de tuberculose]], [[Contacto de un caso de tuberculosis]], [[مخالط لحالة سل]])

CodeSystem: MhdObservationCS
Id: mhd-observation
Title: "MHD observation"
Description: "Questions and parts of findings for which no standard code exists: what a component of an assessment observation is about."
* insert OwnCodeSystem
* #tb-classification "TB classification" "TB class or decision for migration."
* #tb-classification insert T([[Classement de la tuberculose]], [[Clasificación de tuberculosis]], [[تصنيف السل]])
* #cxr-finding "Chest X-ray finding" "A finding on the film."
* #cxr-finding insert T([[Anomalie radiologique]], [[Hallazgo radiológico]], [[موجودة في صورة الصدر]])
* #cxr-indication "Chest X-ray indication" "Why the film was taken."
* #cxr-indication insert T([[Indication de la radiographie]], [[Indicación de la radiografía]], [[داعي صورة الصدر]])
* #suggests-tb "Film suggests tuberculosis" "Whether the film suggests tuberculosis."
* #suggests-tb insert T([[Cliché évoquant une tuberculose]], [[Radiografía sugestiva de tuberculosis]], [[الصورة توحي بالسل]])
* #tst-conversion "Skin test conversion" "Whether the skin test turned positive."
* #tst-conversion insert T([[Virage tuberculinique]], [[Viraje tuberculínico]], [[تحول اختبار الجلد]])
* #specimen-number "Specimen number" "Which specimen of the series."
* #specimen-number insert T([[Numéro du prélèvement]], [[Número de muestra]], [[رقم العينة]])
* #culture-organism "Organism grown" "Organism that the culture grew."
* #culture-organism insert T([[Germe isolé]], [[Organismo aislado]], [[الكائن المستنبت]])
* #culture-medium "Culture medium" "Liquid or solid."
* #culture-medium insert T([[Milieu de culture]], [[Medio de cultivo]], [[وسط الزرع]])
* #days-held "Days held" "Days that the culture was held."
* #days-held insert T([[Jours d'incubation]], [[Días de incubación]], [[أيام الحضن]])
* #mtb-load "M. tuberculosis load" "Semi-quantitative load of a molecular test."
* #mtb-load insert T([[Charge de M. tuberculosis]], [[Carga de M. tuberculosis]], [[حمولة المتفطرة السلية]])
* #cxr-summary "Chest X-ray summary" "Chest films in one word."
* #cxr-summary insert T([[Synthèse radiologique]], [[Resumen radiológico]], [[خلاصة صورة الصدر]])
* #infection-test-summary "Infection test summary" "IGRA or skin test in one word."
* #infection-test-summary insert T([[Synthèse du test d'infection]], [[Resumen de la prueba de infección]], [[خلاصة اختبار العدوى]])
* #smear-summary "Smear summary" "Smears in one word."
* #smear-summary insert T([[Synthèse des frottis]], [[Resumen de baciloscopias]], [[خلاصة اللطاخات]])
* #culture-summary "Culture summary" "Cultures in one word."
* #culture-summary insert T([[Synthèse des cultures]], [[Resumen de cultivos]], [[خلاصة المزارع]])
* #dst-summary "Drug susceptibility summary" "Drug susceptibility in one word."
* #dst-summary insert T([[Synthèse de la sensibilité]], [[Resumen de sensibilidad]], [[خلاصة الحساسية للأدوية]])
* #treatment-status "TB treatment status" "Treatment in one word."
* #treatment-status insert T([[État du traitement antituberculeux]], [[Estado del tratamiento de tuberculosis]], [[حالة علاج السل]])
* #tb-contact "TB contact" "Whether the person is a known contact."
* #tb-contact insert T([[Contact tuberculeux]], [[Contacto de tuberculosis]], [[مخالطة السل]])
* #extrapulmonary-site "Extrapulmonary site" "Site of extrapulmonary tuberculosis."
* #extrapulmonary-site insert T([[Site extrapulmonaire]], [[Sitio extrapulmonar]], [[موضع خارج الرئة]])
* #travel-clearance "Travel clearance" "Cleared, not cleared or deferred."
* #travel-clearance insert T([[Autorisation de voyage]], [[Autorización de viaje]], [[السماح بالسفر]])
* #malaria-species "Plasmodium species" "Species found."
* #malaria-species insert T([[Espèce de Plasmodium]], [[Especie de Plasmodium]], [[نوع المتصورة]])
* #malaria-stage "Plasmodium stage" "Stage seen on the film."
* #malaria-stage insert T([[Stade de Plasmodium]], [[Estadio de Plasmodium]], [[طور المتصورة]])
* #rdt-product "Rapid test product" "Product and lot of the rapid test."
* #rdt-product insert T([[Produit du test rapide]], [[Producto de la prueba rápida]], [[منتج الاختبار السريع]])
* #assay-number "Assay number" "Place of the assay in the testing strategy."
* #assay-number insert T([[Numéro du test]], [[Número de la prueba]], [[رقم الاختبار]])
* #kit-lot "Kit and lot" "Kit and lot number."
* #kit-lot insert T([[Trousse et lot]], [[Kit y lote]], [[الطقم والتشغيلة]])
* #counselling-done "Counselling done" "Whether counselling preceded the test."
* #counselling-done insert T([[Conseil réalisé]], [[Consejería realizada]], [[تمت المشورة]])
* #check-kind "Kind of check" "Which check before travel it was."
* #check-kind insert T([[Type de contrôle]], [[Tipo de control]], [[نوع الفحص]])
* #travel-requirement "Travel requirement" "What is needed on the way."
* #travel-requirement insert T([[Besoin pour le voyage]], [[Requisito de viaje]], [[متطلب للسفر]])
* #escort "Escort" "Who escorts."
* #escort insert T([[Escorte]], [[Escolta]], [[مرافق]])
* #unfit-reason "Reason against travel" "Why travel is deferred or refused."
* #unfit-reason insert T([[Raison contre le voyage]], [[Motivo contra el viaje]], [[سبب منع السفر]])
* #oxygen-flow "Oxygen flow" "Oxygen in litres per minute."
* #oxygen-flow insert T([[Débit d'oxygène]], [[Flujo de oxígeno]], [[معدل تدفق الأكسجين]])

CodeSystem: MhdResultCS
Id: mhd-result
Title: "MHD result"
Description: "Answers for which no free standard code exists."
* insert OwnCodeSystem
* #scanty "Scanty" "Smear: a few acid-fast bacilli, below 1+."
* #scanty insert T([[Rares bacilles]], [[Escasos]], [[نادرة]])
* #borderline "Borderline" "T-SPOT: borderline count, to be repeated."
* #borderline insert T([[Limite]], [[Limítrofe]], [[حدّي]])
* #mixed-species "Mixed species" "Malaria: more than one species."
* #mixed-species insert T([[Espèces mixtes]], [[Especies mixtas]], [[أنواع مختلطة]])
* #liquid "Liquid medium" "Culture in liquid medium."
* #liquid insert T([[Milieu liquide]], [[Medio líquido]], [[وسط سائل]])
* #solid "Solid medium" "Culture on solid medium."
* #solid insert T([[Milieu solide]], [[Medio sólido]], [[وسط صلب]])
* #load-trace "Trace" "Load: trace."
* #load-trace insert T([[Traces]], [[Trazas]], [[أثر]])
* #load-very-low "Very low" "Load: very low."
* #load-very-low insert T([[Très faible]], [[Muy baja]], [[منخفضة جدا]])
* #load-low "Low" "Load: low."
* #load-low insert T([[Faible]], [[Baja]], [[منخفضة]])
* #load-medium "Medium" "Load: medium."
* #load-medium insert T([[Moyenne]], [[Media]], [[متوسطة]])
* #load-high "High" "Load: high."
* #load-high insert T([[Élevée]], [[Alta]], [[مرتفعة]])
* #phenotypic "Phenotypic" "Susceptibility by growth in presence of the drug."
* #phenotypic insert T([[Phénotypique]], [[Fenotípico]], [[نمط ظاهري]])
* #molecular "Molecular" "Susceptibility by mutations found."
* #molecular insert T([[Moléculaire]], [[Molecular]], [[جزيئي]])
* #ring-form "Ring forms" "Malaria: ring forms."
* #ring-form insert T([[Formes annulaires]], [[Formas anulares]], [[أشكال حلقية]])
* #trophozoite "Trophozoites" "Malaria: trophozoites."
* #trophozoite insert T([[Trophozoïtes]], [[Trofozoítos]], [[أتاريف]])
* #schizont "Schizonts" "Malaria: schizonts."
* #schizont insert T([[Schizontes]], [[Esquizontes]], [[متقسمات]])
* #gametocyte "Gametocytes" "Malaria: gametocytes."
* #gametocyte insert T([[Gamétocytes]], [[Gametocitos]], [[عرسيات]])
* #reactive "Reactive" "Assay reactive."
* #reactive insert T([[Réactif]], [[Reactivo]], [[متفاعل]])
* #non-reactive "Non-reactive" "Assay not reactive."
* #non-reactive insert T([[Non réactif]], [[No reactivo]], [[غير متفاعل]])
* #invalid "Invalid" "Assay invalid, to be repeated."
* #invalid insert T([[Non valide]], [[No válido]], [[غير صالح]])
* #not-applicable "Not applicable" "The question does not arise, such as pregnancy in a man or a small child."
* #not-applicable insert T([[Sans objet]], [[No procede]], [[لا ينطبق]])

CodeSystem: CheckKindCS
Id: check-kind
Title: "Kind of check before travel"
Description: "Which check a fitness-to-travel decision comes from."
* insert OwnCodeSystem
* #pdms "Pre-departure medical screening" "About three weeks before departure."
* #pdms insert T([[Examen médical avant le départ]], [[Revisión médica previa a la salida]], [[فحص طبي قبل المغادرة]])
* #pec "Pre-embarkation check" "At most 72 hours before departure."
* #pec insert T([[Contrôle avant l'embarquement]], [[Control previo al embarque]], [[فحص قبل الصعود]])
* #avrr "Check before assisted return" "Before assisted voluntary return."
* #avrr insert T([[Contrôle avant le retour assisté]], [[Control previo al retorno asistido]], [[فحص قبل العودة بمساعدة]])
* #medevac "Check before medical evacuation" "Before a medical evacuation."
* #medevac insert T([[Contrôle avant évacuation médicale]], [[Control previo a la evacuación médica]], [[فحص قبل الإجلاء الطبي]])
* #employment "Examination for employment abroad" "Examination of a labour migrant."
* #employment insert T([[Examen pour un emploi à l'étranger]], [[Examen para empleo en el extranjero]], [[فحص للعمل في الخارج]])

CodeSystem: FitnessDecisionCS
Id: fitness-decision
Title: "Fitness decision"
Description: "The decision on fitness to travel."
* insert OwnCodeSystem
* #fit "Fit" "Fit to travel without conditions."
* #fit insert T([[Apte]], [[Apto]], [[لائق]])
* #fit-with-conditions "Fit with conditions" "Fit when the stated requirements are met."
* #fit-with-conditions insert T([[Apte sous conditions]], [[Apto con condiciones]], [[لائق بشروط]])
* #deferred "Deferred" "Not now; to be checked again."
* #deferred insert T([[Différé]], [[Aplazado]], [[مؤجل]])
* #unfit "Unfit" "Not fit to travel."
* #unfit insert T([[Inapte]], [[No apto]], [[غير لائق]])

CodeSystem: UnfitReasonCS
Id: unfit-reason
Title: "Reason against travel"
Description: "Why travel is deferred or refused, in words that a travel desk may read. The diagnosis stands elsewhere."
* insert OwnCodeSystem
* #infectious-disease "Infectious disease" "A disease that others could catch on the way."
* #infectious-disease insert T([[Maladie infectieuse]], [[Enfermedad infecciosa]], [[مرض معد]])
* #fever-or-rash "Fever or rash" "Fever or rash under observation."
* #fever-or-rash insert T([[Fièvre ou éruption]], [[Fiebre o erupción]], [[حمى أو طفح]])
* #outbreak-hold "Outbreak hold" "Movement held because of an outbreak."
* #outbreak-hold insert T([[Suspension pour épidémie]], [[Suspensión por brote]], [[تعليق بسبب فاشية]])
* #unstable-condition "Unstable condition" "A condition that is not stable enough."
* #unstable-condition insert T([[État instable]], [[Estado inestable]], [[حالة غير مستقرة]])
* #recent-surgery-or-injury "Recent surgery or injury" "Recent operation or injury."
* #recent-surgery-or-injury insert T([[Chirurgie ou blessure récente]], [[Cirugía o lesión reciente]], [[جراحة أو إصابة حديثة]])
* #late-pregnancy "Late pregnancy" "Too close to delivery for the carrier."
* #late-pregnancy insert T([[Grossesse avancée]], [[Embarazo avanzado]], [[حمل متقدم]])
* #mental-state "Mental state" "A mental state that makes travel unsafe now."
* #mental-state insert T([[État mental]], [[Estado mental]], [[الحالة النفسية]])
* #treatment-incomplete "Treatment incomplete" "A treatment must be finished first."
* #treatment-incomplete insert T([[Traitement inachevé]], [[Tratamiento incompleto]], [[علاج غير مكتمل]])
* #results-pending "Results pending" "A result is still awaited."
* #results-pending insert T([[Résultats en attente]], [[Resultados pendientes]], [[نتائج قيد الانتظار]])
* #no-escort-or-equipment "Escort or equipment missing" "What is needed on the way is not there."
* #no-escort-or-equipment insert T([[Escorte ou équipement manquant]], [[Falta escolta o equipo]], [[نقص المرافق أو المعدات]])
* #other "Other reason" "Reason that this list does not have."
* #other insert T([[Autre raison]], [[Otro motivo]], [[سبب آخر]])

CodeSystem: TravelRequirementCS
Id: travel-requirement
Title: "Travel requirement"
Description: "What a passenger needs on the way. WCHR, WCHS and WCHC are the airlines' own codes."
* insert OwnCodeSystem
* #oxygen "Oxygen in flight" "Oxygen supply on board."
* #oxygen insert T([[Oxygène en vol]], [[Oxígeno en vuelo]], [[أكسجين أثناء الرحلة]])
* #stretcher "Stretcher" "Lying on a stretcher."
* #stretcher insert T([[Brancard]], [[Camilla]], [[نقالة]])
* #WCHR "Wheelchair to the aircraft" "Can climb steps and walk in the cabin."
* #WCHR insert T([[Fauteuil roulant jusqu'à l'avion]], [[Silla de ruedas hasta el avión]], [[كرسي متحرك حتى الطائرة]])
* #WCHS "Wheelchair and help with steps" "Cannot climb steps, can walk in the cabin."
* #WCHS insert T([[Fauteuil roulant et aide aux marches]], [[Silla de ruedas y ayuda en escaleras]], [[كرسي متحرك ومساعدة على الدرج]])
* #WCHC "Wheelchair to the seat" "Cannot walk in the cabin."
* #WCHC insert T([[Fauteuil roulant jusqu'au siège]], [[Silla de ruedas hasta el asiento]], [[كرسي متحرك حتى المقعد]])
* #extra-seat "Extra seat" "One more seat."
* #extra-seat insert T([[Siège supplémentaire]], [[Asiento adicional]], [[مقعد إضافي]])
* #aisle-seat "Aisle seat" "Seat by the aisle."
* #aisle-seat insert T([[Siège côté couloir]], [[Asiento de pasillo]], [[مقعد على الممر]])
* #medical-equipment "Medical equipment" "Equipment carried on board."
* #medical-equipment insert T([[Équipement médical]], [[Equipo médico]], [[معدات طبية]])
* #medication-in-flight "Medication in flight" "Medicines needed during the journey."
* #medication-in-flight insert T([[Médicaments en vol]], [[Medicación en vuelo]], [[أدوية أثناء الرحلة]])
* #isolation "Isolation" "Apart from other passengers."
* #isolation insert T([[Isolement]], [[Aislamiento]], [[عزل]])
* #ground-ambulance "Ground ambulance" "Ambulance before or after the flight."
* #ground-ambulance insert T([[Ambulance au sol]], [[Ambulancia terrestre]], [[سيارة إسعاف]])
* #interpreter "Interpreter" "Somebody who speaks the passenger's language."
* #interpreter insert T([[Interprète]], [[Intérprete]], [[مترجم فوري]])

CodeSystem: EscortTypeCS
Id: escort-type
Title: "Escort type"
Description: "Who travels with the passenger."
* insert OwnCodeSystem
* #none "No escort" "Travels alone."
* #none insert T([[Sans escorte]], [[Sin escolta]], [[بلا مرافق]])
* #family "Family member" "A relative."
* #family insert T([[Membre de la famille]], [[Familiar]], [[فرد من الأسرة]])
* #non-medical "Non-medical escort" "Operational escort."
* #non-medical insert T([[Escorte non médicale]], [[Escolta no médica]], [[مرافق غير طبي]])
* #nurse "Nurse" "A nurse."
* #nurse insert T([[Infirmier]], [[Enfermero]], [[ممرض]])
* #paramedic "Paramedic" "A paramedic."
* #paramedic insert T([[Ambulancier paramédical]], [[Paramédico]], [[مسعف]])
* #physician "Physician" "A physician."
* #physician insert T([[Médecin]], [[Médico]], [[طبيب]])
* #medical-team "Medical team" "More than one clinician."
* #medical-team insert T([[Équipe médicale]], [[Equipo médico]], [[فريق طبي]])
