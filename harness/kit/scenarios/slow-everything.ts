import { scenario } from './scenario.ts';

export const slowEverything = scenario({
  name: 'slow-everything',
  summary: 'links, disks and queries are slow all at once',
  workload: { operationsPerSecond: 2 },
  faults: ['slow-everything'],
  hasLinks: true,
});
