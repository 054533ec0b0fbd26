import type { ClusterOptions } from '../../kit/cluster/start-cluster.ts';

export const inactiveAfterMs = 2_000;
export const repairGraceMs = 1_000;
export const orphanGraceMs = 3_000;

/** What takes minutes and hours in operation takes seconds here: the same jobs, more often. */
export const quick = {
  gatewaySettings: {
    SEXTANT_INACTIVE_AFTER_MS: String(inactiveAfterMs),
    SEXTANT_RING_REFRESH_MS: '500',
    SEXTANT_CLEANUP_INTERVAL_MS: '1000',
    SEXTANT_WORK_LEASE_MS: '3000',
    SEXTANT_REPAIR_INTERVAL_MS: '500',
    SEXTANT_REPAIR_GRACE_MS: String(repairGraceMs),
    SEXTANT_CENSUS_INTERVAL_MS: '1000',
    SEXTANT_ORPHAN_GRACE_MS: String(orphanGraceMs),
    SEXTANT_REBALANCE_INTERVAL_MS: '1000',
  },
  nodeSettings: { SEXTANT_NODE_HEARTBEAT_INTERVAL_MS: '300' },
} as const satisfies ClusterOptions;

/** The same, with the one or other setting changed. */
export function quickBut(settings: Readonly<Record<string, string>>): ClusterOptions {
  return { ...quick, gatewaySettings: { ...quick.gatewaySettings, ...settings } };
}

/** Where replicas lie counts, so none is moved to make servers even. */
export const settled = quickBut({ SEXTANT_REBALANCE_INTERVAL_MS: '600000' });

export const KiB = 1024;
export const MiB = 1024 * KiB;
