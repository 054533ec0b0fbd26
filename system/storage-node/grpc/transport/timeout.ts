const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };
/** The longest that a timer can be set for, about 24 days. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The header grpc-timeout: up to eight digits and a unit. Undefined when it is absent, malformed or beyond any timer. */
export function parseTimeoutMs(header: string | string[] | undefined): number | undefined {
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(String(header)) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  const timeoutMs = Math.ceil(Number(digits) * (UNIT_MS[unit] as number));
  return timeoutMs > TIMER_MS_MAX ? undefined : timeoutMs;
}
