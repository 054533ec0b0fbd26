import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Tiny programs in the place of the services, in a folder of their own. Each tells its environment in its ready line. */
export async function standIns(): Promise<
  { dir: string; path: (name: keyof typeof programs) => string } & AsyncDisposable
> {
  const dir = await mkdtemp(join(tmpdir(), 'sextant-stand-ins-'));
  for (const [name, code] of Object.entries(programs)) await writeFile(join(dir, `${name}.mjs`), code);
  return {
    dir,
    path: (name) => join(dir, `${name}.mjs`),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

const listen = `
  import { createServer } from 'node:http';
  const port = Number(process.env.SEXTANT_REST_PORT ?? process.env.SEXTANT_NODE_PORT);
  const server = createServer((_, response) => response.end('{}')).listen(port, '127.0.0.1', () => {
    console.log(JSON.stringify({ level: 30, msg: 'ready', server_id: 'stand-in-' + port, marker: process.env.MARKER }));
  });
`;

const programs = {
  polite: `${listen}
    process.on('SIGTERM', () => { console.log(JSON.stringify({ msg: 'bye' })); process.exit(0); });`,
  stubborn: `${listen}
    process.on('SIGTERM', () => {});`,
  failing: `
    console.log(JSON.stringify({ level: 50, msg: 'port 50051 is taken: set SEXTANT_NODE_PORT' }));
    process.exit(1);`,
  silent: 'setInterval(() => {}, 1000);',
};
