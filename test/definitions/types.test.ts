/** The type model of R4. */
import t from 'tap';
import { loadCoreDefinitions } from '../../src/definitions/registry.ts';
import { createTypeModel } from '../../src/definitions/types.ts';

const core = loadCoreDefinitions();
const model = createTypeModel(core);

t.test('every element of R4 has a type that the model knows', async (t) => {
  const unknown = new Set<string>();
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name) || name.startsWith('System.')) return;
    seen.add(name);
    const node = model.type(name);
    if (node === undefined) {
      unknown.add(name);
      return;
    }
    for (const element of node.elements.values()) {
      if (element.properties.length === 0) unknown.add(element.path);
      for (const { type } of element.properties) visit(type);
    }
  };
  for (const type of model.resourceTypes) visit(type);
  t.same([...unknown], []);
  t.equal(model.type('Nonsense'), undefined);
  t.equal(model.type('Patient.nonsense'), undefined);
  t.equal(model.type('vitalsigns'), undefined, 'a profile is not a type');
});

t.test('a choice has a property per type', async (t) => {
  const patient = model.type('Patient');
  const deceased = patient?.elements.get('deceased');
  t.same(deceased, {
    name: 'deceased',
    path: 'Patient.deceased[x]',
    properties: [
      { json: 'deceasedBoolean', type: 'boolean' },
      { json: 'deceasedDateTime', type: 'dateTime' },
    ],
    isChoice: true,
    isArray: false,
    min: 0,
    max: 1,
    isSummary: true,
    isModifier: true,
    isXmlAttribute: false,
    targets: [],
  });
  t.same(patient?.byProperty.get('deceasedDateTime'), { element: deceased, type: 'dateTime' });
  t.equal(patient?.byProperty.get('deceased'), undefined);
  t.equal(model.type('Extension')?.elements.get('value')?.properties.length, 50);
});

t.test('backbones, references to content and inherited elements', async (t) => {
  const contact = model.type('Patient.contact');
  t.equal(contact?.kind, 'backbone');
  t.equal(contact?.base, 'BackboneElement');
  t.equal(contact?.elements.get('relationship')?.isArray, true);
  t.same(model.type('Observation.component')?.elements.get('referenceRange')?.properties, [
    { json: 'referenceRange', type: 'Observation.referenceRange' },
  ]);
  t.same(model.type('Timing')?.elements.get('repeat')?.properties, [
    { json: 'repeat', type: 'Timing.repeat' },
  ]);
  t.equal(model.type('Timing.repeat')?.base, 'Element');
  t.same(model.type('Patient')?.elements.get('id')?.properties, [{ json: 'id', type: 'id' }]);
  t.equal(model.type('Patient')?.elements.get('id')?.isXmlAttribute, false);
  t.same(model.type('HumanName')?.elements.get('id')?.properties, [{ json: 'id', type: 'string' }]);
  t.equal(model.type('HumanName')?.elements.get('id')?.isXmlAttribute, true);
  t.equal(model.type('Extension')?.elements.get('url')?.isXmlAttribute, true);
  t.same(model.type('Observation')?.elements.get('subject')?.targets, [
    'Patient',
    'Group',
    'Device',
    'Location',
  ]);
  t.same(model.type('Observation')?.elements.get('focus')?.targets, [], 'any resource');
  t.same(model.type('boolean')?.elements.get('value')?.properties, [
    { json: 'value', type: 'System.Boolean' },
  ]);
  t.equal(model.type('xhtml')?.kind, 'primitive');
});

t.test('types descend from one another', async (t) => {
  for (const [name, ancestor, is] of [
    ['Age', 'Quantity', true],
    ['Quantity', 'Age', false],
    ['Patient', 'DomainResource', true],
    ['Bundle', 'DomainResource', false],
    ['Bundle', 'Resource', true],
    ['code', 'string', true],
    ['positiveInt', 'integer', true],
    ['Patient.contact', 'BackboneElement', true],
    ['Patient.contact', 'Element', true],
    ['Nonsense', 'Element', false],
  ] as const) {
    t.equal(model.isA(name, ancestor), is, `${name} ${ancestor}`);
  }
});
