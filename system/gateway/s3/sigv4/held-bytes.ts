// Each piece costs some hundred bytes beside its content: a body that trickles in byte by byte would cost a hundredfold.
const PIECES_MAX = 64;

/** Pieces of a body that wait for a verdict; joined only when there are very many of them. */
export class HeldBytes {
  #pieces: Buffer[] = [];

  get pieces(): readonly Buffer[] {
    return this.#pieces;
  }

  push(piece: Buffer): void {
    if (this.#pieces.length >= PIECES_MAX) this.#pieces = [Buffer.concat(this.#pieces)];
    this.#pieces.push(piece);
  }
}
