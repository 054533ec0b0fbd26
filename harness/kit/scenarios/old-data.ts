import { scenario } from './scenario.ts';

export const oldData = scenario({
  name: 'old-data',
  summary: 'a node comes back with the data that it had some time ago',
  faults: ['older-nodes'],
});
