import { crc64Module, DATA_AT, MEMORY_PAGES, PAGE_BYTES, SLICES, TABLE_BYTES } from './crc64-nvme-module.ts';

// The types of Node have no WebAssembly, and the types of browsers would bring the DOM.
declare const WebAssembly: {
  Memory: new (descriptor: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: { readonly crc: Run } };
};

type Run = (crc: bigint, untilAddress: number) => bigint;

/** The polynomial of CRC-64/NVME (NVM Express NVM Command Set, section 5.2.1.3.4), its lowest power in the highest bit. */
export const NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;

const BLOCK_BYTES = MEMORY_PAGES * PAGE_BYTES - DATA_AT;
const ALL_ONES = 0xffff_ffff_ffff_ffffn;

/** The CRC-64/NVME of `previous`'s bytes and `data` behind them; without `previous`, of `data` alone. */
export function crc64Nvme(data: Uint8Array, previous = 0n): bigint {
  const { block, run } = loop();
  let crc = previous ^ ALL_ONES;
  for (let at = 0; at < data.length; at += BLOCK_BYTES) {
    const piece = data.subarray(at, at + BLOCK_BYTES);
    // One memory serves all callers: nothing waits between the copy and the result.
    block.set(piece);
    crc = run(crc, DATA_AT + piece.length);
  }
  return BigInt.asUintN(64, crc) ^ ALL_ONES;
}

interface Loop {
  readonly block: Uint8Array;
  readonly run: Run;
}

let made: Loop | undefined;

/** Made when it is needed first: most gateways never see this CRC asked for, and the tables take a millisecond. */
function loop(): Loop {
  made ??= makeLoop();
  return made;
}

function makeLoop(): Loop {
  const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });
  fillTables(new BigUint64Array(memory.buffer, 0, DATA_AT / 8));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(crc64Module()), { m: { m: memory } });
  return { block: new Uint8Array(memory.buffer, DATA_AT), run: exports.crc };
}

function fillTables(tables: BigUint64Array): void {
  const entries = TABLE_BYTES / 8;
  for (let byte = 0; byte < entries; byte++) {
    let crc = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ NVME_POLYNOMIAL : crc >> 1n;
    tables[byte] = crc;
  }
  for (let at = entries; at < SLICES * entries; at++) {
    const shorter = tables[at - entries] ?? 0n;
    tables[at] = (shorter >> 8n) ^ (tables[Number(shorter & 0xffn)] ?? 0n);
  }
}
