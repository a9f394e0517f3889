// The guide's own operations. All others are standard ones, named in the capability statements.

Instance: IcvpOperation
InstanceOf: OperationDefinition
Usage: #definition
* id = "icvp"
* url = "{C}/OperationDefinition/icvp"
* name = "Icvp"
* title = "International certificate of vaccination"
* status = #draft
* kind = #operation
* affectsState = false
* code = #icvp
* comment = "The dose must be meant for a certificate (icvp-intended), be completed and carry the WHO prequalified product identifier; otherwise the answer is 422 and names what is missing. Signing is outside this operation: the payload is handed to a signer of WHO's digital health certification network."
* description = "Makes the payload of an International Certificate of Vaccination or Prophylaxis (WHO SMART ICVP) from a yellow fever or polio dose."
* resource[0] = #Immunization
* resource[1] = #Patient
* system = false
* type = false
* instance = true
* parameter[0].name = #vaccine
* parameter[0].use = #in
* parameter[0].min = 0
* parameter[0].max = "1"
* parameter[0].documentation = "On a Patient: which vaccine, yellow fever or polio. Without it all doses meant for a certificate are taken."
* parameter[0].type = #code
* parameter[1].name = #return
* parameter[1].use = #out
* parameter[1].min = 1
* parameter[1].max = "1"
* parameter[1].documentation = "Parameters with one part per dose: the fields of the certificate's payload."
* parameter[1].type = #Parameters

Instance: LoadPackageOperation
InstanceOf: OperationDefinition
Usage: #definition
* id = "load-package"
* url = "{C}/OperationDefinition/load-package"
* name = "LoadPackage"
* title = "Load a FHIR package"
* status = #draft
* kind = #operation
* affectsState = true
* code = #load-package
* comment = "The package is in force when the answer arrives, whole or not at all, and is kept across restarts. A fault is a 422 that names file, canonical and element."
* description = "Puts a FHIR package (package.tgz) into force on a running server: its profiles, value sets, code systems and search parameters."
* system = true
* type = false
* instance = false
* parameter[0].name = #package
* parameter[0].use = #in
* parameter[0].min = 1
* parameter[0].max = "1"
* parameter[0].documentation = "The archive: sent as it is with Content-Type application/gzip, or as a Binary."
* parameter[0].type = #Binary
* parameter[1].name = #return
* parameter[1].use = #out
* parameter[1].min = 1
* parameter[1].max = "1"
* parameter[1].documentation = "What was loaded, with warnings."
* parameter[1].type = #OperationOutcome
