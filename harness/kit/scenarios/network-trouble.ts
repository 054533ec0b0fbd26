import { scenario } from './scenario.ts';

export const networkTrouble = scenario({
  name: 'network-trouble',
  summary: 'links are slow, cut, reset, half open and one-way',
  faults: ['flaky-network', 'partitions'],
  hasLinks: true,
});
