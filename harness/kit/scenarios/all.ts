import { calm } from './calm.ts';
import { diskDamage } from './disk-damage.ts';
import { gatewayCrashes } from './gateway-crashes.ts';
import { membership } from './membership.ts';
import { networkTrouble } from './network-trouble.ts';
import { nodeCrashes } from './node-crashes.ts';
import { oldData } from './old-data.ts';
import { postgresTrouble } from './postgres-trouble.ts';
import { powerCut } from './power-cut.ts';
import { rollingUpgrade } from './rolling-upgrade.ts';
import type { Scenario } from './scenario.ts';
import { slowEverything } from './slow-everything.ts';
import { swarm } from './swarm.ts';
import { twoGatewaysCas } from './two-gateways-cas.ts';
import { versions } from './versions.ts';

/** In the order in which somebody would try them. */
export const allScenarios: readonly Scenario[] = [
  calm,
  nodeCrashes,
  gatewayCrashes,
  postgresTrouble,
  networkTrouble,
  diskDamage,
  oldData,
  slowEverything,
  membership,
  rollingUpgrade,
  powerCut,
  twoGatewaysCas,
  versions,
  swarm,
];

export const scenarioNames = allScenarios.map(({ name }) => name);

/** Throws with the names that there are. */
export function scenarioNamed(name: string): Scenario {
  const found = allScenarios.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new Error(`there is no scenario ${name}, but: ${scenarioNames.join(', ')}`);
}
