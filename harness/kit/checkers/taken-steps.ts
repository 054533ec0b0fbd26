/** A set of places in a list, mostly its beginning: all below `low`, and those of `beyond`, in order. Immutable. */
export class TakenSteps {
  static readonly none = new TakenSteps(0, []);
  readonly low: number;
  readonly beyond: readonly number[];

  private constructor(low: number, beyond: readonly number[]) {
    this.low = low;
    this.beyond = beyond;
  }

  has(place: number): boolean {
    return place < this.low || this.beyond.includes(place);
  }

  with(place: number): TakenSteps {
    if (place !== this.low) {
      const after = this.beyond.findIndex((other) => other > place);
      return new TakenSteps(this.low, this.beyond.toSpliced(after === -1 ? this.beyond.length : after, 0, place));
    }
    let passed = 0;
    while (this.beyond[passed] === place + 1 + passed) passed++;
    return new TakenSteps(place + 1 + passed, this.beyond.slice(passed));
  }

  isWithin(other: TakenSteps): boolean {
    for (let place = other.low; place < this.low; place++) if (!other.has(place)) return false;
    return this.beyond.every((place) => other.has(place));
  }

  /** Those below `length` that are not in the set, in order, up to the first that `isWithin` denies. */
  left(length: number, isWithin: (place: number) => boolean): number[] {
    const left: number[] = [];
    for (let place = this.low, next = 0; place < length; place++) {
      if (this.beyond[next] === place) next++;
      else if (isWithin(place)) left.push(place);
      else break;
    }
    return left;
  }

  /** The same for equal sets alone. */
  get key(): string {
    return this.beyond.length === 0 ? `${this.low}` : `${this.low}:${this.beyond.join()}`;
  }
}
