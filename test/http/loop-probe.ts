/**
 * Loaded into a server before it starts: the most CPU time that its event loop spent between two turns. CPU time
 * of the thread alone, so that a busy machine does not count.
 * https://nodejs.org/api/process.html#processthreadcpuusagepreviousvalue
 */
const spent = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
let last = spent();
let longestMs = 0;

setInterval(() => {
  const now = spent();
  longestMs = Math.max(longestMs, now - last);
  last = now;
}, 1).unref();

/** Any message is answered with the longest turn since the one before. */
process.on('message', () => {
  process.send?.(longestMs);
  longestMs = 0;
});
process.channel?.unref();
