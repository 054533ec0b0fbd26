import { scenario } from './scenario.ts';

export const twoGatewaysCas = scenario({
  name: 'two-gateways-cas',
  summary: 'conditional writes of the same few keys through two gateways, one of which dies',
  store: { gateways: 2 },
  workload: { kind: 'registers', clients: 8, keys: 4, operationsPerSecond: 8, conditionalPerCent: 70 },
  faults: ['crashing-gateways', 'jumping-clocks'],
});
