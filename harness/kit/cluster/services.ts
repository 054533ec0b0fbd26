import { join } from 'node:path';
import { type ProcessOptions, ServiceProcess } from './managed-process.ts';
import { repositoryRoot } from './repository.ts';
import type { ManagedGateway, ManagedNode, S3Credentials, Settings } from './target.ts';

/** A storage node as a process of its own. */
export class NodeProcess extends ServiceProcess implements ManagedNode {
  declare readonly dataDir: string;
  readonly advertised: string;

  constructor(options: ProcessOptions & { readonly dataDir: string; readonly advertised: string }) {
    super(options);
    this.advertised = options.advertised;
  }

  /** The id that the node told when it was ready. */
  get serverId(): string {
    return String(this.ready.server_id ?? '');
  }
}

/** A gateway as a process of its own. */
export class GatewayProcess extends ServiceProcess implements ManagedGateway {
  readonly s3: URL;
  readonly #databaseUrl: () => string;
  readonly #restKey: string | null;

  /**
   * `databaseUrl` is asked at each start, because PostgreSQL knows its password only once it has data. `restKey` is what
   * REST asks for; null: nothing.
   */
  constructor(
    options: ProcessOptions & { readonly s3: URL; readonly databaseUrl: () => string; readonly restKey: string | null },
  ) {
    super(options);
    this.#restKey = options.restKey;
    this.s3 = options.s3;
    this.#databaseUrl = options.databaseUrl;
  }

  get rest(): URL {
    return new URL(`http://${this.#restKey === null ? '' : `${this.#restKey}@`}${this.address}`);
  }

  protected override lateSettings(): Settings {
    return { SEXTANT_POSTGRES_URL: this.#databaseUrl() };
  }
}

/** Everything a node needs but what the caller's settings say otherwise. */
export function nodeEnvironment(node: {
  readonly port: number;
  readonly dataDir: string;
  readonly gatewayUrls: readonly string[];
  readonly settings: Settings;
}): Settings {
  return {
    ...inheritedEnvironment(),
    SEXTANT_NODE_HOST: '127.0.0.1',
    SEXTANT_NODE_PORT: String(node.port),
    SEXTANT_NODE_DATA_DIR: node.dataDir,
    SEXTANT_GATEWAYS: node.gatewayUrls.join(','),
    ...node.settings,
  };
}

export function gatewayEnvironment(gateway: {
  readonly port: number;
  readonly s3Port: number;
  readonly rootKey: S3Credentials;
  readonly nodeAddresses: readonly string[];
  readonly replicas: number;
  readonly settings: Settings;
}): Settings {
  return {
    ...inheritedEnvironment(),
    SEXTANT_REST_HOST: '127.0.0.1',
    SEXTANT_REST_PORT: String(gateway.port),
    SEXTANT_S3_HOST: '127.0.0.1',
    SEXTANT_S3_PORT: String(gateway.s3Port),
    SEXTANT_S3_ROOT_ACCESS_KEY: gateway.rootKey.accessKey,
    SEXTANT_S3_ROOT_SECRET_KEY: gateway.rootKey.secretKey,
    SEXTANT_NODES: gateway.nodeAddresses.join(','),
    SEXTANT_REPLICAS: String(gateway.replicas),
    ...gateway.settings,
  };
}

const leanOptions = '--v8-pool-size=1';

/** What a service has in NODE_OPTIONS anyway, for settings that want to add to it. */
export function nodeOptions(): string {
  return process.env['NODE_OPTIONS'] ?? leanOptions;
}

const codeCache = join(repositoryRoot, 'node_modules/.cache/sextant-code');

/** For services whose memory is measured: coverage would count its own. They then count in no coverage. */
export const uninstrumented: Settings = { NODE_V8_COVERAGE: '', NODE_COMPILE_CACHE: codeCache };

/** By which .ci/run recognizes what a step has left running. */
const gateMark = 'SEXTANT_GATE_RUN';

/**
 * The harness's own environment without what would change a service behind the caller's back: settings of the
 * store that happen to be set, and what a test runner tells its children.
 */
function inheritedEnvironment(): Settings {
  const kept = Object.entries(process.env).filter(
    ([key, value]) => value !== undefined && (key === gateMark || !/^(SEXTANT_|NODE_TEST)/.test(key)),
  );
  return { ...leanProcess(), ...(Object.fromEntries(kept) as Settings) };
}

/**
 * What deploy/ sets in its images too. Compiled code is kept between starts, which saves each process a quarter of a second
 * and 28 MiB; not while coverage is measured, which it would blur. Each memory arena of the C library and each
 * helper thread of V8 costs tens of MiB where buffers flow, and on few cores brings nothing.
 */
function leanProcess(): Settings {
  const lean = { MALLOC_ARENA_MAX: '2', NODE_OPTIONS: leanOptions };
  if (process.env['NODE_V8_COVERAGE'] !== undefined) return lean;
  return { ...lean, NODE_COMPILE_CACHE: codeCache };
}
