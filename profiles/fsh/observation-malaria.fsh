// Malaria: rapid test and microscopy.

Profile: MalariaRdt
Parent: MhdObservation
Id: malaria-rdt
Title: "Malaria rapid diagnostic test"
Description: "Plasmodium antigen by rapid test: positive with the species that the lines show, or negative. An invalid strip has no value but the data-absent-reason 'error'."
* insert ComponentsByCode
* obeys mhd-mal-1
* category[laboratory] 1..1 MS
* code = $loinc#70569-9
* insert CodedAnswer(PositiveNegativeVS)
* component contains
    malariaSpecies 0..* MS and
    rdtProduct 0..1 MS
* component[malariaSpecies].value[x] 1..1
* component[malariaSpecies].code = $mhd-observation#malaria-species
* component[malariaSpecies] ^short = "Species, mixed, or Plasmodium not determined"
* insert CodedComponent(malariaSpecies, MalariaSpeciesVS)
* component[rdtProduct].code = $mhd-observation#rdt-product
* component[rdtProduct] ^short = "Product and lot of the test"
* component[rdtProduct].value[x] only string

Profile: MalariaMicroscopy
Parent: MhdObservation
Id: malaria-microscopy
Title: "Malaria microscopy"
Description: "Blood film for Plasmodium: positive with species, stage and parasitaemia, or negative."
* insert ComponentsByCode
* obeys mhd-mal-1
* category[laboratory] 1..1 MS
* code from MalariaMicroscopyCodeVS (required)
* insert CodedAnswer(PositiveNegativeVS)
* component contains
    malariaSpecies 0..* MS and
    malariaStage 0..* MS and
    parasitaemia 0..1 MS
* component[malariaSpecies].value[x] 1..1
* component[malariaSpecies].code = $mhd-observation#malaria-species
* insert CodedComponent(malariaSpecies, MalariaSpeciesVS)
* component[malariaStage].code = $mhd-observation#malaria-stage
* component[malariaStage] ^short = "Stages seen"
* insert CodedComponent(malariaStage, MalariaStageVS)
* component[parasitaemia].code = $loinc#53556-7
* component[parasitaemia] ^short = "Infected red cells, %"
* component[parasitaemia].value[x] only Quantity
* component[parasitaemia].valueQuantity = '%'

Invariant: mhd-mal-1
Description: "A positive malaria test names the species (or 'Plasmodium, species not determined'); an invalid test has no value but a reason."
Severity: #error
Expression: "(value.coding.where(code in ('10828004' | '260373001')).exists() implies component.where(code.coding.where(code='malaria-species').exists()).value.exists()) and (value.exists() xor dataAbsentReason.exists())"
