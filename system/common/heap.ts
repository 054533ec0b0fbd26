import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MiB } from './bytes.ts';

/** So much may come in before the buffers in which it lay are looked for. */
const BYTES_BETWEEN_COLLECTIONS = 8 * MiB;

/**
 * V8's heap in a process through which buffers flow by the gigabyte: network buffers of 64 KiB, each dead as soon as its
 * bytes have been copied on. Left alone, V8 lets 32 MiB of them pile up before it looks at the young ones, by which time
 * many count as old; and then starts a full collection for every 64 MiB of buffers, some fifty a gigabyte.
 *
 * Build it first of all. By the flags, buffers count towards the heap's own limit, from which full collections follow;
 * the young generation stays at its first size; and the limit is a third above what is alive. Young buffers are
 * collected by count of bytes instead, which costs a millisecond each time.
 */
export class BufferHeap {
  readonly #collectYoung: () => void;
  #passedBytes = 0;

  constructor() {
    setFlagsFromString('--external-memory-accounted-in-global-limit');
    setFlagsFromString('--semi-space-growth-factor=1');
    setFlagsFromString('--heap-growing-percent=30');
    // The only way to it: V8 gives its collector to contexts that are made after the flag.
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as NodeJS.GCFunction;
    this.#collectYoung = () => void collect({ type: 'minor' });
  }

  /** To be told of all that is read from the network in bulk. */
  passed(bytes: number): void {
    this.#passedBytes += bytes;
    if (this.#passedBytes < BYTES_BETWEEN_COLLECTIONS) return;
    this.#passedBytes = 0;
    this.#collectYoung();
  }
}
