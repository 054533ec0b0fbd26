import { Command } from 'commander';
import { AccessKeysClient, KeyRefused } from '../../kit/clients/access-keys-client.ts';
import { RestClient } from '../../kit/clients/rest-client.ts';
import { livingHarness } from '../../kit/cluster/process-record.ts';
import { Complaint } from '../complaint.ts';
import { dataDirFrom, defaultDataDirName } from '../data-dir.ts';
import { readyCluster } from '../up/already-running.ts';
import { keyTable, newKeyText } from './keys-text.ts';

interface Flags {
  readonly dataDir?: string;
  readonly json?: boolean;
}

interface OwnerFlags extends Flags {
  readonly account?: string;
  readonly name?: string;
  readonly email?: string;
}

const notes = `
A secret is shown once, when its key is made; the store tells it to nobody again. A key works at once, and a disabled one
is refused within a second or two. Where REST asks for a key, SEXTANT_REST_KEYS must name it here as for "sextant up".`;

export function keysCommand(done: (exitCode: number) => void): Command {
  const say = (text: string) => {
    process.stdout.write(`${text}\n`);
    done(0);
  };
  const command = new Command('keys').description('Make, list, disable and rotate the S3 keys of a running store.');
  const subcommand = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .option('--data-dir <dir>', `of the store (default: ${defaultDataDirName} in the repository)`)
      .option('--json', 'as the store answers it, for programs');
  subcommand('create', 'a key for a new account, or for one that exists')
    .option('--account <id>', 'of the account that gets one more key')
    .option('--name <name>', 'display name of a new account')
    .option('--email <address>', 'of a new account')
    .action(async (flags: OwnerFlags) => {
      const key = await withKeys(flags, (keys) => keys.create(ownerOf(flags)));
      say(flags.json ? JSON.stringify(key) : newKeyText(key));
    });
  subcommand('list', 'all keys, without their secrets').action(async (flags: Flags) => {
    const keys = await withKeys(flags, (client) => client.list());
    say(flags.json ? JSON.stringify(keys) : keyTable(keys));
  });
  subcommand('disable <access-key>', 'refuse a key from now on').action(async (accessKey: string, flags: Flags) => {
    const key = await withKeys(flags, (keys) => keys.disable(accessKey));
    say(flags.json ? JSON.stringify(key) : `${accessKey} is disabled.`);
  });
  subcommand('rotate <access-key>', 'a new key for its account, in place of this one').action(
    async (accessKey: string, flags: Flags) => {
      const key = await withKeys(flags, (keys) => keys.rotate(accessKey));
      say(flags.json ? JSON.stringify(key) : `${newKeyText(key)}\n${accessKey} is disabled.`);
    },
  );
  return command.addHelpText('after', notes);
}

async function withKeys<T>({ dataDir: given }: Flags, work: (keys: AccessKeysClient) => Promise<T>): Promise<T> {
  const dataDir = dataDirFrom(given);
  const cluster = readyCluster(dataDir, livingHarness(dataDir));
  if (cluster === null) {
    throw new Complaint(`Nothing runs on ${dataDir}: start the store with "npx sextant up", or name its --data-dir`);
  }
  const [apiKey] = (process.env['SEXTANT_REST_KEYS'] ?? '').split(',');
  using rest = new RestClient(cluster.rest, apiKey ? { apiKey } : {});
  return await work(new AccessKeysClient(rest)).catch((error) => {
    throw error instanceof KeyRefused ? new Complaint(error.message) : error;
  });
}

function ownerOf({ account, name, email }: OwnerFlags) {
  return {
    ...(account === undefined ? {} : { account_id: account }),
    ...(name === undefined ? {} : { display_name: name }),
    ...(email === undefined ? {} : { email }),
  };
}
