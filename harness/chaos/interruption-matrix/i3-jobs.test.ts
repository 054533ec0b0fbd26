/**
 * Kills the gateway that cleans up, repairs, scrubs, counts, or moves replicas, at each named phase of these jobs, while
 * clients work on the store. A failure means that a half-done job loses data or leaves some behind, that no other gateway
 * finishes it, or that a phase is no longer reached at all.
 */
import { systemEntryPoints } from '../../kit/cluster/repository.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { isOfAJob, matrixOptions, runMatrix } from './run-matrix.ts';

testCase(
  'I3',
  'a gateway that is killed at any phase of a job loses no acknowledged file, and another one finishes the job',
  matrixOptions,
  async (ctx) => {
    await runMatrix(ctx, {
      entryPoint: systemEntryPoints.gateway,
      about: isOfAJob,
      victims: ({ cluster }) => cluster.gateways,
      // The gateway that is left must go on with a drain soon.
      settings: { SEXTANT_REBALANCE_INTERVAL_MS: '1000' },
    });
  },
);
