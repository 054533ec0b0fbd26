import { test } from 'node:test';
import { assertDocumented, assertEachIsReachedInItsFile } from '../common/failpoint-catalogue.fixture.ts';
import { gatewayFailpoints } from './failpoints.ts';

test('every failpoint is reached in the file that the catalogue names, and in no other', () => {
  assertEachIsReachedInItsFile(gatewayFailpoints, import.meta.dirname);
});

test('docs/failpoints.md shows the catalogue', () => {
  assertDocumented(gatewayFailpoints, 'Gateway');
});
