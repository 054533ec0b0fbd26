import { join } from 'node:path';
import { S3HttpClient, type S3Request } from '../clients/s3/s3-http-client.ts';
import { driverFor } from '../cluster/driver.ts';
import { startCluster } from '../cluster/start-cluster.ts';
import type { Cluster, Exit, ManagedGateway, Settings } from '../cluster/target.ts';
import { checkedEntry, needLinks, settingsOf } from '../faults/catalogue.ts';
import { ProxiedLinks } from '../faults/network/proxied-links.ts';
import { applyMutant } from '../mutants/apply-mutant.ts';
import { NotChecked } from '../testing/case-context.ts';
import type { GatewayAddress } from '../workloads/gateway-connections.ts';
import type { Plan } from './plan.ts';
import { quickSettings } from './quick-settings.ts';

/** A cluster as a plan wants it, and what stands between its parts. Disposing it stops all and removes the data. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly cluster: Cluster;
  /** Null where no fault of the plan needs them. */
  readonly links: ProxiedLinks | null;
  /** As clients reach them. */
  readonly gateways: readonly GatewayAddress[];
  /** An empty one, for the clients of the plan. */
  readonly bucket: string;
  /** What the parts were started with beside the driver's own, and what single ones need for their faults. */
  readonly settings: Readonly<Record<'gateways' | 'nodes', Settings>>;
}

export interface StoreOptions {
  readonly logDir: string;
  /** Through which faults reach into processes. */
  readonly controlDir: string;
  /** Where the data stays after the run; null: nowhere. */
  readonly keptDataDir: string | null;
  readonly onUnexpectedExit: (name: string, exit: Exit) => void;
}

const bucket = 'chaos';

/** Throws StartFailed, and NotChecked where this machine cannot do what the faults need. */
export async function openStore(
  plan: Plan,
  { logDir, controlDir, keptDataDir, onUnexpectedExit }: StoreOptions,
): Promise<StoreUnderTest> {
  await using opened = new AsyncDisposableStack();
  const { nodes, gateways, replicas, mutant, isVersioned, target } = plan.cluster;
  if (target === 'containers') refuseWhatNeedsProcesses(plan);
  const driver = driverFor({ target, postgresVersion: 18 });
  const tree = mutant === null ? null : opened.use(await applyMutant(mutant));
  const links = needLinks(plan.faults)
    ? opened.use(await ProxiedLinks.start(join(logDir, 'toxiproxy.log'), driver))
    : null;
  const settings = ofEveryPart(plan);
  const cluster = opened.use(
    await startCluster({
      nodes,
      gateways,
      replicas,
      logDir,
      driver,
      onUnexpectedExit,
      // A PostgreSQL that does not flush may forget what it acknowledged when it is killed.
      ephemeral: false,
      ...(keptDataDir === null ? {} : { dataDir: keptDataDir, removeDataAtEnd: false }),
      gatewaySettings: settings.gateways,
      nodeSettings: settings.nodes,
      // An image has no file of the harness to load.
      processSettings: target === 'containers' ? () => ({}) : settingsOf(plan.faults, controlDir),
      ...(links === null ? {} : { links: links.links }),
      ...(tree === null ? {} : { entryPoints: tree.entryPoints }),
    }),
  );
  await makeBucket(cluster, isVersioned);
  const addresses: GatewayAddress[] = [];
  for (const gateway of cluster.gateways) addresses.push(await addressOf(gateway, links));
  const mine = opened.move();
  return { cluster, links, gateways: addresses, bucket, settings, [Symbol.asyncDispose]: () => mine.disposeAsync() };
}

/** The sources in an image are its own, and so is the disk of its processes. */
function refuseWhatNeedsProcesses({ cluster, faults }: Plan): void {
  if (cluster.mutant !== null)
    throw new NotChecked('a planted bug needs --target processes: images hold a clean store');
  const within = faults.find((fault) => {
    const { settings, isMilderWithoutSettings } = checkedEntry(fault);
    return settings !== undefined && isMilderWithoutSettings !== true;
  });
  if (within === undefined) return;
  throw new NotChecked(`${within.id} (${within.name}) reaches into a process, so it needs --target processes`);
}

function ofEveryPart({ cluster }: Plan): StoreUnderTest['settings'] {
  return {
    gateways: { ...quickSettings.gateways, ...cluster.settings },
    nodes: { ...quickSettings.nodes, ...cluster.settings },
  };
}

async function addressOf(gateway: ManagedGateway, links: ProxiedLinks | null): Promise<GatewayAddress> {
  const { name, rest, s3 } = gateway;
  return { name, ...(links === null ? { rest, s3 } : await links.toClients(gateway)) };
}

async function makeBucket({ s3, credentials }: Cluster, isVersioned: boolean): Promise<void> {
  using client = new S3HttpClient(s3, { credentials });
  const send = async (request: S3Request) => {
    const { status, body } = await client.send({ bucket, ...request });
    if (status !== 200) throw new Error(`${request.method} of the bucket was answered with ${status}: ${body}`);
  };
  await send({ method: 'PUT' });
  if (!isVersioned) return;
  await send({ method: 'PUT', query: 'versioning=', body: Buffer.from(versioned) });
}

const versioned = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
