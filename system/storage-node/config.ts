import { z } from 'zod';
import { parseConfig, setting } from '../common/config.ts';
import { failpointSetting } from '../common/failpoint-setting.ts';
import { nodeFailpoints } from './failpoints.ts';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
const ANY_ADDRESS = new Set(['0.0.0.0', '::']);

const schema = z
  .object({
    SEXTANT_NODE_HOST: z.string().default('127.0.0.1'),
    SEXTANT_NODE_PORT: setting.port().default(50_051),
    SEXTANT_NODE_DATA_DIR: z.string({ error: 'must name a directory' }),
    SEXTANT_NODE_ID: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,100}$/, "must be 1-100 letters, digits, '-', '_' and '.'")
      .optional(),
    SEXTANT_NODE_ADVERTISE: z
      .string()
      .regex(/^.+:\d{1,5}$/, 'must be host:port')
      .optional(),
    SEXTANT_NODE_QUOTA_BYTES: setting.bytes().optional(),
    SEXTANT_NODE_DIRECT_IO: z.enum(['auto', 'off']).default('auto'),
    SEXTANT_NODE_STREAM_IDLE_TIMEOUT_MS: setting.milliseconds().default(300_000),
    SEXTANT_NODE_HEARTBEAT_INTERVAL_MS: setting.milliseconds().default(10_000),
    SEXTANT_GATEWAYS: setting
      .list()
      .pipe(z.array(z.url({ protocol: /^https?$/ })))
      .default([]),
    SEXTANT_CLUSTER_TOKEN: z.string().optional(),
    SEXTANT_SHUTDOWN_DEADLINE_MS: setting.milliseconds().default(10_000),
    SEXTANT_LOG_LEVEL: setting.logLevel().default('info'),
    SEXTANT_FAILPOINTS: failpointSetting(nodeFailpoints),
  })
  .superRefine((set, context) => {
    const host = set.SEXTANT_NODE_HOST;
    if (set.SEXTANT_GATEWAYS.length === 0) return;
    if (ANY_ADDRESS.has(host) && set.SEXTANT_NODE_ADVERTISE === undefined) {
      const message = `must be set when SEXTANT_NODE_HOST is ${host}: gateways cannot dial that`;
      context.addIssue({ code: 'custom', path: ['SEXTANT_NODE_ADVERTISE'], message });
    }
    if (!LOOPBACK.has(host) && set.SEXTANT_CLUSTER_TOKEN === undefined) {
      const message = `must be set when SEXTANT_NODE_HOST is not a loopback address (it is ${host})`;
      context.addIssue({ code: 'custom', path: ['SEXTANT_CLUSTER_TOKEN'], message });
    }
  })
  .transform((set) => ({
    host: set.SEXTANT_NODE_HOST,
    port: set.SEXTANT_NODE_PORT,
    dataDir: set.SEXTANT_NODE_DATA_DIR,
    serverId: set.SEXTANT_NODE_ID,
    /** host:port that gateways dial; undefined: where the node listens. */
    advertise: set.SEXTANT_NODE_ADVERTISE,
    quotaBytes: set.SEXTANT_NODE_QUOTA_BYTES,
    directIo: set.SEXTANT_NODE_DIRECT_IO,
    streamIdleTimeoutMs: set.SEXTANT_NODE_STREAM_IDLE_TIMEOUT_MS,
    heartbeatIntervalMs: set.SEXTANT_NODE_HEARTBEAT_INTERVAL_MS,
    gateways: set.SEXTANT_GATEWAYS,
    clusterToken: set.SEXTANT_CLUSTER_TOKEN,
    shutdownDeadlineMs: set.SEXTANT_SHUTDOWN_DEADLINE_MS,
    logLevel: set.SEXTANT_LOG_LEVEL,
    failpoints: set.SEXTANT_FAILPOINTS,
  }));

export type StorageNodeConfig = z.infer<typeof schema>;

/** The settings of a storage node, from the environment. Throws ConfigError, which names every bad key. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Readonly<StorageNodeConfig> {
  return parseConfig(schema, env);
}
