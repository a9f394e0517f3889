/**
 * The programmes that made-up families take part in: who, from where, to where, and what is done for them.
 * Shares follow the work that the domain describes: three of four people assessed are labour migrants, one is a
 * refugee (IOM 2018: 75.5 and 24.5 per cent). Weights count families, so a route of families weighs less than its people.
 */
import type { CultureName } from './names.ts';

export interface Site {
  /** Country and place, as in case numbers. */
  readonly code: string;
  readonly country: string;
  readonly city: string;
  /** Offset of local time. */
  readonly offset: string;
  readonly longitude: number;
  readonly latitude: number;
  /** Kind of the second place beside the assessment centre. */
  readonly outreach: 'camp' | 'mobile-clinic' | 'hospital' | 'transit-centre';
}

export const SITES = {
  maeSot: site('TH-MST', 'THA', 'Mae Sot', '+07:00', 98.57, 16.71, 'camp'),
  beirut: site('LB-BEY', 'LBN', 'Beirut', '+02:00', 35.5, 33.89, 'mobile-clinic'),
  islamabad: site('PK-ISB', 'PAK', 'Islamabad', '+05:00', 73.05, 33.68, 'mobile-clinic'),
  addis: site('ET-ADD', 'ETH', 'Addis Ababa', '+03:00', 38.75, 9.02, 'camp'),
  kampala: site('UG-KLA', 'UGA', 'Kampala', '+03:00', 32.58, 0.32, 'camp'),
  nairobi: site('KE-NBO', 'KEN', 'Nairobi', '+03:00', 36.82, -1.29, 'camp'),
  kathmandu: site('NP-KTM', 'NPL', 'Kathmandu', '+05:45', 85.32, 27.72, 'mobile-clinic'),
  manila: site('PH-MNL', 'PHL', 'Manila', '+08:00', 120.98, 14.6, 'hospital'),
  hoChiMinh: site('VN-SGN', 'VNM', 'Ho Chi Minh City', '+07:00', 106.66, 10.76, 'hospital'),
  coxsBazar: site('BD-CXB', 'BGD', "Cox's Bazar", '+06:00', 91.98, 21.43, 'camp'),
  bentiu: site('SS-BNT', 'SSD', 'Bentiu', '+02:00', 29.8, 9.23, 'camp'),
  hague: site('NL-HAG', 'NLD', 'The Hague', '+01:00', 4.3, 52.08, 'transit-centre'),
  berlin: site('DE-BER', 'DEU', 'Berlin', '+01:00', 13.4, 52.52, 'transit-centre'),
  chisinau: site('MD-KIV', 'MDA', 'Chișinău', '+02:00', 28.86, 47.01, 'transit-centre'),
} as const satisfies Record<string, Site>;

export type SiteName = keyof typeof SITES;
export type ProgrammeKind = 'resettlement' | 'labour' | 'return' | 'camp' | 'evacuation';

export interface Route {
  readonly weight: number;
  readonly kind: ProgrammeKind;
  readonly culture: CultureName;
  readonly site: SiteName;
  /** ISO 3166-1 alpha-3; the country of the site when nobody moves on. */
  readonly destinations: readonly string[];
  readonly malaria: boolean;
}

export interface Programme {
  /** Programme area of IOM's Migration Health Division. */
  readonly area: string;
  readonly category: string;
  readonly categoryName: string;
  readonly familySize: readonly [lo: number, hi: number];
  /** Whether people travel on after the assessment. */
  readonly travels: boolean;
}

export const PROGRAMMES: Readonly<Record<ProgrammeKind, Programme>> = {
  resettlement: programme('H1-1', 'refugee', 'Refugee', [1, 7], true),
  labour: programme('H1-2', 'labour-migrant', 'Labour migrant', [1, 1], true),
  return: programme('H1-4', 'avrr-returnee', 'Assisted voluntary returnee', [1, 4], true),
  camp: programme('H3-3', 'refugee', 'Refugee', [2, 8], false),
  evacuation: programme('H3-2', 'idp', 'Internally displaced person', [1, 2], true),
};

export const ROUTES: readonly Route[] = [
  route(3, 'resettlement', 'karen', 'maeSot', ['USA', 'AUS', 'CAN'], true),
  route(3, 'resettlement', 'syrian', 'beirut', ['CAN', 'GBR', 'AUS'], false),
  route(3, 'resettlement', 'congolese', 'kampala', ['USA', 'USA', 'AUS'], true),
  route(2, 'resettlement', 'somali', 'nairobi', ['USA', 'GBR', 'CAN'], true),
  route(2, 'resettlement', 'afghan', 'islamabad', ['USA', 'GBR', 'AUS'], false),
  route(1, 'resettlement', 'eritrean', 'addis', ['CAN', 'USA'], true),
  route(80, 'labour', 'nepali', 'kathmandu', ['MYS', 'ARE', 'QAT'], false),
  route(58, 'labour', 'filipino', 'manila', ['ARE', 'GBR', 'SAU'], false),
  route(32, 'labour', 'vietnamese', 'hoChiMinh', ['GBR', 'JPN'], false),
  route(6, 'return', 'ghanaian', 'hague', ['GHA'], true),
  route(6, 'return', 'iraqi', 'berlin', ['IRQ'], false),
  route(9, 'camp', 'rohingya', 'coxsBazar', ['BGD'], true),
  route(6, 'camp', 'nuer', 'bentiu', ['SSD'], true),
  route(6, 'evacuation', 'nuer', 'bentiu', ['SSD', 'KEN'], true),
  route(6, 'evacuation', 'ukrainian', 'chisinau', ['DEU', 'FRA'], false),
];

function site(
  code: string,
  country: string,
  city: string,
  offset: string,
  longitude: number,
  latitude: number,
  outreach: Site['outreach'],
): Site {
  return { code, country, city, offset, longitude, latitude, outreach };
}

function programme(
  area: string,
  category: string,
  categoryName: string,
  familySize: readonly [number, number],
  travels: boolean,
): Programme {
  return { area, category, categoryName, familySize, travels };
}

function route(
  weight: number,
  kind: ProgrammeKind,
  culture: CultureName,
  siteName: SiteName,
  destinations: readonly string[],
  malaria: boolean,
): Route {
  return { weight, kind, culture, site: siteName, destinations, malaria };
}
