/**
 * The inner loop of CRC-64/NVME as a WebAssembly module, written down instruction by instruction: JavaScript has no
 * 64-bit integers that are fast, and no package has this CRC without a native build.
 *
 * The loop takes 16 bytes a turn through 16 tables ("slicing-by-16": Kounavis and Berry, "Novel Table Lookup-Based
 * Algorithms for High-Performance CRC Generation", 2008). Table t, at address 2048 * t, has for each byte its effect
 * when t more bytes follow it. The data lies behind the tables.
 */
export const SLICES = 16;
export const TABLE_BYTES = 256 * 8;
export const DATA_AT = SLICES * TABLE_BYTES;
/** Of the module's memory: the tables and one block of data. */
export const MEMORY_PAGES = 2;
export const PAGE_BYTES = 65_536;

type Code = readonly number[];

// Types and opcodes: https://webassembly.github.io/spec/core/binary/instructions.html
const i32 = 0x7f;
const i64 = 0x7e;
const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const tee = (local: number): Code => [0x22, local];
const i32Const = (value: number): Code => [0x41, ...signed(value)];
const i64Const = (value: number): Code => [0x42, ...signed(value)];
const i64Load = (offset: number): Code => [0x29, 0, ...unsigned(offset)];
const i64Load8 = (offset: number): Code => [0x31, 0, ...unsigned(offset)];
const i32LessUnsigned = 0x49;
const i32Add = 0x6a;
const i32And = 0x71;
const i32Wrap = 0xa7;
const i64Xor = 0x85;
const i64ShiftLeft = 0x86;
const i64ShiftRight = 0x88;
const end = 0x0b;

// The locals of the function: its two parameters, and three of its own.
const [crc, until, at, word, edge] = [0, 1, 2, 3, 4];

/** Bytes of a module that imports `m.m`, its memory, and exports `crc(crc: i64, untilAddress: i32): i64`. */
export function crc64Module(): Uint8Array {
  const type = [1, 0x60, 2, i64, i32, 1, i64];
  const memory = [1, 1, 0x6d, 1, 0x6d, 2, 0, MEMORY_PAGES];
  const name = [...'crc'].map((letter) => letter.charCodeAt(0));
  const locals = [3, 1, i32, 1, i64, 1, i32];
  const body = [...locals, ...code(), end];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, type),
    ...section(2, memory),
    ...section(3, [1, 0]),
    ...section(7, [1, name.length, ...name, 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

function code(): Code {
  return [
    ...[...i32Const(DATA_AT), ...set(at)],
    // edge = at + (until - at) / 16 * 16; the data begins at a multiple of 16.
    ...[...get(until), ...i32Const(-SLICES), i32And, ...set(edge)],
    ...whileBelow(edge, [...slice(), ...step(SLICES)]),
    ...whileBelow(until, [...single(), ...step(1)]),
    ...get(crc),
  ];
}

/** crc = the effects of 16 bytes, the first 8 of which the crc so far is added to. */
function slice(): Code {
  return [
    ...[...get(at), ...i64Load(0), ...get(crc), i64Xor, ...set(word)],
    ...effects(SLICES - 1),
    ...[...get(at), ...i64Load(8), ...set(word)],
    ...effects(SLICES - 9),
    ...[i64Xor, ...set(crc)],
  ];
}

/** Leaves the effects of the 8 bytes of `word`, the first of which is followed by `following` others. */
function effects(following: number): Code {
  return Array.from({ length: 8 }, (_, byte) => [
    ...[...get(word), ...toEntry(8 * byte), ...i64Load((following - byte) * TABLE_BYTES)],
    ...(byte === 0 ? [] : [i64Xor]),
  ]).flat();
}

/** crc = the effect of the lowest byte of (crc + the byte at `at`), and the rest of the crc. */
function single(): Code {
  return [
    ...[...get(crc), ...get(at), ...i64Load8(0), i64Xor, ...tee(word)],
    ...[...toEntry(0), ...i64Load(0)],
    ...[...get(word), ...i64Const(8), i64ShiftRight, i64Xor, ...set(crc)],
  ];
}

/** Makes the offset of an entry of 8 bytes in a table out of the byte that begins at `bit`. */
function toEntry(bit: number): Code {
  const shift = bit === 0 ? [...i64Const(3), i64ShiftLeft] : [...i64Const(bit - 3), i64ShiftRight];
  return [...shift, i32Wrap, ...i32Const(255 * 8), i32And];
}

function step(bytes: number): Code {
  return [...get(at), ...i32Const(bytes), i32Add, ...set(at)];
}

/** while (at < limit) body: a loop within an `if`, which a branch at its end begins again. */
function whileBelow(limit: number, body: Code): Code {
  const below = [...get(at), ...get(limit), i32LessUnsigned];
  const [ifBlock, loop, branchIf, empty] = [0x04, 0x03, 0x0d, 0x40];
  return [...below, ifBlock, empty, loop, empty, ...body, ...below, branchIf, 0, end, end];
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

/** LEB128: seven bits a byte, the lowest first. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  const isLast = value >= -0x40 && value < 0x40;
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
