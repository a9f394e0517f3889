/** Vital signs and pregnancy, measured at the assessment. */
import { type Chart, observe } from './chart.ts';
import { dateOf, type Json, loinc, quantity, sct } from './elements.ts';

export function measure(chart: Chart): void {
  const { age } = chart.person;
  const { random } = chart;
  if (random.chance(0.97)) weigh(chart);
  if (random.chance(0.9)) {
    vital(chart, loinc('8302-2', 'Body height'), { valueQuantity: quantity(heightCm(chart), 'cm') });
  }
  if (random.chance(0.85)) {
    const celsius = round1(36 + random.below(14) / 10 + (random.chance(0.03) ? 1.6 : 0));
    vital(chart, loinc('8310-5', 'Body temperature'), { valueQuantity: quantity(celsius, 'Cel', 'C') });
  }
  if (age >= 6 && random.chance(0.92)) measurePressure(chart);
  if (random.chance(0.75)) {
    const perMinute = (age < 6 ? 90 : 62) + random.below(35);
    vital(chart, loinc('8867-4', 'Heart rate'), {
      valueQuantity: quantity(perMinute, '/min', 'beats/minute'),
    });
  }
  if (age < 5 && random.chance(0.8)) measureArm(chart);
  if (chart.person.gender === 'female' && age >= 12 && age <= 50) askPregnancy(chart);
}

function vital(chart: Chart, code: Json, rest: Json): void {
  observe(chart, { profile: 'mhd-vital-sign', category: 'vital-signs', code, by: 'nurse', rest });
}

function weigh(chart: Chart): void {
  const { age } = chart.person;
  const base = age < 1 ? 4 : age < 18 ? 8 + age * 2.9 : 52;
  const kilograms = round1(base + chart.random.below(age < 18 ? 60 : 380) / 10);
  vital(chart, loinc('29463-7', 'Body weight'), { valueQuantity: quantity(kilograms, 'kg') });
}

function heightCm(chart: Chart): number {
  const { age, gender } = chart.person;
  const base = age < 18 ? 52 + Math.min(age, 17) * 6.4 : gender === 'male' ? 160 : 149;
  return round1(base + chart.random.below(180) / 10);
}

function measurePressure(chart: Chart): void {
  const { random } = chart;
  const systolic = random.between(96, 138) + (chart.person.age > 45 ? random.below(36) : 0);
  const millimetres = (code: string, value: number): Json => ({
    code: loinc(code),
    valueQuantity: quantity(value, 'mm[Hg]', 'mmHg'),
  });
  const diastolic = Math.round(systolic * 0.55) + random.below(12);
  vital(chart, loinc('85354-9', 'Blood pressure panel with all children optional'), {
    component: [millimetres('8480-6', systolic), millimetres('8462-4', diastolic)],
  });
}

function measureArm(chart: Chart): void {
  observe(chart, {
    profile: 'muac-measurement',
    category: 'exam',
    code: loinc('9844-2'),
    by: 'nurse',
    labels: ['N'],
    rest: { valueQuantity: quantity(round1(11.2 + chart.random.below(60) / 10), 'cm') },
  });
}

function askPregnancy(chart: Chart): void {
  const { random, isPregnant } = chart;
  if (!isPregnant && random.chance(0.4)) return;
  const weeks = random.between(6, 34);
  const component = isPregnant
    ? [
        {
          code: loinc('11778-8', 'Delivery date Estimated'),
          valueDateTime: dateOf(chart.assessedOn + (40 - weeks) * 7),
        },
        { code: loinc('18185-9'), valueQuantity: quantity(weeks, 'wk', 'weeks') },
      ]
    : undefined;
  observe(chart, {
    profile: 'pregnancy-status',
    category: 'exam',
    code: loinc('82810-3', 'Pregnancy status'),
    by: 'physician',
    rest: {
      valueCodeableConcept: isPregnant
        ? sct('77386006', 'Pregnant (finding)')
        : sct('60001007', 'Not pregnant (finding)'),
      component,
    },
  });
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
