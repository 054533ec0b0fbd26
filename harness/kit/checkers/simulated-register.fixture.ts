import fc from 'fast-check';

/** One operation as it is drawn; what it sees follows from the others. */
export interface Draw {
  readonly key: number;
  readonly kind: 'put' | 'get' | 'head' | 'delete' | 'ifMatch' | 'ifNoneMatch';
  /** Since the begin of the operation before it, in ms. */
  readonly gap: number;
  readonly lasts: number;
  /** When it takes effect, in per cent of its time. */
  readonly effect: number;
  /** `late`: nobody answered, and it takes effect after that. */
  readonly outcome: 'ok' | 'fail' | 'happened' | 'never' | 'late' | 'open';
  /** Of ifMatch: that value, so many before the newest; 0 is what is there. */
  readonly older: number;
}

type Weights = Record<Draw['outcome'], number>;

export function draws({
  keys,
  lastsMax,
  weights,
}: {
  keys: number;
  lastsMax: number;
  weights: Weights;
}): fc.Arbitrary<Draw> {
  const outcome = fc.oneof(
    ...Object.entries(weights).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name as Draw['outcome']) })),
  );
  return fc.record({
    key: fc.nat({ max: keys - 1 }),
    kind: fc.constantFrom<Draw['kind'][]>(
      'put',
      'put',
      'get',
      'get',
      'get',
      'head',
      'delete',
      'ifMatch',
      'ifNoneMatch',
    ),
    gap: fc.integer({ min: 1, max: 4 }),
    lasts: fc.integer({ min: 1, max: lastsMax }),
    effect: fc.nat({ max: 100 }),
    outcome,
    older: fc.constantFrom(0, 0, 1, 2),
  });
}

/** Lines for `historyOf`: what real registers answer to these operations. */
export function simulate(drawn: readonly Draw[]): string[] {
  let begin = 0;
  const operations = drawn.map((draw, index) => {
    begin += draw.gap;
    const late = draw.outcome === 'late' ? draw.lasts * 3 : 0;
    return {
      ...draw,
      index,
      begin,
      end: begin + draw.lasts,
      effectAt: begin + (draw.lasts * draw.effect) / 100 + late,
    };
  });
  const registers = new Map<number, string>();
  const lines = new Map<number, string>();
  const written = new Map<number, string[]>();
  for (const { index, key, kind, outcome, begin: from, end, older } of operations.toSorted(
    (a, b) => a.effectAt - b.effectAt,
  )) {
    const held = registers.get(key);
    const before = written.get(key) ?? [];
    const wanted = kind === 'ifMatch' ? ((older === 0 ? held : before.at(-older)) ?? 'v0') : undefined;
    const isTrue = kind === 'ifMatch' ? held === wanted : kind !== 'ifNoneMatch' || held === undefined;
    const isWrite = kind !== 'get' && kind !== 'head';
    const isDone = isWrite && isTrue && outcome !== 'fail' && outcome !== 'never';
    if (isDone && kind === 'delete') registers.delete(key);
    else if (isDone) registers.set(key, `v${index + 1}`);
    if (isDone && kind !== 'delete') written.set(key, [...before.slice(-3), `v${index + 1}`]);
    const condition = wanted !== undefined ? ` if ${wanted}` : kind === 'ifNoneMatch' ? ' if none' : '';
    const call =
      kind === 'get' || kind === 'head' || kind === 'delete'
        ? `${kind} k${key}`
        : `put k${key} v${index + 1}${condition}`;
    const answer =
      outcome === 'fail'
        ? ' -> fail'
        : outcome !== 'ok'
          ? ' -> info'
          : isWrite
            ? isTrue
              ? ''
              : ' -> refused'
            : ` -> ${held ?? 'absent'}`;
    lines.set(index, outcome === 'open' ? `${from}- p${index} ${call}` : `${from}-${end} p${index} ${call}${answer}`);
  }
  return drawn.map((_, index) => lines.get(index) as string);
}
