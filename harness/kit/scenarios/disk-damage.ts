import { scenario } from './scenario.ts';

export const diskDamage = scenario({
  name: 'disk-damage',
  summary: 'disks fail, fill up and rot, so that one of two replicas is not to be had',
  workload: { keys: 24, bytesMax: 4 * 1024 * 1024 },
  faults: ['bad-disks'],
});
