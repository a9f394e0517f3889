// Facts of a movement or an assessment that R4 has no element for.

Extension: MigrantCategory
Id: migrant-category
Title: "Migrant category"
Description: "Why the person moves, as the programme records it: refugee, labour migrant, returnee and so on. The full list belongs on the episode. On a Patient, which many people can read, never the irregular category (mhd-pat-6)."
Context: Patient, EpisodeOfCare
* value[x] only CodeableConcept
* value[x] 1..1
* value[x] from MigrantCategoryVS (required)

Extension: ProgrammeArea
Id: programme-area
Title: "Programme area"
Description: "The thematic area of IOM's Migration Health Division that the record belongs to (H1-1 to H3-5, X1 to X7). Reports and access rights are cut along it. An EpisodeOfCare states it in its type instead."
Context: Encounter, ServiceRequest, MeasureReport
* value[x] only CodeableConcept
* value[x] 1..1
* value[x] from ProgrammeAreaVS (required)

Extension: CaseRole
Id: case-role
Title: "Role in the case"
Description: "What a member is in the case (household): principal applicant, spouse, child, other dependant or sponsor. Exactly one member is the principal applicant (mhd-grp-1)."
Context: Group.member
* value[x] only Coding
* value[x] 1..1
* value[x] from CaseRoleVS (required)

Extension: CountryOfDestination
Id: country-of-destination
Title: "Country of destination"
Description: "Country that the person is to move to, as ISO 3166-1 alpha-3."
Context: EpisodeOfCare
* value[x] only CodeableConcept
* value[x] 1..1
* value[x] from CountryVS (required)

Extension: CountryOfDeparture
Id: country-of-departure
Title: "Country of departure"
Description: "Country in which the person is assessed and from which the movement starts, as ISO 3166-1 alpha-3. Often not the country of nationality."
Context: EpisodeOfCare
* value[x] only CodeableConcept
* value[x] 1..1
* value[x] from CountryVS (required)

Extension: TransitCountry
Id: transit-country
Title: "Transit country"
Description: "Country passed on the way; repeated in the order of travel."
Context: EpisodeOfCare
* value[x] only CodeableConcept
* value[x] 1..1
* value[x] from CountryVS (required)

Extension: ReceivingCountry
Id: receiving-country
Title: "Receiving country"
Description: "Country of the facility that is asked to receive the patient, when it is not the country of the requester. The referral then needs a consent reference, because health data cross a border."
Context: ServiceRequest
* value[x] only CodeableConcept
* value[x] 1..1
* value[x] from CountryVS (required)

Extension: PlannedDeparture
Id: planned-departure
Title: "Planned departure"
Description: "When the journey is planned to start. A pre-embarkation check counts its 72 hours from here (mhd-enc-2), so give time and time zone as soon as they are known."
Context: EpisodeOfCare, Encounter
* value[x] only dateTime
* value[x] 1..1

Extension: ActualArrival
Id: actual-arrival
Title: "Actual arrival"
Description: "When the person arrived at the destination. Follow-up periods (7, 28, 30 days) count from here."
Context: EpisodeOfCare
* value[x] only dateTime
* value[x] 1..1

Extension: TravelSegment
Id: travel-segment
Title: "Travel segment"
Description: "One line of the travel manifest: carrier, flight or convoy number, from, to and when. Repeated in the order of travel."
Context: EpisodeOfCare
* extension contains
    carrier 0..1 and
    number 0..1 and
    from 1..1 and
    to 1..1 and
    time 0..1
* extension[carrier] ^short = "Airline, ship or convoy operator"
* extension[carrier].value[x] only string
* extension[carrier].value[x] 1..1
* extension[number] ^short = "Flight, voyage or convoy number"
* extension[number].value[x] only string
* extension[number].value[x] 1..1
* extension[from] ^short = "Place of departure, such as an IATA airport code"
* extension[from].value[x] only string
* extension[from].value[x] 1..1
* extension[to] ^short = "Place of arrival"
* extension[to].value[x] only string
* extension[to].value[x] 1..1
* extension[time] ^short = "Scheduled departure"
* extension[time].value[x] only dateTime
* extension[time].value[x] 1..1

Extension: Displacement
Id: displacement
Title: "Displacement"
Description: "How and where a displaced person is housed, and since when. Detention is not a value here: use a Location with a V label."
Context: Patient, EpisodeOfCare
* extension contains
    status 1..1 and
    site 0..1 and
    since 0..1
* extension[status] ^short = "Camp, host family, transit centre ..."
* extension[status].value[x] only CodeableConcept
* extension[status].value[x] 1..1
* extension[status].value[x] from DisplacementStatusVS (required)
* extension[site] ^short = "Camp, centre or settlement"
* extension[site].value[x] only Reference(Location)
* extension[site].value[x] 1..1
* extension[since] ^short = "Since when the person lives there"
* extension[since].value[x] only date
* extension[since].value[x] 1..1

Extension: Vulnerability
Id: vulnerability
Title: "Vulnerability"
Description: "A situation that asks for extra care during the movement, such as an unaccompanied child or an older person alone. Survivor status (trafficking, torture, gender-based violence) is never carried here but in a Condition with its own labels (mhd-pat-6)."
Context: Patient
* value[x] only CodeableConcept
* value[x] 1..1
* value[x] from VulnerabilityVS (required)

Extension: BirthDateAccuracy
Id: birth-date-accuracy
Title: "Accuracy of the birth date"
Description: "How the birth date is known. A date of 1 January that was assigned at registration is marked as such, so that a receiving clinic does not match or dose on it as if it were exact."
Context: Patient.birthDate
* value[x] only code
* value[x] 1..1
* value[x] from BirthDateAccuracyVS (required)

Extension: ValidUntil
Id: valid-until
Title: "Valid until"
Description: "Last day or moment at which a clearance, decision or certificate may be relied on."
Context: Observation, DocumentReference
* value[x] only date or dateTime
* value[x] 1..1

Extension: LoaLoaExposure
Id: loa-loa-exposure
Title: "Exposure to Loa loa"
Description: "Whether the person has lived where Loa loa (African eye worm) is transmitted. Ivermectin can cause encephalopathy in people with many microfilariae: it is given only when the check was made and is false (mhd-mad-2)."
Context: MedicationAdministration
* value[x] only boolean
* value[x] 1..1

Extension: PregnancyCheck
Id: pregnancy-check
Title: "Pregnancy check"
Description: "What was known about pregnancy when the drug was given. Albendazole needs 'not pregnant' or 'not applicable' (mhd-mad-2)."
Context: MedicationAdministration
* value[x] only CodeableConcept
* value[x] 1..1
* value[x] from PregnancyCheckVS (required)

Extension: IcvpIntended
Id: icvp-intended
Title: "Meant for an ICVP"
Description: "True when the dose will be put on an International Certificate of Vaccination or Prophylaxis. It then carries maker, lot, full date and clinician (mhd-imm-3)."
Context: Immunization
* value[x] only boolean
* value[x] 1..1

Extension: WhoPqProduct
Id: who-pq-product
Title: "WHO prequalified product"
Description: "Product identifier of WHO's prequalification list, which WHO SMART ICVP requires for a verifiable certificate."
Context: Immunization
* value[x] only Coding
* value[x] 1..1
* value[x].code 1..1

Extension: ConsentReference
Id: consent-reference
Title: "Consent under which it was done"
Description: "The Consent that covers this test, sample or referral. Required for every HIV assay, and for a referral that crosses a border."
Context: Observation, ServiceRequest, Specimen
* value[x] only Reference(Consent)
* value[x] 1..1

Extension: Pseudonymous
Id: pseudonymous
Title: "Identity withheld on purpose"
Description: "True when the record carries a pseudonym to protect the person. Name and identifiers are then not to be completed or matched against other sources."
Context: Patient
* value[x] only boolean
* value[x] 1..1

Extension: IssueSource
Id: issue-source
Title: "Source of an issue"
Description: "Canonical of the profile or definition whose rule was broken, so that the sender can read it."
Context: OperationOutcome.issue
* value[x] only canonical
* value[x] 1..1
