/**
 * The contract on MongoDB: pages while others write, and random stores against the oracle.
 */
import t from 'tap';
import { runStoreContract } from './contract/suite.ts';
import { opener } from './mongodb-contract.ts';
import { mongoFor } from './mongodb-server.ts';

const server = await mongoFor(t);
if (server !== undefined) {
  // the stand-in is slow with hints
  await runStoreContract(t, 'mongodb', opener(server, {}, !server.isStandIn), ['paging', 'random']);
}
