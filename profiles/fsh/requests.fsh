// Referral and medical evacuation: https://hl7.org/fhir/R4/servicerequest.html, https://hl7.org/fhir/R4/task.html

Profile: ReferralRequest
Parent: ServiceRequest
Id: referral-request
Title: "Referral request"
Description: "A request that another clinic, hospital or service take the patient over or see the patient: why, how urgent, to whom, with the findings that go along. A referral to another country names the country and the consent."
* obeys mhd-sr-1
* extension contains
    ProgrammeArea named programmeArea 0..1 MS and
    ReceivingCountry named receivingCountry 0..1 MS and
    ConsentReference named consentReference 0..1 MS and
    $ext-episodeOfCare named episodeOfCare 0..1 MS
* identifier MS
* replaces MS
* status MS
* intent MS
* intent ^short = "order; proposal while acceptance is pending"
* category 1..1 MS
* category from ReferralCategoryVS (required)
* priority 1..1 MS
* code 1..1 MS
* code from ReferralServiceVS (extensible)
* subject only Reference(MigrantPatient)
* subject MS
* encounter MS
* occurrence[x] MS
* occurrence[x] ^short = "When it is needed; give it unless the priority is routine"
* authoredOn 1..1 MS
* requester 1..1 MS
* performerType MS
* performer MS
* locationReference MS
* reasonCode MS
* reasonReference MS
* supportingInfo MS
* note MS

Profile: MedevacRequest
Parent: ReferralRequest
Id: medevac-request
Title: "Medical evacuation request"
Description: "A request to move a patient to a facility that can treat what the present one cannot: urgency, escort, needs on the way, fitness to travel. It becomes an active order when a facility has accepted and the time is set."
* obeys mhd-mev-1 and mhd-mev-2
* code = $mhd-service#medical-evacuation
* orderDetail 1..* MS
* orderDetail ^slicing.discriminator.type = #pattern
* orderDetail ^slicing.discriminator.path = "$this"
* orderDetail ^slicing.rules = #open
* orderDetail ^slicing.description = "By code system"
* orderDetail contains
    escortType 1..1 MS and
    travelRequirement 0..* MS
* orderDetail[escortType] ^patternCodeableConcept.coding.system = "{C}/CodeSystem/escort-type"
* orderDetail[escortType] from EscortTypeVS (required)
* orderDetail[escortType] ^short = "Who escorts"
* orderDetail[travelRequirement] ^patternCodeableConcept.coding.system = "{C}/CodeSystem/travel-requirement"
* orderDetail[travelRequirement] from TravelRequirementVS (required)
* orderDetail[travelRequirement] ^short = "What is needed on the way"
* supportingInfo 1..* MS
* supportingInfo ^slicing.discriminator.type = #value
* supportingInfo ^slicing.discriminator.path = "type"
* supportingInfo ^slicing.rules = #open
* supportingInfo ^slicing.description = "By the type of the reference"
* supportingInfo contains fitness 1..* MS
* supportingInfo[fitness] only Reference(FitToTravel)
* supportingInfo[fitness].type 1..1
* supportingInfo[fitness].type = "Observation"
* supportingInfo[fitness] ^short = "The fitness-to-travel decision"
* insurance MS

Profile: MedevacTask
Parent: Task
Id: medevac-task
Title: "Medical evacuation task"
Description: "Where an evacuation stands: the phase, who has it now, and since when. Phases follow a fixed graph; a sub-task per phase (partOf) gives the times for the indicators. It ends with a handover document, or with the reason why not."
* obeys mhd-tsk-1
* identifier MS
* partOf MS
* partOf only Reference(MedevacTask)
* status MS
* statusReason MS
* businessStatus 1..1 MS
* businessStatus from MedevacPhaseVS (required)
* intent MS
* priority MS
* code 1..1 MS
* code = $mhd-service#medical-evacuation
* focus 1..1 MS
* focus only Reference(MedevacRequest)
* for 1..1 MS
* for only Reference(MigrantPatient)
* executionPeriod MS
* authoredOn MS
* lastModified MS
* requester MS
* owner MS
* input MS
* input ^slicing.discriminator.type = #pattern
* input ^slicing.discriminator.path = "type"
* input ^slicing.rules = #open
* input contains
    authorisation 0..* MS and
    medif 0..1 MS
* input[authorisation].type = $mhd-kind#authorisation
* input[authorisation] ^short = "Approval of the medical reviewer or payer"
* input[medif].type = $mhd-kind#medif
* input[medif] ^short = "Airline's medical information form"
* output MS
* output ^slicing.discriminator.type = #pattern
* output ^slicing.discriminator.path = "type"
* output ^slicing.rules = #open
* output contains handover 0..1 MS
* output[handover].type = $mhd-kind#handover
* output[handover] ^short = "Transfer summary handed over with the patient"
* output[handover].value[x] only Reference(DocumentReference or Composition)

Invariant: mhd-sr-1
Description: "A referral has a reason and a recipient (performer, kind of performer or receiving site)."
Severity: #error
Expression: "(reasonCode.exists() or reasonReference.exists()) and (performer.exists() or performerType.exists() or locationReference.exists())"

Invariant: mhd-mev-1
Description: "An evacuation states its urgency (asap, urgent or stat), the escort and the fitness to travel (supportingInfo with type Observation)."
Severity: #error
Expression: "priority in ('asap' | 'urgent' | 'stat') and orderDetail.coding.where(system='{C}/CodeSystem/escort-type').exists() and supportingInfo.where(type = 'Observation').exists()"

Invariant: mhd-mev-2
Description: "An active evacuation order has an accepting facility and a timeframe."
Severity: #error
Expression: "status = 'active' and intent = 'order' implies (performer.exists() and occurrence.exists())"

Invariant: mhd-tsk-1
Description: "An evacuation task carries a phase; a completed one has a handover output, a rejected, failed or cancelled one a reason, one in progress an owner."
Severity: #error
Expression: "businessStatus.exists() and (status = 'completed' implies output.exists()) and (status in ('rejected' | 'failed' | 'cancelled') implies statusReason.exists()) and (status = 'in-progress' implies owner.exists())"
