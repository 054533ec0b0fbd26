/**
 * A machine burns: one node and its disk are gone for ever while clients upload, read and delete. A failure means
 * that two replicas are not enough for the loss of one, or that repair does not bring the second one back.
 */
import { testCase } from '../../kit/testing/test-case.ts';
import { loseNodesForEver } from './lose-nodes.ts';

testCase(
  'M1',
  'with two replicas the loss of any one node loses nothing, and repair makes every chunk whole again',
  { cluster: 'own', phase: 2, timeoutMs: 1_800_000 },
  (ctx) => loseNodesForEver(ctx, { replicas: 2, lost: 1 }),
);
