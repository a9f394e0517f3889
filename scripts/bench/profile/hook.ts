/** Preloaded into a server: SIGUSR2 starts to look at PROFILE_KIND, the next one writes what was seen to PROFILE_FILE. */
import { renameSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { profileAllocations } from './allocations.ts';
import { profileThreads } from './cpu.ts';
import { watchPauses } from './pauses.ts';

if (isMainThread) {
  let stop: (() => unknown) | undefined;
  process.on('SIGUSR2', async () => {
    if (stop === undefined) {
      stop = await start();
      return;
    }
    const path = process.env.PROFILE_FILE as string;
    writeFileSync(`${path}.part`, JSON.stringify(await stop()));
    renameSync(`${path}.part`, path);
  });
}

async function start(): Promise<() => unknown> {
  switch (process.env.PROFILE_KIND) {
    case 'allocations':
      return await profileAllocations();
    case 'pauses':
      return watchPauses();
    default:
      return await profileThreads();
  }
}
