import type { NetworkPlug } from './launch.ts';
import type { NewNode } from './start-cluster.ts';

/**
 * What a suite may ask of the store under test, whoever runs it: processes of this machine, containers, or an
 * address somewhere. A case names the capabilities that it needs; on a target without them it is reported as
 * not checked, never as passed.
 */
export type Capability =
  /** The storage nodes can be spoken to directly, over gRPC. */
  | 'nodes'
  /** The metadata database can be read by SQL. */
  | 'database'
  /** The nodes' data folders can be read, and damaged, on this machine's disks. */
  | 'disks'
  /** Each part can be killed, stopped and restarted singly, and its memory and CPU time can be read. */
  | 'processes'
  /** The S3 interface is known, with a key for it. */
  | 's3'
  /** A part can be taken off the network, and put back. */
  | 'network'
  /** The parts see each other's process ids. */
  | 'shared process ids'
  /** A case can have a cluster or a node of its own, with settings of its own. */
  | 'own cluster';

export interface Target {
  readonly kind: 'processes' | 'containers' | 'url';
  readonly capabilities: ReadonlySet<Capability>;
  /** Base URL of the REST interface; its user name is the key where REST asks for one. */
  readonly rest: URL;
  /** Base URL of the S3 interface; null where the target cannot tell. */
  readonly s3: URL | null;
  /** Of an account that may make buckets there. */
  readonly credentials: S3Credentials | null;
  /** Empty where the target cannot tell. */
  readonly nodes: readonly TargetNode[];
  /** postgres://…, or null where the target cannot tell. */
  readonly databaseUrl: string | null;
}

/** A key pair of the S3 interface. */
export interface S3Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
}

export interface TargetNode {
  readonly serverId: string;
  /** host:port of its gRPC service. */
  readonly address: string;
  /** Null where it is not on this machine. */
  readonly dataDir: string | null;
}

/** A target whose parts belong to whoever started it. Disposing it stops all, in order: gateways, nodes, PostgreSQL. */
export interface Cluster extends Target, AsyncDisposable {
  readonly s3: URL;
  /** The root account's. */
  readonly credentials: S3Credentials;
  readonly dataDir: string;
  readonly logDir: string;
  readonly gateways: readonly ManagedGateway[];
  readonly nodes: readonly ManagedNode[];
  readonly postgres: ManagedPostgres;
  readonly databaseUrl: string;
  /** Same as disposing. Safe to call twice. */
  stop(): Promise<void>;
  /** SIGKILL to every process at once, as a power cut would. Start them again one by one, or by `startAll`. */
  killAll(): Promise<void>;
  /** Starts a node with a port, a name and data of its own, which announces itself. Resolves when it is ready. */
  addNode(node?: NewNode): Promise<ManagedNode>;
  /** Ends a node for ever: SIGKILL, and its data is gone too. */
  removeNode(node: ManagedNode): Promise<void>;
  /** Starts one more gateway on the same database. Nodes that run already announce themselves to it after their next start. */
  addGateway(settings?: Settings): Promise<ManagedGateway>;
  /** Starts whatever is not running, in order, and waits until the gateways are ready. */
  startAll(): Promise<void>;
}

/** One process that can be killed and restarted singly. It keeps its port and its data. */
export interface ManagedProcess {
  /** `gateway-1`, `node-3`, `postgres` */
  readonly name: string;
  /** Of the running process; null while none runs. */
  readonly pid: number | null;
  /** Grows over restarts. */
  readonly logFile: string;
  /** host:port */
  readonly address: string;
  /** Null for a process without data. */
  readonly dataDir: string | null;
  /** False from the moment SIGKILL is sent: `start` waits until that life is over. */
  readonly isRunning: boolean;
  /** Null where its driver cannot take it off the network, and while it does not run. */
  readonly network: NetworkPlug | null;
  /** Sends `signal`. After SIGKILL it resolves when the process is gone. Does nothing when none runs. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Asks politely (SIGTERM), and kills after a deadline. Resolves when it is gone; safe to call twice. */
  stop(): Promise<void>;
  /** Starts it again on the same port and data; resolves when it is ready. Throws StartFailed. */
  start(settings?: Settings): Promise<void>;
  /** stop, then start. */
  restart(settings?: Settings): Promise<void>;
  /** Settles when the present process ends. Never rejects. */
  exited(): Promise<Exit>;
  /** Largest resident memory so far, in bytes; null where the machine does not tell. */
  peakRssBytes(): number | null;
  /** User and system time of the present process, in seconds; null where the machine does not tell. */
  cpuSeconds(): number | null;
}

export interface ManagedGateway extends ManagedProcess {
  readonly rest: URL;
  readonly s3: URL;
}

export interface ManagedNode extends ManagedProcess, TargetNode {
  /** host:port that it tells the gateways to dial. */
  readonly advertised: string;
  readonly dataDir: string;
}

export interface ManagedPostgres extends ManagedProcess {
  /** With user and password. */
  readonly url: string;
  readonly dataDir: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Environment variables for a process, beside those that the driver sets. */
export type Settings = Readonly<Record<string, string>>;

/** A process or a cluster did not come up. The message holds the end of its log and says what to do. */
export class StartFailed extends Error {
  override name = 'StartFailed';
}
