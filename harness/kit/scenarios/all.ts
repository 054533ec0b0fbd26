import { calm } from './calm.ts';
import { nodeCrashes } from './node-crashes.ts';
import type { Scenario } from './scenario.ts';
import { swarm } from './swarm.ts';

/** In the order in which somebody would try them. */
export const allScenarios: readonly Scenario[] = [calm, nodeCrashes, swarm];

/** Throws with the names that there are. */
export function scenarioNamed(name: string): Scenario {
  const found = allScenarios.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new Error(`there is no scenario ${name}, but: ${allScenarios.map((one) => one.name).join(', ')}`);
}
