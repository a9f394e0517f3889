/** A database on MongoDB for one server that is measured: made before, dropped after. */
import { databaseUrl, measuredDatabase, startMongo } from '../../../test/storage/mongodb-server.ts';
import { whenInterrupted } from './interrupted.ts';

export interface MongoPlace {
  readonly name: string;
  /** Settings of a server that works on it. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function openMongoPlace(): Promise<MongoPlace> {
  const server = await startMongo({ isMeasured: true });
  const { name, drop } = measuredDatabase(server);
  if (server.process === undefined) console.log(`${server.name}: database ${name}, dropped at the end`);
  const remove = async (): Promise<void> => {
    await drop();
    await server.stop();
  };
  const isDone = whenInterrupted(remove);
  return {
    name: server.isStandIn ? 'a stand-in for mongod without synced commits' : `${server.name}, ${name}`,
    env: {
      MONGODB_URL: databaseUrl(server, name),
      // a machine that is busy with other work slows a run down and must not end it
      PASSERELLE_MONGODB_WAIT_MS: '60000',
      // the stand-in reads a whole index for a hint
      ...(server.isStandIn && { PASSERELLE_MONGODB_HINTS: 'false' }),
    },
    async close() {
      isDone();
      await remove();
    },
  };
}
