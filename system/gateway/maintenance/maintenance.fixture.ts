import assert from 'node:assert/strict';
import { noFailpoints } from '../../common/failpoint.ts';
import { createLogger } from '../../common/log.ts';
import { systemRandom as random } from '../../common/random.ts';
import { inPieces, memoryStore, numbered } from '../objects/files.fixture.ts';
import type { WrittenChunk } from '../objects/ports.ts';
import { membershipOf, type ServerRecord, type ServerStatus } from '../placement/membership.ts';
import { ServerStandings } from '../placement/server-standing.ts';

const GRACE_MS = 60_000;
const INACTIVE_AFTER_MS = 30_000;
/** Longer than any test lasts: the record keeps saying it while the clock goes on. */
const SILENT_MS = 3_600_000;
const GiB = 1024 ** 3;

/** Jobs over nodes and metadata in memory. */
export function maintained(options: { nodes?: number; replicas?: number } = {}) {
  const memory = memoryStore(options);
  const { metadata, nodes, placement, clock, pool } = memory;
  const errors: string[] = [];
  const log = createLogger('test', 'silent');
  log.error = (_context: unknown, message?: string) => void errors.push(message ?? '');
  const standings = new ServerStandings(clock, GRACE_MS, INACTIVE_AFTER_MS);
  metadata.nowMs = () => clock.nowMs();
  metadata.serverRecords = [...placement.membership.servers.values()];
  const deps = {
    metadata,
    nodes,
    placement,
    clock,
    pool,
    log,
    random,
    standings,
    replicas: options.replicas ?? 2,
    retryMs: 1_000,
    failpoints: noFailpoints,
    workLeaseMs: 60_000,
    onReplicaFailure: () => undefined,
    onServersBack: (): void => undefined,
    onRepaired: (): void => undefined,
  };

  /** Sets what the database says of a server, and lets every gateway know. */
  const setStatus = (serverId: string, status: ServerStatus, heartbeatAgeMs = 0) => {
    const changed = (server: ServerRecord) =>
      server.serverId === serverId ? { ...server, status, heartbeatAgeMs, availableBytes: GiB } : server;
    metadata.serverRecords = metadata.serverRecords.map(changed);
    placement.update(membershipOf(metadata.serverRecords));
  };

  return {
    ...memory,
    deps,
    errors,
    standings,
    setStatus,
    async store(bytes = 100_000): Promise<{ data: Buffer; fileId: string; chunks: readonly WrittenChunk[] }> {
      const data = numbered(bytes);
      const named = { filename: 'a', contentType: 'b', declaredBytes: bytes };
      const { fileId } = await memory.files.write(named, inPieces(data), new AbortController().signal);
      return { data, fileId, chunks: (await memory.files.completed(fileId)).chunks };
    },
    /** The server's disk is gone, and it with it, for longer than repair waits. */
    loseServer(serverId: string): void {
      for (const key of nodes.chunksOn(serverId)) nodes.chunks.delete(key);
      nodes.misbehaving.set(serverId, { kind: 'unavailable', failReadAtOffset: 0, failWriteAfterBytes: 0 });
      setStatus(serverId, 'inactive', SILENT_MS);
      standings.update(metadata.serverRecords);
      clock.advance(GRACE_MS);
    },
    /** Every chunk has as many replicas on disks as it should, just where its row says. */
    assertWhole(replicas = 2): void {
      for (const chunk of [...metadata.files.values()].flatMap((file) => file.chunks)) {
        assert.equal(new Set(chunk.serverIds).size, replicas);
        for (const serverId of chunk.serverIds) {
          assert.ok(nodes.chunks.has(`${serverId}/${chunk.chunkId}`), `${serverId} lacks ${chunk.chunkId}`);
          assert.ok(!nodes.damage.has(`${serverId}/${chunk.chunkId}`), `${chunk.chunkId} is damaged on ${serverId}`);
        }
      }
    },
  };
}
