/** Invariants that R4 published with faults say what their sentences mean. */
import t from 'tap';
import { readInvariants } from '../../scripts/fhirpath/r4-expressions.ts';
import { loadCoreDefinitions } from '../../src/definitions/registry.ts';
import { createTypeModel } from '../../src/definitions/types.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { compile, compileExpression } from '../../src/fhirpath/compile.ts';
import { CORRECTIONS, correctedExpression } from '../../src/fhirpath/corrections.ts';
import { FhirPathError } from '../../src/fhirpath/failure.ts';

const DEFINITIONS = loadCoreDefinitions();
const MODEL = createTypeModel(DEFINITIONS);
const INVARIANTS = readInvariants(DEFINITIONS, MODEL);

t.test('every correction replaces a text that R4 publishes, and compiles where that stands', async (t) => {
  for (const { key, published, corrected } of CORRECTIONS) {
    const uses = INVARIANTS.filter(
      (one) => one.expression === published && (key === '*-0' ? one.key.endsWith('-0') : one.key === key),
    );
    t.not(uses.length, 0, `${key} is published`);
    for (const { type } of uses)
      t.equal(compile(corrected, type, MODEL).kind, 'compiled', `${key} on ${type}`);
  }
});

t.test('another text under the same key is left alone', async (t) => {
  t.equal(correctedExpression('enableWhen.count() > 3'), 'enableWhen.count() > 3');
});

type Verdict = boolean | undefined | 'error';
type Case = readonly [key: string, type: string, node: unknown, published: Verdict, corrected: Verdict];

const CASES: readonly Case[] = [
  ['vsd-0', 'ValueSet', { name: 'a b' }, false, false],
  ['vsd-0', 'ValueSet', { name: 'x-Name' }, true, false],
  ['vsd-0', 'ValueSet', {}, undefined, true],
  ['eld-19', 'ElementDefinition', { path: 'a b' }, true, false],
  ['eld-19', 'ElementDefinition', { path: 'Patient.name' }, true, true],
  ['eld-20', 'ElementDefinition', { path: 'Patient.Name!' }, true, false],
  ['eld-20', 'ElementDefinition', { path: 'Observation.value[x]' }, true, true],
  ['que-7', 'Questionnaire.item.enableWhen', { operator: 'exists', answerBoolean: true }, false, true],
  ['que-7', 'Questionnaire.item.enableWhen', { operator: 'exists', answerString: 'x' }, false, false],
  ['que-12', 'Questionnaire.item', { enableWhen: [{}, {}] }, true, false],
  ['que-12', 'Questionnaire.item', { enableWhen: [{}] }, true, true],
  ['ras-2', 'RiskAssessment.prediction', {}, undefined, true],
  ['ras-2', 'RiskAssessment.prediction', { probabilityDecimal: 101 }, false, false],
  ['ras-2', 'RiskAssessment.prediction', { probabilityRange: { low: { value: 200 } } }, true, true],
  ['ref-1', 'Reference', { display: 'x' }, undefined, true],
  ['ref-1', 'Reference', { reference: '#c' }, true, true],
  ['ref-1', 'Reference', { reference: '#nothing' }, false, false],
  ['bdl-8', 'Bundle.entry', {}, undefined, true],
  ['bdl-8', 'Bundle.entry', { fullUrl: 'http://x/Patient/1/_history/1' }, false, false],
  ['tim-9', 'Timing.repeat', { offset: 5, when: ['MORN', 'NOON'] }, 'error', true],
  ['tim-9', 'Timing.repeat', { offset: 5, when: ['MORN', 'C'] }, 'error', false],
  ['tim-9', 'Timing.repeat', { offset: 5, when: ['C'] }, false, false],
  [
    'app-4',
    'Appointment',
    { resourceType: 'Appointment', status: 'noshow', cancelationReason: {} },
    false,
    true,
  ],
  [
    'con-3',
    'Condition',
    {
      category: [
        {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/condition-category',
              code: 'encounter-diagnosis',
            },
          ],
        },
      ],
    },
    false,
    true,
  ],
  [
    'con-3',
    'Condition',
    {
      category: [
        {
          coding: [
            { system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: 'problem-list-item' },
          ],
        },
      ],
    },
    false,
    false,
  ],
  ['per-1', 'Period', { start: '2012', end: '2012-05' }, undefined, true],
  ['per-1', 'Period', { start: '2012-06', end: '2012-05' }, false, false],
  ['per-1', 'Period', { start: '2012-05-01T10:00:00+07:00', end: '2012-05-01T04:00:00Z' }, true, true],
  ['per-1', 'Period', { start: '2012-05-01T10:00:00Z', end: '2012-05-01T10:00:00+07:00' }, false, false],
  ['rng-2', 'Range', { low: { value: 5, unit: 'mg' }, high: { value: 4, unit: 'mg' } }, false, false],
  ['rng-2', 'Range', { low: { value: 5, unit: 'mg' }, high: { value: 4, unit: 'apples' } }, undefined, true],
  ['vs-1', 'dateTime', undefined, undefined, undefined],
  ['vs-1', 'Period', { start: '2012' }, undefined, true],
  ['vs-1', 'dateTime', '2012-05', false, false],
  ['vs-1', 'dateTime', '2012-05-01', true, true],
];

t.test('the fault shows in the published text and is gone in the corrected one', async (t) => {
  const resource = { resourceType: 'Patient', id: 'p', contained: [{ resourceType: 'Patient', id: 'c' }] };
  const context = { resource: resource as Resource, rootResource: resource as Resource, now: 0 };
  const verdict = (expression: string, type: string, node: unknown): Verdict => {
    try {
      return compileExpression(expression, type, MODEL).test(node, context);
    } catch (error) {
      if (error instanceof FhirPathError) return 'error';
      throw error;
    }
  };
  for (const [key, type, node, published, corrected] of CASES) {
    const invariant = INVARIANTS.find((one) => one.key === key);
    const text = invariant?.expression ?? '';
    t.equal(verdict(text, type, node), published, `${key} as published on ${JSON.stringify(node)}`);
    t.equal(
      verdict(correctedExpression(text), type, node),
      corrected,
      `${key} as corrected on ${JSON.stringify(node)}`,
    );
  }
});
