import { z } from 'zod';

/** A setting is wrong or missing. `message` names every bad key at once, one a line. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Reads `schema`'s keys from the environment, and freezes the result. Throws ConfigError. */
export function parseConfig<T extends z.ZodType>(
  schema: T,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<z.infer<T>> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(set);
  if (parsed.success) return Object.freeze(parsed.data);
  const lines = parsed.error.issues.map((issue) => {
    const key = issue.path.join('.');
    return `  ${key || 'settings'}: ${issue.message}${key && set[key] !== undefined ? ` (it is ${JSON.stringify(set[key])})` : ''}`;
  });
  throw new ConfigError(`these settings are wrong:\n${lines.join('\n')}`);
}

/** Builders for the kinds of setting that recur. All of them read text. */
export const setting = {
  port: () => z.coerce.number().int().min(0).max(65_535),
  milliseconds: () => z.coerce.number().int().positive(),
  bytes: () => z.coerce.number().int().nonnegative(),
  count: () => z.coerce.number().int().positive(),
  flag: () => z.enum(['true', 'false']).transform((text) => text === 'true'),
  list: () =>
    z.string().transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    ),
  logLevel: () => z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
};
