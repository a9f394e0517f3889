/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';

export const HELP = `npm run bench -- [options]

Measures Passerelle with the workloads of public comparisons of FHIR servers, on SQLite and, where there is a server
(MONGODB_URL, MONGODB_SERVER or mongod on PATH), on MongoDB, beside bare node:http that echoes bodies of the same size.

What to measure
  (nothing)             import, reads, creates, CRUD, searches, start-up, memory, disk, validation; about 3 minutes
                        an engine
  --quick               the same, small and short: a minute
  --ladder              how searches, totals and import change as the data grows to 64 times; about 4 minutes with
                        data that is there, about 10 when it has to be made
  --against URL         the same workloads on any FHIR R4 server, which is filled first, beside Passerelle on SQLite
  --peer NAME           what to call that server: product, version, configuration
  --only A,B            only workloads whose name contains one of these, for example --only import,search
  --engines LIST        sqlite, mongodb; none with --against measures only that server

How
  --patients N          families of so many patients (default 1250, about 21,000 resources)
  --seed S              other families (default 1)
  --seconds T           for each workload (default 6)
  --rungs LIST          sizes of the ladder in patients, or as multiples such as 1x,8x,64x,600x
                        (default 1x,8x,64x of 900 patients; MongoDB 1x,8x)
  --data FOLDER         data of the ladder, one folder for each size (p900, p7200, ...); missing ones are made there
                        and kept (default build/bench/data); it is copied before anything is written
  --resume              leaves out the parts that an interrupted run of the same options has finished

Results
  --json FILE           everything that was found, for programs
  --write               puts the result into docs/performance.md, its charts and docs/performance.json; parts of
                        other runs stay there, so that the workloads and the ladder can be measured one after another
  --render              only makes the page and the charts again from docs/performance.json
  -h, --help            this text

It ends with an error when a request failed or a promise was broken: counts that differ from what was sent, a filter
that finds everything or nothing, a wrong resource that is accepted. See docs/performance.md.`;

export interface BenchOptions {
  readonly mode: 'workloads' | 'ladder';
  readonly quick: boolean;
  readonly against: string | undefined;
  readonly peer: string | undefined;
  readonly only: readonly string[];
  /** Undefined: those there are. */
  readonly engines: readonly ('sqlite' | 'mongodb')[] | undefined;
  readonly patients: number;
  readonly seed: number;
  readonly seconds: number;
  /** Patients. */
  readonly rungs: readonly number[] | undefined;
  readonly data: string | undefined;
  readonly resume: boolean;
  readonly json: string | undefined;
  readonly write: boolean;
  readonly render: boolean;
}

/** The smallest size of the ladder, in patients. */
export const RUNG = 900;

/** A string says what is wrong; undefined asks for help. */
export function readOptions(args: readonly string[]): BenchOptions | string | undefined {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    return (error as Error).message;
  }
  if (values.help) return undefined;
  const numbers = {
    patients: positive(values.patients ?? (values.quick ? '100' : '1250')),
    seed: positive(values.seed),
    seconds: positive(values.seconds ?? (values.quick ? '1' : '6')),
  };
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined) return `--${name} is a number above 0.`;
  }
  const engines = values.engines === 'none' ? [] : values.engines?.split(',');
  const unknown = engines?.find((one) => one !== 'sqlite' && one !== 'mongodb');
  if (unknown !== undefined) return `--engines takes sqlite, mongodb or none, not "${unknown}".`;
  const rungs = values.rungs?.split(',').map(patientsOf);
  if (rungs?.includes(undefined) === true) return '--rungs are numbers of patients, or multiples such as 8x.';
  if (values.against !== undefined && !/^https?:\/\/\S+$/.test(values.against)) {
    return '--against is the address of a FHIR server such as http://127.0.0.1:8080/fhir.';
  }
  const only = values.only === undefined ? [] : values.only.split(',').filter((one) => one !== '');
  if (values.write && only.length > 0) return '--write needs a whole run: leave out --only.';
  return {
    mode: values.ladder ? 'ladder' : 'workloads',
    quick: values.quick,
    against: values.against?.replace(/\/+$/, ''),
    peer: values.peer,
    only,
    engines: engines as BenchOptions['engines'],
    ...(numbers as { patients: number; seed: number; seconds: number }),
    rungs: rungs as number[] | undefined,
    data: values.data,
    resume: values.resume,
    json: values.json,
    write: values.write,
    render: values.render,
  };
}

function parse(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      quick: { type: 'boolean', default: false },
      ladder: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      render: { type: 'boolean', default: false },
      resume: { type: 'boolean', default: false },
      against: { type: 'string' },
      peer: { type: 'string' },
      engines: { type: 'string' },
      patients: { type: 'string' },
      seed: { type: 'string', default: '1' },
      seconds: { type: 'string' },
      rungs: { type: 'string' },
      data: { type: 'string' },
      only: { type: 'string' },
      json: { type: 'string' },
    },
  });
  return values;
}

function positive(text: string): number | undefined {
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

function patientsOf(text: string): number | undefined {
  const [, digits, multiple] = /^(\d{1,8})(x?)$/.exec(text.trim()) ?? [];
  if (digits === undefined || Number(digits) === 0) return undefined;
  return multiple === 'x' ? Number(digits) * RUNG : Number(digits);
}
