import type { Settings } from '../cluster/target.ts';

/** What takes minutes and hours in operation takes seconds in a run: the same jobs, more often. A plan's settings come on top. */
export const quickSettings: Readonly<Record<'gateways' | 'nodes', Settings>> = {
  gateways: {
    SEXTANT_INACTIVE_AFTER_MS: '2000',
    SEXTANT_RING_REFRESH_MS: '500',
    SEXTANT_CLEANUP_INTERVAL_MS: '1000',
    SEXTANT_SESSION_LEASE_MS: '5000',
    // Not so quick: it must outlast a batch of deletions, which waits for a node as long as that is silent, some seconds.
    SEXTANT_WORK_LEASE_MS: '20000',
    SEXTANT_REPAIR_INTERVAL_MS: '500',
    SEXTANT_REPAIR_GRACE_MS: '1000',
    SEXTANT_SCRUB_PERIOD_MS: '10000',
    SEXTANT_CENSUS_INTERVAL_MS: '1000',
    SEXTANT_ORPHAN_GRACE_MS: '3000',
    SEXTANT_REBALANCE_INTERVAL_MS: '1000',
    SEXTANT_SHUTDOWN_DEADLINE_MS: '2000',
    // Each request with the time that it took, for the timeline.
    SEXTANT_LOG_LEVEL: 'debug',
    SEXTANT_POSTGRES_POOL_MIN: '4',
    SEXTANT_POSTGRES_POOL_MAX: '20',
  },
  nodes: { SEXTANT_NODE_HEARTBEAT_INTERVAL_MS: '300' },
};
