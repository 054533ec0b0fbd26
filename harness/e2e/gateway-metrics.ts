import type { RestClient } from '../kit/clients/rest-client.ts';

/** The sum of a counter's or gauge's series whose labels contain `labels`, from /metrics; 0 when there is none. */
export async function metric(rest: RestClient, name: string, labels = ''): Promise<number> {
  const { text } = await rest.send({ method: 'GET', path: '/metrics' });
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => line.includes(labels))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
