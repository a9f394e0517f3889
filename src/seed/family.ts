/** One household: who belongs to it, where it comes from, and when its case runs. */
import { CULTURES, type Culture, type Name } from './names.ts';
import { PROGRAMMES, type Programme, ROUTES, type Route, SITES, type Site } from './programmes.ts';
import { createRandom, type Random } from './random.ts';

export interface Person {
  readonly id: string;
  /** Place in the case: 1 is the principal applicant. */
  readonly number: number;
  readonly role: 'principal-applicant' | 'spouse' | 'child' | 'other-dependant';
  readonly gender: 'male' | 'female';
  /** Years at registration. */
  readonly age: number;
  readonly birthDay: number;
  readonly given: Name;
  readonly family?: Name;
}

export interface Family {
  readonly random: Random;
  readonly route: Route;
  readonly programme: Programme;
  readonly site: Site;
  readonly culture: Culture;
  readonly destination: string;
  /** Case number without its system, unique over seeds and families. */
  readonly caseNumber: string;
  /** Days as dateOf counts them. */
  readonly registeredOn: number;
  readonly departsOn: number;
  readonly people: readonly Person[];
  readonly newId: () => string;
}

const DAYS_OF_REGISTRATION = 720;
const YEAR_DAYS = 365.25;
const IDS_PER_FAMILY = 1024;

/** `peopleMax` cuts the last family of a population to size. */
export function createFamily(seed: number, index: number, peopleMax: number): Family {
  const random = createRandom(seed, index);
  const route = random.weigh(ROUTES);
  const programme = PROGRAMMES[route.kind];
  const culture: Culture = CULTURES[route.culture];
  const site = SITES[route.site];
  let ids = index * IDS_PER_FAMILY;
  const newId = (): string => random.id(ids++);
  const registeredOn = random.below(DAYS_OF_REGISTRATION);
  const size = Math.min(random.between(...programme.familySize), peopleMax);
  return {
    random,
    route,
    programme,
    site,
    culture,
    destination: random.pick(route.destinations),
    caseNumber: `${site.code}-${seed.toString(36).toUpperCase()}-${String(index + 1).padStart(7, '0')}`,
    registeredOn,
    departsOn: registeredOn + (route.kind === 'evacuation' ? random.between(2, 6) : random.between(60, 170)),
    people: createPeople(random, culture, size, registeredOn, newId),
    newId,
  };
}

function createPeople(
  random: Random,
  culture: Culture,
  size: number,
  registeredOn: number,
  newId: () => string,
): Person[] {
  const people: Person[] = [];
  const family = culture.families.length > 0 ? random.pick(culture.families) : undefined;
  const headAge = random.between(19, 58);
  const headGender = random.chance(0.58) ? 'male' : 'female';
  for (let number = 1; number <= size; number++) {
    const role = roleOf(number, random);
    const gender = genderOf(role, headGender, random);
    const age = ageOf(role, headAge, random);
    people.push({
      id: newId(),
      number,
      role,
      gender,
      age,
      birthDay: registeredOn - Math.round(age * YEAR_DAYS) - random.between(1, 360),
      given: random.pick(gender === 'male' ? culture.men : culture.women),
      ...(family === undefined ? {} : { family }),
    });
  }
  return people;
}

function roleOf(number: number, random: Random): Person['role'] {
  if (number === 1) return 'principal-applicant';
  if (number === 2 && random.chance(0.8)) return 'spouse';
  return random.chance(0.92) ? 'child' : 'other-dependant';
}

function genderOf(role: Person['role'], headGender: Person['gender'], random: Random): Person['gender'] {
  switch (role) {
    case 'principal-applicant':
      return headGender;
    case 'spouse':
      return headGender === 'male' ? 'female' : 'male';
    default:
      return random.chance(0.5) ? 'male' : 'female';
  }
}

function ageOf(role: Person['role'], headAge: number, random: Random): number {
  switch (role) {
    case 'principal-applicant':
      return headAge;
    case 'spouse':
      return Math.max(18, headAge + random.between(-8, 6));
    case 'child':
      return random.between(0, Math.min(17, headAge - 17));
    default:
      return random.between(55, 84);
  }
}
