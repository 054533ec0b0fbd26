import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type ClusterPorts, completePorts } from './cluster-ports.ts';
import { copyDataDir } from './copy-data-dir.ts';
import { dialGateways, dialledAddresses } from './dialled-addresses.ts';
import type { Driver } from './driver.ts';
import { existingNodes, nodeNumbers } from './existing-nodes.ts';
import { stopOnSignal } from './exit-guard.ts';
import type { ProcessOptions } from './managed-process.ts';
import { freePort } from './ports.ts';
import { ProcessRecord } from './process-record.ts';
import { systemEntryPoints } from './repository.ts';
import { rootKey } from './root-key.ts';
import { GatewayProcess, gatewayEnvironment, NodeProcess, nodeEnvironment } from './services.ts';
import type { ClusterOptions, NewNode, ProgressEvent } from './start-cluster.ts';
import {
  type Capability,
  type Cluster,
  type ManagedNode,
  type ManagedPostgres,
  type ManagedProcess,
  type S3Credentials,
  type Settings,
  StartFailed,
} from './target.ts';
import { untilReady } from './until-ready.ts';

export type Plan = ClusterOptions & { readonly dataDir: string; readonly driver: Driver };

const readyDeadlineMs = 60_000;

/** PostgreSQL, nodes and gateways, each run by the driver. */
export class ProcessCluster implements Cluster {
  readonly kind: Driver['kind'];
  readonly capabilities: ReadonlySet<Capability>;
  readonly dataDir: string;
  readonly logDir: string;
  readonly postgres: ManagedPostgres;
  readonly credentials: S3Credentials;
  readonly #gateways: GatewayProcess[];
  readonly #nodes: NodeProcess[];
  readonly #plan: Plan;
  readonly #record: ProcessRecord;
  readonly #forgetStopper: () => void;
  /** What gateways dial in place of an address, where something stands before it. */
  readonly #dialled: Map<string, string>;
  /** Starts that have not settled yet, by name. */
  readonly #starting = new Map<string, Promise<void>>();
  #stopping: Promise<void> | undefined;

  /** The highest number that a node ever had: names and folders are never used twice. */
  #lastNode: number;

  static async plan(plan: Plan): Promise<ProcessCluster> {
    const numbers = nodeNumbers(await existingNodes(plan.dataDir), plan.nodes);
    const ports = await completePorts(plan.ports ?? {}, plan.gateways ?? 1, numbers.length);
    return new ProcessCluster(plan, numbers, ports, await dialledAddresses(plan.links, ports, numbers));
  }

  private constructor(plan: Plan, nodeNumbers: readonly number[], ports: ClusterPorts, dialled: Map<string, string>) {
    this.#plan = plan;
    this.kind = plan.driver.kind;
    this.capabilities = plan.driver.capabilities;
    this.#dialled = dialled;
    this.dataDir = plan.dataDir;
    this.logDir = resolve(plan.logDir ?? join(plan.dataDir, 'logs'));
    this.credentials = rootKey(plan.dataDir, { ...plan.settings, ...plan.gatewaySettings });
    this.#record = new ProcessRecord(plan.dataDir);
    this.#forgetStopper = stopOnSignal(() => this.stop());
    this.postgres = plan.driver.postgres({
      ...this.#hooks(),
      dataDir: join(plan.dataDir, 'postgres'),
      port: ports.postgres,
      logFile: join(this.logDir, 'postgres.log'),
      durable: plan.ephemeral !== true,
    });
    const gateways = ports.rest.map((port) => `127.0.0.1:${port}`);
    this.#lastNode = nodeNumbers.at(-1) ?? 0;
    this.#nodes = ports.nodes.map((port, index) => this.#node(nodeNumbers[index] as number, port, gateways));
    this.#gateways = ports.rest.map((port, index) => this.#gateway(index + 1, port, ports.s3[index] as number));
  }

  get gateways(): readonly GatewayProcess[] {
    return this.#gateways;
  }

  get nodes(): readonly NodeProcess[] {
    return this.#nodes;
  }

  get rest(): URL {
    return this.#firstGateway.rest;
  }

  get s3(): URL {
    return this.#firstGateway.s3;
  }

  get #firstGateway(): GatewayProcess {
    const [first] = this.gateways;
    if (first === undefined) throw new Error('this cluster was started without a gateway');
    return first;
  }

  get databaseUrl(): string {
    return this.postgres.url;
  }

  /** PostgreSQL and the nodes side by side, then the gateways, which need the one and look for the others. */
  async startAll(): Promise<void> {
    await mkdir(this.logDir, { recursive: true });
    await this.#startThose([this.postgres, ...this.nodes]);
    if (this.#stopping !== undefined) throw new StartFailed('the cluster was stopped while it was starting');
    await this.#startThose(this.gateways);
    await Promise.all(this.gateways.map((gateway) => untilReady(gateway, readyDeadlineMs)));
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async addNode({ settings = {}, copiedFrom }: NewNode = {}): Promise<NodeProcess> {
    const number = ++this.#lastNode;
    const gateways = this.#gateways.map(({ address }) => address);
    const port = await freePort();
    const address = `127.0.0.1:${port}`;
    this.#dialled.set(address, (await this.#plan.links?.toNode(address, number - 1)) ?? address);
    await dialGateways(this.#dialled, this.#plan.links, number, gateways);
    const node = this.#node(number, port, gateways, settings);
    if (copiedFrom !== undefined) await copyDataDir(copiedFrom, node.dataDir);
    // On the list before it starts, so that a cluster which is stopped meanwhile stops it too.
    this.#nodes.push(node);
    await this.#startThose([node]).catch((error) => {
      this.#nodes.splice(this.#nodes.indexOf(node), 1);
      throw error;
    });
    return node;
  }

  async removeNode(node: ManagedNode): Promise<void> {
    const known = this.#nodes.find(({ name }) => name === node.name);
    if (known === undefined) throw new Error(`${node.name} is no node of this cluster`);
    await known.kill('SIGKILL');
    // Others may have left the list meanwhile.
    this.#nodes.splice(this.#nodes.indexOf(known), 1);
    await rm(node.dataDir, { recursive: true, force: true });
  }

  async addGateway(settings: Settings = {}): Promise<GatewayProcess> {
    const gateway = this.#gateway(this.#gateways.length + 1, await freePort(), await freePort(), settings);
    this.#gateways.push(gateway);
    await this.#startThose([gateway]);
    await untilReady(gateway, readyDeadlineMs);
    return gateway;
  }

  async killAll(): Promise<void> {
    await Promise.all(this.#all().map((one) => one.kill('SIGKILL')));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    for (const stage of [this.gateways, this.nodes, [this.postgres]]) {
      await Promise.all(stage.map((one) => this.#stopOne(one)));
    }
    this.#record.clear();
    this.#forgetStopper();
    if (this.#plan.removeDataAtEnd) await rm(this.dataDir, { recursive: true, force: true });
  }

  async #startThose(processes: readonly ManagedProcess[]): Promise<void> {
    // All settle before a failure is told, so that nothing is still being spawned while the rest is stopped.
    const outcomes = await Promise.allSettled(
      processes.filter((one) => !one.isRunning).map((one) => this.#startOne(one)),
    );
    const failures = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason);
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new StartFailed(failures.map((one) => one.message ?? String(one)).join('\n\n'));
  }

  async #startOne(one: ManagedProcess): Promise<void> {
    const sinceMs = performance.now();
    this.#tell(one.name, 'starting', sinceMs);
    const starting = one.start();
    this.#starting.set(one.name, starting);
    try {
      await starting;
    } finally {
      this.#starting.delete(one.name);
    }
    this.#tell(one.name, 'ready', sinceMs);
  }

  async #stopOne(one: ManagedProcess): Promise<void> {
    // A service can be stopped while it starts; PostgreSQL can be stopped only once it has started or failed.
    if (!one.isRunning) await this.#starting.get(one.name)?.catch(() => {});
    if (!one.isRunning) {
      // It may be dying still, on data that are about to go.
      await one.exited();
      return;
    }
    const sinceMs = performance.now();
    this.#tell(one.name, 'stopping', sinceMs);
    await one.stop();
    this.#tell(one.name, 'stopped', sinceMs);
  }

  #tell(part: string, state: ProgressEvent['state'], sinceMs: number): void {
    this.#plan.onProgress?.({ part, state, afterMs: performance.now() - sinceMs });
  }

  #all(): ManagedProcess[] {
    return [...this.gateways, ...this.nodes, this.postgres];
  }

  #node(number: number, port: number, gateways: readonly string[], ownSettings: Settings = {}): NodeProcess {
    const name = `node-${number}`;
    const gatewayUrls = gateways.map((gateway) => `http://${this.#dialled.get(`${name} -> ${gateway}`) ?? gateway}`);
    const dataDir = this.#plan.nodeDataDir?.(number - 1) ?? join(this.dataDir, 'nodes', name);
    const address = `127.0.0.1:${port}`;
    const advertised = { SEXTANT_NODE_ADVERTISE: this.#dial(address) };
    const settings = { ...advertised, ...this.#nodeSettings(number - 1), ...this.#own(name), ...ownSettings };
    return new NodeProcess({
      ...this.#hooks(),
      name,
      entryPoint: (this.#plan.entryPoints ?? systemEntryPoints).node,
      logFile: join(this.logDir, `${name}.log`),
      address,
      dataDir,
      advertised: this.#plan.driver.inner(this.#dial(address)),
      launcher: this.#plan.driver.launcher,
      environment: nodeEnvironment({ port, dataDir, gatewayUrls, settings }),
    });
  }

  #gateway(number: number, port: number, s3Port: number, ownSettings: Settings = {}): GatewayProcess {
    const name = `gateway-${number}`;
    return new GatewayProcess({
      ...this.#hooks(),
      name,
      entryPoint: (this.#plan.entryPoints ?? systemEntryPoints).gateway,
      logFile: join(this.logDir, `${name}.log`),
      address: `127.0.0.1:${port}`,
      s3: new URL(`http://127.0.0.1:${s3Port}`),
      dataDir: null,
      restKey: this.#plan.driver.restKey,
      launcher: this.#plan.driver.launcher,
      environment: gatewayEnvironment({
        port,
        s3Port,
        rootKey: this.credentials,
        nodeAddresses: this.#nodes.map(({ address }) => this.#dial(address)),
        replicas: this.#plan.replicas ?? 2,
        settings: { ...this.#plan.settings, ...this.#plan.gatewaySettings, ...this.#own(name), ...ownSettings },
      }),
      databaseUrl: () => this.postgres.url.replace(this.postgres.address, this.#dial(this.postgres.address)),
    });
  }

  #dial(address: string): string {
    return this.#dialled.get(address) ?? address;
  }

  #hooks(): Pick<ProcessOptions, 'onSpawn' | 'onUnexpectedExit'> {
    const { onUnexpectedExit } = this.#plan;
    return {
      onSpawn: (name, pid) => this.#record.add(name, pid),
      ...(onUnexpectedExit === undefined ? {} : { onUnexpectedExit }),
    };
  }

  #own(name: string): Settings {
    return this.#plan.processSettings?.(name) ?? {};
  }

  #nodeSettings(index: number): Settings {
    const { settings, nodeSettings } = this.#plan;
    return { ...settings, ...(typeof nodeSettings === 'function' ? nodeSettings(index) : nodeSettings) };
  }
}
