#!/usr/bin/env node
// Starts src/main.ts with a Node that runs TypeScript: this one, or the one that npm installed beside it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const NODE_MAJOR_MIN = 24;
const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const main = join(root, 'src', 'main.ts');

if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) {
  await import(new URL('../src/main.ts', import.meta.url).href);
} else {
  const bundled = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  if (existsSync(bundled)) {
    const { status } = spawnSync(bundled, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
    process.exitCode = status ?? 1;
  } else {
    console.error(
      `Passerelle needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.version}. Install it, or run npm ci.`,
    );
    process.exitCode = 1;
  }
}
