/**
 * What resources are indexed for, as earlier versions noted it: in a file beside the data.
 */
import { readFileSync, rmSync } from 'node:fs';
import type { IndexLedger, IndexState } from '../store.ts';

/** Takes it into the store, unless that has one, and removes the file. */
export async function adoptEarlierLedger(path: string, ledger: IndexLedger): Promise<void> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return;
  }
  if ((await ledger.read()) === undefined) {
    try {
      await ledger.note(JSON.parse(text) as IndexState);
    } catch (error) {
      // without it all is indexed again
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  rmSync(path, { force: true });
}
