/**
 * The one table of settings: environment variable, default, meaning and limits of each. It makes the frozen
 * Config that the composition root reads, the text of --help and the table in the README.
 */
import { isIP } from 'node:net';

interface SettingRow {
  readonly env: string;
  readonly meaning: string;
  /** As a person would write it in the environment; empty when the setting is off or absent. */
  readonly preset: string;
  readonly parse: Parse<unknown>;
}

type Parse<T> = (text: string) => { readonly value: T } | { readonly wanted: string };

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const KIB = 1024;
const MIB = KIB * KIB;

export const SETTINGS = {
  host: setting(
    'PASSERELLE_HOST',
    '127.0.0.1',
    text,
    'address to listen on; others than this machine need access control',
  ),
  port: setting('PASSERELLE_PORT', '8080', integer(0, 65_535), 'port to listen on; 0 takes a free one'),
  dataFolder: setting('PASSERELLE_DATA', './data', text, 'folder of the SQLite file'),
  logLevel: setting('PASSERELLE_LOG_LEVEL', 'info', oneOf(LOG_LEVELS), `one of ${LOG_LEVELS.join(', ')}`),
  mongodbUrl: setting(
    'MONGODB_URL',
    '',
    mongodbUrl,
    'keeps data in MongoDB instead of SQLite: mongodb://host/database',
  ),
  mongodbWaitMs: setting(
    'PASSERELLE_MONGODB_WAIT_MS',
    '10000',
    integer(100, 600_000),
    'how long a request waits for MongoDB, for instance while it elects, before it is answered with 503',
  ),
  mongodbStartWaitMs: setting(
    'PASSERELLE_MONGODB_START_WAIT_MS',
    '300000',
    integer(0, 86_400_000),
    'how long a server that starts waits for MongoDB, answering 503 meanwhile, before it ends; 0 ends at once',
  ),
  definitionsPollMs: setting(
    'PASSERELLE_DEFINITIONS_POLL_MS',
    '2000',
    integer(100, 3_600_000),
    'how often a server on MongoDB looks for profiles, value sets and search parameters that other servers wrote',
  ),
  mongodbConnectionsMax: setting(
    'PASSERELLE_MONGODB_CONNECTIONS_MAX',
    '64',
    integer(1, 10_000),
    'connections of this server to each MongoDB server',
  ),
  mongodbOrdersBytesMax: setting(
    'PASSERELLE_MONGODB_ORDERS_BYTES_MAX',
    '134217728',
    integer(1_048_576, 17_179_869_184),
    'memory for what is put in order because no list of MongoDB is in that order, such as by references: 40 bytes a resource, and its different texts',
  ),
  mongodbHints: setting(
    'PASSERELLE_MONGODB_HINTS',
    'true',
    flag,
    'false leaves the choice of an index to MongoDB; only for servers on which a hint costs more than it saves',
  ),
  region: setting(
    'PASSERELLE_REGION',
    '',
    text,
    'written to new resources in MongoDB, so that a sharded cluster can keep them in the zone of that name',
  ),
  timeZone: setting(
    'PASSERELLE_TIME_ZONE',
    'UTC',
    timeZone,
    'zone of dates that name none in searches, and of today in rules: UTC, +05:45, Asia/Bangkok',
  ),
  fullText: setting(
    'PASSERELLE_FULL_TEXT',
    'true',
    flag,
    'false indexes no words, so that writes cost less: _content and _text cannot be searched then; what is stored is indexed again for either in the background',
  ),
  baseUrl: setting(
    'PASSERELLE_BASE_URL',
    '',
    httpUrl,
    'address of the FHIR API as clients see it, such as https://example.org/fhir; without it, the one that each request names',
  ),
  insecureOpenNetwork: setting(
    'PASSERELLE_INSECURE_OPEN_NETWORK',
    'false',
    flag,
    'true lets the server listen beyond this machine without access control: for closed test networks only',
  ),
  packages: setting(
    'PASSERELLE_PACKAGES',
    '',
    list,
    'further FHIR packages to load and enforce, with commas: package.tgz files or folders',
  ),
  secret: setting(
    'PASSERELLE_SECRET',
    '',
    secretText,
    'signs page links; at least 32 characters, the same for all servers of one database; without it, a file in the data folder',
  ),
  trustedProxies: setting(
    'PASSERELLE_TRUSTED_PROXIES',
    '',
    proxies,
    'addresses or networks of proxies whose X-Forwarded-* headers are believed, with commas',
  ),
  corsOrigins: setting(
    'PASSERELLE_CORS_ORIGINS',
    '*',
    list,
    'web origins that may call the API, with commas; * for all, empty for none',
  ),
  requiredProfiles: setting(
    'PASSERELLE_REQUIRE_PROFILES',
    '',
    profiles,
    'profiles that a type must claim: Patient=iom.mhd,Group=https://…; a package id stands for any profile of it, several of one type are alternatives',
  ),
  strictDefinitions: setting(
    'PASSERELLE_STRICT_DEFINITIONS',
    'false',
    flag,
    'true refuses definitions (profiles, value sets, forms) that are usable but incomplete, such as one without a name',
  ),
  ifMatchRequired: setting(
    'PASSERELLE_IF_MATCH_REQUIRED',
    'false',
    flag,
    'true refuses updates, patches and deletes without If-Match (400)',
  ),
  updateCreates: setting(
    'PASSERELLE_UPDATE_CREATES',
    'true',
    flag,
    'false refuses PUT to an id that does not exist',
  ),
  conditionalDelete: setting(
    'PASSERELLE_CONDITIONAL_DELETE',
    'single',
    oneOf(['single', 'multiple'] as const),
    'whether a conditional delete may delete more than one resource: single, multiple',
  ),
  conditionalDeletesMax: setting(
    'PASSERELLE_CONDITIONAL_DELETES_MAX',
    '100',
    integer(1, 10_000),
    'resources that one conditional delete may delete',
  ),
  bodyBytesMax: setting(
    'PASSERELLE_BODY_BYTES_MAX',
    String(16 * MIB),
    integer(KIB, 512 * MIB),
    'largest request body, unpacked',
  ),
  valuesMax: setting(
    'PASSERELLE_VALUES_MAX',
    '100000',
    integer(1000, 10_000_000),
    'values (objects, lists, primitives) in one resource',
  ),
  allValuesMax: setting(
    'PASSERELLE_BODY_VALUES_MAX',
    '500000',
    integer(1000, 100_000_000),
    'values in one body, such as all entries of a Bundle',
  ),
  formBytesMax: setting(
    'PASSERELLE_FORM_BYTES_MAX',
    String(MIB),
    integer(KIB, 64 * MIB),
    'largest form of a search or an operation',
  ),
  depthMax: setting(
    'PASSERELLE_DEPTH_MAX',
    '64',
    integer(16, 512),
    'deepest nesting of objects and arrays in a body',
  ),
  entriesMax: setting(
    'PASSERELLE_ENTRIES_MAX',
    '5000',
    integer(1, 100_000),
    'entries in a batch or transaction',
  ),
  pageDefault: setting(
    'PASSERELLE_PAGE_DEFAULT',
    '20',
    integer(1, 1000),
    'resources on a page when _count is absent',
  ),
  pageMax: setting('PASSERELLE_PAGE_MAX', '1000', integer(1, 10_000), 'most resources on a page'),
  includesMax: setting(
    'PASSERELLE_INCLUDES_MAX',
    '1000',
    integer(0, 100_000),
    'most resources that _include and _revinclude add to a page',
  ),
  searchValuesMax: setting(
    'PASSERELLE_SEARCH_VALUES_MAX',
    '500',
    integer(1, 10_000),
    'most alternatives, between commas, of one search parameter',
  ),
  searchChainMax: setting(
    'PASSERELLE_SEARCH_CHAIN_MAX',
    '5',
    integer(0, 10),
    'most links of a chained search, _has included',
  ),
  searchContainsMin: setting(
    'PASSERELLE_SEARCH_CONTAINS_MIN',
    '2',
    integer(1, 100),
    'least letters or digits of a :contains value',
  ),
  searchExpansionMax: setting(
    'PASSERELLE_SEARCH_EXPANSION_MAX',
    '10000',
    integer(1, 1_000_000),
    'most codes that :in, :not-in, :below and :above may come to',
  ),
  searchExplain: setting(
    'PASSERELLE_SEARCH_EXPLAIN',
    'false',
    flag,
    'true answers ?_explain and X-Explain with the plan of a search, which shows what is asked of whom: for administrators',
  ),
  compressBytesMin: setting(
    'PASSERELLE_COMPRESS_BYTES_MIN',
    '4096',
    integer(0, 1_000_000_000),
    'answers of at least this size are compressed when the client accepts it',
  ),
  urlBytesMax: setting(
    'PASSERELLE_URL_BYTES_MAX',
    String(8 * KIB),
    integer(KIB, 64 * KIB),
    'longest request address',
  ),
  requestTimeoutMs: setting(
    'PASSERELLE_REQUEST_TIMEOUT_MS',
    '60000',
    integer(100, 3_600_000),
    'time for a request to arrive in full',
  ),
  shutdownTimeoutMs: setting(
    'PASSERELLE_SHUTDOWN_TIMEOUT_MS',
    '10000',
    integer(0, 600_000),
    'time for running requests to finish when the server stops',
  ),
  requestsInFlightMax: setting(
    'PASSERELLE_REQUESTS_IN_FLIGHT_MAX',
    '1000',
    integer(1, 100_000),
    'requests worked on at once; more are refused with 503',
  ),
  requestsPerMinuteMax: setting(
    'PASSERELLE_REQUESTS_PER_MINUTE_MAX',
    '0',
    integer(0, 10_000_000),
    'requests per client address and minute; more are refused with 429; 0 for no limit',
  ),
  loopDelayMsMax: setting(
    'PASSERELLE_LOOP_DELAY_MS_MAX',
    '0',
    integer(0, 60_000),
    'new requests are refused with 503 while the event loop lags more than this; 0 for no limit',
  ),
  asyncRunningMax: setting(
    'PASSERELLE_ASYNC_RUNNING_MAX',
    '2',
    integer(1, 100),
    'requests with Prefer: respond-async that are carried out at once',
  ),
  asyncJobsMax: setting(
    'PASSERELLE_ASYNC_JOBS_MAX',
    '100',
    integer(1, 100_000),
    'such requests that wait, run, or whose results are kept; more are refused with 503',
  ),
  asyncBytesMax: setting(
    'PASSERELLE_ASYNC_BYTES_MAX',
    String(128 * MIB),
    integer(KIB, 16_384 * MIB),
    'memory for their bodies and results',
  ),
  asyncKeptMs: setting(
    'PASSERELLE_ASYNC_KEPT_MS',
    '3600000',
    integer(1000, 86_400_000),
    'how long their results are kept; none outlives a restart',
  ),
  conflictRetriesMax: setting(
    'PASSERELLE_CONFLICT_RETRIES_MAX',
    '8',
    integer(0, 100),
    'times a write is planned again after a concurrent change',
  ),
  issuesMax: setting(
    'PASSERELLE_ISSUES_MAX',
    '100',
    integer(1, 10_000),
    'issues reported in one OperationOutcome',
  ),
} as const satisfies Record<string, SettingRow>;

type Settings = typeof SETTINGS;
export type SettingName = keyof Settings;

/** Every setting by name, parsed. */
export type Config = {
  readonly [Name in SettingName]: Settings[Name] extends { parse: Parse<infer T> } ? T : never;
};

/** Thrown with a sentence per setting that is wrong; nothing was started. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads the environment.
 * @throws ConfigError naming every unknown or wrong setting
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems = unknownNames(env);
  const config: Record<string, unknown> = {};
  for (const [name, row] of Object.entries(SETTINGS) as [SettingName, SettingRow][]) {
    const given = env[row.env];
    const parsed = row.parse(given === undefined || given === '' ? row.preset : given.trim());
    if ('wanted' in parsed)
      problems.push(`${row.env} must be ${parsed.wanted}${quote(row.env, given ?? '')}.`);
    else config[name] = parsed.value;
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config) as Config;
}

/** Lines of --help: name, default and meaning of every setting. */
export function describeSettings(): string {
  const rows: readonly SettingRow[] = Object.values(SETTINGS);
  return rows
    .map((row) => `  ${row.env}${row.preset === '' ? '' : `=${row.preset}`}\n      ${row.meaning}`)
    .join('\n');
}

/** The same as rows of a Markdown table. */
export function settingsTable(): string {
  const rows: readonly SettingRow[] = Object.values(SETTINGS);
  const lines = rows.map((row) => {
    const preset = row.preset === '' ? '' : `\`${row.preset}\``;
    return `| \`${row.env}\` | ${preset} | ${row.meaning.replaceAll('|', '\\|')} |`;
  });
  return ['| Setting | Default | Meaning |', '| --- | --- | --- |', ...lines].join('\n');
}

function setting<T>(env: string, preset: string, parse: Parse<T>, meaning: string) {
  return { env, preset, parse, meaning } as const;
}

function text(given: string): { readonly value: string } {
  return { value: given };
}

function secretText(given: string): ReturnType<Parse<string>> {
  return given === '' || given.length >= 32 ? { value: given } : { wanted: 'at least 32 characters' };
}

function flag(given: string): ReturnType<Parse<boolean>> {
  const lower = given.toLowerCase();
  if (lower === 'true' || lower === '1') return { value: true };
  if (lower === 'false' || lower === '0') return { value: false };
  return { wanted: 'true or false' };
}

function timeZone(given: string): ReturnType<Parse<string>> {
  try {
    new Intl.DateTimeFormat('en', { timeZone: given });
    return { value: given };
  } catch {
    return { wanted: 'UTC, an offset such as +05:45 or a zone such as Asia/Bangkok' };
  }
}

function integer(min: number, max: number): Parse<number> {
  return (given) => {
    const value = /^\d{1,12}$/.test(given) ? Number(given) : Number.NaN;
    return value >= min && value <= max ? { value } : { wanted: `a whole number from ${min} to ${max}` };
  };
}

function oneOf<T extends string>(choices: readonly T[]): Parse<T> {
  return (given) => {
    const value = choices.find((choice) => choice === given.toLowerCase());
    return value === undefined ? { wanted: `one of ${choices.join(', ')}` } : { value };
  };
}

function list(given: string): { readonly value: readonly string[] } {
  return { value: splitList(given, ',') };
}

/** As @fastify/proxy-addr reads them. */
const PROXY_NAMES: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal']);

function proxies(given: string): ReturnType<Parse<readonly string[]>> {
  const value = splitList(given, ',');
  const isProxy = (one: string): boolean => {
    const [address = '', prefix] = one.split('/');
    const version = isIP(address);
    if (version === 0) return PROXY_NAMES.has(one);
    if (prefix === undefined) return true;
    return /^[0-9]{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= (version === 4 ? 32 : 128);
  };
  return value.every(isProxy)
    ? { value }
    : { wanted: 'addresses or networks with commas, such as 10.0.0.1,192.168.0.0/16' };
}

function mongodbUrl(given: string): ReturnType<Parse<string>> {
  return given === '' || /^mongodb(?:\+srv)?:\/\/\S+$/.test(given)
    ? { value: given }
    : { wanted: 'an address such as mongodb://host/database' };
}

function httpUrl(given: string): ReturnType<Parse<string>> {
  if (given === '') return { value: '' };
  const isUrl = /^https?:\/\/[^\s?#]+$/.test(given) && URL.canParse(given);
  return isUrl ? { value: given.replace(/\/+$/, '') } : { wanted: 'an http or https address without query' };
}

function profiles(given: string): ReturnType<Parse<ReadonlyMap<string, readonly string[]>>> {
  const byType = new Map<string, string[]>();
  for (const pair of splitList(given, ',')) {
    const [, type, canonical] = /^([A-Z][A-Za-z]+)=(\S+)$/.exec(pair) ?? [];
    if (type === undefined || canonical === undefined)
      return { wanted: 'Type=profile pairs with commas between' };
    byType.set(type, [...(byType.get(type) ?? []), canonical]);
  }
  return { value: byType };
}

function splitList(given: string, separator: string): string[] {
  return given
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Settings that may hold a password are not repeated. */
const CONFIDENTIAL: ReadonlySet<string> = new Set(['PASSERELLE_SECRET', 'MONGODB_URL']);

function quote(env: string, given: string): string {
  if (CONFIDENTIAL.has(env)) return '';
  return `; it is "${given.length > 60 ? `${given.slice(0, 60)}…` : given}"`;
}

function unknownNames(env: Readonly<Record<string, string | undefined>>): string[] {
  const known: readonly string[] = Object.values(SETTINGS).map((row) => row.env);
  return Object.keys(env)
    .filter((name) => name.startsWith('PASSERELLE_') && !known.includes(name) && !ELSEWHERE.has(name))
    .map((name) => `${name} is not a setting. Did you mean ${nearest(name, known)}?`);
}

/** Read by our own scripts from the same environment, not by the server. */
const ELSEWHERE: ReadonlySet<string> = new Set(['PASSERELLE_URL']);

function nearest(name: string, known: readonly string[]): string {
  let best = known[0] as string;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = editDistance(name, candidate);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, (previous[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    previous = row;
  }
  return previous[b.length] as number;
}
