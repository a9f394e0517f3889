/**
 * Patient and case of a family, as registration knows them: names in two scripts, birth dates as precise as
 * they are known, and gaps.
 */
import type { Resource } from '../fhir/types.ts';
import { missionOf, outreachOf } from './directory.ts';
import {
  compact,
  concept,
  country,
  dateOf,
  extension,
  type Json,
  meta,
  own,
  profile,
  reference,
  sid,
  tho,
} from './elements.ts';
import type { Family, Person } from './family.ts';

const HL7 = 'http://hl7.org/fhir/StructureDefinition';
const ADULT = 18;

export function createPatient(family: Family, person: Person): Resource {
  const { random, site } = family;
  const isPseudonymous = family.route.kind === 'evacuation' && random.chance(0.04);
  return compact({
    resourceType: 'Patient',
    id: person.id,
    meta: meta('migrant-patient', isPseudonymous ? ['V'] : []),
    extension: patientExtensions(family, isPseudonymous),
    identifier: isPseudonymous ? [mhdNumber(family, person)] : identifiers(family, person),
    active: true,
    name: isPseudonymous
      ? [{ use: 'anonymous', text: `PSEUDO-${family.caseNumber}` }]
      : names(family, person),
    telecom:
      person.age >= ADULT && random.chance(0.62)
        ? [
            {
              system: 'phone',
              value: `+${random.between(20, 98)} 5550 ${random.between(100000, 999999)}`,
              use: 'mobile',
            },
          ]
        : undefined,
    gender: person.gender,
    ...birth(family, person),
    address: isPseudonymous || random.chance(0.15) ? undefined : [address(family)],
    maritalStatus: maritalStatus(person),
    contact: contacts(family, person),
    communication: random.chance(0.95) ? communication(family) : undefined,
    managingOrganization: missionOf(site),
  }) as unknown as Resource;
}

/** The household as a Group. */
export function createCase(family: Family): Resource {
  const start = dateOf(family.registeredOn);
  return {
    resourceType: 'Group',
    id: family.newId(),
    meta: meta('migrant-case'),
    identifier: [{ use: 'official', ...caseNumber(family) }],
    active: true,
    type: 'person',
    actual: true,
    code: own('mhd-kind', 'case', 'Case'),
    name: `Case ${family.caseNumber}`,
    quantity: family.people.length,
    managingEntity: missionOf(family.site),
    member: family.people.map((person) => ({
      extension: [
        extension('case-role', {
          valueCoding: { ...(own('mhd-case-role', person.role).coding as Json[])[0] },
        }),
      ],
      entity: reference('Patient', person.id),
      period: { start },
    })),
  };
}

function patientExtensions(family: Family, isPseudonymous: boolean): Json[] {
  const { random, culture, programme, route } = family;
  const list: Json[] = [
    {
      url: `${HL7}/patient-nationality`,
      extension: [{ url: 'code', valueCodeableConcept: nationality(culture.nationality) }],
    },
  ];
  if (!isPseudonymous && random.chance(0.7)) {
    const city = random.pick(culture.birthPlaces);
    list.push({ url: `${HL7}/patient-birthPlace`, valueAddress: { city } });
  }
  if (random.chance(0.4)) list.push({ url: `${HL7}/patient-interpreterRequired`, valueBoolean: true });
  list.push(
    extension('migrant-category', {
      valueCodeableConcept: own('migrant-category', programme.category, programme.categoryName),
    }),
  );
  if (route.kind === 'camp') {
    list.push({
      url: profile('displacement'),
      extension: [
        { url: 'status', valueCodeableConcept: own('displacement-status', 'camp', 'Camp') },
        { url: 'site', valueReference: outreachOf(family.site) },
        { url: 'since', valueDate: String(2011 + random.below(11)) },
      ],
    });
  }
  if (isPseudonymous) list.push(extension('pseudonymous', { valueBoolean: true }));
  return list;
}

function nationality(code: string): Json {
  return code.startsWith('XX') ? own('nationality-status', code) : country(code);
}

function mhdNumber(family: Family, person: Person): Json {
  return {
    use: 'official',
    type: own('mhd-identifier-type', 'mhd-number', 'MHD individual number'),
    system: sid('mhd-id'),
    value: `${family.caseNumber}-${String(person.number).padStart(2, '0')}`,
    assigner: missionOf(family.site),
  };
}

function caseNumber(family: Family): Json {
  return {
    type: own('mhd-identifier-type', 'case-number', 'Case number'),
    system: sid(`case-number/${family.site.code}`),
    value: family.caseNumber,
  };
}

function identifiers(family: Family, person: Person): Json[] {
  const { random, culture, route, destination } = family;
  const list = [mhdNumber(family, person), caseNumber(family)];
  const digits = (length: number): string => String(random.below(10 ** length)).padStart(length, '0');
  if (route.kind === 'resettlement') {
    if (random.chance(0.85)) {
      const value = `${random.between(100, 899)}-${digits(2)}C${digits(5)}`;
      list.push({ type: own('mhd-identifier-type', 'unhcr-number'), system: sid('unhcr'), value });
    }
    if (destination === 'USA') {
      list.push({
        type: own('mhd-identifier-type', 'us-alien-number'),
        system: sid('us-alien-number'),
        value: `A${digits(9)}`,
      });
    }
  }
  const hasPassport = route.kind === 'labour' || route.kind === 'return' ? 0.97 : 0.2;
  if (!culture.nationality.startsWith('XX') && random.chance(hasPassport)) {
    list.push({
      use: 'official',
      type: tho('v2-0203', 'PPN', 'Passport number'),
      system: `http://hl7.org/fhir/sid/passport-${culture.nationality}`,
      value: digits(8),
      period: { end: `${random.between(2026, 2033)}-${String(random.between(1, 12)).padStart(2, '0')}-28` },
    });
  }
  return list;
}

function names(family: Family, person: Person): Json[] {
  const { random, culture } = family;
  const { given, family: surname } = person;
  const list: Json[] = [
    surname === undefined
      ? { use: 'official', text: given.latin, given: given.latin.split(' ') }
      : { use: 'official', family: surname.latin, given: [given.latin] },
  ];
  if (given.native !== undefined && random.chance(0.75)) {
    list.push(
      compact({
        extension: [{ url: `${HL7}/language`, valueCode: culture.script }],
        use: 'usual',
        text: surname === undefined ? given.native : `${given.native} ${surname.native ?? surname.latin}`,
        family: surname?.native,
        given: [given.native],
      }),
    );
  }
  return list;
}

/** Passports have the day; in camps often only a year is known, or 1 January was written. */
function birth(family: Family, person: Person): Json {
  const { random, route } = family;
  const full = dateOf(person.birthDay);
  const accuracy = (code: string): Json => ({
    extension: [extension('birth-date-accuracy', { valueCode: code })],
  });
  if (route.kind === 'labour' || random.chance(0.6)) return { birthDate: full };
  const fate = random.below(100);
  if (fate < 40) return { birthDate: full.slice(0, 4), _birthDate: accuracy('year') };
  if (fate < 55) return { birthDate: full.slice(0, 7), _birthDate: accuracy('month') };
  if (fate < 80) return { birthDate: `${full.slice(0, 4)}-01-01`, _birthDate: accuracy('assigned-jan-1') };
  if (fate < 93) return { birthDate: full.slice(0, 4), _birthDate: accuracy('estimated-age') };
  return {
    _birthDate: { extension: [{ url: `${HL7}/data-absent-reason`, valueCode: 'asked-unknown' }] },
  };
}

function address(family: Family): Json {
  const { random, site, route } = family;
  const line =
    route.kind === 'camp'
      ? `Block ${random.pick(['A', 'B', 'C', 'D', 'E', 'F'])}, shelter ${random.between(1, 900)}`
      : `${random.between(1, 240)} ${random.pick(['Market', 'Station', 'River', 'School', 'Garden'])} Road`;
  return { use: 'temp', line: [line], city: site.city, country: site.country };
}

function maritalStatus(person: Person): Json | undefined {
  if (person.age < ADULT) return undefined;
  return person.role === 'spouse' ? tho('v3-MaritalStatus', 'M', 'Married') : undefined;
}

function contacts(family: Family, person: Person): Json[] | undefined {
  const head = family.people[0];
  if (person.age >= ADULT || head === undefined || head === person) return undefined;
  const isMother = head.gender === 'female';
  return [
    {
      relationship: [tho('v3-RoleCode', isMother ? 'MTH' : 'FTH', isMother ? 'mother' : 'father')],
      name: { text: [head.given.latin, head.family?.latin].filter(Boolean).join(' ') },
    },
  ];
}

function communication(family: Family): Json[] {
  const [code, name] = family.culture.language;
  return [{ language: concept('urn:ietf:bcp:47', code, name), preferred: true }];
}
