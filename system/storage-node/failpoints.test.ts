import { test } from 'node:test';
import { assertDocumented, assertEachIsReachedInItsFile } from '../common/failpoint-catalogue.fixture.ts';
import { nodeFailpoints } from './failpoints.ts';

test('every failpoint is reached in the file that the catalogue names, and in no other', () => {
  assertEachIsReachedInItsFile(nodeFailpoints, import.meta.dirname);
});

test('docs/failpoints.md shows the catalogue', () => {
  assertDocumented(nodeFailpoints, 'Storage node');
});
