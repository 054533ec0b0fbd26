import { scenario } from './scenario.ts';

export const calm = scenario({
  name: 'calm',
  summary: 'nothing breaks: what fails here fails always',
});
