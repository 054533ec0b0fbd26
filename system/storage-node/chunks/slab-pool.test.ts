import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Slab, SlabPool } from './slab-pool.ts';

const SIZES = [64, 16, 4];

test('a stream that holds nothing always gets a slab, whatever the others hold, and no two slabs overlap', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ stream: fc.nat(15), takes: fc.boolean() }), { minLength: 20, maxLength: 300 }),
      (steps) => {
        const region = Buffer.alloc(128);
        const pool = new SlabPool(region, SIZES, 16);
        const streams = Array.from({ length: 16 }, () => ({ lease: pool.admit(), held: [] as Slab[] }));
        assert.equal(pool.admit(), undefined);
        for (const { stream, takes } of steps) {
          const { lease, held } = streams[stream] as (typeof streams)[number];
          assert.ok(lease);
          const slab = takes ? lease.take() : undefined;
          if (takes && held.length === 0) assert.ok(slab, 'the promise was broken');
          if (slab) held.push(slab);
          if (!takes) held.shift()?.[Symbol.dispose]();
          assertDisjoint(streams.flatMap((one) => one.held));
        }
        for (const { lease, held } of streams) {
          for (const slab of held) slab[Symbol.dispose]();
          lease?.[Symbol.dispose]();
        }
        assert.equal(pool.freeBytes, region.length);
        // What was cut small has grown together again.
        using lease = pool.admit();
        using slab = lease?.takeFirst();
        assert.equal(slab?.buffer.length, 64);
      },
    ),
    { numRuns: 200 },
  );
});

test('slabs get smaller as the region fills', () => {
  const pool = new SlabPool(Buffer.alloc(512), SIZES, 16);
  const sizes: (number | undefined)[] = [];
  for (let stream = 0; stream < 16; stream++) sizes.push(pool.admit()?.takeFirst().buffer.length);
  assert.deepEqual(sizes.slice(0, 4), [64, 64, 64, 64]);
  assert.deepEqual(
    [...sizes].sort((a, b) => (b ?? 0) - (a ?? 0)),
    sizes,
  );
  assert.equal(sizes.at(-1), 4);
});

test('as many streams as were promised are admitted and get a slab, however much the first ones took', () => {
  const pool = new SlabPool(Buffer.alloc(128), SIZES, 16);
  for (let stream = 0; stream < 16; stream++) {
    const lease = pool.admit();
    assert.ok(lease);
    lease.takeFirst();
    while (lease.take() !== undefined);
  }
  assert.equal(pool.admit(), undefined);
});

function assertDisjoint(slabs: Slab[]): void {
  const spans = slabs.map(({ buffer }) => [buffer.byteOffset, buffer.byteOffset + buffer.length] as const);
  spans.sort((a, b) => a[0] - b[0]);
  for (let i = 1; i < spans.length; i++) {
    assert.ok(((spans[i - 1] as readonly number[])[1] as number) <= ((spans[i] as readonly number[])[0] as number));
  }
}
