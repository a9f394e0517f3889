/** What a run that is interrupted ends and removes, the last first: servers before the databases they work on. */

const left = new Set<() => Promise<void>>();

/** Returns how to say that it is done otherwise. */
export function whenInterrupted(work: () => Promise<void>): () => void {
  if (left.size === 0) for (const signal of SIGNALS) process.on(signal, end);
  left.add(work);
  return () => {
    left.delete(work);
    if (left.size === 0) for (const signal of SIGNALS) process.removeListener(signal, end);
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

async function end(signal: NodeJS.Signals): Promise<void> {
  console.error(`${signal}: what was made is removed`);
  const all = [...left].reverse();
  left.clear();
  for (const work of all) await work().catch((error: unknown) => console.error(String(error)));
  process.exit(1);
}
