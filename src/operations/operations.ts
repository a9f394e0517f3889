/** The one list of operations that the server offers. */
import type { OperationRow } from '../interactions/dispatch.ts';
import { everythingOperation } from './everything.ts';
import { loadPackageOperation } from './load-package.ts';
import { META_OPERATIONS } from './meta.ts';
import { validateOperation } from './validate.ts';

export const OPERATIONS: readonly OperationRow[] = [
  validateOperation,
  everythingOperation,
  ...META_OPERATIONS,
  loadPackageOperation,
];
