/** Preloaded into a server: SIGUSR2 starts CPU profiles of its threads, the next one writes them to PROFILE_FILE. */
import { renameSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { type CpuProfile, profileThreads } from '../cpu-profile.ts';

if (isMainThread) {
  let stop: (() => Promise<readonly CpuProfile[]>) | undefined;
  process.on('SIGUSR2', async () => {
    if (stop === undefined) {
      stop = await profileThreads();
      return;
    }
    const path = process.env.PROFILE_FILE as string;
    writeFileSync(`${path}.part`, JSON.stringify(await stop()));
    renameSync(`${path}.part`, path);
  });
}
