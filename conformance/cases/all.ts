/** Every case, in the order of the scoreboard. */
import type { Case } from '../case.ts';
import { BATCH, TRANSACTION } from './bundle.ts';
import { CONDITIONAL } from './conditional.ts';
import { HISTORY } from './history.ts';
import { CREATE, DELETE, FIDELITY, READ, UPDATE, VREAD } from './instance.ts';
import { PATCH } from './patch.ts';
import { CAPABILITIES, ERRORS, FORMATS, OPERATIONS } from './protocol.ts';
import { SEARCH } from './search.ts';
import { SEARCH_VALUES } from './search-values.ts';

export const ALL_CASES: readonly Case[] = [
  ...CAPABILITIES,
  ...CREATE,
  ...READ,
  ...VREAD,
  ...UPDATE,
  ...PATCH,
  ...DELETE,
  ...FIDELITY,
  ...CONDITIONAL,
  ...HISTORY,
  ...SEARCH,
  ...SEARCH_VALUES,
  ...BATCH,
  ...TRANSACTION,
  ...OPERATIONS,
  ...FORMATS,
  ...ERRORS,
];
