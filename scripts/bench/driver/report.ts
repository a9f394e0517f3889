/** The Markdown of docs/performance.md between its markers, made from whatever parts there are. */
import { goalRungsOf, goalsOf, originsOf, rungsOf, times, verdictOf } from './goals.ts';
import type { Machine, Memory } from './machine.ts';
import { type Part, type Parts, partsOf, type Report, type Row, type Rung } from './parts.ts';

export function toMarkdown(parts: Parts): string {
  const reports = partsOf(parts, 'workloads');
  const sections = [
    ...goals(parts),
    ...reports.flatMap((part) => [...workloads(part), ...facts(part.result)]),
    ...besidePeers(parts),
    ...validation(parts),
    ...(['sqlite', 'mongodb'] as const).flatMap((engine) => ladder(parts, engine)),
  ];
  return `${sections.join('\n')}\n`;
}

function goals(parts: Parts): string[] {
  return [
    ...describe(Object.values(parts).map(({ machine }) => machine)).map((machine) => `${machine}\n`),
    '### Goals',
    '',
    '| Goal | Target | Measured | |',
    '|---|---:|---:|---|',
    ...goalsOf(parts).map(
      (goal) => `| ${goal.what} | ${goal.target} | ${goal.measured ?? ''} | ${verdictOf(goal)} |`,
    ),
    '',
    'SQLite unless MongoDB is named. The driver writes this table and its last column.',
    '',
  ];
}

/** A sentence for each kind of machine; what its disk took differs from run to run. */
function describe(machines: readonly Machine[]): string[] {
  const kinds = Map.groupBy(
    machines,
    ({ cores, processor, gibibytes, node }) =>
      `${cores} x ${processor}, ${gibibytes} GiB, Node ${node}; load generator on the same machine.`,
  );
  return [...kinds].map(([kind, runs]) => {
    const times = runs.map(({ syncMs }) => syncMs);
    const [least, most] = [Math.min(...times).toFixed(1), Math.max(...times).toFixed(1)];
    const span = least === most ? least : `${least} to ${most}`;
    return `${kind} An append of 1 KiB is on the disk after ${span} ms (median), which every durable write has to wait for.`;
  });
}

function workloads(part: Part & { readonly result: Report }): string[] {
  const { result, options, machine } = part;
  return [
    `### ${result.name}`,
    '',
    `${originsOf([part])}; seed ${options.seed}, ${options.patients.toLocaleString('en-US')} patients, ${result.resources.toLocaleString('en-US')} resources, ${options.seconds} s a workload; ${machine.loadBefore.toFixed(1)} other processes were busy when the run began.`,
    '',
    '| Workload | Rate | p50 ms | p99 ms | Errors | Of the baseline | Server, cores | Generator, cores | Others, cores |',
    '|---|---:|---:|---:|---:|---:|---:|---:|---:|',
    ...result.rows.map((row) => `| ${cellsOf(row).join(' | ')} |`),
    '',
  ];
}

/** Workload, rate, p50, p99, errors, ratio, cores of server, generator and everything else. */
export function cellsOf({ workload, unit, perSecond, outcome, errors, baseline }: Row): string[] {
  return [
    workload,
    `${Math.round(perSecond).toLocaleString('en-US')} ${unit}`,
    ms(outcome?.p50),
    ms(outcome?.p99),
    String(errors),
    baseline === undefined ? '' : (perSecond / baseline).toFixed(3),
    outcome?.serverCores?.toFixed(2) ?? '',
    outcome?.generatorCores?.toFixed(2) ?? '',
    outcome?.otherCores?.toFixed(2) ?? '',
  ];
}

function ms(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(value < 10 ? 1 : 0);
}

function facts({ process: own, emptyShapes, problems, resources }: Report): string[] {
  const lines: string[] = [];
  if (own !== undefined) {
    lines.push(
      `- Ready ${Math.round(own.readyEmptyMs)} ms after the start of the process when empty, ${Math.round(own.readyOnDataMs)} ms on this data.`,
      `- Resident when ready on this data: ${memory(own.memoryReady)}. After all workloads: ${memory(own.memoryAfter)}.`,
    );
    if (own.storedBytes > 0) lines.push(`- ${stored(own.storedBytes, resources, own.jsonBytes)}.`);
  }
  if (emptyShapes.length > 0)
    lines.push(`- Of the 30 shapes these find nothing in this data: ${code(emptyShapes)}.`);
  lines.push(...problems.map((problem) => `- **Broken: ${problem}**`));
  return [...lines, ''];
}

export function memory({ residentBytes, anonymousBytes, fileBytes }: Memory): string {
  return `${mebibytes(residentBytes)} (${mebibytes(anonymousBytes)} of its own, ${mebibytes(fileBytes)} of files: program and mapped database)`;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20).toLocaleString('en-US')} MiB`;
}

function stored(bytes: number, resources: number, jsonBytes: number): string {
  const each = bytes / resources;
  return `${Math.round(each).toLocaleString('en-US')} bytes on disk per resource, indexes included, after a checkpoint; the JSON of one has ${Math.round(jsonBytes).toLocaleString('en-US')} in the mean (${(each / jsonBytes).toFixed(2)} times)`;
}

function code(list: readonly string[]): string {
  return list.map((one) => `\`${one}\``).join(', ');
}

function besidePeers(parts: Parts): string[] {
  return partsOf(parts, 'beside').flatMap((part) => {
    const { own, peer } = part.result;
    const { options } = part;
    return [
      `### ${own.name} beside ${peer.name}`,
      '',
      `${originsOf([part])}; in one run, one server after the other; seed ${options.seed}, ${options.patients.toLocaleString('en-US')} patients, ${options.seconds} s a workload.`,
      '',
      '| Workload | Passerelle | Peer | Ratio | p99 ms | Peer p99 ms | Peer errors |',
      '|---|---:|---:|---:|---:|---:|---:|',
      ...own.rows.flatMap((row) => {
        const other = peer.rows.find(({ workload }) => workload === row.workload);
        return other === undefined ? [] : [besideRow(row, other)];
      }),
      '',
    ];
  });
}

function besideRow(row: Row, other: Row): string {
  const cells = cellsOf(row);
  const others = cellsOf(other);
  const ratio = other.perSecond === 0 ? '' : (row.perSecond / other.perSecond).toFixed(1);
  return `| ${cells[0]} | ${cells[1]} | ${others[1]} | ${ratio} | ${cells[3]} | ${others[3]} | ${others[4]} |`;
}

function validation(parts: Parts): string[] {
  return partsOf(parts, 'validation').flatMap((part) => {
    const { name, perSecond, errors, parsesPerSecond } = part.result;
    return [
      `### ${name}`,
      '',
      `${Math.round(perSecond).toLocaleString('en-US')} resources/s against R4 and the IOM profiles, ${errors} errors; ${(parsesPerSecond / perSecond).toFixed(1)} times what JSON.parse of the same text takes (${originsOf([part])}).`,
      '',
    ];
  });
}

function ladder(parts: Parts, engine: Rung['engine']): string[] {
  const rungs = rungsOf(parts, engine);
  const [first] = rungs;
  if (first === undefined) return [];
  const origins = originsOf(partsOf(parts, 'rung').filter(({ result }) => result.engine === engine));
  const sizes = rungs.map((rung) => `${times(first, rung)}x`);
  return [
    `### ${first.name}`,
    '',
    `${origins}. Each size is a store of its own.`,
    '',
    `| | ${sizes.join(' | ')} |`,
    `|---|${'---:|'.repeat(rungs.length)}`,
    ...sizeRows(rungs).map(([name, cells]) => `| ${name} | ${cells.join(' | ')} |`),
    '',
    ...searchTable(rungs),
  ];
}

/** Nothing where no search was measured. */
function searchTable(rungs: readonly Rung[]): string[] {
  const [first] = rungs;
  if (first === undefined || first.loads.length + first.shapes.length === 0) return [];
  const size = (rung: Rung): string => `${times(first, rung)}x`;
  const columns = [
    'Search',
    'Users',
    ...rungs.map((rung) => `p50 ms, ${size(rung)}`),
    `${size(goalRungsOf(rungs).at(-1) ?? first)} / 1x`,
    ...(tellsRows(rungs)
      ? [
          `${size(goalRungsOf(rungs).at(-1) ?? first)} / 1x, one row`,
          `Rows, 1x and ${size(goalRungsOf(rungs).at(-1) ?? first)}`,
        ]
      : []),
    ...tailSizes(rungs).map((rung) => `p99 ms, ${size(rung)}`),
  ];
  return [
    `| ${columns.join(' | ')} |`,
    `|---|${'---:|'.repeat(columns.length - 1)}`,
    ...first.loads.map(({ name }) => loadRow(name, rungs)),
    ...first.shapes.map(({ name }) => shapeRow(name, rungs)),
    '',
  ];
}

function sizeRows(rungs: readonly Rung[]): [name: string, cells: string[]][] {
  const all = (show: (rung: Rung) => string): string[] => rungs.map(show);
  const whole = (value: number | undefined): string =>
    value === undefined ? '' : Math.round(value).toLocaleString('en-US');
  const rows: [string, string[]][] = [
    ['Resources', all(({ resources }) => whole(resources))],
    ['Import over HTTP at this size, resources/s', all(({ importPerSecond }) => whole(importPerSecond))],
    ['Seeding from empty, resources/s', all(({ seedPerSecond }) => whole(seedPerSecond))],
    ['Ready after, ms', all(({ readyMs }) => whole(readyMs))],
    ['Resident after the searches', all((rung) => memory(rung.memory))],
  ];
  if (rungs.some(({ storedBytes }) => storedBytes > 0)) {
    rows.push(
      [
        'Bytes on disk per resource',
        all(({ storedBytes, resources }) => (storedBytes === 0 ? '' : whole(storedBytes / resources))),
      ],
      ['Bytes of JSON per resource', all(({ jsonBytes }) => whole(jsonBytes))],
      ['On disk, GB', all(({ storedBytes }) => (storedBytes / 1e9).toFixed(2))],
    );
  }
  for (const { query } of rungs.at(-1)?.totals ?? []) {
    const cell = (rung: Rung): string => {
      const total = rung.totals.find((one) => one.query === query);
      return total === undefined ? '' : `${ms(total.p50)} ms, ${whole(total.hits)} hits`;
    };
    rows.push([`Exact total, \`${query.replaceAll('|', '\\|')}\``, all(cell)]);
  }
  return rows.filter(([, cells]) => cells.some((cell) => cell !== ''));
}

function loadRow(name: string, rungs: readonly Rung[]): string {
  const loadOf = (rung: Rung) => rung.loads.find((load) => load.name === name);
  return searchRow(`**${name}**`, 16, rungs, {
    p50: (rung) => loadOf(rung)?.p50,
    p99: (rung) => ms(loadOf(rung)?.p99),
  });
}

function shapeRow(name: string, rungs: readonly Rung[]): string {
  const shapeOf = (rung: Rung) => rung.shapes.find((shape) => shape.name === name);
  return searchRow(`\`${name.replaceAll('|', '\\|')}\``, 1, rungs, {
    p50: (rung) => shapeOf(rung)?.p50,
    p99: () => '',
    rows: (rung) => shapeOf(rung)?.rows,
    oneRow: (rung) => shapeOf(rung)?.oneRowP50,
  });
}

type Value = (rung: Rung) => number | undefined;

interface SearchValues {
  readonly p50: Value;
  readonly p99: (rung: Rung) => string;
  readonly rows?: Value;
  readonly oneRow?: Value;
}

function searchRow(name: string, users: number, rungs: readonly Rung[], row: SearchValues): string {
  const ends = [goalRungsOf(rungs)[0], goalRungsOf(rungs).at(-1)];
  const valuesOf = (value: Value = () => undefined) => ends.map((rung) => rung && value(rung));
  const ratioOf = (value?: Value): string => {
    const [first, last] = valuesOf(value);
    return first === undefined || last === undefined || first === 0 ? '' : (last / first).toFixed(2);
  };
  const rows = valuesOf(row.rows).filter((value) => value !== undefined);
  const cells = rungs.map(row.p50).map((value) => value?.toFixed(value < 10 ? 2 : 0) ?? '');
  const compared = [ratioOf(row.p50)];
  if (tellsRows(rungs)) {
    const shown = rows.map((value) => Number(value.toFixed(1))).join(' and ');
    compared.push(ratioOf(row.oneRow), rows.length < 2 ? '' : shown);
  }
  const tails = tailSizes(rungs).map(row.p99);
  return `| ${[name, users, ...cells, ...compared, ...tails].join(' | ')} |`;
}

/** Whether the growth of answers can be told from growth with the data; parts of earlier versions do not say. */
function tellsRows(rungs: readonly Rung[]): boolean {
  return rungs.some(({ shapes }) => shapes.some(({ rows }) => rows !== undefined));
}

/** The largest that the goals hold for, and the largest of all. */
function tailSizes(rungs: readonly Rung[]): Rung[] {
  return [...new Set([goalRungsOf(rungs).at(-1), rungs.at(-1)])].filter((rung) => rung !== undefined);
}
