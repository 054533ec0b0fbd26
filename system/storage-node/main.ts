import { systemClock as clock } from '../common/clock.ts';
import { armFailpoints } from '../common/failpoint.ts';
import { asksForList, systemFailpointActions } from '../common/failpoint-process.ts';
import { BufferHeap } from '../common/heap.ts';
import { createLogger } from '../common/log.ts';
import { systemRandom as random } from '../common/random.ts';
import { untilSignal } from '../common/signals.ts';
import { startService } from '../common/start-service.ts';
import { WRITE_SLAB_SIZES } from './chunks/aligned-appender.ts';
import { ChunkStore } from './chunks/chunk-store.ts';
import { prepareDataDir, supportsDirectIo, sweepUnfinished } from './chunks/data-dir.ts';
import { READ_SLAB_SIZES } from './chunks/read-span.ts';
import { SlabPool } from './chunks/slab-pool.ts';
import { SpaceLedger } from './chunks/space-ledger.ts';
import { systemDisk as disk } from './chunks/system-disk.ts';
import { loadConfig, type StorageNodeConfig } from './config.ts';
import { ClusterId } from './data-dir/cluster-id.ts';
import { lockDataDir } from './data-dir/data-dir-lock.ts';
import { keepServerId } from './data-dir/server-id.ts';
import { systemProcesses } from './data-dir/system-processes.ts';
import { nodeFailpoints } from './failpoints.ts';
import { RunningCalls } from './grpc/running-calls.ts';
import { hostPort, listenGrpc } from './grpc/server.ts';
import { startHeartbeats } from './heartbeat/heartbeat.ts';

/** The streams that run at once at most; one more is UNAVAILABLE. */
const WRITERS_MAX = 256;
const READERS_MAX = 128;
/** Memory of all writers together, and of all readers: the smallest slab for each, and some to spare. */
const WRITE_SLABS_BYTES = 2 * WRITERS_MAX * Math.min(...WRITE_SLAB_SIZES);
const READ_SLABS_BYTES = 1.5 * READERS_MAX * Math.min(...READ_SLAB_SIZES);

async function run(config: Readonly<StorageNodeConfig>, heap: BufferHeap): Promise<void> {
  const log = createLogger('storage-node', config.logLevel);
  const failpoints = armFailpoints(config.failpoints, { clock, log, ...systemFailpointActions });
  const dir = await prepareDataDir(disk, config.dataDir);
  await using _lock = await lockDataDir(disk, dir.root, systemProcesses, log);
  const serverId = await keepServerId(disk, dir, config.serverId, random);
  const cluster = await ClusterId.open(disk, dir, random);
  const instanceId = random.uuid();
  const refusedBy = new Set<string>();
  const unfinished = await sweepUnfinished(disk, dir, failpoints);
  const io = config.directIo === 'auto' && (await supportsDirectIo(disk, dir, random)) ? 'direct' : 'buffered';
  const store = await ChunkStore.open({
    disk,
    dir,
    writeSlabs: new SlabPool(disk.alignedMemory(WRITE_SLABS_BYTES), WRITE_SLAB_SIZES, WRITERS_MAX),
    readSlabs: new SlabPool(disk.alignedMemory(READ_SLABS_BYTES), READ_SLAB_SIZES, READERS_MAX),
    ledger: new SpaceLedger(config.quotaBytes),
    io,
    clock,
    random,
    log,
    failpoints,
  });
  const { streamIdleTimeoutMs, shutdownDeadlineMs } = config;
  await using grpc = await listenGrpc(
    {
      store,
      calls: new RunningCalls(),
      serverId,
      instanceId,
      clusterId: () => cluster.value,
      isRefused: () => refusedBy.size > 0,
      streamIdleTimeoutMs,
      clock,
      heap,
      log,
      failpoints,
    },
    { host: config.host, port: config.port, shutdownDeadlineMs },
  );
  const address = hostPort(config.host, grpc.port);
  await using _heartbeats = startHeartbeats({
    gateways: config.gateways,
    intervalMs: config.heartbeatIntervalMs,
    clusterToken: config.clusterToken,
    serverId,
    instanceId,
    cluster,
    refusedBy,
    grpcAddress: config.advertise ?? address,
    space: () => store.space(),
    fetch,
    clock,
    random,
    log,
    failpoints,
  });
  const { chunkCount } = await store.space();
  log.info({ grpc: address, server_id: serverId, chunkCount, unfinished, io }, 'ready');
  const signal = await untilSignal('SIGINT', 'SIGTERM');
  log.info({ signal }, 'stopping');
}

const heap = new BufferHeap();
await startService('storage-node', async () => {
  if (asksForList(process.env, nodeFailpoints)) return;
  await run(loadConfig(process.env), heap);
});
