/** Whether a fast server did its work: what was sent is there, links lead on, filters filter, the wrong is refused. */
export async function brokenPromises(base: URL, counts: ReadonlyMap<string, number>): Promise<string[]> {
  const broken: string[] = [];
  const total = async (query: string): Promise<number> => {
    const [type, rest] = query.split('?');
    const bundle = await ask(`${base}/${type}?${rest === undefined ? '' : `${rest}&`}_summary=count`);
    return Number(bundle.total);
  };
  for (const [type, sent] of counts) {
    const stored = await total(type);
    if (stored !== sent) broken.push(`${sent} ${type} were sent, ${stored} are there`);
  }
  for (const filter of FILTERS) {
    const [all, some] = [await total(filter.split('?')[0] as string), await total(filter)];
    if (!(some > 0 && some < all)) broken.push(`${filter} finds ${some} of ${all}`);
  }
  const page = JSON.stringify(await ask(`${base}/Observation?_count=200`));
  if (page.includes('urn:uuid:')) broken.push('a reference to urn:uuid was stored');
  const { status } = await fetch(`${base}/Observation`, {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: '{"resourceType":"Observation","valueString":"x"}',
  });
  if (status < 400) broken.push(`an Observation without code and status was answered with ${status}`);
  return broken;
}

const FILTERS = [
  'Patient?gender=female',
  'Patient?name=A',
  'Observation?code=http://loinc.org|29463-7',
  'Observation?date=ge2024',
  'Observation?value-quantity=gt70|http://unitsofmeasure.org|kg',
  'Observation?component-code-value-quantity=http://loinc.org|8480-6$gt130',
  'Encounter?status=finished&date=ge2024',
];

async function ask(url: string): Promise<{ total?: number }> {
  const response = await fetch(url, { headers: { accept: 'application/fhir+json' } });
  return (await response.json()) as { total?: number };
}
