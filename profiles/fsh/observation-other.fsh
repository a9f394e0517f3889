// Sexually transmitted infections and hepatitis, pregnancy, vital signs.

Profile: StiHepatitisTest
Parent: MhdObservation
Id: sti-hepatitis-test
Title: "STI or hepatitis test"
Description: "Syphilis (RPR or treponemal), hepatitis B surface antigen, hepatitis C antibody or gonorrhoea DNA. The server labels it STD. It is a finding for the clinician: a fitness decision never follows from it by itself."
* category[laboratory] 1..1 MS
* code from StiHepatitisCodeVS (required)
* insert CodedAnswer(ScreeningResultVS)

Profile: PregnancyStatus
Parent: MhdObservation
Id: pregnancy-status
Title: "Pregnancy status"
Description: "Pregnant, not pregnant or unknown, with the expected date of delivery and the weeks of gestation. Labelled PREGNANT where an employer or agent could receive it."
* insert ComponentsByCode
* code = $loinc#82810-3
* insert CodedAnswer(PregnancyStatusVS)
* component contains
    deliveryDate 0..1 MS and
    gestation 0..1 MS
* component[deliveryDate].code = $loinc#11778-8
* component[deliveryDate] ^short = "Expected date of delivery"
* component[deliveryDate].value[x] only dateTime
* component[gestation].code = $loinc#18185-9
* component[gestation] ^short = "Gestational age"
* component[gestation].value[x] only Quantity
* component[gestation].valueQuantity from GestationUnitVS (required)

Profile: MhdVitalSign
Parent: http://hl7.org/fhir/StructureDefinition/vitalsigns
Id: mhd-vital-sign
Title: "MHD vital sign"
Description: "Blood pressure, pulse, breathing, temperature, oxygen saturation, weight, height or body mass index, as R4's vital signs profile has them, of a migrant patient."
* extension contains $ext-episodeOfCare named episodeOfCare 0..1 MS
* status MS
* category MS
* code MS
* subject only Reference(MigrantPatient)
* subject MS
* encounter MS
* effective[x] MS
* value[x] MS
* dataAbsentReason MS
* component MS
* performer MS

Profile: MuacMeasurement
Parent: MhdObservation
Id: muac-measurement
Title: "Mid-upper arm circumference"
Description: "Circumference of the upper arm of a child or a pregnant woman, the quickest sign of acute malnutrition."
* category[exam] 1..1 MS
* code = $loinc#9844-2
* value[x] only Quantity
* valueQuantity from LengthUnitVS (required)
