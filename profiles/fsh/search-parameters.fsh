// The guide's own search parameters: https://hl7.org/fhir/R4/searchparameter.html

Instance: ProgrammeSearchParameter
InstanceOf: SearchParameter
Usage: #definition
* id = "programme"
* url = "{C}/SearchParameter/programme"
* name = "Programme"
* status = #draft
* description = "Programme area of an episode, encounter or referral."
* code = #programme
* base[0] = #EpisodeOfCare
* base[1] = #Encounter
* base[2] = #ServiceRequest
* type = #token
* expression = "EpisodeOfCare.type | Encounter.extension.where(url='{C}/StructureDefinition/programme-area').value | ServiceRequest.extension.where(url='{C}/StructureDefinition/programme-area').value"
* xpathUsage = #normal
* multipleOr = true

Instance: MigrantCategorySearchParameter
InstanceOf: SearchParameter
Usage: #definition
* id = "migrant-category"
* url = "{C}/SearchParameter/migrant-category"
* name = "MigrantCategory"
* status = #draft
* description = "Migrant category of an episode."
* code = #migrant-category
* base[0] = #EpisodeOfCare
* type = #token
* expression = "EpisodeOfCare.extension.where(url='{C}/StructureDefinition/migrant-category').value"
* xpathUsage = #normal
* multipleOr = true

Instance: DestinationSearchParameter
InstanceOf: SearchParameter
Usage: #definition
* id = "destination"
* url = "{C}/SearchParameter/destination"
* name = "Destination"
* status = #draft
* description = "Country of destination, ISO 3166-1 alpha-3."
* code = #destination
* base[0] = #EpisodeOfCare
* type = #token
* expression = "EpisodeOfCare.extension.where(url='{C}/StructureDefinition/country-of-destination').value"
* xpathUsage = #normal
* multipleOr = true

Instance: DepartureSearchParameter
InstanceOf: SearchParameter
Usage: #definition
* id = "departure"
* url = "{C}/SearchParameter/departure"
* name = "Departure"
* status = #draft
* description = "Country of departure, ISO 3166-1 alpha-3."
* code = #departure
* base[0] = #EpisodeOfCare
* type = #token
* expression = "EpisodeOfCare.extension.where(url='{C}/StructureDefinition/country-of-departure').value"
* xpathUsage = #normal
* multipleOr = true

Instance: PlannedDepartureSearchParameter
InstanceOf: SearchParameter
Usage: #definition
* id = "planned-departure"
* url = "{C}/SearchParameter/planned-departure"
* name = "PlannedDeparture"
* status = #draft
* description = "When the journey is planned to start."
* code = #planned-departure
* base[0] = #EpisodeOfCare
* base[1] = #Encounter
* type = #date
* expression = "EpisodeOfCare.extension.where(url='{C}/StructureDefinition/planned-departure').value | Encounter.extension.where(url='{C}/StructureDefinition/planned-departure').value"
* xpathUsage = #normal
* comparator[0] = #eq
* comparator[1] = #ne
* comparator[2] = #gt
* comparator[3] = #ge
* comparator[4] = #lt
* comparator[5] = #le
* comparator[6] = #sa
* comparator[7] = #eb
* comparator[8] = #ap

Instance: MhdTypeSearchParameter
InstanceOf: SearchParameter
Usage: #definition
* id = "mhd-type"
* url = "{C}/SearchParameter/mhd-type"
* name = "MhdType"
* status = #draft
* description = "Step of the journey: the MHD type of an encounter."
* code = #mhd-type
* base[0] = #Encounter
* type = #token
* expression = "Encounter.type.coding.where(system='{C}/CodeSystem/mhd-encounter-type')"
* xpathUsage = #normal
* multipleOr = true

Instance: ValidUntilSearchParameter
InstanceOf: SearchParameter
Usage: #definition
* id = "valid-until"
* url = "{C}/SearchParameter/valid-until"
* name = "ValidUntil"
* status = #draft
* description = "Until when a clearance, decision or certificate is valid."
* code = #valid-until
* base[0] = #Observation
* base[1] = #DocumentReference
* type = #date
* expression = "Observation.extension.where(url='{C}/StructureDefinition/valid-until').value | DocumentReference.extension.where(url='{C}/StructureDefinition/valid-until').value"
* xpathUsage = #normal
* comparator[0] = #eq
* comparator[1] = #ne
* comparator[2] = #gt
* comparator[3] = #ge
* comparator[4] = #lt
* comparator[5] = #le
* comparator[6] = #sa
* comparator[7] = #eb
* comparator[8] = #ap

Instance: EscortSearchParameter
InstanceOf: SearchParameter
Usage: #definition
* id = "escort"
* url = "{C}/SearchParameter/escort"
* name = "Escort"
* status = #draft
* description = "Escort type of an evacuation."
* code = #escort
* base[0] = #ServiceRequest
* type = #token
* expression = "ServiceRequest.orderDetail.coding.where(system='{C}/CodeSystem/escort-type')"
* xpathUsage = #normal
* multipleOr = true

Instance: TravelRequirementSearchParameter
InstanceOf: SearchParameter
Usage: #definition
* id = "travel-requirement"
* url = "{C}/SearchParameter/travel-requirement"
* name = "TravelRequirement"
* status = #draft
* description = "What the patient needs on the way."
* code = #travel-requirement
* base[0] = #ServiceRequest
* type = #token
* expression = "ServiceRequest.orderDetail.coding.where(system='{C}/CodeSystem/travel-requirement')"
* xpathUsage = #normal
* multipleOr = true

Instance: ReceivingCountrySearchParameter
InstanceOf: SearchParameter
Usage: #definition
* id = "receiving-country"
* url = "{C}/SearchParameter/receiving-country"
* name = "ReceivingCountry"
* status = #draft
* description = "Country that is asked to receive the patient, ISO 3166-1 alpha-3."
* code = #receiving-country
* base[0] = #ServiceRequest
* type = #token
* expression = "ServiceRequest.extension.where(url='{C}/StructureDefinition/receiving-country').value"
* xpathUsage = #normal
* multipleOr = true

Instance: NationalitySearchParameter
InstanceOf: SearchParameter
Usage: #definition
* id = "nationality"
* url = "{C}/SearchParameter/nationality"
* name = "Nationality"
* status = #draft
* description = "Nationality, ISO 3166-1 alpha-3 or nationality status. For internal roles and measures only."
* code = #nationality
* base[0] = #Patient
* type = #token
* expression = "Patient.extension.where(url='http://hl7.org/fhir/StructureDefinition/patient-nationality').extension.where(url='code').value"
* xpathUsage = #normal
* multipleOr = true

Instance: BirthCountrySearchParameter
InstanceOf: SearchParameter
Usage: #definition
* id = "birth-country"
* url = "{C}/SearchParameter/birth-country"
* name = "BirthCountry"
* status = #draft
* description = "Country of birth as written in the birth place. For internal roles and measures only."
* code = #birth-country
* base[0] = #Patient
* type = #token
* expression = "Patient.extension.where(url='http://hl7.org/fhir/StructureDefinition/patient-birthPlace').value.country"
* xpathUsage = #normal
* multipleOr = true
