import { scenario } from './scenario.ts';

export const powerCut = scenario({
  name: 'power-cut',
  summary: 'the power goes in the middle of writes: every process dies, and what was not flushed is lost',
  faults: ['power-cut'],
});
