import type { Scenario } from './scenario.ts';

export const swarm: Scenario = { name: 'swarm', summary: 'the seed draws everything', recipe: () => { throw new Error('not yet'); } };
