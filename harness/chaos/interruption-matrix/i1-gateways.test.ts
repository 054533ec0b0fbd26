/**
 * Kills a gateway at each named phase of what it does for clients while clients upload, read and delete through it and through another
 * one. A failure means that a promise depends on when a gateway dies, or that a phase is no longer reached at all.
 */
import { systemEntryPoints } from '../../kit/cluster/repository.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { isOfAJob, isOverS3, matrixOptions, runMatrix } from './run-matrix.ts';

testCase(
  'I1',
  'a gateway that is killed at any phase of a request loses no acknowledged file, and leaves nothing behind',
  matrixOptions,
  async (ctx) => {
    await runMatrix(ctx, {
      entryPoint: systemEntryPoints.gateway,
      about: (name) => !isOfAJob(name) && !isOverS3(name),
      victims: ({ cluster }) => cluster.gateways,
    });
  },
);
