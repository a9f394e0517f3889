/**
 * Screening for tuberculosis: film from 15 years on, IGRA from 2 to 14, three sputa when a film suggests
 * tuberculosis, and the class that follows from them.
 */
import { type Chart, observe } from './chart.ts';
import { staffOf } from './directory.ts';
import {
  concept,
  dateOf,
  extension,
  type Json,
  loinc,
  meta,
  own,
  quantity,
  sct,
  timeOf,
} from './elements.ts';

/** What the class rests on. */
interface Evidence {
  readonly derivedFrom: Json[];
  readonly suggestsTb: boolean;
  readonly igraPositive: boolean;
  readonly culture: 'not-done' | 'all-negative' | 'mtb';
}

const FINDINGS = [
  'infiltrate-or-consolidation',
  'reticular-fibrosis',
  'cavitary-lesion',
  'pleural-effusion',
  'hilar-mediastinal-adenopathy',
  'discrete-linear-opacity',
  'discrete-nodule-no-calcification',
];
const HARMLESS_FINDINGS = ['calcified-nodule', 'smooth-pleural-thickening', 'cardiac', 'musculoskeletal'];

/** Gives the references of what tells of disease, for a Condition. */
export function screenForTuberculosis(chart: Chart): { readonly disease: Json | undefined } {
  const { age } = chart.person;
  const { random } = chart;
  const derivedFrom: Json[] = [];
  let suggestsTb = false;
  let igraPositive = false;
  let culture: Evidence['culture'] = 'not-done';
  let disease: Json | undefined;
  if (age >= 15) {
    const film = takeFilm(chart);
    suggestsTb = film.suggestsTb;
    derivedFrom.push(film.reference);
  } else if (age >= 2) {
    igraPositive = random.chance(0.11);
    derivedFrom.push(testInfection(chart, igraPositive));
  }
  if (suggestsTb) {
    const isTb = random.chance(0.09);
    culture = isTb ? 'mtb' : 'all-negative';
    const sputa = examineSputa(chart, isTb);
    derivedFrom.push(...sputa.references);
    disease = isTb ? sputa.culture : undefined;
  }
  if (derivedFrom.length > 0 && chart.family.programme.travels) {
    classify(chart, { derivedFrom, suggestsTb, igraPositive, culture });
  }
  return { disease };
}

function takeFilm(chart: Chart): { readonly reference: Json; readonly suggestsTb: boolean } {
  const { random } = chart;
  const fate = random.below(1000);
  const suggestsTb = fate < 52;
  const isAbnormal = fate < 115;
  const findings = suggestsTb ? [random.pick(FINDINGS)] : isAbnormal ? [random.pick(HARMLESS_FINDINGS)] : [];
  const coded = (code: string, value: Json): Json => ({
    code: own('mhd-observation', code),
    valueCodeableConcept: value,
  });
  const reference = observe(chart, {
    profile: 'tb-chest-xray',
    category: 'imaging',
    code: loinc(random.chance(0.9) ? '24648-8' : '36572-6'),
    by: 'radiologist',
    labels: ['TB'],
    rest: {
      valueCodeableConcept: sct(isAbnormal ? '707307002' : '707308007'),
      component: [
        ...findings.map((code) => coded('cxr-finding', own('cxr-finding', code))),
        coded('cxr-indication', own('cxr-indication', 'age-15-or-older')),
        { code: own('mhd-observation', 'suggests-tb'), valueBoolean: suggestsTb },
      ],
    },
  });
  return { reference, suggestsTb };
}

function testInfection(chart: Chart, isPositive: boolean): Json {
  const { random } = chart;
  const tube = (code: string, hundredths: number): Json => ({
    code: loinc(code),
    valueQuantity: quantity(hundredths / 100, '[IU]/mL'),
  });
  const response = isPositive ? random.between(36, 640) : random.below(34);
  return observe(chart, {
    profile: 'tb-igra',
    category: 'laboratory',
    code: loinc('71773-6'),
    by: 'laboratory',
    labels: ['TB'],
    afterDays: 2,
    rest: {
      valueCodeableConcept: isPositive
        ? sct('10828004', 'Positive (qualifier value)')
        : sct('260385009', 'Negative (qualifier value)'),
      component: [
        tube('71776-9', random.below(20)),
        tube('71774-4', random.between(300, 1000)),
        tube('64084-7', response),
        tube('88517-8', response + random.below(20)),
      ],
    },
  });
}

function examineSputa(chart: Chart, isTb: boolean): { readonly references: Json[]; readonly culture: Json } {
  const references: Json[] = [];
  let positive: Json | undefined;
  for (let number = 1; number <= 3; number++) {
    const day = chart.assessedOn + 4 + number;
    const specimen = collect(chart, day);
    references.push(smear(chart, specimen, number, day));
    if (number === 1 && chart.random.chance(0.8)) references.push(xpert(chart, specimen, isTb, day));
    const grown = growCulture(chart, specimen, number, day, isTb);
    references.push(grown);
    positive ??= grown;
  }
  return { references, culture: positive as Json };
}

function collect(chart: Chart, day: number): Json {
  const { family } = chart;
  const { offset } = family.site;
  return chart.add({
    resourceType: 'Specimen',
    id: family.newId(),
    meta: meta('mhd-specimen', ['TB']),
    identifier: [chart.number('SP')],
    status: 'available',
    type: sct('119334006', 'Sputum specimen (specimen)'),
    subject: chart.subject,
    receivedTime: timeOf(day, 720, offset),
    collection: {
      collector: staffOf(family.site, 'nurse'),
      collectedDateTime: timeOf(day, 450, offset),
    },
  });
}

const NEGATIVE = sct('260385009', 'Negative (qualifier value)');

function numbered(number: number): Json {
  return { code: own('mhd-observation', 'specimen-number'), valueInteger: number };
}

function smear(chart: Chart, specimen: Json, number: number, day: number): Json {
  return observe(chart, {
    profile: 'tb-smear',
    category: 'laboratory',
    code: loinc('11477-7'),
    by: 'laboratory',
    labels: ['TB'],
    day,
    minute: 450,
    afterDays: 1,
    rest: { valueCodeableConcept: NEGATIVE, specimen, component: [numbered(number)] },
  });
}

function xpert(chart: Chart, specimen: Json, isTb: boolean, day: number): Json {
  const detected = sct('260373001', 'Detected (qualifier value)');
  const notDetected = sct('260415000', 'Not detected (qualifier value)');
  const component: Json[] = [{ code: loinc('85362-2'), valueCodeableConcept: isTb ? detected : notDetected }];
  if (isTb) {
    component.push(
      { code: loinc('89372-7'), valueCodeableConcept: notDetected },
      {
        code: own('mhd-observation', 'mtb-load'),
        valueCodeableConcept: own('mhd-result', 'load-low', 'Low'),
      },
    );
  }
  return observe(chart, {
    profile: 'tb-xpert',
    category: 'laboratory',
    code: loinc('89371-9'),
    by: 'laboratory',
    labels: ['TB'],
    day,
    minute: 450,
    afterDays: 1,
    rest: { specimen, component },
  });
}

function growCulture(chart: Chart, specimen: Json, number: number, day: number, isTb: boolean): Json {
  const organism = {
    code: own('mhd-observation', 'culture-organism'),
    valueCodeableConcept: sct('113861009', 'Mycobacterium tuberculosis (organism)'),
  };
  const held = isTb ? chart.random.between(12, 26) : chart.random.between(43, 56);
  return observe(chart, {
    profile: 'tb-culture',
    category: 'laboratory',
    code: loinc('539-7'),
    by: 'laboratory',
    labels: ['TB'],
    day,
    minute: 450,
    afterDays: held,
    rest: {
      valueCodeableConcept: isTb ? sct('10828004', 'Positive (qualifier value)') : NEGATIVE,
      specimen,
      component: [
        ...(isTb ? [organism] : []),
        {
          code: own('mhd-observation', 'culture-medium'),
          valueCodeableConcept: own('mhd-result', 'liquid', 'Liquid medium'),
        },
        { code: own('mhd-observation', 'days-held'), valueInteger: held },
        numbered(number),
      ],
    },
  });
}

function classify(chart: Chart, evidence: Evidence): void {
  const { code, isCleared } = classOf(chart.family.destination, evidence);
  const summary = (name: string, value: string): Json => ({
    code: own('mhd-observation', name),
    valueCodeableConcept: own('tb-evidence', value),
  });
  const component = [];
  if (chart.person.age >= 15) {
    component.push(summary('cxr-summary', evidence.suggestsTb ? 'suggestive' : 'normal'));
  } else {
    component.push(summary('infection-test-summary', evidence.igraPositive ? 'positive' : 'negative'));
  }
  if (evidence.suggestsTb) {
    component.push(summary('smear-summary', 'all-negative'), summary('culture-summary', evidence.culture));
  }
  if (evidence.culture === 'mtb') component.push(summary('treatment-status', 'on-treatment'));
  component.push(summary('travel-clearance', isCleared ? 'cleared' : 'not-cleared'));
  const day = chart.assessedOn + (evidence.suggestsTb ? 64 : 3);
  observe(chart, {
    profile: 'tb-classification',
    category: 'exam',
    code: own('mhd-observation', 'tb-classification', 'TB classification'),
    by: 'physician',
    labels: ['TB'],
    day,
    rest: {
      extension: isCleared ? [extension('valid-until', { valueDate: dateOf(day + 85) })] : [],
      effectiveDateTime: dateOf(day),
      valueCodeableConcept: own('tb-immigration-class', code),
      derivedFrom: evidence.derivedFrom,
      component,
    },
  });
}

/** The class in the scheme of the receiving country; countries without one use the American letters. */
function classOf(
  destination: string,
  evidence: Evidence,
): { readonly code: string; readonly isCleared: boolean } {
  const { suggestsTb, igraPositive, culture } = evidence;
  const hasTb = culture === 'mtb';
  switch (destination) {
    case 'GBR':
      return { code: hasTb ? 'GB-tb-found' : 'GB-cleared', isCleared: !hasTb };
    case 'CAN':
      if (!hasTb) return { code: suggestsTb ? 'CA-S2.02' : 'CA-none', isCleared: true };
      break;
    case 'AUS':
      if (!hasTb) return { code: suggestsTb || igraPositive ? 'AU-undertaking' : 'AU-none', isCleared: true };
      break;
  }
  if (hasTb) return { code: 'A', isCleared: false };
  return { code: suggestsTb ? 'B1-pulmonary' : igraPositive ? 'B2' : 'none', isCleared: true };
}

/** The disease, for those whose culture grew it. */
export function recordTuberculosis(chart: Chart, culture: Json): void {
  chart.add({
    resourceType: 'Condition',
    id: chart.family.newId(),
    meta: meta('migrant-condition', ['TB']),
    identifier: [chart.number('CO')],
    clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active', 'Active'),
    verificationStatus: concept(
      'http://terminology.hl7.org/CodeSystem/condition-ver-status',
      'confirmed',
      'Confirmed',
    ),
    category: [
      concept(
        'http://terminology.hl7.org/CodeSystem/condition-category',
        'problem-list-item',
        'Problem List Item',
      ),
      own('mhd-kind', 'us-class-a', 'US class A condition'),
    ],
    code: {
      coding: [
        { system: 'http://snomed.info/sct', code: '154283005', display: 'Pulmonary tuberculosis (disorder)' },
        { system: 'http://hl7.org/fhir/sid/icd-10', code: 'A15.3' },
      ],
    },
    subject: chart.subject,
    encounter: chart.assessment,
    recordedDate: dateOf(chart.assessedOn + 30),
    recorder: staffOf(chart.family.site, 'physician'),
    evidence: [{ detail: [culture] }],
  });
}
