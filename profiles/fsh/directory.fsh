// Sites, facilities and services, in the manner of IHE mCSD.

Profile: MhdOrganization
Parent: Organization
Id: mhd-organization
Title: "MHD organization"
Description: "IOM mission, panel clinic, hospital, health department, ministry or agency."
* identifier 1..* MS
* identifier.system 1..1
* identifier.value 1..1
* active MS
* type MS
* type from OrganizationKindVS (extensible)
* name 1..1 MS
* alias MS
* telecom MS
* address MS
* partOf MS
* partOf only Reference(MhdOrganization)

Profile: MhdLocation
Parent: Location
Id: mhd-location
Title: "MHD location"
Description: "A place where migration health work is done: assessment centre, mobile clinic, transit centre, camp, hospital, point of entry, laboratory."
* identifier 1..* MS
* identifier.system 1..1
* identifier.value 1..1
* status 1..1 MS
* operationalStatus MS
* name 1..1 MS
* mode MS
* type 1..* MS
* type from LocationKindVS (extensible)
* telecom MS
* address MS
* physicalType MS
* position MS
* managingOrganization MS
* managingOrganization only Reference(MhdOrganization)
* partOf MS
* partOf only Reference(MhdLocation)
* hoursOfOperation MS

Profile: MhdHealthcareService
Parent: HealthcareService
Id: mhd-healthcare-service
Title: "MHD healthcare service"
Description: "What a facility offers, to whom and when, so that a referral finds a place."
* identifier MS
* active MS
* providedBy 1..1 MS
* providedBy only Reference(MhdOrganization)
* category MS
* type 1..* MS
* specialty MS
* location MS
* location only Reference(MhdLocation)
* name 1..1 MS
* telecom MS
* eligibility MS
* program MS
* communication MS
* referralMethod MS
* availableTime MS
* availabilityExceptions MS
