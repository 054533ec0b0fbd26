import { scenario } from './scenario.ts';

export const gatewayCrashes = scenario({
  name: 'gateway-crashes',
  summary: 'gateways are killed and frozen while clients speak to them and to the other one',
  store: { gateways: 2 },
  faults: ['crashing-gateways'],
});
