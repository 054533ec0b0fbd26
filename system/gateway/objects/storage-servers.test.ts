import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerStatus } from '../placement/membership.ts';
import type { ServerOperations, ServerReport, ServerState } from './server-operations.ts';
import { StorageServers } from './storage-servers.ts';

/** One server in a state, with two replicas of every chunk. */
function serverIn(state: ServerState) {
  const server = { status: state.status };
  const operations: Pick<ServerOperations, 'changeStatus' | 'serverReports'> = {
    changeStatus: async (serverId, decide) => {
      if (serverId !== 'n1') return false;
      server.status = decide(state);
      return true;
    },
    serverReports: async (serverId) => (serverId === 'n1' ? [{ serverId, ...server } as ServerReport] : []),
  };
  let changes = 0;
  const servers = new StorageServers({
    operations: operations as ServerOperations,
    replicas: 2,
    inactiveAfterMs: 30_000,
    onChange: async () => void changes++,
  });
  return { servers, changes: () => changes };
}

const heard = { otherActive: 5, heartbeatAgeMs: 100 };
const statuses: readonly ServerStatus[] = ['active', 'inactive', 'maintenance', 'draining', 'removed'];

test('every server can be drained, again and again, and a removed one stays removed', async () => {
  for (const status of statuses) {
    const { servers, changes } = serverIn({ ...heard, status });
    const report = await servers.drain('n1');
    assert.equal(report.status, status === 'removed' ? 'removed' : 'draining');
    assert.equal(changes(), 1);
  }
});

test('a drain that would leave fewer active servers than replicas is refused with both numbers', async () => {
  for (const status of ['active', 'inactive', 'maintenance'] as const) {
    const { servers, changes } = serverIn({ ...heard, status, otherActive: 1 });
    const refusal = { code: 'TooFewServersLeft', message: /n1 would leave 1 active .* 2 replicas/ };
    await assert.rejects(servers.drain('n1'), refusal);
    assert.equal(changes(), 0);
  }
  assert.equal((await serverIn({ ...heard, status: 'active', otherActive: 2 }).servers.drain('n1')).status, 'draining');
});

test('maintenance is refused where it would take one active server too many, and to servers that leave', async () => {
  const maintain = (status: ServerStatus, otherActive = 5) =>
    serverIn({ ...heard, status, otherActive }).servers.maintain('n1');
  assert.equal((await maintain('active')).status, 'maintenance');
  assert.equal((await maintain('inactive', 1)).status, 'maintenance');
  assert.equal((await maintain('maintenance', 1)).status, 'maintenance');
  await assert.rejects(maintain('active', 1), { code: 'TooFewServersLeft' });
  for (const status of ['draining', 'removed'] as const)
    await assert.rejects(maintain(status), { code: 'ServerRefused' });
});

test('a server that is activated is active at once if it is heard of, else with its next heartbeat', async () => {
  for (const status of statuses) {
    assert.equal((await serverIn({ ...heard, status }).servers.activate('n1')).status, 'active');
    for (const heartbeatAgeMs of [30_001, null]) {
      assert.equal((await serverIn({ ...heard, status, heartbeatAgeMs }).servers.activate('n1')).status, 'inactive');
    }
  }
});

test('a server that nobody knows is not found', async () => {
  const { servers } = serverIn({ ...heard, status: 'active' });
  for (const attempt of [servers.one('x'), servers.drain('x'), servers.maintain('x'), servers.activate('x')]) {
    await assert.rejects(attempt, { code: 'ServerNotFound', message: /x$/ });
  }
});
