/** Missions, places and staff of every site, and the bodies that receive people: the same for every seed. */
import type { Resource } from '../fhir/types.ts';
import { type Json, meta, own, reference, sid, tho } from './elements.ts';
import { ROUTES, SITES, type Site } from './programmes.ts';

export type Role = 'physician' | 'radiologist' | 'nurse' | 'laboratory';

const STAFF: readonly (readonly [Role, string, string])[] = [
  ['physician', 'Anan', 'Bergström'],
  ['radiologist', 'Kamal', 'Oyelaran'],
  ['nurse', 'Mirela', 'Tanaka'],
  ['laboratory', 'Niran', 'Castillo'],
];

export const missionOf = (site: Site): Json => reference('Organization', `iom-${key(site)}`);
export const centreOf = (site: Site): Json => reference('Location', `mhac-${key(site)}`);
export const outreachOf = (site: Site): Json => reference('Location', `outreach-${key(site)}`);
export const staffOf = (site: Site, role: Role): Json => reference('Practitioner', `${role}-${key(site)}`);
export const healthAuthorityOf = (country: string): Json =>
  reference('Organization', `health-${country.toLowerCase()}`);
export const hospitalOf = (country: string): Json =>
  reference('Organization', `hospital-${country.toLowerCase()}`);

export function directory(): Resource[] {
  const destinations = [...new Set(ROUTES.flatMap((route) => route.destinations))].sort();
  return [
    organization('iom', 'IOM', 'IOM', 'iom-mission', 'IOM mission', 'CHE'),
    ...Object.values(SITES).flatMap(siteResources),
    ...destinations.flatMap((code) => [
      organization(
        `health-${code.toLowerCase()}`,
        `${code}-MOH`,
        `Health authority, ${code}`,
        ...AUTHORITY,
        code,
      ),
      organization(
        `hospital-${code.toLowerCase()}`,
        `${code}-HOSP`,
        `Referral hospital, ${code}`,
        ...HOSPITAL,
        code,
      ),
    ]),
  ];
}

const AUTHORITY = ['health-authority', 'Health authority'] as const;
const HOSPITAL = ['hospital', 'Hospital'] as const;

function key(site: Site): string {
  return site.code.toLowerCase();
}

function organization(
  id: string,
  code: string,
  name: string,
  kind: string,
  kindName: string,
  country: string,
): Resource {
  return {
    resourceType: 'Organization',
    id,
    meta: meta('mhd-organization'),
    identifier: [{ system: sid('site'), value: code }],
    active: true,
    type: [own('organization-kind', kind, kindName)],
    name,
    address: [{ use: 'work', country }],
  };
}

function siteResources(site: Site): Resource[] {
  const name = `IOM ${site.city}`;
  const mission = organization(
    `iom-${key(site)}`,
    site.code,
    name,
    'iom-mission',
    'IOM mission',
    site.country,
  );
  mission.partOf = reference('Organization', 'iom');
  mission.telecom = [{ system: 'email', value: `health-${key(site)}@example.org`, use: 'work' }];
  return [
    mission,
    location(site, 'mhac', 'mhac', 'Migration health assessment centre'),
    location(site, 'outreach', site.outreach, KIND_NAMES[site.outreach]),
    ...STAFF.map(([role, given, family]) => practitioner(site, role, given, family)),
  ];
}

const KIND_NAMES: Readonly<Record<Site['outreach'], string>> = {
  camp: 'Camp or settlement',
  'mobile-clinic': 'Mobile clinic',
  hospital: 'Hospital',
  'transit-centre': 'Transit centre',
};

function location(site: Site, prefix: string, kind: string, kindName: string): Resource {
  return {
    resourceType: 'Location',
    id: `${prefix}-${key(site)}`,
    meta: meta('mhd-location'),
    identifier: [{ system: sid('site'), value: `${site.code}-${prefix}` }],
    status: 'active',
    name: `${site.city}, ${kindName.toLowerCase()}`,
    mode: 'instance',
    type: [own('location-kind', kind, kindName)],
    address: { city: site.city, country: site.country },
    physicalType: tho('location-physical-type', 'si', 'Site'),
    position: { longitude: site.longitude, latitude: site.latitude },
    managingOrganization: missionOf(site),
  };
}

function practitioner(site: Site, role: Role, given: string, family: string): Resource {
  return {
    resourceType: 'Practitioner',
    id: `${role}-${key(site)}`,
    identifier: [{ system: sid('site'), value: `${site.code}-${role}` }],
    active: true,
    name: [{ family, given: [given] }],
  };
}
