import { systemClock as clock } from '../common/clock.ts';
import { armFailpoints } from '../common/failpoint.ts';
import { asksForList, systemFailpointActions } from '../common/failpoint-process.ts';
import { BufferHeap } from '../common/heap.ts';
import { createLogger } from '../common/log.ts';
import { systemRandom as random } from '../common/random.ts';
import { untilSignal } from '../common/signals.ts';
import { startService } from '../common/start-service.ts';
import { readAccountsFile } from './accounts-file.ts';
import { loadConfig } from './config.ts';
import { gatewayFailpoints } from './failpoints.ts';
import { listenRest } from './http/server.ts';
import { cleanUp } from './maintenance/cleanup.ts';
import { JobLoop } from './maintenance/job-loop.ts';
import { MembershipWatch } from './maintenance/membership-watch.ts';
import { Rebalance } from './maintenance/rebalance.ts';
import { ReplicaCare } from './maintenance/replica-care.ts';
import { connectMetadata } from './metadata/connect.ts';
import { GatewayMetrics } from './metrics.ts';
import { NodeClients } from './nodes/node-clients.ts';
import { AccessKeys } from './objects/access-keys.ts';
import { ActiveUploads } from './objects/active-uploads.ts';
import { BytePace } from './objects/byte-pace.ts';
import { Files } from './objects/files.ts';
import { putFirstAccounts } from './objects/first-accounts.ts';
import { FramePool } from './objects/frame-pool.ts';
import type { ObjectsDeps } from './objects/objects.ts';
import { CHUNKS_PER_FILE, type NodeFailure } from './objects/ports.ts';
import { ShortBodies } from './objects/short-bodies.ts';
import { StorageServers } from './objects/storage-servers.ts';
import { Placement } from './placement/placement.ts';
import { ServerStandings } from './placement/server-standing.ts';
import { listenS3 } from './s3/server.ts';

/** 10 MiB for all uploads together. */
const UPLOAD_FRAMES = 40;
/** For copies in the background: repair makes three at once, and rebalance four. */
const COPY_FRAMES = 8;
/** Replicas that nobody wants are deleted this long after they were queued: the nodes may still be dropping the streams. */
const DELETION_DELAY_MS = 1_000;
/** A drain that waits for an upload, or for every gateway to notice it, is looked at again after this. */
const DRAIN_PAUSE_MS = 5_000;
/** What happens to a storage server at another gateway is noticed within this: one number is read, by primary key. */
const MEMBERSHIP_POLL_MS = 2_000;

const heap = new BufferHeap();
await startService('gateway', async () => {
  if (asksForList(process.env, gatewayFailpoints)) return;
  const config = loadConfig(process.env);
  const accounts = readAccountsFile(config.s3.accountsFile);
  const log = createLogger('gateway', config.logLevel);
  const failpoints = armFailpoints(config.failpoints, { clock, log, ...systemFailpointActions });
  const metrics = new GatewayMetrics();

  const observe = (operation: string, ms: number, ok: boolean) =>
    metrics.sqlSeconds.observe({ operation, outcome: ok ? 'ok' : 'failed' }, ms / 1000);
  await using metadata = await connectMetadata(config.postgres, { clock, random, log, observe });

  using nodes = new NodeClients({ clock, random, heap });
  const placement = new Placement(CHUNKS_PER_FILE, (serverId) => nodes.isReachable(serverId));
  const clusterId = await metadata.clusterId();
  const membership = new MembershipWatch({
    registry: metadata,
    nodes,
    placement,
    clock,
    log,
    clusterId,
    failpoints,
    staticAddresses: config.staticNodes,
    inactiveAfterMs: config.inactiveAfterMs,
  });
  await using refresh = new JobLoop('membership', config.ringRefreshMs, { clock, log }, () => membership.refresh());
  await using poll = new JobLoop('membership-poll', MEMBERSHIP_POLL_MS, { clock, log }, () => membership.poll());
  await using cleanup = new JobLoop('cleanup', config.cleanupIntervalMs, { clock, log }, (signal) =>
    cleanUp({ metadata, nodes, clock, log, failpoints, workLeaseMs: config.workLeaseMs }, signal),
  );

  const onDeletionsQueued = () => cleanup.runSoon(DELETION_DELAY_MS);
  const pace = new BytePace(config.repairBytesPerSecond, clock);
  const copies = new FramePool(COPY_FRAMES, clock);
  const standings = new ServerStandings(clock, config.repairGraceMs, config.inactiveAfterMs);
  const { replicas } = config;
  await using care = new ReplicaCare(
    {
      metadata,
      nodes,
      placement,
      standings,
      clock,
      random,
      log,
      metrics,
      pace,
      pool: copies,
      replicas,
      failpoints,
      workLeaseMs: config.workLeaseMs,
      onDeletionsQueued,
    },
    config.care,
  );

  using uploads = new ActiveUploads({ metadata, clock, log }, config.sessionLeaseMs);
  const writes = {
    metadata,
    nodes,
    placement,
    uploads,
    clock,
    random,
    log,
    failpoints,
    pool: new FramePool(UPLOAD_FRAMES, clock),
    shortBodies: new ShortBodies(),
    replicas,
    minReplicas: config.minReplicas,
    heap,
    onDeletionsQueued,
    onReplicaFailure: (chunkId: string, failure: NodeFailure) => care.note(chunkId, failure),
  };
  const files = new Files(writes);
  const objects: ObjectsDeps = { ...writes, files, inlineBytesMax: config.s3.inlineBytesMax };
  const rebalance = new Rebalance({
    metadata,
    operations: metadata,
    nodes,
    pool: copies,
    pace,
    clock,
    random,
    log,
    failpoints,
    workLeaseMs: config.workLeaseMs,
    replicas,
    drainNoticeMs: 2 * config.ringRefreshMs,
    onReplicaFailure: (chunkId, failure) => care.note(chunkId, failure),
    onMoved: (bytes) => metrics.moved(bytes),
    onLeft: (bytes) => metrics.rebalanceLeftBytes.set(bytes),
    onDeletionsQueued,
    onRemoved: () => poll.runSoon(0),
  });
  await using rebalancing = new JobLoop('rebalance', config.rebalanceIntervalMs, { clock, log }, async (signal) => {
    const outcome = await rebalance.run(signal);
    if (rebalance.isWaiting) rebalancing.runSoon(Math.min(DRAIN_PAUSE_MS, config.rebalanceIntervalMs));
    return outcome;
  });
  const storageServers = new StorageServers({
    operations: metadata,
    replicas,
    inactiveAfterMs: config.inactiveAfterMs,
    onChange: async () => {
      await membership.poll();
      rebalancing.runSoon(0);
    },
  });
  metrics.servers(() => [...placement.membership.servers.values()].map(({ status }) => status));
  metrics.gauge('sextant_uploads_active', 'Uploads that are running.', () => uploads.count);
  metrics.gauge('sextant_downloads_active', 'Downloads that are running.', () => files.readers);
  metrics.gauge('sextant_postgres_connections', 'Open connections to PostgreSQL.', () => metadata.connections().total);

  await putFirstAccounts({ metadata, random, log }, accounts, config.s3.rootKey);
  await refresh.run();
  await using rest = await listenRest(config.rest, {
    files,
    clock,
    random,
    log,
    metrics,
    registry: metrics.registry,
    bodyIdleTimeoutMs: config.rest.bodyIdleTimeoutMs,
    credentials: config.credentials,
    storageServers,
    accessKeys: new AccessKeys(metadata, random),
    rebalance: {
      progress: () => rebalance.progress(),
      request: async () => {
        rebalance.force();
        rebalancing.runSoon(0);
      },
    },
    clusterId,
    careReport: () => care.report(),
    runJobSoon: (job) => (job === 'cleanup' ? cleanup.runSoon(0) : care.runSoon(job)),
    takeHeartbeat: (heartbeat) => membership.heartbeat(heartbeat),
    health: { membership: () => placement.membership, ping: () => metadata.ping(), nodesNeeded: config.minReplicas },
  });
  const { region, domain } = config.s3;
  const idleTimeoutMs = config.rest.bodyIdleTimeoutMs;
  await using s3 = await listenS3(config.s3, {
    metadata,
    objects,
    clock,
    random,
    log,
    metrics,
    region,
    domain,
    idleTimeoutMs,
  });
  void cleanup.run();

  log.info({ rest: rest.url, s3: s3.url, replicas, open: config.credentials.restKeys.length === 0 }, 'ready');
  const signal = await untilSignal('SIGINT', 'SIGTERM');
  log.info({ signal }, 'stopping');
});
