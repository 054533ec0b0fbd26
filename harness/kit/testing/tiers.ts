/**
 * How far a case goes: `fast` shows a claim on a few instances, within the time that every change can wait for;
 * `full` shows it in the number that the requirements name.
 */
export const allTiers = ['fast', 'full'] as const;
export type Tier = (typeof allTiers)[number];

/** Throws RangeError that names the tiers. */
export function parseTier(text: string): Tier {
  const known = allTiers.find((one) => one === text);
  if (known === undefined) throw new RangeError(`there is no tier "${text}"; the tiers are ${allTiers.join(', ')}`);
  return known;
}
