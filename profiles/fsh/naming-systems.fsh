// Systems of identifiers: https://hl7.org/fhir/R4/namingsystem.html
// Passports use HL7's own systems, http://hl7.org/fhir/sid/passport-XXX, one per issuing country.

Instance: MhdIdNamingSystem
InstanceOf: NamingSystem
Usage: #definition
* id = "mhd-id"
* name = "MhdId"
* status = #draft
* kind = #identifier
* date = "{DATE}"
* description = "One per person, given by the site that registers first; never reused."
* type = $mhd-identifier-type#mhd-number
* uniqueId[0].type = #uri
* uniqueId[0].value = "{C}/sid/mhd-id"
* uniqueId[0].preferred = true

Instance: UnhcrNamingSystem
InstanceOf: NamingSystem
Usage: #definition
* id = "unhcr"
* name = "Unhcr"
* status = #draft
* kind = #identifier
* date = "{DATE}"
* description = "Individual number of UNHCR."
* type = $mhd-identifier-type#unhcr-number
* uniqueId[0].type = #uri
* uniqueId[0].value = "{C}/sid/unhcr"
* uniqueId[0].preferred = true

Instance: UsAlienNumberNamingSystem
InstanceOf: NamingSystem
Usage: #definition
* id = "us-alien-number"
* name = "UsAlienNumber"
* status = #draft
* kind = #identifier
* date = "{DATE}"
* description = "A-number of the United States."
* type = $mhd-identifier-type#us-alien-number
* uniqueId[0].type = #uri
* uniqueId[0].value = "{C}/sid/us-alien-number"
* uniqueId[0].preferred = true

Instance: AuHapIdNamingSystem
InstanceOf: NamingSystem
Usage: #definition
* id = "au-hap-id"
* name = "AuHapId"
* status = #draft
* kind = #identifier
* date = "{DATE}"
* description = "Number of the Australian health assessment portal."
* type = $mhd-identifier-type#au-hap-id
* uniqueId[0].type = #uri
* uniqueId[0].value = "{C}/sid/au-hap-id"
* uniqueId[0].preferred = true

Instance: CaUciNamingSystem
InstanceOf: NamingSystem
Usage: #definition
* id = "ca-uci"
* name = "CaUci"
* status = #draft
* kind = #identifier
* date = "{DATE}"
* description = "Unique client identifier of Canada."
* type = $mhd-identifier-type#ca-uci
* uniqueId[0].type = #uri
* uniqueId[0].value = "{C}/sid/ca-uci"
* uniqueId[0].preferred = true

Instance: CaseNumberNamingSystem
InstanceOf: NamingSystem
Usage: #definition
* id = "case-number"
* name = "CaseNumber"
* status = #draft
* kind = #identifier
* date = "{DATE}"
* description = "Names a household within one site. Systems of sites are this address with the site added, such as {C}/sid/case-number/TH-BKK: ISO country with two letters, hyphen, letters or digits of the site."
* type = $mhd-identifier-type#case-number
* uniqueId[0].type = #uri
* uniqueId[0].value = "{C}/sid/case-number"
* uniqueId[0].preferred = true

Instance: MovementNamingSystem
InstanceOf: NamingSystem
Usage: #definition
* id = "movement"
* name = "Movement"
* status = #draft
* kind = #identifier
* date = "{DATE}"
* description = "Flight, voyage or convoy with its date, such as KQ101-2026-05-04."
* type = $mhd-identifier-type#movement-number
* uniqueId[0].type = #uri
* uniqueId[0].value = "{C}/sid/movement"
* uniqueId[0].preferred = true

Instance: SiteNamingSystem
InstanceOf: NamingSystem
Usage: #definition
* id = "site"
* name = "Site"
* status = #draft
* kind = #identifier
* date = "{DATE}"
* description = "Code of a site, clinic, facility or organization in the directory."
* uniqueId[0].type = #uri
* uniqueId[0].value = "{C}/sid/site"
* uniqueId[0].preferred = true

Instance: DocumentNamingSystem
InstanceOf: NamingSystem
Usage: #definition
* id = "document"
* name = "Document"
* status = #draft
* kind = #identifier
* date = "{DATE}"
* description = "Number of an assessment, certificate or document Bundle."
* uniqueId[0].type = #uri
* uniqueId[0].value = "{C}/sid/document"
* uniqueId[0].preferred = true
