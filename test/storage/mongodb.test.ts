/**
 * The contract on MongoDB, but for what it says of searches and pages.
 */
import t from 'tap';
import { CONTRACT_PARTS, runStoreContract } from './contract/suite.ts';
import { opener } from './mongodb-contract.ts';
import { mongoFor } from './mongodb-server.ts';

const server = await mongoFor(t);
if (server !== undefined) {
  // the stand-in is slow with hints
  const open = opener(server, {}, !server.isStandIn);
  const parts = CONTRACT_PARTS.filter((part) => !['searches', 'paging', 'random'].includes(part));
  await runStoreContract(t, 'mongodb', open, parts);
}
