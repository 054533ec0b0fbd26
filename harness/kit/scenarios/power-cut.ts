import { scenario } from './scenario.ts';

export const powerCut = scenario({
  name: 'power-cut',
  summary: 'every process is killed at once, in the middle of writes',
  faults: ['power-cut'],
});
