/** What cannot happen. The sentence says what was expected and what was found, for a tired person to act on. */
export class AssertionFailed extends Error {
  override name = 'AssertionFailed';
}

export function assert(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new AssertionFailed(sentence);
}

export function unreachable(value: never, what: string): never {
  throw new AssertionFailed(`${what} is ${String(value)}, which no case handles`);
}
