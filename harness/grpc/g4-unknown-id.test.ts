/** Asks for chunks that no node ever had. A failure means that a node invents bytes, or hides that it has none. */
import { testCase } from '../kit/testing/test-case.ts';
import { oneAndSix, onOneAndOnSix } from './nodes-under-test.ts';
import { drain, refusedWith } from './refused.ts';

testCase('G4', 'an unknown id is NOT_FOUND on get, range, verify and delete', oneAndSix, async (ctx) => {
  await onOneAndOnSix(ctx, async ({ client }) => {
    const chunkId = 'never-stored';
    await refusedWith('NOT_FOUND', drain(client.getChunk({ chunkId })), 'GetChunk');
    await refusedWith('NOT_FOUND', drain(client.getChunk({ chunkId, offset: 5, lengthBytes: 3 })), 'a range');
    await refusedWith('NOT_FOUND', client.verifyChunk(chunkId), 'VerifyChunk');
    await refusedWith('NOT_FOUND', client.deleteChunk(chunkId), 'DeleteChunk');
  });
});
