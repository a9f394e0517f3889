/** The one list of operations that the server offers. */
import type { OperationRow } from '../interactions/dispatch.ts';
import { everythingOperation } from './everything.ts';
import { loadPackageOperation } from './load-package.ts';
import { META_OPERATIONS } from './meta.ts';
import { CODE_OPERATIONS } from './terminology/codes.ts';
import { VALUE_SET_OPERATIONS } from './terminology/value-sets.ts';
import { validateOperation } from './validate.ts';

export const OPERATIONS: readonly OperationRow[] = [
  validateOperation,
  everythingOperation,
  ...META_OPERATIONS,
  loadPackageOperation,
  ...CODE_OPERATIONS,
  ...VALUE_SET_OPERATIONS,
];
