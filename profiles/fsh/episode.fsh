// The movement or programme case of one person: https://hl7.org/fhir/R4/episodeofcare.html

Profile: MigrationEpisode
Parent: EpisodeOfCare
Id: migration-episode
Title: "Migration episode"
Description: "One movement or programme case of one person, from registration to follow-up after arrival. A person can have several: refused and screened again, returned, resettled."
* extension contains
    MigrantCategory named migrantCategory 1..1 MS and
    CountryOfDeparture named countryOfDeparture 1..1 MS and
    CountryOfDestination named countryOfDestination 0..1 MS and
    TransitCountry named transitCountry 0..* MS and
    PlannedDeparture named plannedDeparture 0..1 MS and
    ActualArrival named actualArrival 0..1 MS and
    TravelSegment named travelSegment 0..* MS and
    Displacement named displacement 0..1
* identifier MS
* status MS
* type 1..1 MS
* type from ProgrammeAreaVS (required)
* type ^short = "Programme area, H1-1 to H3-5 or X1 to X7"
* diagnosis MS
* patient only Reference(MigrantPatient)
* patient MS
* managingOrganization 1..1 MS
* period MS
* careManager MS
