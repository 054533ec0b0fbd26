import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { startMark } from '../../cluster/process-facts.ts';
import { until } from '../../testing/until.ts';
import { ToxiproxyServer } from './server.ts';

test('a Toxiproxy that is not ready in time is ended', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sextant-toxiproxy-'));
  const path = process.env['PATH'] ?? '';
  process.env['PATH'] = `${dir}${delimiter}${path}`;
  try {
    const pidFile = join(dir, 'pid');
    await writeFile(join(dir, 'toxiproxy-server'), `#!/bin/sh\necho $$ > ${pidFile}\nexec sleep 600\n`, {
      mode: 0o755,
    });
    await assert.rejects(ToxiproxyServer.start(join(dir, 'log'), 500), /waited 0.5 s for Toxiproxy to answer/);
    const pid = Number(await readFile(pidFile, 'utf8'));
    assert.ok(pid > 0);
    await until({ what: `process ${pid} to be gone`, withinMs: 2000 }, () => startMark(pid) === null);
  } finally {
    process.env['PATH'] = path;
    await rm(dir, { recursive: true, force: true });
  }
});
