import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { missingImages } from '../../kit/tools/containers/docker-cli.ts';
import { findEngine } from '../../kit/tools/containers/engine.ts';
import { imageNames } from '../../kit/tools/containers/image-names.ts';
import { programOnPath } from '../../kit/tools/tool-cache.ts';
import { installedToxiproxy, toxiproxyVersion } from '../../kit/tools/toxiproxy/binary.ts';
import type { Finding } from './machine.ts';

interface Tool {
  readonly what: string;
  readonly commands: readonly (readonly [command: string, ...args: string[]])[];
  readonly purpose: string;
  readonly howToGet: string;
}

const askDeadlineMs = 5_000;

const tools: readonly Tool[] = [
  {
    what: 'curl',
    commands: [['curl', '--version']],
    purpose: 'the examples, and the speed measurements',
    howToGet: 'apt-get install curl',
  },
  {
    what: 'python3',
    commands: [['python3', '--version']],
    purpose: 'boto3, aws-cli and s3cmd, which the suite s3 installs when it needs them first',
    howToGet: 'https://www.python.org/downloads, or on Debian: apt-get install python3-venv',
  },
  {
    what: 'go',
    commands: [['go', 'version']],
    purpose: 'rclone, restic and Toxiproxy, which the suites build when they need them first',
    howToGet: 'https://go.dev/doc/install',
  },
  {
    what: 'k6',
    commands: [['k6', 'version']],
    purpose: 'load tests',
    howToGet: 'https://grafana.com/docs/k6/latest/set-up/install-k6, or: go install go.k6.io/k6@v1.8.1',
  },
  {
    what: 'chromium',
    commands: [
      ['chromium', '--version'],
      ['google-chrome', '--version'],
    ],
    purpose: 'tests of web pages',
    howToGet: 'apt-get install chromium',
  },
];

/** A missing tool is never an error: the suites that need it say so. */
export function toolFindings(): Promise<Finding[]> {
  return Promise.all([...tools.map(findingOf), toxiproxyFinding(), engineFinding(), imagesFinding()]);
}

async function engineFinding(): Promise<Finding> {
  const what = 'container engine';
  const engine = await findEngine();
  if (engine !== null) return { what, state: 'good', found: `${engine.version} at ${engine.host}`, advice: '' };
  const isInstalled = (await programOnPath('dockerd')) !== null;
  const found = isInstalled ? 'installed, but none answers' : 'not there; for running the suites against containers';
  const byUs =
    'As root, "sextant test --target containers" starts one of its own (--install-engine installs it on Debian).';
  return { what, state: 'weak', found, advice: `To get it: https://docs.docker.com/engine/install. ${byUs}` };
}

async function imagesFinding(): Promise<Finding> {
  const what = 'images';
  if ((await findEngine()) === null) {
    return { what, state: 'weak', found: 'an engine must run to tell', advice: 'To get them: npx sextant images' };
  }
  const all = Object.values(imageNames);
  const missing = await missingImages(all);
  const advice = 'To get them: npx sextant images (where no registry can be reached: npx sextant images --offline)';
  return missing.length === 0
    ? { what, state: 'good', found: `all ${all.length} that the container target runs`, advice: '' }
    : { what, state: 'weak', found: `not there: ${missing.join(', ')}`, advice };
}

/** Where Go is there, the suites build it themselves when they need it first. */
async function toxiproxyFinding(): Promise<Finding> {
  const what = 'toxiproxy-server';
  const installed = await installedToxiproxy();
  if (installed !== null) return { what, state: 'good', found: installed, advice: '' };
  const go = await firstLine(['go', 'version']);
  if (go !== null) return { what, state: 'good', found: `built when it is needed first, by ${go}`, advice: '' };
  const advice = `To get it: https://github.com/Shopify/toxiproxy/releases/tag/v${toxiproxyVersion}, or install Go, and it is built`;
  return { what, state: 'weak', found: 'not there, and no Go to build it with; for network faults', advice };
}

async function findingOf({ what, commands, purpose, howToGet }: Tool): Promise<Finding> {
  for (const command of commands) {
    const answer = await firstLine(command);
    if (answer !== null) return { what, state: 'good', found: answer, advice: '' };
  }
  return { what, state: 'weak', found: `not there; for ${purpose}`, advice: `To get it: ${howToGet}` };
}

async function firstLine([command, ...args]: readonly [string, ...string[]]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { timeout: askDeadlineMs });
    return stdout.split('\n')[0]?.trim() || 'there';
  } catch {
    return null;
  }
}
