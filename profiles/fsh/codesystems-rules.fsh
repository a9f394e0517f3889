// What all own code systems have in common. Their French, Spanish and Arabic names are in ../translations.tsv.

RuleSet: OwnCodeSystem
* ^language = #en
* ^caseSensitive = true
* ^content = #complete
