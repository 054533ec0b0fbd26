/** As M1, with three replicas and two nodes that are gone at the same moment. */
import { testCase } from '../../kit/testing/test-case.ts';
import { loseNodesForEver } from './lose-nodes.ts';

testCase(
  'M2',
  'with three replicas the loss of any two nodes at once loses nothing, and repair makes every chunk whole again',
  { cluster: 'own', phase: 2, timeoutMs: 1_800_000 },
  (ctx) => loseNodesForEver(ctx, { replicas: 3, lost: 2 }),
);
