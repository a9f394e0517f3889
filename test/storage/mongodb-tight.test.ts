/**
 * The contract on MongoDB with the ways of large databases, on a small one.
 */
import t from 'tap';
import { runStoreContract } from './contract/suite.ts';
import { opener } from './mongodb-contract.ts';
import { mongoFor } from './mongodb-server.ts';

const server = await mongoFor(t);
if (server !== undefined) {
  const tight = {
    joinedMax: 0,
    surveyedMax: 1,
    sortedMax: 0,
    stretchMax: 20,
    batchMax: 4,
    countedMax: 5,
    distinctMax: 3,
    triedMs: 0,
    stepMax: 3,
    fewMax: 0,
  };
  await runStoreContract(t, 'mongodb with tight limits', opener(server, tight), ['searches', 'random']);
  const few = { ...tight, fewMax: 20, walkedMax: 30 };
  await runStoreContract(t, 'mongodb where little matches', opener(server, few), ['random']);
}
