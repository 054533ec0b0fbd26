import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * For a server that ends while its clients keep their connections: Node closes those that are idle, and would serve on what comes
 * over the others. From `end` on, each answer is the last one of its connection, and says so where its head is not out yet.
 */
export class LastAnswers {
  readonly #underWay = new Set<ServerResponse>();
  #isEnding = false;

  add(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    // What is still drained behind a refusal is waited for.
    const closeBehind = () => {
      if (this.#isEnding && request.complete && response.writableFinished) socket.destroySoon();
    };
    this.#underWay.add(response);
    if (this.#isEnding) response.shouldKeepAlive = false;
    request.once('close', closeBehind);
    response.once('close', () => {
      this.#underWay.delete(response);
      closeBehind();
    });
  }

  end(): void {
    this.#isEnding = true;
    for (const response of this.#underWay) response.shouldKeepAlive = false;
  }
}
