import { STRIPE_BYTES_MAX } from './stripe.ts';

/** So many bodies of undeclared size are held back at once, each up to one stripe (6 MiB); the others stream at once. */
const HELD_BODIES_MAX = 4;

/** A body, and its size where it is known now. Dispose it, whether or not it was read. */
export interface MeasuredBody extends Disposable {
  readonly declaredBytes: number | null;
  readonly body: AsyncIterable<Buffer>;
}

/**
 * Finds the size of bodies that do not declare one but end soon, so that they are cut in six equal parts as if
 * they had. Memory is bounded: when too many are held back, the next one is cut in units of the largest size.
 */
export class ShortBodies {
  #held = 0;

  async measure(body: AsyncIterable<Buffer>): Promise<MeasuredBody> {
    if (this.#held >= HELD_BODIES_MAX) return { declaredBytes: null, body, [Symbol.dispose]: () => undefined };
    const letGo = this.#hold();
    const rest = body[Symbol.asyncIterator]();
    const pieces: Buffer[] = [];
    const measured = { body: resume(pieces, rest, letGo), [Symbol.dispose]: letGo };
    try {
      let bytes = 0;
      while (bytes <= STRIPE_BYTES_MAX) {
        const next = await rest.next();
        if (next.done) return { declaredBytes: bytes, ...measured };
        pieces.push(next.value);
        bytes += next.value.length;
      }
      return { declaredBytes: null, ...measured };
    } catch (error) {
      letGo();
      throw error;
    }
  }

  /** Counts a body as held back, until what it returns is called: its bytes wait for memory long after they came. */
  #hold(): () => void {
    let isHeld = true;
    this.#held++;
    return () => {
      if (isHeld) this.#held--;
      isHeld = false;
    };
  }
}

/** Reads the first byte of a body before anything is reserved for it; undefined when there is none. */
export async function peek(body: AsyncIterable<Buffer>): Promise<AsyncIterable<Buffer> | undefined> {
  const rest = body[Symbol.asyncIterator]();
  for (;;) {
    const next = await rest.next();
    if (next.done) return undefined;
    if (next.value.length > 0) return resume([next.value], rest);
  }
}

/** The pieces that were taken, then the rest; ending early ends the rest too. */
async function* resume(
  pieces: Buffer[],
  rest: AsyncIterator<Buffer>,
  onPiecesGone = () => {},
): AsyncGenerator<Buffer, void, undefined> {
  try {
    for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) yield piece;
    onPiecesGone();
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
