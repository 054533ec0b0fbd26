import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../../common/log.ts';
import { admitServer } from './admit-server.ts';
import { MemoryNodes } from './memory-nodes.fixture.ts';
import { MemoryRegistry } from './memory-registry.fixture.ts';
import type { Heartbeat } from './server-registry.ts';

const heartbeatOf = (changes: Partial<Heartbeat> = {}): Heartbeat => ({
  serverId: 'n1',
  grpcAddress: 'a:1',
  availableBytes: 10,
  usedBytes: 0,
  totalBytes: 10,
  instanceId: 'first',
  clusterId: 'cluster-1',
  ...changes,
});

/** One gateway, and the processes that answer at addresses. */
function gateway() {
  const registry = new MemoryRegistry();
  const nodes = new MemoryNodes();
  const deps = { registry, nodes, clusterId: 'cluster-1', freshMs: 30_000, log: createLogger('test', 'silent') };
  return {
    registry,
    answersAt: (address: string, found: Partial<Heartbeat>) =>
      void nodes.answers.set(address, heartbeatOf({ grpcAddress: address, ...found })),
    isGoneFrom: (address: string) => void nodes.answers.delete(address),
    admit: (changes?: Partial<Heartbeat>) => admitServer(deps, heartbeatOf(changes)),
  };
}

const second = { grpcAddress: 'b:1', instanceId: 'second' };

test('of two nodes that claim one id the second is refused, with a sentence that names the id and the address of the first', async () => {
  const { admit, answersAt } = gateway();
  answersAt('a:1', { instanceId: 'first' });
  await admit();
  await assert.rejects(admit(second), { code: 'ServerRefused', message: /^n1 .* answers at a:1$/ });
  assert.equal(await admit(), 'active');
  await assert.rejects(admit({ ...second, instanceId: undefined }), { code: 'ServerRefused' });
});

test('the second node is taken as soon as the first is gone, and then the first is the one that is refused', async () => {
  const { admit, answersAt, isGoneFrom } = gateway();
  await admit();
  isGoneFrom('a:1');
  answersAt('b:1', second);
  assert.equal(await admit(second), 'active');
  await assert.rejects(admit(), { code: 'ServerRefused', message: /answers at b:1$/ });
});

test('a node that moved is taken: at its old address is nobody, another server, or the node itself', async () => {
  const { admit, answersAt } = gateway();
  await admit();
  answersAt('a:1', { serverId: 'n2', instanceId: 'of n2' });
  assert.equal(await admit({ ...second, grpcAddress: 'b:1' }), 'active');
  answersAt('b:1', { instanceId: 'second' });
  assert.equal(await admit({ ...second, grpcAddress: 'c:1' }), 'active');
});

test('a node that was started again at its address is taken; one that only claims the address of another is refused', async () => {
  const { admit, answersAt } = gateway();
  await admit();
  answersAt('a:1', { instanceId: 'restarted' });
  assert.equal(await admit({ instanceId: 'restarted' }), 'active');
  await assert.rejects(admit({ instanceId: 'pretender' }), { code: 'ServerRefused', message: /answers at a:1$/ });
});

test('a node with the data of another cluster is refused by name and never becomes a server', async () => {
  const { admit, registry } = gateway();
  await assert.rejects(admit({ clusterId: 'cluster-2' }), {
    code: 'ServerRefused',
    message: 'the data of n1 belongs to cluster cluster-2, and this is cluster cluster-1',
  });
  assert.equal(registry.records.size, 0);
  assert.equal(await admit({ clusterId: undefined }), 'active');
});

test('a server that was removed is refused until an operator takes it back, and is told how', async () => {
  const { admit, registry } = gateway();
  await admit();
  const record = registry.records.get('n1');
  assert.ok(record !== undefined);
  registry.records.set('n1', { ...record, status: 'removed' });
  await assert.rejects(admit(), { code: 'ServerRefused', message: /n1 was removed.*\/n1\/activate$/ });
  registry.records.set('n1', { ...record, status: 'inactive' });
  assert.equal(await admit(), 'active');
});
