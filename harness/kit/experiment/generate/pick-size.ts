import type { Choices } from '../../seed/choices.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
/** Of which contents differ surely, and can be told apart; see value-content.ts. */
const bytesMin = 8;
/** Up to here the store may keep an object in its row; above, it cuts it in chunks. */
const inlineBytesMax = 16 * KiB;
/** The smallest that any part of an upload but its last may be. */
const partBytesMin = 5 * MiB;
const partsMax = 6;

/** Most values are small, some lie on the border of what fits in a row, and more than half are cut in chunks. */
export function pickSize(choices: Choices, bytesMax: number): number {
  const above = inlineBytesMax + 1;
  const [min, max] = choices.pick([
    [bytesMin, 40],
    [bytesMin, inlineBytesMax],
    [inlineBytesMax - 2, inlineBytesMax + 2],
    [above, 64 * KiB],
    [above, 64 * KiB],
    [above, 256 * KiB],
    [above, MiB],
    [above, bytesMax],
  ] as const);
  return choices.int(Math.min(min, bytesMax), Math.min(max, bytesMax));
}

export interface SizeInParts {
  readonly bytes: number;
  readonly parts: number;
}

/** Two to six parts; now and then the last one is tiny. Throws RangeError where `bytesMax` does not allow two. */
export function pickParts(choices: Choices, bytesMax: number): SizeInParts {
  if (!fitsInParts(bytesMax)) throw new RangeError(`${bytesMax} bytes do not make two parts`);
  const parts = choices.int(2, Math.min(partsMax, Math.ceil(bytesMax / partBytesMin)));
  const before = (parts - 1) * partBytesMin;
  const lastMax = choices.chance(50) ? partBytesMin : choices.pick([1, 100, 64 * KiB]);
  return { bytes: choices.int(before + 1, Math.min(before + lastMax, bytesMax)), parts };
}

export function fitsInParts(bytesMax: number): boolean {
  return bytesMax > partBytesMin;
}
