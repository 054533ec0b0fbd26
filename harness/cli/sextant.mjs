#!/usr/bin/env node
// The door to the command. It is plain JavaScript, so that an older Node gets as far as saying what is wrong.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const wantedMajor = 24;

if (Number(process.versions.node.split('.')[0]) >= wantedMajor) {
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv);
} else {
  const ownNode = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
  if (!existsSync(ownNode)) {
    console.error(
      `sextant needs Node ${wantedMajor}; this is ${process.version}. Run "npm ci" in its folder: it installs Node ${wantedMajor} beside the other packages.`,
    );
    process.exit(3);
  }
  // Ctrl-C reaches both processes; this one waits for what the other one makes of it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
  const { status, signal } = spawnSync(ownNode, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exit(status ?? (signal === null ? 3 : 1));
}
