/**
 * Kills a gateway at each named phase of what it does to keys, while a second one serves them too. A failure means that a key is
 * neither what it was nor what it was to be, that a part is lost, or that space is not given back.
 */
import { testCase } from '../../kit/testing/test-case.ts';
import { runKeyMatrix } from './run-key-matrix.ts';
import { matrixOptions } from './run-matrix.ts';

testCase(
  'I5',
  'a gateway that is killed at any phase of a write to a key leaves the old version or the new one, whole, and nothing else',
  { ...matrixOptions, needs: ['processes', 'database', 'disks', 's3'] },
  runKeyMatrix,
);
