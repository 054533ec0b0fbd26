import type { Target } from '../targets.ts';

/**
 * Of the medians, on two cores with the client on the same ones, everything flushed to disk: ahead of the peer that, like
 * us, writes everything twice and flushes it (MinIO on six drives), and clear of those that replicate over a network.
 */
export const s3Targets: readonly Target[] = [
  { what: '4 KiB PUT, R=2', keys: ['s3.small.put.r2'], atLeast: 304, unit: 'ops/s' },
  { what: '4 KiB GET, R=2', keys: ['s3.small.get.r2'], atLeast: 3379, unit: 'ops/s' },
  { what: '4 KiB HEAD, R=2', keys: ['s3.small.head.r2'], atLeast: 3339, unit: 'ops/s' },
  { what: '10 MiB PUT, R=1', keys: ['s3.medium.put.r1'], atLeast: 252, unit: 'MB/s' },
  { what: '10 MiB GET, R=1', keys: ['s3.medium.get.r1'], atLeast: 434, unit: 'MB/s' },
  { what: '1 GiB PUT, R=1', keys: ['s3.large.put.r1'], atLeast: 300, unit: 'MB/s' },
  { what: '1 GiB PUT, R=2', keys: ['s3.large.put.r2'], atLeast: 180, unit: 'MB/s' },
  { what: '1 GiB GET, R=2', keys: ['s3.large.get.r2'], atLeast: 450, unit: 'MB/s' },
  { what: 'peak memory of the gateway, R=2', keys: ['s3.large.rss.gateway.r2'], atMost: 256, unit: 'MiB' },
];
