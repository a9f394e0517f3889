/** The table of settings: defaults, parsing, and refusing what is not known. */
import t from 'tap';
import { type ConfigError, describeSettings, readConfig, SETTINGS, settingsTable } from '../../src/config.ts';

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
}

t.test('without settings the server is on loopback with an embedded store', async (t) => {
  const config = readConfig({});
  t.match(config, {
    host: '127.0.0.1',
    port: 8080,
    dataFolder: './data',
    logLevel: 'info',
    mongodbUrl: '',
    insecureOpenNetwork: false,
    ifMatchRequired: false,
    corsOrigins: ['*'],
  });
  t.ok(Object.isFrozen(config));
});

t.test('proxies are addresses, networks or names of networks', async (t) => {
  const proxies = ['10.0.0.1', '192.168.0.0/16', 'fd00::/8', 'loopback'];
  t.same(readConfig({ PASSERELLE_TRUSTED_PROXIES: proxies.join() }).trustedProxies, proxies);
  for (const wrong of ['xx', '10.0.0.0/33', '10.0.0.0/0', '10.0.0', '::1/129', 'loopback/8']) {
    t.same(problemsOf({ PASSERELLE_TRUSTED_PROXIES: `10.0.0.1,${wrong}` }), [
      `PASSERELLE_TRUSTED_PROXIES must be addresses or networks with commas, such as 10.0.0.1,192.168.0.0/16; it is "10.0.0.1,${wrong}".`,
    ]);
  }
});

t.test('settings are parsed to the type they stand for', async (t) => {
  const config = readConfig({
    PASSERELLE_PORT: '0',
    PASSERELLE_LOG_LEVEL: 'SILENT',
    PASSERELLE_CORS_ORIGINS: 'https://a.example, https://b.example',
    PASSERELLE_BASE_URL: 'https://example.org/fhir/',
    PASSERELLE_IF_MATCH_REQUIRED: '1',
    PASSERELLE_REQUIRE_PROFILES: 'Patient=iom.mhd,Group=https://x.org/a,Group=https://x.org/b',
    PASSERELLE_URL: 'http://127.0.0.1:8080/fhir',
    HOME: '/root',
  });
  t.match(config, {
    port: 0,
    logLevel: 'silent',
    corsOrigins: ['https://a.example', 'https://b.example'],
    baseUrl: 'https://example.org/fhir',
    ifMatchRequired: true,
  });
  t.strictSame(
    [...config.requiredProfiles],
    [
      ['Patient', ['iom.mhd']],
      ['Group', ['https://x.org/a', 'https://x.org/b']],
    ],
  );
});

t.test('an unknown setting is refused with the nearest name', async (t) => {
  t.strictSame(problemsOf({ PASSERELLE_PROT: '1' }), [
    'PASSERELLE_PROT is not a setting. Did you mean PASSERELLE_PORT?',
  ]);
});

t.test('every wrong setting is named at once', async (t) => {
  t.strictSame(
    problemsOf({
      PASSERELLE_PORT: '65536',
      PASSERELLE_LOG_LEVEL: 'loud',
      PASSERELLE_IF_MATCH_REQUIRED: 'maybe',
      PASSERELLE_BASE_URL: 'ftp://x',
      PASSERELLE_TIME_ZONE: 'Mars/Base',
      PASSERELLE_REQUIRE_PROFILES: 'Patient',
    }).map((problem) => problem.split(' ')[0]),
    [
      'PASSERELLE_PORT',
      'PASSERELLE_LOG_LEVEL',
      'PASSERELLE_TIME_ZONE',
      'PASSERELLE_BASE_URL',
      'PASSERELLE_REQUIRE_PROFILES',
      'PASSERELLE_IF_MATCH_REQUIRED',
    ],
  );
});

t.test('a secret that is wrong is not printed', async (t) => {
  t.strictSame(problemsOf({ PASSERELLE_SECRET: 'hunter2', MONGODB_URL: 'mongo://user:hunter2@host' }), [
    'MONGODB_URL must be an address such as mongodb://host/database.',
    'PASSERELLE_SECRET must be at least 32 characters.',
  ]);
});

t.test('help and README table list every setting', async (t) => {
  for (const { env } of Object.values(SETTINGS)) {
    t.match(describeSettings(), env);
    t.match(settingsTable(), `\`${env}\``);
  }
});
