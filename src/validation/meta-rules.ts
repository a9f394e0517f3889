/**
 * Tags and security labels are sets: the same label twice says nothing more, and the operations on them would
 * remove both at once. For `$validate`.
 * https://hl7.org/fhir/R4/resource.html#Meta
 */
import type { Collector } from './collector.ts';
import { isObject } from './items.ts';
import { show } from './suggestion.ts';

export function distinctLabels(security: unknown, tag: unknown, c: Collector): void {
  checkDistinct(security, 'security', 'error', c);
  checkDistinct(tag, 'tag', 'warning', c);
}

function checkDistinct(labels: unknown, name: string, severity: 'error' | 'warning', c: Collector): void {
  if (!Array.isArray(labels) || labels.length < 2) return;
  const seen = new Set<string>();
  labels.forEach((label, i) => {
    if (!isObject(label) || typeof label.code !== 'string') return;
    const key = `${label.system ?? ''}|${label.code}`;
    if (seen.has(key)) {
      const text = `The label ${show(key)} occurs twice: these are a set.`;
      c.report('duplicate-label', text, { at: [name, i], severity });
    }
    seen.add(key);
  });
}
