// Flags: the only clinical item that a resettlement worker may read.

Profile: SmcFlag
Parent: Flag
Id: smc-flag
Title: "Significant medical condition flag"
Description: "That a person needs arrangements for travel or arrival, and which (wheelchair, appointment within days, oxygen). It says what is needed, not which disease."
* extension contains $ext-flag-priority named priority 0..1 MS
* status MS
* category 1..* MS
* category ^slicing.discriminator.type = #pattern
* category ^slicing.discriminator.path = "$this"
* category ^slicing.rules = #open
* category contains smc 1..1 MS
* category[smc] = $mhd-kind#smc
* code MS
* code ^short = "What is needed, in words that a case worker may read"
* subject only Reference(MigrantPatient)
* subject MS
* period MS
* author MS

Profile: MovementHoldFlag
Parent: Flag
Id: movement-hold-flag
Title: "Movement hold flag"
Description: "That a person must not travel now, because of an outbreak or class A. While it is active no fitness decision 'fit' is accepted."
* status MS
* category MS
* code MS
* code = $mhd-kind#movement-hold
* subject only Reference(MigrantPatient)
* subject MS
* period 1..1 MS
* period.start 1..1
* author MS
