#!/usr/bin/env node
// Starts src/main.ts with a Node that runs TypeScript: this one, or the one that npm installed beside it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR_MIN = 24;

if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) {
  await import(new URL('../src/main.ts', import.meta.url).href);
} else {
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  const bundled = fileURLToPath(new URL(`../node_modules/node/bin/${program}`, import.meta.url));
  if (existsSync(bundled)) runWith(bundled);
  else {
    console.error(
      `Passerelle needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.version}. Install it, or run npm ci.`,
    );
    process.exitCode = 1;
  }
}

/** Stands for the server: what a supervisor asks of this process is asked of that one, and its end is the end here. */
function runWith(bundled) {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const child = spawn(bundled, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'])
    process.on(signal, () => child.kill(signal));
  // Ctrl-C in a terminal reaches both; sent on, it would be the second one, which means "at once".
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  child.on('error', (error) => {
    console.error(`${bundled} cannot be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? code : 128 + (constants.signals[signal] ?? 0);
  });
}
