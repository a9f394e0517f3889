/** The structural layer: each row is a resource with one fault, and the issue that names it. */
import t from 'tap';
import { loadVectorCode } from '../../src/fhir/vector-memory.ts';
import { base64Code } from '../../src/validation/base64-code.ts';
import { narrativeCode } from '../../src/validation/narrative-code.ts';
import { createRandom } from './mutations.ts';
import { errorsOf, summarise, validator } from './parts.ts';

type Json = Record<string, unknown>;

const patient: Json = {
  resourceType: 'Patient',
  id: 'p1',
  identifier: [{ system: 'https://clinic.example/ids', value: '1' }],
  active: true,
  name: [{ use: 'official', family: 'Tamang', given: ['Maya', 'K'] }],
  telecom: [{ system: 'phone', value: '+977 1', rank: 1 }],
  gender: 'female',
  birthDate: '1980-02-29',
};
const observation: Json = {
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'Temperature' },
  subject: { reference: 'Patient/p1' },
};

const withPatient = (part: Json): Json => ({ ...patient, ...part });
const withObservation = (part: Json): Json => ({ ...observation, ...part });
const div = (inner: string): Json =>
  withPatient({
    text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>` },
  });

const VALID: Record<string, Json> = {
  'a patient': patient,
  'an observation': observation,
  'a primitive with extensions only': withPatient({
    birthDate: undefined,
    _birthDate: { extension: [{ url: 'https://x.example/e', valueCode: 'unknown' }] },
  }),
  'null opposite an extension': withPatient({
    name: [
      {
        given: ['A', null],
        _given: [{ id: 'g1' }, { extension: [{ url: 'https://x.example/e', valueCode: 'masked' }] }],
      },
    ],
  }),
  'an id beside a value': withPatient({ _birthDate: { id: 'b' } }),
  'a no-break space in text': withPatient({ name: [{ family: 'van\u00a0Dyk' }] }),
  'a year': withPatient({ birthDate: '1980' }),
  'a leap second': withObservation({ effectiveDateTime: '2016-12-31T23:59:60Z' }),
  'the largest offset': withObservation({ effectiveDateTime: '2024-01-01T00:00:00.123+14:00' }),
  'false as choice': withPatient({ deceasedBoolean: false }),
  'zero as choice': withPatient({ multipleBirthInteger: 0 }),
  'base64 with line ends': withPatient({ photo: [{ contentType: 'image/png', data: 'QUJD\nREVG\n' }] }),
  'base64 of several parts': withPatient({
    photo: [{ contentType: 'image/png', data: `${'QUJD'.repeat(20_000)}QQ==` }],
  }),
  'a reference by identifier only': withObservation({ subject: { identifier: { value: '1' } } }),
  'an absolute reference': withObservation({
    subject: { reference: 'https://h.example/fhir/Patient/1/_history/2' },
  }),
  'contained and referred to': withObservation({
    contained: [{ resourceType: 'Patient', id: 'c' }],
    subject: { reference: '#c' },
  }),
  'an extension of another domain': withPatient({
    extension: [{ url: 'https://x.example/e', valueString: 'x' }],
  }),
  'empty Parameters': { resourceType: 'Parameters' },
  narrative: div(
    '<p>a &amp; b \u00a0&#160;<b>c</b></p><table border="1"><tr><td>x</td></tr></table><br/><!-- c -->',
  ),
  'an image by data URL': div('<img src="data:image/png;base64,AA==" alt="x"/>'),
};

for (const [name, resource] of Object.entries(VALID)) {
  t.test(`accepts ${name}`, async (t) => {
    t.same(errorsOf(JSON.parse(JSON.stringify(resource))), []);
  });
}

const INVALID: Record<string, [Json, string]> = {
  'an unknown property': [withPatient({ foo: 1 }), 'unknown-element Patient.foo'],
  'an unknown property of a datatype': [
    withPatient({ name: [{ family: 'T', foo: 1 }] }),
    'unknown-element Patient.name[0].foo',
  ],
  'an unknown property of a backbone': [
    withPatient({ contact: [{ name: { text: 'x' }, foo: 1 }] }),
    'unknown-element Patient.contact[0].foo',
  ],
  'a choice of a type that is not offered': [
    withObservation({ valueAddress: { text: 'x' } }),
    'unknown-element Observation.valueAddress',
  ],
  'an underscore before a complex element': [
    withPatient({ _name: [{ id: 'x' }] }),
    'unknown-element Patient._name',
  ],
  'an unknown resource type': [{ resourceType: 'Pateint' }, 'unknown-element Pateint'],
  'a resource without type': [{ id: 'x' }, 'unknown-element Resource'],
  'an odd property name': [withPatient({ 'a-b`c': 1 }), 'unknown-element Patient.`a-b\\`c`'],
  'words for a property name': [withPatient({ 'Jane Doe': 1 }), 'unknown-element Patient'],
  'an object for an array': [withPatient({ name: { family: 'x' } }), 'wrong-json-type Patient.name'],
  'an array for one value': [withPatient({ birthDate: ['1980'] }), 'wrong-json-type Patient.birthDate'],
  'an empty array': [withPatient({ name: [] }), 'empty-element Patient.name'],
  'an empty object': [withPatient({ name: [{}] }), 'empty-element:ele-1 Patient.name[0]'],
  'an object with only an id': [withPatient({ name: [{ id: 'a' }] }), 'empty-element:ele-1 Patient.name[0]'],
  null: [withPatient({ gender: null }), 'empty-element Patient.gender'],
  'null among objects': [withPatient({ name: [{ family: 'x' }, null] }), 'empty-element Patient.name[1]'],
  'null without an extension': [
    withPatient({ name: [{ given: ['A', null] }] }),
    'empty-element Patient.name[0].given[1]',
  ],
  'a primitive for an object': [withPatient({ name: ['x'] }), 'wrong-json-type Patient.name[0]'],
  'an object for a primitive': [withPatient({ gender: { a: 1 } }), 'wrong-json-type Patient.gender'],
  'a number as text': [
    withObservation({ valueQuantity: { value: '1' } }),
    'wrong-json-type Observation.value.ofType(Quantity).value',
  ],
  'a boolean as text': [withPatient({ active: 'true' }), 'wrong-json-type Patient.active'],
  'two variants of a choice': [
    withPatient({ deceasedBoolean: true, deceasedDateTime: '2020' }),
    'choice-conflict Patient.deceased',
  ],
  'a twin of another length': [
    withPatient({
      name: [
        {
          given: ['A'],
          _given: [
            { id: 'x' },
            { id: 'y', extension: [{ url: 'https://x.example/e', valueCode: 'masked' }] },
          ],
        },
      ],
    }),
    'primitive-alignment Patient.name[0].given',
  ],
  'a primitive with only an id': [
    withPatient({ birthDate: undefined, _birthDate: { id: 'b' } }),
    'empty-element:ele-1 Patient.birthDate',
  ],
  'a twin that is no object': [withPatient({ _birthDate: 'x' }), 'primitive-alignment Patient.birthDate'],
  fhir_comments: [withPatient({ fhir_comments: ['x'] }), 'unknown-element Patient.fhir_comments'],
  'an empty string': [withPatient({ name: [{ family: '' }] }), 'empty-element Patient.name[0].family'],
  'a blank string': [withPatient({ name: [{ family: '  ' }] }), 'invalid-primitive Patient.name[0].family'],
  'a control character': [
    withPatient({ name: [{ family: 'a\u0001' }] }),
    'invalid-primitive Patient.name[0].family',
  ],
  'half a surrogate pair': [
    withPatient({ name: [{ family: 'a\ud800' }] }),
    'invalid-primitive Patient.name[0].family',
  ],
  '30 February': [withPatient({ birthDate: '1981-02-30' }), 'invalid-primitive Patient.birthDate'],
  '29 February 1900': [withPatient({ birthDate: '1900-02-29' }), 'invalid-primitive Patient.birthDate'],
  'the year 0': [withPatient({ birthDate: '0000' }), 'invalid-primitive Patient.birthDate'],
  'a time in a date': [
    withPatient({ birthDate: '1980-01-01T00:00:00Z' }),
    'invalid-primitive Patient.birthDate',
  ],
  'a time without zone': [
    withObservation({ effectiveDateTime: '2020-01-01T10:00:00' }),
    'invalid-primitive Observation.effective.ofType(dateTime)',
  ],
  'an offset of 14:01': [
    withObservation({ effectiveDateTime: '2020-01-01T10:00:00+14:01' }),
    'invalid-primitive Observation.effective.ofType(dateTime)',
  ],
  'an instant without time': [
    withObservation({ issued: '2020-01-01' }),
    'invalid-primitive Observation.issued',
  ],
  'an id with an underscore': [withPatient({ id: 'a_b' }), 'invalid-primitive Patient.id'],
  'an id of 65 characters': [withPatient({ id: 'a'.repeat(65) }), 'invalid-primitive Patient.id'],
  'a code with a space at its end': [withPatient({ gender: 'male ' }), 'invalid-primitive Patient.gender'],
  'a uri with a space': [
    withPatient({ identifier: [{ system: 'http://a b', value: '1' }] }),
    'invalid-primitive Patient.identifier[0].system',
  ],
  'zero as positiveInt': [
    withPatient({ telecom: [{ system: 'phone', value: '1', rank: 0 }] }),
    'invalid-primitive Patient.telecom[0].rank',
  ],
  'an integer of 33 bits': [
    withPatient({ multipleBirthInteger: 2147483648 }),
    'invalid-primitive Patient.multipleBirth.ofType(integer)',
  ],
  'base64 of a wrong length': [
    withPatient({ photo: [{ contentType: 'image/png', data: 'QUJDR' }] }),
    'invalid-primitive Patient.photo[0].data',
  ],
  'padding in the midst of long base64': [
    withPatient({
      photo: [{ contentType: 'image/png', data: `${'QUJD'.repeat(8191)}QQ==${'QUJD'.repeat(8192)}` }],
    }),
    'invalid-primitive Patient.photo[0].data',
  ],
  'a foreign character in the last part of long base64': [
    withPatient({ photo: [{ contentType: 'image/png', data: `${'QUJD'.repeat(16_384)}QU*D` }] }),
    'invalid-primitive Patient.photo[0].data',
  ],
  'a size that is not that of the data': [
    withPatient({ photo: [{ contentType: 'image/png', data: 'QUJD', size: 4 }] }),
    'invalid-primitive Patient.photo[0].size',
  ],
  'a missing required element': [
    { resourceType: 'Observation', code: { text: 'x' } },
    'min-cardinality Observation',
  ],
  'a code outside its required value set': [withPatient({ gender: 'm' }), 'binding-required Patient.gender'],
  'a concept outside its required value set': [
    {
      resourceType: 'AllergyIntolerance',
      patient: { reference: 'Patient/1' },
      clinicalStatus: { coding: [{ system: 'https://x.example', code: 'active' }] },
    },
    'binding-required AllergyIntolerance.clinicalStatus',
  ],
  'a code that its system does not have': [
    withObservation({
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'nope' }] },
      ],
    }),
    'code-unknown Observation.category[0].coding[0]',
  ],
  'a reference to a type that is not allowed': [
    withObservation({ subject: { reference: 'Practitioner/1' } }),
    'reference-target Observation.subject',
  ],
  'a reference to no type at all': [
    withObservation({ subject: { reference: 'Pateint/1' } }),
    'reference-syntax Observation.subject.reference',
  ],
  'a fragment without contained resource': [
    withObservation({ subject: { reference: '#nobody' } }),
    'contained-missing:ref-1 Observation.subject',
  ],
  'a contained resource that nothing refers to': [
    withObservation({ contained: [{ resourceType: 'Patient', id: 'c' }] }),
    'invariant-failed:dom-3 Observation',
  ],
  'an extension with value and parts': [
    withPatient({
      extension: [
        { url: 'https://x.example/e', valueString: 'x', extension: [{ url: 'a', valueString: 'x' }] },
      ],
    }),
    'invariant-failed:ext-1 Patient.extension[0]',
  ],
  'a relative extension url': [
    withPatient({ extension: [{ url: 'e', valueString: 'x' }] }),
    'invalid-primitive Patient.extension[0].url',
  ],
  'an unknown modifier extension': [
    withPatient({ modifierExtension: [{ url: 'https://x.example/e', valueString: 'x' }] }),
    'extension-unknown-modifier Patient.modifierExtension[0]',
  ],
  'an extension where it does not belong': [
    withObservation({
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime', valueDateTime: '2020' },
      ],
    }),
    'extension-context Observation.extension[0]',
  ],
  'a unit that UCUM does not have': [
    withObservation({
      valueQuantity: { value: 1, unit: 'x', system: 'http://unitsofmeasure.org', code: 'kilo' },
    }),
    'code-unknown Observation.value.ofType(Quantity).code',
  ],
  'a language that BCP 47 does not have': [
    withPatient({ language: 'xx-' }),
    'binding-required Patient.language',
  ],
  'a media type that is none': [
    withPatient({ photo: [{ contentType: 'picture', title: 'x' }] }),
    'binding-required Patient.photo[0].contentType',
  ],
  'a currency that ISO 4217 does not have': [
    {
      resourceType: 'ChargeItem',
      status: 'billable',
      code: { text: 'x' },
      subject: { reference: 'Patient/1' },
      priceOverride: { value: 1, currency: 'XXZ' },
    },
    'binding-required ChargeItem.priceOverride.currency',
  ],
  'a modifier extension among ordinary ones': [
    withPatient({
      modifierExtension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/patient-importance',
          valueCodeableConcept: { text: 'x' },
        },
      ],
    }),
    'extension-context Patient.modifierExtension[0]',
  ],
  'narrative that is not well-formed': [div('<p>x</b>'), 'narrative:txt-1 Patient.text.div'],
  'a script': [div('<script>x</script>'), 'narrative:txt-1 Patient.text.div'],
  'an event handler': [div('<p onclick="x()">y</p>'), 'narrative:txt-1 Patient.text.div'],
  'a link that runs a script': [
    div('<a href=" java&#115;cript:x()">y</a>'),
    'narrative:txt-1 Patient.text.div',
  ],
  'an undeclared entity': [div('<p>&foo;</p>'), 'narrative:txt-1 Patient.text.div'],
  'an entity of HTML': [div('<p>&nbsp;&copy;</p>'), 'narrative:txt-1 Patient.text.div'],
  'an attribute that R4 does not list': [div('<p idref="x">y</p>'), 'narrative:txt-1 Patient.text.div'],
  'a link to another window': [div('<a href="x" target="_blank">y</a>'), 'narrative:txt-1 Patient.text.div'],
  'an element id that occurs twice': [
    { resourceType: 'Patient', name: [{ id: 'a', text: 'x' }], _gender: { id: 'a' }, gender: 'male' },
    'duplicate-id Patient.gender.id',
  ],
  'two contained resources with one id': [
    {
      resourceType: 'Patient',
      contained: [
        { resourceType: 'Organization', id: 'o', name: 'a' },
        { resourceType: 'Organization', id: 'o', name: 'b' },
      ],
      managingOrganization: { reference: '#o' },
    },
    'duplicate-id Patient.contained[1]',
  ],
  'an id with extensions': [
    { resourceType: 'Patient', id: 'a', _id: { extension: [{ url: 'http://x.example/y', valueCode: 'z' }] } },
    'unknown-element Patient._id',
  ],
  'an absolute type of a reference': [
    {
      resourceType: 'Patient',
      managingOrganization: {
        reference: 'Organization/1',
        type: 'http://hl7.org/fhir/StructureDefinition/Organization',
      },
    },
    'reference-syntax Patient.managingOrganization.type',
  ],
  'a no-break space in a URI': [
    { resourceType: 'Patient', identifier: [{ system: 'http://x.example/\u00a0y', value: '1' }] },
    'invalid-primitive Patient.identifier[0].system',
  ],
  'a processing instruction': [div('<?x y?>z'), 'narrative:txt-1 Patient.text.div'],
  'an empty narrative': [div(' <p> </p> '), 'narrative:txt-2 Patient.text.div'],
};

for (const [name, [resource, expected]] of Object.entries(INVALID)) {
  t.test(`rejects ${name}`, async (t) => {
    t.same(errorsOf(JSON.parse(JSON.stringify(resource))), [expected]);
  });
}

t.test('messages say what was found, what is expected and what may be meant', async (t) => {
  const [issue] = validator.validate({ resourceType: 'Patient', birthdate: '1980' }, { errorsOnly: true });
  t.equal(issue?.text, "Patient has no property 'birthdate': did you mean birthDate?");
  const [gender] = validator.validate({ resourceType: 'Patient', gender: 'femal' }, { errorsOnly: true });
  t.equal(
    gender?.text,
    "'femal' is not in the value set AdministrativeGender (http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1); a code from it is required. Did you mean 'female'? Allowed: male, female, other or unknown.",
  );
});

t.test('issues come in document order and are bounded', async (t) => {
  t.same(errorsOf({ resourceType: 'Patient', zeta: 1, name: [{ x: 1 }, { y: 1 }], alpha: 1 }), [
    'unknown-element Patient.zeta',
    'unknown-element Patient.name[0].x',
    'unknown-element Patient.name[1].y',
    'unknown-element Patient.alpha',
  ]);
  const many: Json = { resourceType: 'Patient' };
  for (let i = 0; i < 2000; i++) many[`p${i}`] = 1;
  const issues = validator.validate(many as { resourceType: string });
  t.equal(issues.length, 501);
  t.equal(issues.at(-1)?.key, 'validation-truncated');
});

t.test('a resource nested 10,000 deep is answered, not followed', async (t) => {
  let extension: Json = { url: 'https://x.example/e', valueString: 'x' };
  for (let i = 0; i < 10000; i++) extension = { url: 'https://x.example/e', extension: [extension] };
  const errors = errorsOf(withPatient({ extension: [extension] }));
  t.equal(errors.length, 1);
  t.match(errors[0], /^too-deep Patient\.extension/);
});

t.test('inherited property names are only names', async (t) => {
  const hostile = JSON.parse(
    '{"resourceType":"Patient","constructor":1,"toString":{"a":1},"__proto__":{"x":1}}',
  );
  t.same(errorsOf(hostile), [
    'unknown-element Patient.constructor',
    'unknown-element Patient.toString',
    'unknown-element Patient.__proto__',
  ]);
  t.same(errorsOf({ resourceType: 'constructor' }), ['unknown-element constructor']);
  t.same(errorsOf({ resourceType: '__proto__' }), ['unknown-element Resource']);
});

t.test('with the text, issues say line and column, and doubled properties are seen', async (t) => {
  const text = `{
  "resourceType": "Patient",
  "name": [
    { "family": "A", "given": ["x", 1] },
    { "famly": "B" }
  ],
  "_birthDate": { "id": "b" },
  "gender": "m", "gen\\u0064er": "female",
  "active": true
}`;
  const resource = JSON.parse(text);
  const issues = validator.validate(resource, { errorsOnly: true, strict: true, text });
  t.same(
    issues.map(({ key, expression, line, column }) => [key, expression, line, column]),
    [
      ['wrong-json-type', 'Patient.name[0].given[1]', 4, 37],
      ['unknown-element', 'Patient.name[1].famly', 5, 7],
      ['empty-element', 'Patient.birthDate', 7, 3],
      ['duplicate-key', 'Patient.gender', 8, 18],
    ],
  );
  t.same(
    validator.validate(JSON.parse('{"resourceType":"Patient","active":true,"active":true}'), {
      errorsOnly: true,
    }),
    [],
  );
});

const image = (inner: string): Record<string, unknown> => div(inner) as Record<string, unknown>;

/** What a write takes and `$validate` tells: the resource, and the issue. */
const STRICT: Record<string, [Record<string, unknown>, string]> = {
  'a relative canonical': [
    { resourceType: 'Patient', meta: { profile: ['StructureDefinition/x'] } },
    'error invalid-primitive Patient.meta.profile[0]',
  ],
  'a canonical of something else': [
    { resourceType: 'Patient', meta: { profile: ['http://hl7.org/fhir/ValueSet/administrative-gender'] } },
    'error invalid-primitive Patient.meta.profile[0]',
  ],
  'a fragment of nothing': [
    { resourceType: 'QuestionnaireResponse', status: 'completed', questionnaire: '#q' },
    'error invalid-primitive QuestionnaireResponse.questionnaire',
  ],
  'a definition with a relative url': [
    { resourceType: 'Library', url: 'Library/x', status: 'draft', type: { text: 'x' } },
    'error invalid-primitive Library.url',
  ],
  'a hash of other data': [
    { resourceType: 'Patient', photo: [{ contentType: 'image/png', data: 'QUJD', hash: 'AAAA' }] },
    'error invalid-primitive Patient.photo[0].hash',
  ],
  'an identifier with a relative system': [
    { resourceType: 'Patient', identifier: [{ system: 'camp-7', value: '1' }] },
    'error invalid-primitive Patient.identifier[0].system',
  ],
  'a unit with a relative system': [
    {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      valueQuantity: { value: 1, system: 'u', code: 'kg' },
    },
    'error invalid-primitive Observation.value.ofType(Quantity).system',
  ],
  'a period whose ends cannot be compared': [
    {
      resourceType: 'Patient',
      name: [{ text: 'x', period: { start: '2020-01-01', end: '2020-01-01T10:00:00Z' } }],
    },
    'error invariant-failed:per-1 Patient.name[0].period',
  ],
  'a security label twice': [
    {
      resourceType: 'Patient',
      meta: {
        security: [1, 2].map(() => ({
          system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
          code: 'R',
        })),
      },
    },
    'error duplicate-label Patient.meta.security[1]',
  ],
  'text between the items of a list': [image('<ul><li>a</li>b</ul>'), 'error narrative Patient.text.div'],
  'a paragraph in a row': [image('<table><tr><p>a</p></tr></table>'), 'error narrative Patient.text.div'],
  'a list in a paragraph': [image('<p>a<ul><li>b</li></ul></p>'), 'error narrative Patient.text.div'],
  'a cell outside of a row': [image('<td>a</td>'), 'error narrative Patient.text.div'],
  'a link in a link': [
    image('<a href="https://a.example"><a href="https://b.example">x</a></a>'),
    'error narrative Patient.text.div',
  ],
  'a link that nobody can follow': [
    image('<a href="urn:uuid:7221aa91-d9e1-44fa-8b90-c5a8c7caeade">x</a>'),
    'error narrative Patient.text.div',
  ],
  'a link to nothing': [
    image('<a href="#b">x</a><a name="c"/><a href="#c">y</a>'),
    'warning narrative Patient.text.div',
  ],
};

for (const [name, [resource, expected]] of Object.entries(STRICT)) {
  t.test(`a write takes, and strict validation tells of, ${name}`, async (t) => {
    t.same(errorsOf(resource), []);
    const strict = validator.validate(resource as { resourceType: string }, { strict: true });
    const told = strict.filter(({ severity }) => expected.startsWith(severity));
    t.same(
      told.map((one) => `${one.severity} ${summarise([one])[0]}`),
      [expected],
    );
  });
}

t.test(
  'a narrative is judged alike where its text is too long for the memory of the fast reader',
  async (t) => {
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
    const random = createRandom(seed);
    const choose = (from: readonly string[]): string => from[Math.floor(random() * from.length)] as string;
    const pieces =
      '<p> </p> <i> </i> <br/> <br> <div> </div> <caption> </caption> <img/> <a <> </ < > & &amp; <td\0> <b>x</b> <p>y</p> <li>z</li> <h1>é</h1> é 😀 \r \t \x01 text " <!--x-->'.split(
        ' ',
      );
    const spaces = ' '.repeat(1_400_000);
    const differences: string[] = [];
    let faults = 0;
    for (let i = 0; i < 150; i++) {
      const inner = Array.from({ length: 1 + random() * 3 }, () => choose(pieces)).join(
        choose(['', ' ', '\n']),
      );
      const short = errorsOf(div(inner));
      faults += short.length;
      if (errorsOf(div(spaces + inner)).join() !== short.join()) differences.push(inner);
    }
    t.ok(faults > 20 && faults < 140, `both verdicts: ${faults}`);
    t.same(differences, [], `seed ${seed}`);
  },
);

t.test(
  'base64 of any length is judged by its alphabet, its padding and its number of characters',
  async (t) => {
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
    const random = createRandom(seed);
    const upTo = (max: number): number => Math.floor(random() * max);
    const pieces = [
      '',
      '',
      '=',
      '==',
      ' ',
      '\n',
      '\r\n',
      '\t',
      'A',
      'AB',
      '-',
      '_',
      '[',
      '`',
      ':',
      '\0',
      'é',
      '😀',
    ];
    const differences: string[] = [];
    let faults = 0;
    for (let i = 0; i < 600; i++) {
      // a few are longer than what is looked at in one go
      const whole = Buffer.alloc(i % 100 === 0 ? 900_000 : upTo(300), 0xfa).toString('base64');
      const at = upTo(whole.length + 1);
      const data = whole.slice(0, at) + (pieces[upTo(pieces.length)] as string) + whole.slice(at);
      const plain = data.replace(/[ \t\r\n]/g, '');
      const isRight = /^[A-Za-z0-9+/]+={0,2}$/.test(plain) && plain.length % 4 === 0;
      if (!isRight) faults++;
      const found = errorsOf({ resourceType: 'Binary', contentType: 'image/png', data });
      if ((found.length === 0) !== isRight)
        differences.push(`${data.slice(at - 5, at + 5)} of ${data.length}: ${found}`);
    }
    t.ok(faults > 50 && faults < 550, `both verdicts: ${faults}`);
    t.same(differences, [], `seed ${seed}`);
  },
);

t.test('the code with vectors is sound, so that the slow way is taken for long texts only', async (t) => {
  for (const code of [narrativeCode(), base64Code()]) t.type(loadVectorCode(code), 'function');
});

/** What integrators often get wrong, and the words that should lead them out of it. */
const SENTENCES: readonly (readonly [Record<string, unknown>, string])[] = [
  [{ name: [{ firstName: 'x' }] }, "HumanName has no property 'firstName': did you mean given?"],
  [{ dateOfBirth: '1990' }, "Patient has no property 'dateOfBirth': did you mean birthDate?"],
  [{ gendr: 'male' }, "Patient has no property 'gendr': did you mean gender?"],
  [
    { multipleBirth: true },
    "Patient has no property 'multipleBirth': its type is part of the name, as in multipleBirthBoolean or multipleBirthInteger.",
  ],
  [{ id: 'a_b' }, "id: 'a_b' is not an id; expected 1-64 letters, digits, hyphens or dots."],
  [
    { managingOrganization: { reference: '12' } },
    "'12' is no address of a resource: expected the type and the id, such as Patient/1.",
  ],
  [
    { maritalStatus: { coding: [{ system: 'https://loinc.org/', code: '8302-2' }] } },
    "'https://loinc.org/' is not the address of a code system that is known here. Did you mean 'http://loinc.org'?",
  ],
  [
    { maritalStatus: { coding: [{ system: 'urn:oid:2.16.840.1.113883.6.96', code: '73211009' }] } },
    "'urn:oid:2.16.840.1.113883.6.96' is not the address of a code system that is known here. Did you mean 'http://snomed.info/sct'?",
  ],
  [
    {
      maritalStatus: {
        coding: [{ system: 'https://terminology.hl7.org/CodeSystem/v3-MaritalStatus', code: 'M' }],
      },
    },
    "'https://terminology.hl7.org/CodeSystem/v3-MaritalStatus' is not the address of a code system that is known here. Did you mean 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus'?",
  ],
  [
    {
      maritalStatus: {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus',
            code: 'M',
            display: 'Single man',
          },
        ],
      },
    },
    "The display of 'M' in http://terminology.hl7.org/CodeSystem/v3-MaritalStatus is 'Married', which differs from what is given.",
  ],
];

t.test('sentences say what was found and what is expected', async (t) => {
  for (const [part, expected] of SENTENCES) {
    const issues = validator.validate({ resourceType: 'Patient', ...part }, { strict: true });
    const texts = issues.map(({ text }) => text.replace(/https?:\/\/\S{61,}…/, '…'));
    t.ok(texts.includes(expected), `${expected} among ${texts.join(' / ')}`);
  }
  const weight = (unit: Record<string, unknown>): string[] =>
    validator
      .validate({
        resourceType: 'Observation',
        status: 'final',
        code: { text: 'x' },
        valueQuantity: { value: 1, ...unit },
      })
      .map(({ text }) => text);
  const system = 'http://unitsofmeasure.org';
  t.ok(weight({ system, code: 'mmHg' }).includes("'mmHg' is not a unit of UCUM. Did you mean 'mm[Hg]'?"));
  t.ok(
    weight({ system: 'https://unitsofmeasure.org', code: 'kg' }).some((text) =>
      text.endsWith(`Did you mean '${system}'?`),
    ),
  );
  const immunization = {
    resourceType: 'Immunization',
    status: 'completed',
    patient: { display: 'x' },
    vaccineCode: { text: 'x' },
  };
  t.match(validator.validate(immunization, { errorsOnly: true }), [
    {
      text: 'Immunization.occurrence[x] is required: found 0, expected at least 1.',
      expression: 'Immunization',
    },
  ]);
});
