/** `passerelle validate` on files, folders, NDJSON and standard input. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import t from 'tap';
import { runValidate } from '../../src/commands/validate.ts';
import type { Definitions } from '../../src/definitions/definitions.ts';
import { loadPackages } from '../../src/definitions/load-package.ts';
import { readPackage } from '../../src/definitions/package.ts';
import { loadCoreDefinitions } from '../../src/definitions/registry.ts';
import { FhirError, issue } from '../../src/fhir/issues.ts';

const definitions = loadCoreDefinitions();
const load = async (packages: readonly string[]): Promise<Definitions> => {
  const read = await Promise.all(packages.map((path) => readPackage(path)));
  return loadPackages(definitions, read).definitions;
};
const good = '{"resourceType":"Patient","active":true}';
const bad = '{\n  "resourceType": "Patient",\n  "gender": "m"\n}';

async function run(args: string[], stdin = ''): Promise<{ code: number; out: string[]; progress: string[] }> {
  const out: string[] = [];
  const progress: string[] = [];
  const io = {
    print: (line: string) => out.push(line),
    progress: (line: string) => progress.push(line),
    stdin: Readable.from([stdin]),
  };
  return { code: await runValidate(args, load, io), out, progress };
}

t.test('folders are walked, and the exit code tells', async (t) => {
  const folder = t.testdir({ 'a.json': good, 'notes.txt': 'x' });
  mkdirSync(join(folder, 'inner'));
  writeFileSync(join(folder, 'inner', 'b.json'), bad);
  t.match(await run(['--errors', join(folder, 'a.json')]), { code: 0, out: [`${folder}/a.json: valid`] });
  const both = await run(['--errors', folder]);
  t.equal(both.code, 1);
  t.match(both.out, [
    `${folder}/a.json: valid`,
    `${folder}/inner/b.json: 1 error`,
    /^ {2}error Patient\.gender \(line 3, column 3\) binding-required: 'm' is not in the value set/,
  ]);
  t.same(both.progress, ['2 checked, 1 with errors']);
});

t.test('each line of NDJSON is a resource, in files and on standard input', async (t) => {
  const folder = t.testdir({ 'p.ndjson': `${good}\n\n${bad.replaceAll('\n', '')}\n` });
  const fromFile = await run(['--errors', '--json', join(folder, 'p.ndjson')]);
  t.equal(fromFile.code, 1);
  t.match(
    fromFile.out.map((line) => JSON.parse(line)),
    [
      { source: `${folder}/p.ndjson:1`, valid: true, issues: [] },
      { source: `${folder}/p.ndjson:3`, valid: false, issues: [{ key: 'binding-required' }] },
    ],
  );
  t.match(await run(['--errors', '-'], `${good}\n${good}\n`), {
    code: 0,
    out: ['stdin:1: valid', 'stdin:2: valid'],
  });
  t.match(await run(['--errors', '-'], bad), { code: 1, out: ['stdin: 1 error'] });
});

t.test('text that is no JSON is an error of its source, and odd arguments are explained', async (t) => {
  t.match(await run(['-'], '{"a":'), { code: 1, out: ['stdin: 1 error', /malformed-json/] });
  t.match(await run([]), { code: 2, progress: [/^Name what to check/] });
  t.match(await run(['--nope']), { code: 2, progress: [/^Unknown option --nope/] });
  t.match(await run(['--errors', '--profile', 'https://x.example/p', '-'], good), {
    code: 1,
    out: ['stdin: 1 error', /profile-unknown/],
  });
});

t.test('XML is read too, by its first character', async (t) => {
  const xml = (gender: string): string =>
    `<?xml version="1.0"?>\n<Patient xmlns="http://hl7.org/fhir"><gender value="${gender}"/></Patient>`;
  const folder = t.testdir({ 'a.xml': xml('male'), 'b.xml': xml('m') });
  t.match(await run(['--errors', folder]), {
    code: 1,
    out: [
      `${folder}/a.xml: valid`,
      `${folder}/b.xml: 1 error`,
      /^ {2}error Patient\.gender binding-required/,
    ],
  });
  t.match(await run(['-'], '<a'), { code: 1, out: ['stdin: 1 error', /malformed-xml/] });
});

t.test('packages of the command line apply, and what cannot be read is named', async (t) => {
  const profile = {
    resourceType: 'StructureDefinition',
    id: 'p',
    url: 'https://x.example/p',
    name: 'P',
    status: 'active',
    kind: 'resource',
    abstract: false,
    type: 'Patient',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
    derivation: 'constraint',
    differential: { element: [{ id: 'Patient.gender', path: 'Patient.gender', min: 1 }] },
  };
  const folder = t.testdir({
    'package.json': JSON.stringify({ name: 'x.example', version: '1.0.0', fhirVersions: ['4.0.1'] }),
    'StructureDefinition-p.json': JSON.stringify(profile),
  });
  t.match(await run(['--errors', '--package', folder, '--profile', 'https://x.example/p', '-'], good), {
    code: 1,
    out: ['stdin: 1 error', /min-cardinality: Patient\.gender is required/],
  });
  t.match(await run(['nowhere.json', '-'], good), {
    code: 2,
    out: [],
    progress: ['There is no file or folder nowhere.json.'],
  });
  t.match(await run(['--package']), { code: 2, progress: [/^--package needs a value/] });
  t.match(await run(['--help']), { code: 0, out: [/--package PATH/] });
  t.match(await run([t.testdir({})]), { code: 2, progress: ['0 checked, 0 with errors'] });
});

t.test('odd input neither stops the run nor goes unsaid', async (t) => {
  const folder = t.testdir({
    'a.json': good,
    'array.json': '[1, 2]',
    'empty.json': '',
    'mark.json': `\uFEFF${good}`,
    'text.json': '"x"',
  });
  writeFileSync(join(folder, 'latin.json'), Buffer.from([0x7b, 0xff, 0x7d]));
  spawnSync('mkfifo', [join(folder, 'pipe.json')]);
  const found = await run(['--errors', folder]);
  t.match(found, {
    code: 2,
    progress: [/latin\.json cannot be read: not UTF-8\.$/, '5 checked, 3 with errors'],
  });
  t.match(
    found.out.filter((line) => !line.startsWith(' ')),
    [
      /a\.json: valid/,
      /array\.json: 1 error/,
      /empty\.json: 1 error/,
      /mark\.json: valid/,
      /text\.json: 1 error/,
    ],
  );
  t.match(await run(['--errors', '-'], `${good}\nno JSON\n${good}\n`), {
    code: 1,
    out: ['stdin:1: valid', 'stdin:2: 1 error', /malformed-json/, 'stdin:3: valid'],
  });
  const lost = await runValidate(
    [join(folder, 'a.json')],
    async () => {
      throw new FhirError([issue('package-unreadable', 'There is no package at x.tgz.')]);
    },
    {
      print: () => t.fail('nothing was checked'),
      progress: (line) => t.equal(line, 'There is no package at x.tgz.'),
      stdin: Readable.from(['']),
    },
  );
  t.equal(lost, 2);
});
