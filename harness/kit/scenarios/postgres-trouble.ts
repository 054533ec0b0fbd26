import { scenario } from './scenario.ts';

export const postgresTrouble = scenario({
  name: 'postgres-trouble',
  summary: 'PostgreSQL stops, freezes, loses its connections and is slow',
  faults: ['database-trouble'],
  hasLinks: true,
});
