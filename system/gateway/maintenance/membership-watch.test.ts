import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noFailpoints } from '../../common/failpoint.ts';
import { createLogger } from '../../common/log.ts';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { StoreError } from '../objects/errors.ts';
import { MemoryNodes } from '../objects/memory-nodes.fixture.ts';
import { MemoryRegistry } from '../objects/memory-registry.fixture.ts';
import type { Heartbeat } from '../objects/server-registry.ts';
import { Placement } from '../placement/placement.ts';
import { MembershipWatch } from './membership-watch.ts';

const heartbeatOf = (serverId: string, changes: Partial<Heartbeat> = {}): Heartbeat => ({
  serverId,
  grpcAddress: `${serverId}:1`,
  availableBytes: 10,
  usedBytes: 0,
  totalBytes: 10,
  instanceId: `process of ${serverId}`,
  clusterId: undefined,
  ...changes,
});

function gatewayOn(registry: MemoryRegistry, staticAddresses: string[] = []) {
  const nodes = new MemoryNodes();
  const placement = new Placement(6, () => true);
  const clock = new VirtualClock();
  const log = createLogger('test', 'silent');
  const clusterId = 'cluster-1';
  const common = { registry, nodes, placement, clock, log, clusterId, failpoints: noFailpoints };
  const watch = new MembershipWatch({ ...common, staticAddresses, inactiveAfterMs: 30_000 });
  return { watch, nodes, clock, statusOf: (serverId: string) => placement.membership.servers.get(serverId)?.status };
}

test('what happens to a server at one gateway is noticed by another one that asks for the version', async () => {
  const registry = new MemoryRegistry();
  const [one, other] = [gatewayOn(registry), gatewayOn(registry)];
  await other.watch.poll();
  await one.watch.heartbeat(heartbeatOf('n1'));
  assert.deepEqual([one.statusOf('n1'), other.statusOf('n1')], ['active', undefined]);
  await other.watch.poll();
  assert.equal(other.statusOf('n1'), 'active');
  const record = registry.records.get('n1');
  assert.ok(record !== undefined);
  registry.records.set('n1', { ...record, status: 'draining' });
  await other.watch.poll();
  assert.equal(other.statusOf('n1'), 'active');
  registry.version++;
  await other.watch.poll();
  assert.equal(other.statusOf('n1'), 'draining');
});

test('calls to a server are tried again at once when it was started again, or is back from silence', async () => {
  const registry = new MemoryRegistry();
  const { watch, nodes } = gatewayOn(registry);
  await watch.heartbeat(heartbeatOf('n1'));
  nodes.returns.length = 0;
  await watch.heartbeat(heartbeatOf('n1'));
  assert.deepEqual(nodes.returns, [], 'a server that was never away has not returned');
  nodes.answers.set('n1:1', heartbeatOf('n1', { instanceId: 'its next process' }));
  await watch.heartbeat(heartbeatOf('n1', { instanceId: 'its next process' }));
  assert.deepEqual(nodes.returns, ['n1']);
  const record = registry.records.get('n1');
  assert.ok(record !== undefined);
  registry.records.set('n1', { ...record, status: 'inactive' });
  await watch.refresh();
  await watch.heartbeat(heartbeatOf('n1', { instanceId: 'its next process' }));
  assert.deepEqual(nodes.returns, ['n1', 'n1']);
});

test('a status that the answer to a heartbeat shows is used at once', async () => {
  const registry = new MemoryRegistry();
  const { watch, statusOf } = gatewayOn(registry);
  await watch.heartbeat(heartbeatOf('n1'));
  const record = registry.records.get('n1');
  assert.ok(record !== undefined);
  registry.records.set('n1', { ...record, status: 'maintenance' });
  assert.equal(await watch.heartbeat(heartbeatOf('n1')), 'maintenance');
  assert.equal(statusOf('n1'), 'maintenance');
});

test('an answer of the database that comes late takes nothing back that was learned since', async () => {
  let answer = () => {};
  const late = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let asked = 0;
  class SlowOnce extends MemoryRegistry {
    override async servers() {
      const found = await super.servers();
      if (++asked === 1) await late;
      return found;
    }
  }
  const { watch, statusOf } = gatewayOn(new SlowOnce());
  const refreshing = watch.refresh();
  while (asked === 0) await new Promise(setImmediate);
  await watch.heartbeat(heartbeatOf('n1'));
  assert.equal(statusOf('n1'), 'active');
  answer();
  await refreshing;
  assert.equal(statusOf('n1'), 'active');
});

test('of two static addresses with one id the second is no server', async () => {
  const registry = new MemoryRegistry();
  const { watch, nodes } = gatewayOn(registry, ['a:1', 'b:1']);
  nodes.answers.set('a:1', heartbeatOf('n1', { grpcAddress: 'a:1', instanceId: 'first' }));
  await watch.refresh();
  nodes.answers.set('b:1', heartbeatOf('n1', { grpcAddress: 'b:1', instanceId: 'second' }));
  await watch.refresh();
  assert.equal(registry.records.get('n1')?.grpcAddress, 'a:1');
  nodes.answers.delete('a:1');
  await watch.refresh();
  assert.equal(registry.records.get('n1')?.grpcAddress, 'b:1');
});

test('a heartbeat that the database was not there to take counts when it is back; one that was refused never does', async () => {
  const registry = new MemoryRegistry();
  const { watch, statusOf } = gatewayOn(registry);
  registry.failure = new StoreError('DatabaseUnavailable', 'away');
  await assert.rejects(watch.heartbeat(heartbeatOf('n1')), { code: 'DatabaseUnavailable' });
  await assert.rejects(watch.heartbeat(heartbeatOf('n2', { clusterId: 'cluster-2' })), { code: 'ServerRefused' });
  registry.failure = undefined;
  await watch.refresh();
  assert.deepEqual([statusOf('n1'), statusOf('n2')], ['active', undefined]);
});
