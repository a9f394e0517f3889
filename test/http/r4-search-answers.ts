/** What R4's search page says of the Bundle that comes back, beside what is found: links, modes, totals, parts. */
import type { Answer } from './start.ts';

export interface AnswerStatement {
  readonly section: string;
  readonly says: string;
  /** `GET Patient?_id=eve`, or a form behind it: `POST Patient/_search _id=eve`. */
  readonly request: string;
  readonly prefer?: string;
  /** What is looked at. */
  readonly read: (answer: Answer) => unknown;
  readonly expected: unknown;
}

type Entry = {
  readonly fullUrl?: string;
  readonly resource: Record<string, unknown>;
  readonly search: { readonly mode: string };
};

const entriesOf = ({ body }: Answer): readonly Entry[] => body.entry ?? [];
const linksOf = ({ body }: Answer): readonly string[] =>
  body.link.map(({ relation, url }: { relation: string; url: string }) => `${relation} ${shortened(url)}`);
const shortened = (url: string): string =>
  url.replace('http://localhost/fhir/', '').replace(/_page=[\w-]+/, '_page=…');
const modesOf = (answer: Answer): readonly string[] =>
  entriesOf(answer).map(({ fullUrl = '', search }) => `${search.mode} ${shortened(fullUrl)}`.trim());
const elementsOf = (answer: Answer): string =>
  Object.keys(entriesOf(answer)[0]?.resource ?? {})
    .sort()
    .join(' ');
const isSubsetted = (answer: Answer): readonly boolean[] =>
  entriesOf(answer).map(({ resource }) => JSON.stringify(resource.meta).includes('SUBSETTED'));
const textOf = ({ body }: Answer): string => body.issue[0].details.text;

export const answerStatements: readonly AnswerStatement[] = [
  {
    section: '1.2',
    says: 'a search by POST is the same, with parameters in the address, in the form, or in both',
    request: 'POST Patient/_search?gender=male _id=eve',
    read: (answer) => [modesOf(answer), linksOf(answer)],
    expected: [['match Patient/eve'], ['self Patient?gender=male&_id=eve']],
  },
  {
    section: '1.2',
    says: 'the response is always a Bundle',
    request: 'GET Patient?_id=nobody',
    read: ({ status, body }) => [status, body.resourceType, body.type, body.total, body.entry],
    expected: [200, 'Bundle', 'searchset', 0, undefined],
  },
  {
    section: '1.2',
    says: '_format works as for other interactions',
    request: 'GET Patient?_id=eve&_format=xml',
    read: ({ text }) => /^<\?xml.*<Bundle xmlns="http:\/\/hl7.org\/fhir">/.test(text),
    expected: true,
  },
  {
    section: '1.3',
    says: 'a failed search is an OperationOutcome that details the cause',
    request: 'GET Patient?birthdate=23%20May%202009',
    read: ({ status, body }) => [status, body.resourceType, body.issue[0].expression],
    expected: [400, 'OperationOutcome', ['http.birthdate']],
  },
  {
    section: '1.3',
    says: 'unknown parameters are ignored, and told of',
    request: 'GET Patient?nonsense=1&_id=eve',
    read: (answer) => [modesOf(answer), linksOf(answer)],
    expected: [['match Patient/eve', 'outcome'], ['self Patient?_id=eve']],
  },
  {
    section: '1.3',
    says: 'Prefer: handling=lenient',
    request: 'GET Patient?nonsense=1&_id=eve',
    prefer: 'handling=lenient',
    read: ({ status }) => status,
    expected: 200,
  },
  {
    section: '1.3',
    says: 'Prefer: handling=strict',
    request: 'GET Patient?nonsense=1&_id=eve',
    prefer: 'handling=strict',
    read: (answer) => [answer.status, textOf(answer)],
    expected: [400, "Parameter 'nonsense': Patient has no search parameter 'nonsense'."],
  },
  {
    section: '1.4.4',
    says: 'a modifier that is not supported is refused however lenient, with a clear message',
    request: 'GET Patient?name:not=Bill',
    prefer: 'handling=lenient',
    read: (answer) => [answer.status, textOf(answer)],
    expected: [
      400,
      "Parameter 'name:not': modifier ':not' does not apply; use :missing, :exact, :contains, :text.",
    ],
  },
  {
    section: '1.4.4',
    says: 'nor is one of a result parameter ignored, or a name that is half written',
    request: 'GET Patient?_sort:desc=name',
    prefer: 'handling=lenient',
    read: (answer) => [answer.status, textOf(answer)],
    expected: [400, "Parameter '_sort:desc': modifier ':desc' does not apply; it takes no modifier."],
  },
  {
    section: '1.4.4',
    says: 'nor is one of a result parameter ignored, or a name that is half written',
    request: 'GET Patient?_summary:not=true',
    prefer: 'handling=lenient',
    read: (answer) => [answer.status, textOf(answer)],
    expected: [400, "Parameter '_summary:not': modifier ':not' does not apply; it takes no modifier."],
  },
  {
    section: '1.4.4',
    says: 'nor is one of a result parameter ignored, or a name that is half written',
    request: 'GET ?_type:not=Patient',
    prefer: 'handling=lenient',
    read: (answer) => [answer.status, textOf(answer)],
    expected: [400, "Parameter '_type:not': modifier ':not' does not apply; it takes no modifier."],
  },
  {
    section: '1.4.4',
    says: 'nor is one of a result parameter ignored, or a name that is half written',
    request: 'GET Patient?_has=Observation',
    prefer: 'handling=lenient',
    read: (answer) => [answer.status, textOf(answer)],
    expected: [400, "Parameter '_has': write _has:Type:reference:parameter."],
  },
  {
    section: '1.4.4',
    says: 'nor is one of a result parameter ignored, or a name that is half written',
    request: 'GET ValueSet?url:below=urn',
    prefer: 'handling=lenient',
    read: (answer) => [answer.status, textOf(answer)],
    expected: [
      400,
      "Parameter 'url:below': :below is for URLs, and 'urn' is a URN; ask for the whole of it.",
    ],
  },
  {
    section: '1.4.12',
    says: 'an id of several resources is refused with what to write',
    request: 'GET Observation?subject=twin',
    read: (answer) => [answer.status, textOf(answer).replace(/Patient|Group/g, 'Type')],
    expected: [
      400,
      "Parameter 'subject': Type/twin and Type/twin are both here; write Type/twin, or name the type as in subject:Type.",
    ],
  },
  {
    section: '1.4.12',
    says: 'nor is anything deleted by it',
    request: 'DELETE Observation?subject=twin',
    read: ({ status }) => status,
    expected: 400,
  },
  {
    section: '1.4.13',
    says: 'a warning where a chain did not act on the version that is referred to',
    request: 'GET Observation?subject:Patient.given=evelyn&code=subject',
    read: (answer) => entriesOf(answer).at(-1)?.resource.issue,
    expected: [
      {
        severity: 'warning',
        code: 'informational',
        details: {
          coding: [
            {
              system: 'https://fhir.iom.int/mhd/CodeSystem/passerelle-issue',
              code: 'other-version-searched',
            },
          ],
          text: 'Observation/versioned refers to version 1 of Patient/evelyn; the search looked at the present one, version 2.',
        },
      },
    ],
  },
  {
    section: '1.4.22',
    says: 'a functional list that is not kept is refused, not passed over',
    request: 'GET AllergyIntolerance?patient=eve&_list=$current-allergies',
    read: ({ status }) => status,
    expected: 400,
  },
  {
    section: '1.5.1',
    says: 'the sort that was done is among the parameters that are returned',
    request: 'GET Patient?_sort=-birthdate,family&_id=eve',
    read: linksOf,
    expected: ['self Patient?_sort=-birthdate,family&_id=eve'],
  },
  {
    section: '1.5.1',
    says: 'one that was not done is not',
    request: 'GET Patient?_sort=_score&_id=eve',
    read: (answer) => [modesOf(answer), linksOf(answer)],
    expected: [['match Patient/eve', 'outcome'], ['self Patient?_id=eve']],
  },
  {
    section: '1.5.2',
    says: 'the total is that of matches, whatever comes with them',
    request: 'GET Patient?_id=eve&_include=Patient:organization&nonsense=1&_total=accurate',
    read: (answer) => [answer.body.total, modesOf(answer)],
    expected: [1, ['match Patient/eve', 'include Organization/org', 'outcome']],
  },
  {
    section: '1.5.2',
    says: 'and of all pages',
    request: 'GET Patient?_count=1&_total=accurate',
    read: ({ body }) => [body.total, body.entry.length],
    expected: [4, 1],
  },
  {
    section: '1.5.3',
    says: '_count is of matches, and repeated in the links',
    request: 'GET Patient?_count=1&_sort=_id&_include=Patient:organization',
    read: (answer) => [modesOf(answer), linksOf(answer)],
    expected: [
      ['match Patient/eve', 'include Organization/org'],
      [
        'self Patient?_count=1&_sort=_id&_include=Patient:organization',
        'next Patient?_count=1&_sort=_id&_include=Patient:organization&_page=…',
      ],
    ],
  },
  {
    section: '1.5.3',
    says: '_count=0 is _summary=count: a total, no entries and no other links',
    request: 'GET Patient?_count=0&_include=Patient:organization',
    read: (answer) => [answer.body.total, answer.body.entry, linksOf(answer)],
    expected: [4, undefined, ['self Patient?_count=0&_include=Patient:organization']],
  },
  {
    section: '1.5.3',
    says: '_summary=count',
    request: 'GET Patient?_summary=count&_count=2',
    read: (answer) => [answer.body.total, answer.body.entry, linksOf(answer)],
    expected: [4, undefined, ['self Patient?_summary=count&_count=2']],
  },
  {
    section: '1.5.5',
    says: 'the fullUrl of a contained resource tells the container',
    request: 'GET Medication?_contained=true&_containedType=contained',
    read: modesOf,
    expected: ['match MedicationRequest/rx#m1'],
  },
  {
    section: '1.5.5',
    says: 'a container is a match',
    request: 'GET Medication?_contained=both&ingredient-code=abc&_sort=_id',
    read: modesOf,
    expected: ['match Medication/apart', 'match MedicationRequest/rx'],
  },
  {
    section: '1.5.8',
    says: '_summary=true: the elements that are marked so',
    request: 'GET Patient?_id=eve&_summary=true',
    read: (answer) => [elementsOf(answer), isSubsetted(answer)],
    expected: [
      'active address birthDate gender id identifier managingOrganization meta name resourceType telecom',
      [true],
    ],
  },
  {
    section: '1.5.8',
    says: '_summary=text: text, id, meta and what is mandatory',
    request: 'GET Observation?_id=relative&_summary=text',
    read: (answer) => [elementsOf(answer), isSubsetted(answer)],
    expected: ['code id meta resourceType status', [true]],
  },
  {
    section: '1.5.8',
    says: '_summary=data: all but the text',
    request: 'GET Patient?_id=eve&_summary=data',
    read: (answer) => [elementsOf(answer).includes('text'), elementsOf(answer).includes('communication')],
    expected: [false, true],
  },
  {
    section: '1.5.8',
    says: '_summary=false: all of it',
    request: 'GET Patient?_id=eve&_summary=false',
    read: (answer) => [elementsOf(answer).includes('text'), isSubsetted(answer)],
    expected: [true, [false]],
  },
  {
    section: '1.5.9',
    says: '_elements: what is listed, and what is mandatory',
    request: 'GET MedicationRequest?_elements=requester',
    read: (answer) => [elementsOf(answer), isSubsetted(answer)],
    expected: ['id intent medicationReference meta requester resourceType status subject', [true]],
  },
  {
    section: '1.5.9',
    says: '_elements is not for what is included',
    request: 'GET MedicationRequest?_elements=intent&_include=MedicationRequest:patient',
    read: (answer) => [modesOf(answer), isSubsetted(answer)],
    expected: [
      ['match MedicationRequest/rx', 'include Patient/eve'],
      [true, false],
    ],
  },
  {
    section: '1.7',
    says: 'one _query, and a known one, however lenient',
    request: 'GET Patient?_query=name&_id=eve',
    prefer: 'handling=lenient',
    read: ({ status }) => status,
    expected: 400,
  },
  {
    section: 'http',
    says: 'HEAD is GET without the body',
    request: 'HEAD Patient?_id=eve',
    read: ({ status, text }) => [status, text],
    expected: [200, ''],
  },
  {
    section: 'http',
    says: 'a search by POST is a form',
    request: 'POST Patient/_search',
    read: ({ status, body }) => [status, body.type],
    expected: [200, 'searchset'],
  },
  {
    section: 'http',
    says: 'a compartment by POST',
    request: 'POST Patient/eve/Procedure/_search date=2012',
    read: modesOf,
    expected: ['match Procedure/in-ward'],
  },
  {
    section: 'http',
    says: 'all types by POST',
    request: 'POST _search _type=List,Location&_id=42&_sort=-_lastUpdated',
    read: (answer) => [...modesOf(answer)].sort(),
    expected: ['match List/42', 'match Location/42'],
  },
];
