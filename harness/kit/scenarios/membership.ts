import { scenario } from './scenario.ts';

export const membership = scenario({
  name: 'membership',
  summary: 'nodes join and are drained under load, a gateway comes and goes',
  store: { nodes: 7 },
  faults: ['membership'],
});
