import { scenario } from './scenario.ts';

export const nodeCrashes = scenario({
  name: 'node-crashes',
  summary: 'storage nodes are killed, paused and restarted while objects come and go',
  faults: ['crashing-nodes'],
});
