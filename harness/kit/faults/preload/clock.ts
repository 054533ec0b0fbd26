/** Moves the wall clock of this process, as an operator or a time server does. Timers and the monotonic clock go on as they were. */
export function shiftClock(shiftMs: () => number): void {
  const RealDate = Date;
  const realNow = RealDate.now;
  const now = () => realNow() + shiftMs();
  RealDate.now = now;
  const ShiftedDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
  });
  RealDate.prototype.constructor = ShiftedDate;
  globalThis.Date = ShiftedDate;
}
