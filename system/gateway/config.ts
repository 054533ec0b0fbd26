import { z } from 'zod';
import { KiB, MiB } from '../common/bytes.ts';
import { parseConfig, setting } from '../common/config.ts';
import { failpointSetting } from '../common/failpoint-setting.ts';
import { gatewayFailpoints } from './failpoints.ts';

const address = z.string().regex(/^\S+:\d{1,5}$/, 'must be host:port');

/** Every setting of a gateway, as it is named in the environment. */
const schema = z
  .object({
    SEXTANT_REST_HOST: z.string().default('127.0.0.1'),
    SEXTANT_REST_PORT: setting.port().default(8080),
    SEXTANT_REST_KEYS: setting.list().default([]),
    SEXTANT_S3_HOST: z.string().default('127.0.0.1'),
    SEXTANT_S3_PORT: setting.port().default(9000),
    SEXTANT_S3_REGION: z
      .string()
      .regex(/^[a-z0-9-]{1,50}$/, 'must be a name such as us-east-1')
      .default('us-east-1'),
    SEXTANT_S3_DOMAIN: z.hostname().optional(),
    SEXTANT_S3_ACCOUNTS_FILE: z.string().optional(),
    SEXTANT_S3_ROOT_ACCESS_KEY: z.string().min(3, 'must have at least 3 characters').optional(),
    SEXTANT_S3_ROOT_SECRET_KEY: z.string().min(8, 'must have at least 8 characters').optional(),
    SEXTANT_S3_INLINE_BYTES_MAX: setting
      .bytes()
      .max(1 * MiB)
      .default(16 * KiB),
    SEXTANT_CLUSTER_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
    SEXTANT_POSTGRES_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// URL' }),
    SEXTANT_POSTGRES_POOL_MIN: setting.count().default(20),
    SEXTANT_POSTGRES_POOL_MAX: setting.count().default(50),
    SEXTANT_POSTGRES_STATEMENT_TIMEOUT_MS: setting.milliseconds().default(5_000),
    SEXTANT_POSTGRES_CONNECT_TIMEOUT_MS: setting.milliseconds().default(3_000),
    SEXTANT_NODES: setting.list().pipe(z.array(address)).default([]),
    SEXTANT_REPLICAS: z.coerce.number().int().min(1).max(6).default(2),
    SEXTANT_MIN_REPLICAS: z.coerce.number().int().min(1).max(6).optional(),
    SEXTANT_INACTIVE_AFTER_MS: setting.milliseconds().default(30_000),
    SEXTANT_RING_REFRESH_MS: setting.milliseconds().default(30_000),
    SEXTANT_CLEANUP_INTERVAL_MS: setting.milliseconds().default(300_000),
    SEXTANT_REBALANCE_INTERVAL_MS: setting.milliseconds().default(60_000),
    SEXTANT_SESSION_LEASE_MS: setting.milliseconds().default(60_000),
    SEXTANT_WORK_LEASE_MS: setting.milliseconds().default(60_000),
    SEXTANT_REPAIR_INTERVAL_MS: setting.milliseconds().default(30_000),
    SEXTANT_REPAIR_GRACE_MS: setting.milliseconds().default(300_000),
    SEXTANT_REPAIR_BYTES_PER_SECOND: setting.count().default(100 * MiB),
    SEXTANT_SCRUB_PERIOD_MS: setting.milliseconds().default(604_800_000),
    SEXTANT_CENSUS_INTERVAL_MS: setting.milliseconds().default(3_600_000),
    SEXTANT_ORPHAN_GRACE_MS: setting.milliseconds().default(3_600_000),
    SEXTANT_BODY_IDLE_TIMEOUT_MS: setting.milliseconds().default(60_000),
    SEXTANT_SHUTDOWN_DEADLINE_MS: setting.milliseconds().default(10_000),
    SEXTANT_LOG_LEVEL: setting.logLevel().default('info'),
    SEXTANT_FAILPOINTS: failpointSetting(gatewayFailpoints),
    NODE_ENV: z.string().optional(),
  })
  .check(({ value, issues }) => {
    const complain = (key: string, message: string) =>
      issues.push({ code: 'custom', input: value, path: [key], message });
    if (value.SEXTANT_POSTGRES_POOL_MIN > value.SEXTANT_POSTGRES_POOL_MAX) {
      complain('SEXTANT_POSTGRES_POOL_MIN', 'must not be above SEXTANT_POSTGRES_POOL_MAX');
    }
    if ((value.SEXTANT_MIN_REPLICAS ?? 1) > value.SEXTANT_REPLICAS) {
      complain('SEXTANT_MIN_REPLICAS', 'must not be above SEXTANT_REPLICAS');
    }
    const [accessKey, secretKey] = [value.SEXTANT_S3_ROOT_ACCESS_KEY, value.SEXTANT_S3_ROOT_SECRET_KEY];
    if (accessKey !== undefined && secretKey === undefined) {
      complain('SEXTANT_S3_ROOT_SECRET_KEY', 'is needed with SEXTANT_S3_ROOT_ACCESS_KEY');
    }
    if (accessKey === undefined && secretKey !== undefined) {
      complain('SEXTANT_S3_ROOT_ACCESS_KEY', 'is needed with SEXTANT_S3_ROOT_SECRET_KEY');
    }
    if (isLoopback(value.SEXTANT_REST_HOST) && value.NODE_ENV !== 'production') return;
    const why = 'is needed when the gateway listens beyond loopback, or NODE_ENV is production';
    if (value.SEXTANT_REST_KEYS.length === 0) complain('SEXTANT_REST_KEYS', why);
    if (value.SEXTANT_CLUSTER_TOKEN === undefined) complain('SEXTANT_CLUSTER_TOKEN', why);
  });

/** Reads the settings. Throws ConfigError, which names every bad one. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>) {
  const settings = parseConfig(schema, env);
  return {
    rest: {
      host: settings.SEXTANT_REST_HOST,
      port: settings.SEXTANT_REST_PORT,
      bodyIdleTimeoutMs: settings.SEXTANT_BODY_IDLE_TIMEOUT_MS,
      shutdownDeadlineMs: settings.SEXTANT_SHUTDOWN_DEADLINE_MS,
    },
    s3: {
      host: settings.SEXTANT_S3_HOST,
      port: settings.SEXTANT_S3_PORT,
      region: settings.SEXTANT_S3_REGION,
      domain: settings.SEXTANT_S3_DOMAIN,
      accountsFile: settings.SEXTANT_S3_ACCOUNTS_FILE,
      rootKey: rootKey(settings.SEXTANT_S3_ROOT_ACCESS_KEY, settings.SEXTANT_S3_ROOT_SECRET_KEY),
      inlineBytesMax: settings.SEXTANT_S3_INLINE_BYTES_MAX,
      shutdownDeadlineMs: settings.SEXTANT_SHUTDOWN_DEADLINE_MS,
    },
    credentials: { restKeys: settings.SEXTANT_REST_KEYS, clusterToken: settings.SEXTANT_CLUSTER_TOKEN },
    postgres: {
      url: settings.SEXTANT_POSTGRES_URL,
      poolMin: settings.SEXTANT_POSTGRES_POOL_MIN,
      poolMax: settings.SEXTANT_POSTGRES_POOL_MAX,
      statementTimeoutMs: settings.SEXTANT_POSTGRES_STATEMENT_TIMEOUT_MS,
      connectTimeoutMs: settings.SEXTANT_POSTGRES_CONNECT_TIMEOUT_MS,
    },
    staticNodes: settings.SEXTANT_NODES,
    replicas: settings.SEXTANT_REPLICAS,
    minReplicas: settings.SEXTANT_MIN_REPLICAS ?? settings.SEXTANT_REPLICAS,
    inactiveAfterMs: settings.SEXTANT_INACTIVE_AFTER_MS,
    ringRefreshMs: settings.SEXTANT_RING_REFRESH_MS,
    cleanupIntervalMs: settings.SEXTANT_CLEANUP_INTERVAL_MS,
    rebalanceIntervalMs: settings.SEXTANT_REBALANCE_INTERVAL_MS,
    repairGraceMs: settings.SEXTANT_REPAIR_GRACE_MS,
    repairBytesPerSecond: settings.SEXTANT_REPAIR_BYTES_PER_SECOND,
    care: {
      repairIntervalMs: settings.SEXTANT_REPAIR_INTERVAL_MS,
      scrubPeriodMs: settings.SEXTANT_SCRUB_PERIOD_MS,
      censusIntervalMs: settings.SEXTANT_CENSUS_INTERVAL_MS,
      orphanGraceMs: settings.SEXTANT_ORPHAN_GRACE_MS,
    },
    sessionLeaseMs: settings.SEXTANT_SESSION_LEASE_MS,
    workLeaseMs: settings.SEXTANT_WORK_LEASE_MS,
    logLevel: settings.SEXTANT_LOG_LEVEL,
    failpoints: settings.SEXTANT_FAILPOINTS,
  } as const;
}

function rootKey(accessKey: string | undefined, secretKey: string | undefined) {
  return accessKey === undefined || secretKey === undefined ? undefined : { accessKey, secretKey };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
