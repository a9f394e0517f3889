// Fitness to travel.

Profile: FitToTravel
Parent: MhdObservation
Id: fit-to-travel
Title: "Fitness to travel"
Description: "The decision of the examining clinician before a journey: fit, fit with conditions, deferred or unfit, what the passenger needs on the way, who escorts, and until when the decision holds. An airline's medical desk can act on it without seeing a diagnosis."
* insert ComponentsByCode
* obeys mhd-ftt-1 and mhd-ftt-2
* extension contains ValidUntil named validUntil 1..1 MS
* category[exam] 1..1 MS
* code = $sct#171371008
* performer 1..*
* insert CodedAnswer(FitnessDecisionVS)
* value[x] 1..1
* component contains
    checkKind 1..1 MS and
    travelRequirement 0..* MS and
    escort 0..1 MS and
    unfitReason 0..* MS and
    oxygenFlow 0..1 MS
* component[checkKind].code = $mhd-observation#check-kind
* component[checkKind] ^short = "Which check it was"
* component[checkKind].value[x] 1..1
* insert CodedComponent(checkKind, CheckKindVS)
* component[travelRequirement].value[x] 1..1
* component[travelRequirement].code = $mhd-observation#travel-requirement
* component[travelRequirement] ^short = "What is needed on the way; one component each"
* insert CodedComponent(travelRequirement, TravelRequirementVS)
* component[escort].value[x] 1..1
* component[escort].code = $mhd-observation#escort
* component[escort] ^short = "Who escorts"
* insert CodedComponent(escort, EscortTypeVS)
* component[unfitReason].value[x] 1..1
* component[unfitReason].code = $mhd-observation#unfit-reason
* component[unfitReason] ^short = "Why travel is deferred or refused"
* insert CodedComponent(unfitReason, UnfitReasonVS)
* component[oxygenFlow].value[x] 1..1
* component[oxygenFlow].code = $mhd-observation#oxygen-flow
* component[oxygenFlow] ^short = "Oxygen, L/min"
* component[oxygenFlow].value[x] only Quantity
* component[oxygenFlow].valueQuantity = 'L/min'

Invariant: mhd-ftt-1
Description: "Unfit or deferred needs a reason; fit with conditions needs at least one travel requirement."
Severity: #error
Expression: "(value.coding.where(code in ('unfit' | 'deferred')).exists() implies component.where(code.coding.where(code='unfit-reason').exists()).value.exists()) and (value.coding.where(code='fit-with-conditions').exists() implies component.where(code.coding.where(code='travel-requirement').exists()).value.exists())"

Invariant: mhd-ftt-2
Description: "A passenger on a stretcher or with oxygen in flight always has an escort."
Severity: #error
Expression: "component.where(code.coding.where(code='travel-requirement').exists()).value.coding.where(code in ('stretcher' | 'oxygen')).exists() implies component.where(code.coding.where(code='escort').exists()).value.coding.where(code != 'none').exists()"
