/** Preloaded into a server: SIGUSR2 starts a CPU profile of the main thread, the next one writes it to PROFILE_FILE. */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { isMainThread } from 'node:worker_threads';

const INTERVAL_US = 500;

if (isMainThread) {
  const session = new Session();
  session.connect();
  let isRunning = false;
  process.on('SIGUSR2', async () => {
    if (!isRunning) {
      isRunning = true;
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
      await session.post('Profiler.start');
      return;
    }
    const { profile } = await session.post('Profiler.stop');
    writeFileSync(process.env.PROFILE_FILE as string, JSON.stringify(profile));
  });
}
