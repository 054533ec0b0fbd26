import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { expectedRange, seededSha256 } from '../seed/seeded-bytes.ts';
import { chunkFileBytes, nodeFolder, seal } from './chunk-file.fixture.ts';
import { type Inspection, inspectChunkFile, type Region } from './chunk-file.ts';

const chunkId = 'c9f0f895-0000-4000-8000-000000000001';
const blockBytes = 256 * 1024;

describe('the inspection of a chunk file', () => {
  for (const sizeBytes of [1, 4095, 4096, blockBytes, blockBytes + 1, 5 * blockBytes - 3]) {
    test(`finds a whole one of ${sizeBytes} bytes good, with its size and SHA-256`, async () => {
      const found = await inspect(chunkFileBytes(chunkId, expectedRange('whole', 0, sizeBytes)));
      assert.deepEqual(found, { state: 'good', sizeBytes, sha256: seededSha256('whole', sizeBytes) });
    });
  }

  test('finds a flipped bit in every page of it, and tells the region', async () => {
    const sizeBytes = blockBytes + 5000;
    const whole = chunkFileBytes(chunkId, expectedRange('flipped', 0, sizeBytes));
    const footerAt = 4096 + blockBytes + 8192;
    for (let page = 0; page < whole.length; page += 4096) {
      for (const at of [page, page + 2048, page + 4095]) {
        const damaged = Buffer.from(whole);
        damaged[at] = (damaged[at] ?? 0) ^ 0x10;
        const region = at < 4096 ? 'header' : at < footerAt ? 'block' : 'footer';
        assertDamaged(await inspect(damaged), region, `byte ${at}`);
      }
    }
  });

  test('finds it too short, too long and empty', async () => {
    const whole = chunkFileBytes(chunkId, expectedRange('cut', 0, 9000));
    for (const keptBytes of [0, 1, 4096, 8192, whole.length - 4096, whole.length - 1]) {
      const { state } = await inspect(whole.subarray(0, keptBytes));
      assert.equal(state, 'damaged', `cut to ${keptBytes} bytes`);
    }
    const longer = await inspect(Buffer.concat([whole, Buffer.alloc(4096)]));
    assertDamaged(longer, 'footer', 'a page longer');
  });

  test('finds the file of another chunk in its place', async () => {
    const other = chunkFileBytes('c9f0f895-0000-4000-8000-000000000002', Buffer.from('other'));
    assertDamaged(await inspect(other), 'header', 'another id');
  });

  test('finds a footer that belongs to another header, although every CRC is right', async () => {
    const whole = chunkFileBytes(chunkId, Buffer.from('one'));
    const header = whole.subarray(0, 4096);
    header.writeBigUInt64LE(1n, 24);
    seal(header);
    assertDamaged(await inspect(whole), 'footer', 'another header');
  });

  test('finds other bytes than the SHA-256 says, although every CRC is right', async () => {
    const right = chunkFileBytes(chunkId, Buffer.from('right'));
    const wrong = chunkFileBytes(chunkId, Buffer.from('wrong'));
    const footer = wrong.subarray(-4096);
    right.copy(footer, 4096 - 92, right.length - 92, right.length - 60);
    seal(footer);
    assertDamaged(await inspect(wrong), 'block', 'another SHA-256');
  });
});

async function inspect(bytes: Buffer): Promise<Inspection> {
  await using folder = await nodeFolder({});
  await writeFile(folder.path(chunkId), bytes);
  return inspectChunkFile(folder.path(chunkId), chunkId);
}

function assertDamaged(found: Inspection, region: Region, damage: string): void {
  assert.equal(found.state, 'damaged', `${damage} must be found`);
  assert.equal(found.region, region, `${damage} was found as "${found.what}"`);
}
