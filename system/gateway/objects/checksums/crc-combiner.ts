import type { CrcAlgorithm } from './checksum-algorithms.ts';
import { NVME_POLYNOMIAL } from './crc64-nvme.ts';

interface Field {
  readonly bits: number;
  /** With the lowest power in the highest bit, as these CRCs are computed. */
  readonly polynomial: bigint;
}

const fields: Readonly<Record<CrcAlgorithm, Field>> = {
  CRC32: { bits: 32, polynomial: 0xedb88320n },
  CRC32C: { bits: 32, polynomial: 0x82f63b78n },
  CRC64NVME: { bits: 64, polynomial: NVME_POLYNOMIAL },
};

/**
 * Makes the CRC of two pieces in a row out of theirs: a CRC is a remainder of polynomials over two elements, so the
 * first one is multiplied by x to the power of the bits behind it, and the second one is added. What these CRCs invert
 * at the start and at the end cancels out.
 */
export class CrcCombiner {
  readonly #field: Field;
  /** x to the power of 1, 2, 4, 8 ..., as far as they were needed. */
  readonly #squares: bigint[];
  #shiftBytes = 0;
  #shift: bigint;

  constructor(algorithm: CrcAlgorithm) {
    this.#field = fields[algorithm];
    this.#shift = 1n << BigInt(this.#field.bits - 1);
    this.#squares = [this.#shift >> 1n];
  }

  /** The CRC of `first`'s bytes and, behind them, those of `second`, which are `secondBytes`. */
  combine(first: bigint, second: bigint, secondBytes: number): bigint {
    // Parts mostly have one size, and the power costs many times what the product does.
    if (secondBytes !== this.#shiftBytes) {
      this.#shift = this.#powerOfX(BigInt(secondBytes) * 8n);
      this.#shiftBytes = secondBytes;
    }
    return multiply(this.#field, this.#shift, first) ^ second;
  }

  #powerOfX(exponent: bigint): bigint {
    let power = 1n << BigInt(this.#field.bits - 1);
    for (let bit = 0; exponent >> BigInt(bit) > 0n; bit++) {
      if (((exponent >> BigInt(bit)) & 1n) === 1n) power = multiply(this.#field, power, this.#square(bit));
    }
    return power;
  }

  #square(index: number): bigint {
    for (let next = this.#squares.length; next <= index; next++) {
      const last = this.#squares[next - 1] ?? 0n;
      this.#squares.push(multiply(this.#field, last, last));
    }
    return this.#squares[index] ?? 0n;
  }
}

/** The product modulo the polynomial. Halves of 32 bits, since big integers would take ten times as long. */
function multiply({ bits, polynomial }: Field, a: bigint, b: bigint): bigint {
  const [aHigh, aLow] = halves(a);
  const [polynomialHigh, polynomialLow] = halves(polynomial);
  let [high, low] = halves(b);
  let productHigh = 0;
  let productLow = 0;
  for (let bit = bits - 1; bit >= 0; bit--) {
    const isSet = bit >= 32 ? (aHigh >>> (bit - 32)) & 1 : (aLow >>> bit) & 1;
    if (isSet === 1) {
      productHigh ^= high;
      productLow ^= low;
    }
    // b times x: one bit to the right, and minus the polynomial when a power fell off.
    const fellOff = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (fellOff === 1) {
      high ^= polynomialHigh;
      low ^= polynomialLow;
    }
  }
  return (BigInt(productHigh >>> 0) << 32n) | BigInt(productLow >>> 0);
}

function halves(value: bigint): [high: number, low: number] {
  return [Number(value >> 32n), Number(value & 0xffff_ffffn)];
}
