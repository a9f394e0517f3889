// The guide's own code systems. All are complete, case-sensitive and in English, with French, Spanish and
// Arabic names. T(fr, es, ar) gives a concept its other names.

RuleSet: T(fr, es, ar)
* ^designation[0].language = #fr
* ^designation[0].value = "{fr}"
* ^designation[1].language = #es
* ^designation[1].value = "{es}"
* ^designation[2].language = #ar
* ^designation[2].value = "{ar}"

RuleSet: OwnCodeSystem
* ^language = #en
* ^caseSensitive = true
* ^content = #complete
