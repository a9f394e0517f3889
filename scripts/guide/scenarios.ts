/** The ten scenarios of the domain as messages between people and the server. */
import type { Message, Scenario } from './sequence.ts';

const S = 'Passerelle';

const to = (from: string, text: string, refusedBy?: string): Message => ({ from, to: S, text, refusedBy });
const answer = (lane: string, text: string): Message => ({ from: S, to: lane, text });

export const SCENARIOS: readonly Scenario[] = [
  {
    id: '1',
    title: 'Scenario 1: tuberculosis treated before travel, Thailand to USA',
    story:
      'Saw Htoo Wah, born 1984, is examined in Thailand with his family. A film suggests tuberculosis, a culture grows it, treatment makes class A into class B0, and a clinician in Ohio reads all of it.',
    lanes: ['IOM clinic', S, 'Clinician, Ohio'],
    messages: [
      to('IOM clinic', 'case, four patients, consent, episode'),
      to('IOM clinic', 'film: abnormal, cavity'),
      to('IOM clinic', 'film: normal, with a finding', 'mhd-cxr-1'),
      to('IOM clinic', 'smears, Xpert, cultures'),
      to('IOM clinic', 'positive culture without organism', 'mhd-cul-1'),
      to('IOM clinic', 'TB class A, not cleared'),
      to('IOM clinic', 'TB class B1', 'mhd-tbc-3'),
      to('IOM clinic', 'TB class B0, treatment completed'),
      to('IOM clinic', 'check six days before departure', 'mhd-enc-2'),
      to('IOM clinic', 'check 40 hours before departure: fit'),
      to('Clinician, Ohio', 'who is case TH-0012345?'),
      answer('Clinician, Ohio', 'four patients, all results'),
    ],
  },
  {
    id: '2',
    title: 'Scenario 2: a contact child in the same case',
    story:
      'Naw Paw, six years old, is a contact: her IGRA is positive, her film is normal, her vaccines are brought up to date.',
    lanes: ['IOM clinic', S, 'Clinician'],
    messages: [
      to('IOM clinic', 'IGRA positive with its four values'),
      to('IOM clinic', 'class B2, class B3'),
      to('IOM clinic', 'class B3 without contact', 'mhd-tbc-4'),
      to('IOM clinic', 'MMR, polio, hepatitis B with lots'),
      to('IOM clinic', 'dose not given, no reason', 'mhd-imm-1'),
      answer('Clinician', 'both patients of the case'),
    ],
  },
  {
    id: '3',
    title: 'Scenario 3: a labour migrant, Nepal to the Gulf',
    story:
      'Ram B. Tamang is examined for work abroad. The visa office learns the decision and its date, never the results behind it.',
    lanes: ['Panel clinic', S, 'Employment agent'],
    messages: [
      to('Panel clinic', 'earlier record under an old passport: link'),
      to('Panel clinic', 'film, HIV assay, hepatitis B, malaria'),
      to('Panel clinic', 'fitness: deferred, with a reason'),
      to('Employment agent', 'certificate'),
      answer('Employment agent', 'decision, valid until'),
      to('Employment agent', 'laboratory results', 'no right to read'),
    ],
  },
  {
    id: '4',
    title: 'Scenario 4: a Syrian family, Lebanon to Canada',
    story:
      'A pregnant woman with diabetes and a husband with an old scar on his film; the family doctor gets a summary, the municipality only what it must prepare.',
    lanes: ['IOM clinic', S, 'Ontario public health'],
    messages: [
      to('IOM clinic', 'examination; husband Canada S2.02'),
      to('IOM clinic', 'condition, flag, wheelchair WCHS'),
      to('IOM clinic', 'fit with conditions, none stated', 'mhd-ftt-1'),
      to('IOM clinic', 'fit with conditions: WCHS, medication'),
      to('Ontario public health', 'outcome of the follow-up in 30 days'),
    ],
  },
  {
    id: '5',
    title: 'Scenario 5: one flight of 180, Uganda to USA',
    story:
      'Presumptive treatment before the flight, measles in the transit centre, a hold, and a receiver who fetches all records of the flight.',
    lanes: ['IOM clinic', S, 'Receiver'],
    messages: [
      to('IOM clinic', 'movement group of 180'),
      to('IOM clinic', 'artemether-lumefantrine, praziquantel, albendazole'),
      to('IOM clinic', 'ivermectin after Loa loa exposure', 'mhd-mad-2'),
      to('IOM clinic', 'flag: movement hold'),
      to('IOM clinic', 'fit to travel under the hold', 'S-7'),
      to('IOM clinic', 'hold lifted, fit'),
      to('Receiver', 'export of the group'),
    ],
  },
  {
    id: '6',
    title: 'Scenario 6: a returnee on dialysis, Netherlands to Ghana',
    story:
      'A place on dialysis is found before he travels; a nurse goes with him; follow-up is kept at one, three and six months.',
    lanes: ['Referring clinic', S, 'Hospital, Kumasi'],
    messages: [
      to('Referring clinic', 'referral with consent'),
      to('Hospital, Kumasi', 'task accepted'),
      to('Referring clinic', 'stretcher, no escort', 'mhd-ftt-2'),
      to('Referring clinic', 'fit with conditions, nurse'),
      to('Referring clinic', 'transfer summary'),
      to('Hospital, Kumasi', 'follow-up encounters'),
    ],
  },
  {
    id: '7',
    title: 'Scenario 7: a medical evacuation, South Sudan',
    story:
      'A boy of nine with an open fracture is evacuated from Bentiu to Juba; the link is down for hours, and two devices hold the same task.',
    lanes: ['Clinic, Bentiu', S, 'Hospital, Juba'],
    messages: [
      to('Clinic, Bentiu', 'evacuation without escort', 'mhd-mev-1'),
      to('Clinic, Bentiu', 'fitness: stretcher, nurse, oxygen'),
      to('Clinic, Bentiu', 'evacuation, stat; task requested'),
      to('Clinic, Bentiu', 'requested to in transit', 'S-9'),
      to('Hospital, Juba', 'accepted'),
      to('Clinic, Bentiu', 'second device, stale version', '412'),
      to('Clinic, Bentiu', 'consent, transport, in transit'),
      to('Hospital, Juba', 'handed over'),
      to('Clinic, Bentiu', 'queue sent again: nothing twice'),
    ],
  },
  {
    id: '8',
    title: 'Scenario 8: an irregular migrant at a disembarkation point',
    story:
      'A boy without papers is registered under a pseudonym. Care is recorded; no authority can learn that he exists.',
    lanes: ['Clinic', S, 'Immigration authority'],
    messages: [
      to('Clinic', 'patient, pseudonymous, estimated age'),
      to('Clinic', 'unaccompanied child without contact', 'mhd-pat-5'),
      to('Clinic', 'irregular status on the patient', 'mhd-pat-6'),
      to('Clinic', 'care, labelled very restricted'),
      to('Immigration authority', 'any search or read', 'nothing found'),
    ],
  },
  {
    id: '9',
    title: 'Scenario 9: cholera in a camp, figures to the ministry',
    story:
      'A vaccination campaign and a line list; the ministry gets weekly figures and sends its facilities and treatment transfers.',
    lanes: ['Camp clinic', S, 'Ministry'],
    messages: [
      to('Camp clinic', '5,000 vaccinations in batches of 500'),
      to('Camp clinic', 'line list, rapid tests'),
      answer('Ministry', 'weekly figures, small cells suppressed'),
      to('Ministry', 'facilities and 120 treatment transfers'),
    ],
  },
  {
    id: '10',
    title: 'Scenario 10: an integrator tests the server',
    story: 'Every packaged example is validated, every search form tried, every limit met.',
    lanes: ['Integrator', S],
    messages: [
      to('Integrator', 'what can you do? (metadata)'),
      to('Integrator', 'good examples: valid'),
      to('Integrator', 'bad examples', 'the rule each is made for'),
      to('Integrator', 'paging while others write: stable'),
      to('Integrator', 'unknown parameter, strict', '400'),
    ],
  },
];
