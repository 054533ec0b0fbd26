import { setFlagsFromString } from 'node:v8';

/**
 * Tunes V8 for a process through which buffers flow by the gigabyte. To be called first of all.
 *
 * By default V8 starts a full collection whenever 64 MiB of buffers were made since the last one, some fifty times a
 * gigabyte; that was a third of the gateway's CPU time. With the first flag, buffers count towards the heap's own
 * limit instead. With the second, the young generation stays at its first size, so that its cheap collections come
 * often and free the buffers that died young: that is nearly all of them, and it halves the resident memory.
 */
export function tuneHeapForBuffers(): void {
  setFlagsFromString('--external-memory-accounted-in-global-limit');
  setFlagsFromString('--semi-space-growth-factor=1');
  collectSooner(false);
}

/**
 * While many clients are served at once, buffers wait long enough to grow old, and only a full collection frees them: it
 * then comes when they are a tenth of what is alive, instead of almost as much. That costs 0.7 CPU s/GiB and more, which
 * a few clients should not have to pay.
 */
export function collectSooner(isBusy: boolean): void {
  setFlagsFromString(`--heap-growing-percent=${isBusy ? 10 : 80}`);
}
