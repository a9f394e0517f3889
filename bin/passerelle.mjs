#!/usr/bin/env node
// Starts src/main.ts with a Node that runs TypeScript: this one, or the one that npm installed beside it. A server is
// told from its start how much memory it may use before it looks for what is free: V8 and the C library take that from
// the command line and the environment only, so this process gives way to one of the same number that has both.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NODE_MAJOR_MIN = 24;
const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
/** New objects take 32 MiB, not 128. */
const SERVER_FLAGS = ['--max-semi-space-size=16'];
const SERVER_ENV = {
  /** The C library's stores of free memory: one for every thread keeps what the others could use. */
  MALLOC_ARENA_MAX: '2',
  /** What is larger goes back when it is free; else that grows with the largest there was, to 64 MiB of free memory. */
  MALLOC_MMAP_THRESHOLD_: '262144',
  MALLOC_TRIM_THRESHOLD_: '262144',
  /** Types are stripped once: else each thread keeps 10 MiB of the program that does it. */
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../build/compile-cache', import.meta.url)),
};

const [command = 'serve'] = process.argv.slice(2);
const flags = command === 'serve' ? SERVER_FLAGS.filter((flag) => !isSet(flag)) : [];
const env = command === 'serve' ? { ...SERVER_ENV, ...process.env } : process.env;
const isTuned = flags.length === 0 && Object.keys(SERVER_ENV).every((name) => name in process.env);

if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) runOther();
else if (command === 'serve' && !isTuned && canRestart()) restart();
else await import(pathToFileURL(MAIN).href);

/** By whoever started this, on the command line or in NODE_OPTIONS. */
function isSet(flag) {
  const name = flag.split('=', 1)[0];
  return `${process.execArgv.join(' ')} ${process.env.NODE_OPTIONS ?? ''}`.includes(name);
}

/** Not on Windows, nor when a parent talks to this process over a channel. */
function canRestart() {
  return 'execve' in process && process.platform !== 'win32' && process.send === undefined;
}

function restart() {
  const [program] = process.argv;
  process.execve(program, [program, ...process.execArgv, ...flags, ...process.argv.slice(1)], env);
}

function runOther() {
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
  const child = spawn(bundled, [...flags, MAIN, ...process.argv.slice(2)], { stdio: 'inherit', env });
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
