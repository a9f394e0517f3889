/** What README.md says of the speed, between its markers: the same figures as docs/performance.md, and never by hand. */
import { goalRungsOf, rungsOf, times } from './goals.ts';
import { type Parts, partsOf, type Report } from './parts.ts';

/** Paragraphs of Markdown; what was not measured is left out. */
export function speedOf(parts: Parts): string {
  const own = partsOf(parts, 'workloads').find(({ result }) => result.engine === 'sqlite')?.result;
  const sentences = [...(own === undefined ? [] : alone(own)), ...beside(parts), ...growth(parts)];
  return `${wrap(sentences.join(' '))}\n`;
}

function alone(report: Report): string[] {
  const rate = (start: string): string => whole(rowOf(report, start)?.perSecond ?? 0);
  const p99 = (start: string): string => (rowOf(report, start)?.outcome?.p99 ?? 0).toFixed(0);
  const sentences = [
    `On two cores that the load generator shares, SQLite, validation on: ${rate('read')} reads/s, ${rate('validated create')} durable creates/s of a chest film with its profile, ${rate('CRUD, 36')} requests/s of the public 36-request CRUD iteration (p99 ${p99('CRUD, 36')} ms), families imported in transactions at ${rate('import')} resources/s, ${rate('search, 30')} searches/s over the 30 public shapes (p99 ${p99('search, 30')} ms).`,
  ];
  const { process: own, resources } = report;
  if (own !== undefined) {
    sentences.push(
      `Ready in ${(own.readyEmptyMs / 1000).toFixed(1)} s with ${whole(own.memoryReady.residentBytes / 2 ** 20)} MiB; ${(own.storedBytes / resources / 1000).toFixed(1)} KB on disk per resource.`,
    );
  }
  return sentences;
}

function beside(parts: Parts): string[] {
  return partsOf(parts, 'beside').map(({ result: { own, peer } }) => {
    const ratios = [
      ['CRUD, 36', 'the CRUD requests'],
      ['import', 'the import'],
      ['search, 30', 'the searches'],
    ].map(([start = '', what]) => {
      const [ours, theirs] = [rowOf(own, start)?.perSecond ?? 0, rowOf(peer, start)?.perSecond ?? 1];
      return `${(ours / theirs).toFixed(0)} times ${what}`;
    });
    return `In one run beside ${peer.name.replace(/^Passerelle on SQLite beside /, '')}: ${ratios.join(', ')}.`;
  });
}

function growth(parts: Parts): string[] {
  const rungs = goalRungsOf(rungsOf(parts, 'sqlite'));
  const [first, last] = [rungs[0], rungs.at(-1)];
  if (first === undefined || last === undefined || first === last) return [];
  const ratios = first.loads.flatMap(({ name, p50 }) => {
    const later = last.loads.find((load) => load.name === name);
    return later === undefined ? [] : [{ name: name.replace('search, ', ''), ratio: later.p50 / p50 }];
  });
  const mix = ratios.find(({ name }) => name === '30 shapes')?.ratio ?? 0;
  const worst = ratios.toSorted((a, b) => b.ratio - a.ratio)[0];
  return [
    `With ${times(first, last)} times the data (${whole(last.resources)} resources) the p50 of the 30 shapes is ${mix.toFixed(2)} times what it was, that of the family that grows most (${worst?.name}) ${worst?.ratio.toFixed(2)} times, and an import runs at ${(100 * ((last.importPerSecond ?? 0) / (first.importPerSecond ?? 1))).toFixed(0)} % of its rate.`,
  ];
}

function rowOf(report: Report, start: string): Report['rows'][number] | undefined {
  return report.rows.find(({ workload }) => workload.startsWith(start));
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

const LINE = 115;

function wrap(text: string): string {
  let line = '';
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length >= LINE) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line].join('\n');
}
