/**
 * Texts of candidates that are put in order by what they say; large ones lie beside their documents.
 */
import type { ResourceDocument } from './documents.ts';
import type { Order } from './order.ts';
import type { Reader } from './reader.ts';
import { readParts } from './texts.ts';

/** The documents with their texts, when the order looks at them. */
export async function withOrderTexts(
  { collections }: Reader,
  order: Order,
  documents: readonly ResourceDocument[],
): Promise<readonly ResourceDocument[]> {
  if (!order.readsContent || documents.every(({ bp }) => bp === undefined)) return documents;
  const whole: ResourceDocument[] = [];
  for (const document of documents) {
    const json = document.bp === undefined ? undefined : await readParts(collections.blob, document.bp);
    whole.push(json === undefined ? document : { ...document, b: Buffer.from(json) });
  }
  return whole;
}
