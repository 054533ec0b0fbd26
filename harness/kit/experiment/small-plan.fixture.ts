import type { Plan, PlannedFault, PlannedOperation } from './plan.ts';

function put(key: string, value: string, atMs: number): PlannedOperation {
  return { atMs, gateway: 0, call: { via: 's3', kind: 'put', key, value, bytes: 100, parts: 1, condition: null } };
}

function get(key: string, atMs: number): PlannedOperation {
  return { atMs, gateway: 0, call: { via: 's3', kind: 'get', key, range: null } };
}

function kill(id: string, on: string, atMs: number): PlannedFault {
  return { id, name: 'kill', on, parameters: {}, atMs, forMs: 500 };
}

/** Two clients on two keys, and three kills. */
export const smallPlan: Plan = {
  format: 1,
  seed: '7',
  scenario: 'by hand',
  cluster: {
    target: 'processes',
    nodes: 6,
    gateways: 1,
    replicas: 2,
    isVersioned: false,
    mutant: null,
    settings: { SEXTANT_CLEANUP_INTERVAL_MS: '1000' },
  },
  loadMs: 4_000,
  clients: [
    { name: 'client-1', operations: [put('a', 'v1', 0), put('a', 'v2', 1_000), get('b', 2_000)] },
    { name: 'client-2', operations: [put('b', 'v3', 0), get('a', 1_500), get('a', 3_000)] },
  ],
  faults: [kill('f1', 'node-1', 500), kill('f2', 'node-2', 1_500), kill('f3', 'gateway-1', 2_500)],
  limits: { operationMs: 10_000, recoveryMs: 20_000, mendingMs: 20_000 },
};
