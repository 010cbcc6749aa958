#!/usr/bin/env node
// Starts the command under a Node that runs TypeScript as it is: this one, or the one that the project brings.
// Plain JavaScript, and nothing in it that an old Node can't read.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = new URL('../main.ts', import.meta.url);
const major = Number(process.versions.node.split('.')[0]);

/** The `node` package's program; undefined where it isn't installed. */
function ownNode() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'));
    const program = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(program) ? program : undefined;
  } catch {
    return undefined;
  }
}

function restart(program) {
  const child = spawn(program, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 130));
  child.on('error', (error) => {
    process.stderr.write(`halftone: ${program} doesn't start: ${error.message}\n`);
    process.exit(2);
  });
}

// Node 24 is the first long-term release that strips types without a warning.
if (major >= 24) {
  await import(main.href);
} else {
  const program = ownNode();
  if (program === undefined) {
    process.stderr.write(
      `halftone: needs Node 24 or newer, this is ${process.versions.node}; run npm install in the project, which brings one\n`,
    );
    process.exit(2);
  }
  restart(program);
}
