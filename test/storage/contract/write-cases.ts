/**
 * Writes as scripts: each step is a transaction and what must come of it. `conflict` names the reason and the
 * index; after a conflict nothing of the transaction may be there.
 * https://hl7.org/fhir/R4/http.html#concurrency
 */
import type { Precondition, WriteCommand } from '../../../src/storage/store.ts';
import { put, query, remove, term, text } from './build.ts';

export interface WriteStep {
  readonly commands: readonly WriteCommand[];
  readonly preconditions?: readonly Precondition[];
  /** `versionId created|updated|deleted|unchanged` of each command, or the conflict. */
  readonly outcome:
    | readonly string[]
    | { readonly conflict: 'expected' | 'precondition'; readonly index: number };
}

export interface WriteCase {
  readonly name: string;
  readonly steps: readonly WriteStep[];
  /** `Type/id version` of everything that is live afterwards, sorted. */
  readonly live: readonly string[];
}

const identified = (id: string, value: string): WriteCommand =>
  put('Patient', id, { values: { terms: { identifier: [value] } }, method: 'POST', expected: 'absent' });
const matches = (value: string, ...ids: string[]): Precondition => ({
  query: query('Patient', term('Patient.identifier', value)),
  ids,
});
const conflict = (reason: 'expected' | 'precondition', index: number) => ({ conflict: reason, index });

export const WRITE_CASES: readonly WriteCase[] = [
  {
    name: 'a create makes version 1 [version.number]',
    steps: [{ commands: [put('Patient', 'a', { expected: 'absent' })], outcome: ['1 created'] }],
    live: ['Patient/a 1'],
  },
  {
    name: 'an update makes the next version [version.number]',
    steps: [
      { commands: [put('Patient', 'a')], outcome: ['1 created'] },
      { commands: [put('Patient', 'a')], outcome: ['2 updated'] },
      { commands: [put('Patient', 'a', { expected: { versionId: '2' } })], outcome: ['3 updated'] },
    ],
    live: ['Patient/a 3'],
  },
  {
    name: 'an update of another version than the current one conflicts [transact.expected] [transact.conflict]',
    steps: [
      { commands: [put('Patient', 'a')], outcome: ['1 created'] },
      { commands: [put('Patient', 'a')], outcome: ['2 updated'] },
      { commands: [put('Patient', 'a', { expected: { versionId: '1' } })], outcome: conflict('expected', 0) },
      { commands: [put('Patient', 'a', { expected: { versionId: '3' } })], outcome: conflict('expected', 0) },
      { commands: [put('Patient', 'a', { expected: { versionId: 'x' } })], outcome: conflict('expected', 0) },
      {
        commands: [put('Patient', 'a', { expected: { versionId: '02' } })],
        outcome: conflict('expected', 0),
      },
    ],
    live: ['Patient/a 2'],
  },
  {
    name: 'an update that expects a version of something that is not there conflicts [transact.expected]',
    steps: [
      { commands: [put('Patient', 'a', { expected: { versionId: '1' } })], outcome: conflict('expected', 0) },
    ],
    live: [],
  },
  {
    name: 'a create over something live conflicts [transact.expected]',
    steps: [
      { commands: [put('Patient', 'a')], outcome: ['1 created'] },
      { commands: [put('Patient', 'a', { expected: 'absent' })], outcome: conflict('expected', 0) },
    ],
    live: ['Patient/a 1'],
  },
  {
    name: 'a delete makes a version, and a second one nothing [version.number] [transact.nothing]',
    steps: [
      { commands: [put('Patient', 'a')], outcome: ['1 created'] },
      { commands: [remove('Patient', 'a')], outcome: ['2 deleted'] },
      { commands: [remove('Patient', 'a')], outcome: ['2 unchanged'] },
    ],
    live: [],
  },
  {
    name: 'a delete of what never was changes nothing [transact.nothing]',
    steps: [{ commands: [remove('Patient', 'a')], outcome: [' unchanged'] }],
    live: [],
  },
  {
    name: 'a delete checks the version [transact.expected]',
    steps: [
      { commands: [put('Patient', 'a')], outcome: ['1 created'] },
      { commands: [remove('Patient', 'a', { versionId: '2' })], outcome: conflict('expected', 0) },
      { commands: [remove('Patient', 'b', { versionId: '1' })], outcome: conflict('expected', 0) },
      { commands: [remove('Patient', 'a', { versionId: '1' })], outcome: ['2 deleted'] },
      { commands: [remove('Patient', 'a', { versionId: '1' })], outcome: conflict('expected', 0) },
    ],
    live: [],
  },
  {
    name: 'what was deleted can be brought back and counts versions on [version.number] [transact.expected]',
    steps: [
      { commands: [put('Patient', 'a')], outcome: ['1 created'] },
      { commands: [remove('Patient', 'a')], outcome: ['2 deleted'] },
      { commands: [put('Patient', 'a', { expected: 'absent' })], outcome: ['3 created'] },
      { commands: [put('Patient', 'a')], outcome: ['4 updated'] },
    ],
    live: ['Patient/a 4'],
  },
  {
    name: 'one id in two types is two resources',
    steps: [
      { commands: [put('Patient', 'a'), put('Group', 'a')], outcome: ['1 created', '1 created'] },
      { commands: [remove('Group', 'a')], outcome: ['2 deleted'] },
    ],
    live: ['Patient/a 1'],
  },
  {
    name: 'ids differ by case',
    steps: [{ commands: [put('Patient', 'a'), put('Patient', 'A')], outcome: ['1 created', '1 created'] }],
    live: ['Patient/A 1', 'Patient/a 1'],
  },
  {
    name: 'commands of one transaction see each other [transact.order]',
    steps: [
      {
        commands: [
          put('Patient', 'a', { expected: 'absent' }),
          put('Patient', 'a', { expected: { versionId: '1' } }),
          remove('Patient', 'a', { versionId: '2' }),
          put('Patient', 'a', { expected: 'absent' }),
        ],
        outcome: ['1 created', '2 updated', '3 deleted', '4 created'],
      },
    ],
    live: ['Patient/a 4'],
  },
  {
    name: 'all commands or none: the last one fails [transact.whole] [transact.conflict]',
    steps: [
      { commands: [put('Patient', 'a'), put('Patient', 'gone')], outcome: ['1 created', '1 created'] },
      {
        commands: [
          put('Patient', 'b'),
          put('Patient', 'a'),
          remove('Patient', 'gone'),
          put('Patient', 'c', { expected: { versionId: '9' } }),
        ],
        outcome: conflict('expected', 3),
      },
      { commands: [put('Patient', 'b')], outcome: ['1 created'] },
    ],
    live: ['Patient/a 1', 'Patient/b 1', 'Patient/gone 1'],
  },
  {
    name: 'no commands are a transaction too [transact.nothing]',
    steps: [{ commands: [], outcome: [] }],
    live: [],
  },
  {
    name: 'a precondition of no match holds once [transact.preconditions]',
    steps: [
      { commands: [identified('a', 'x')], preconditions: [matches('x')], outcome: ['1 created'] },
      {
        commands: [identified('b', 'x')],
        preconditions: [matches('x')],
        outcome: conflict('precondition', 0),
      },
      { commands: [identified('c', 'y')], preconditions: [matches('y')], outcome: ['1 created'] },
    ],
    live: ['Patient/a 1', 'Patient/c 1'],
  },
  {
    name: 'a precondition names its matches in any order [transact.preconditions]',
    steps: [
      { commands: [identified('a', 'x'), identified('b', 'x')], outcome: ['1 created', '1 created'] },
      { commands: [put('Group', 'g')], preconditions: [matches('x', 'a', 'b')], outcome: ['1 created'] },
      { commands: [put('Group', 'g')], preconditions: [matches('x', 'b', 'a')], outcome: ['2 updated'] },
      {
        commands: [put('Group', 'g')],
        preconditions: [matches('x', 'a')],
        outcome: conflict('precondition', 0),
      },
      {
        commands: [put('Group', 'g')],
        preconditions: [matches('x', 'a', 'c')],
        outcome: conflict('precondition', 0),
      },
      {
        commands: [put('Group', 'g')],
        preconditions: [matches('x', 'a', 'b', 'c')],
        outcome: conflict('precondition', 0),
      },
    ],
    live: ['Group/g 2', 'Patient/a 1', 'Patient/b 1'],
  },
  {
    name: 'preconditions look at the state before the commands, and the failing one is named [transact.preconditions] [transact.conflict]',
    steps: [
      { commands: [identified('a', 'x')], outcome: ['1 created'] },
      {
        commands: [identified('b', 'y'), identified('c', 'z')],
        preconditions: [matches('y'), matches('x', 'a'), matches('z')],
        outcome: ['1 created', '1 created'],
      },
      {
        commands: [remove('Patient', 'a'), identified('d', 'w')],
        preconditions: [matches('w'), matches('x')],
        outcome: conflict('precondition', 1),
      },
    ],
    live: ['Patient/a 1', 'Patient/b 1', 'Patient/c 1'],
  },
  {
    name: 'a precondition no longer matches what was deleted or changed [transact.preconditions]',
    steps: [
      { commands: [identified('a', 'x')], outcome: ['1 created'] },
      { commands: [put('Patient', 'a')], preconditions: [matches('x', 'a')], outcome: ['2 updated'] },
      { commands: [identified('b', 'x')], preconditions: [matches('x')], outcome: ['1 created'] },
      { commands: [remove('Patient', 'b')], preconditions: [matches('x', 'b')], outcome: ['2 deleted'] },
      { commands: [identified('c', 'x')], preconditions: [matches('x')], outcome: ['1 created'] },
    ],
    live: ['Patient/a 2', 'Patient/c 1'],
  },
  {
    name: 'a precondition may be any query [transact.preconditions]',
    steps: [
      {
        commands: [put('Patient', 'a', { values: { texts: { name: ['Müller'] } } })],
        preconditions: [{ query: query('Patient', text('Patient.name', 'prefix', 'mul')), ids: [] }],
        outcome: ['1 created'],
      },
      {
        commands: [put('Patient', 'b')],
        preconditions: [{ query: query('Patient', text('Patient.name', 'prefix', 'mul')), ids: [] }],
        outcome: conflict('precondition', 0),
      },
    ],
    live: ['Patient/a 1'],
  },
];
