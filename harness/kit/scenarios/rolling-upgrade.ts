import { scenario } from './scenario.ts';

export const rollingUpgrade = scenario({
  name: 'rolling-upgrade',
  summary: 'every node and gateway is restarted in its turn, as an upgrade does it',
  store: { gateways: 2 },
  faults: ['rolling-restart'],
});
