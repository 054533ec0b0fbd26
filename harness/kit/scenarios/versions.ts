import { scenario } from './scenario.ts';

export const versions = scenario({
  name: 'versions',
  summary: 'a bucket that keeps every version of few keys, while gateways and PostgreSQL die in the middle of writes',
  store: { gateways: 2, isVersioned: true },
  workload: { keys: 6, bytesMax: 256 * 1024, conditionalPerCent: 20 },
  faults: ['crashing-gateways', 'database-trouble'],
});
