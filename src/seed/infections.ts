/** Tests for HIV (labelled, under a consent), hepatitis B, syphilis and malaria. */
import { type Chart, consentExtension, observe } from './chart.ts';
import { type Json, loinc, own, sct, tho } from './elements.ts';

const POSITIVE = sct('10828004', 'Positive (qualifier value)');
const NEGATIVE = sct('260385009', 'Negative (qualifier value)');

export function testForInfections(chart: Chart): void {
  const { random, person, family } = chart;
  const { kind, malaria } = family.route;
  if (person.age >= 15 && chart.consent !== undefined && kind !== 'camp' && random.chance(0.62)) {
    testHiv(chart, chart.consent);
  }
  if (kind === 'labour' && random.chance(0.8)) {
    screen(chart, '5196-1', random.chance(0.04));
    screen(chart, '20507-0', random.chance(0.008));
  }
  if (malaria && random.chance(kind === 'camp' ? 0.7 : 0.35)) testMalaria(chart);
}

function testHiv(chart: Chart, consent: Json): void {
  const isReactive = chart.random.chance(0.008);
  const assays: Json[] = [];
  for (let number = 1; number <= (isReactive ? 3 : 1); number++) {
    assays.push(assay(chart, consent, number, isReactive));
  }
  observe(chart, {
    profile: 'hiv-status',
    category: 'laboratory',
    code: loinc('55277-8'),
    by: 'laboratory',
    labels: ['HIV'],
    afterDays: 2,
    rest: {
      extension: [consentExtension(consent)],
      valueCodeableConcept: isReactive
        ? sct('165816005', 'Human immunodeficiency virus positive (finding)')
        : sct('165815009'),
      derivedFrom: assays,
    },
  });
}

function assay(chart: Chart, consent: Json, number: number, isReactive: boolean): Json {
  const [result, name] = isReactive ? ['reactive', 'Reactive'] : ['non-reactive', 'Non-reactive'];
  return observe(chart, {
    profile: 'hiv-assay',
    category: 'laboratory',
    code: loinc(number === 1 ? '80387-4' : '68961-2'),
    by: 'laboratory',
    labels: ['HIV'],
    afterDays: 2,
    rest: {
      extension: [consentExtension(consent)],
      valueCodeableConcept: own('mhd-result', result, name),
      interpretation: [tho('v3-ObservationInterpretation', isReactive ? 'RR' : 'NR', name)],
      component: [
        { code: own('mhd-observation', 'assay-number'), valueInteger: number },
        {
          code: own('mhd-observation', 'kit-lot'),
          valueString: `Assay ${number}, lot HV-${chart.random.between(100, 399)}`,
        },
        { code: own('mhd-observation', 'counselling-done'), valueBoolean: true },
      ],
    },
  });
}

function screen(chart: Chart, code: string, isPositive: boolean): void {
  observe(chart, {
    profile: 'sti-hepatitis-test',
    category: 'laboratory',
    code: loinc(code),
    by: 'laboratory',
    labels: ['STD'],
    afterDays: 2,
    rest: { valueCodeableConcept: isPositive ? POSITIVE : NEGATIVE },
  });
}

function testMalaria(chart: Chart): void {
  const { random } = chart;
  const isPositive = random.chance(0.06);
  const product = {
    code: own('mhd-observation', 'rdt-product'),
    valueString: `HRP2/pLDH combination test, lot ${random.between(10, 99)}FD`,
  };
  const species = {
    code: own('mhd-observation', 'malaria-species'),
    valueCodeableConcept: random.chance(0.85)
      ? sct('30020004', 'Plasmodium falciparum (organism)')
      : sct('74746009', 'Plasmodium vivax (organism)'),
  };
  const isInvalid = random.chance(0.01);
  observe(chart, {
    profile: 'malaria-rdt',
    category: 'laboratory',
    code: loinc('70569-9'),
    by: 'laboratory',
    labels: ['N'],
    rest: isInvalid
      ? { dataAbsentReason: tho('data-absent-reason', 'error', 'Error'), component: [product] }
      : {
          valueCodeableConcept: isPositive ? POSITIVE : NEGATIVE,
          component: isPositive ? [species, product] : [product],
        },
  });
}
