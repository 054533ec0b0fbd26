/**
 * Kills a storage node at each of its named phases while clients work on the store. A failure means that a promise
 * depends on when a node dies, or that a phase is no longer reached at all.
 */
import { systemEntryPoints } from '../../kit/cluster/repository.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { matrixOptions, runMatrix } from './run-matrix.ts';

testCase(
  'I2',
  'a storage node that is killed at any phase loses no acknowledged file, and leaves nothing behind',
  matrixOptions,
  async (ctx) => {
    await runMatrix(ctx, {
      entryPoint: systemEntryPoints.node,
      about: () => true,
      victims: ({ cluster }) => cluster.nodes,
    });
  },
);
