/**
 * Runs a bench with V8 set as bin/passerelle.mjs sets it for a server: how much memory new objects may take decides
 * how often they are collected and what is copied meanwhile. `--v8-defaults` leaves V8 as it is.
 */

/** The same as in bin/passerelle.mjs; a test holds them together. */
export const SERVER_FLAGS = ['--max-semi-space-size=16'];

/** Does not return where it starts again. */
export function runAsServer(): void {
  const isSet = SERVER_FLAGS.every((flag) => process.execArgv.includes(flag));
  if (isSet || process.argv.includes('--v8-defaults') || process.platform === 'win32') return;
  const [program = '', ...rest] = process.argv;
  process.execve?.(program, [program, ...process.execArgv, ...SERVER_FLAGS, ...rest]);
}
