import { rm } from 'node:fs/promises';
import { Command } from 'commander';
import { defaultNodes } from '../../kit/cluster/existing-nodes.ts';
import { scratchDir } from '../../kit/cluster/scratch.ts';
import { Complaint } from '../complaint.ts';
import { dataDirFrom, defaultDataDirName, fromUsersFolder } from '../data-dir.ts';
import { wholeNumber } from '../number-option.ts';
import { runDetached } from './run-detached.ts';
import { runInForeground } from './run-in-foreground.ts';

export const defaultRestPort = 8080;
export const defaultS3Port = 9000;
export const defaultFirstNodePort = 50_051;

/** What `sextant up` was asked for. */
export interface UpOptions {
  readonly dataDir: string;
  readonly isEphemeral: boolean;
  /** Undefined: those that have data, or the usual six. */
  readonly nodes: number | undefined;
  readonly replicas: number;
  readonly restPort: number;
  readonly s3Port: number;
  /** A JSON file with fixed accounts and keys for S3. */
  readonly accountsFile: string | undefined;
  readonly firstNodePort: number;
  readonly areNodePortsNamed: boolean;
  readonly isVerbose: boolean;
}

interface Flags {
  dataDir?: string;
  ephemeral?: boolean;
  scratch?: string;
  nodes?: number;
  replicas: number;
  port: number;
  s3Port: number;
  accounts?: string;
  nodePort?: number;
  detach?: boolean;
  verbose?: boolean;
}

const notes = `
What runs: an embedded PostgreSQL, the storage nodes and a gateway, each with its own log in <data dir>/logs.
<data dir>/cluster.json tells other programs where everything is. Ctrl-C stops all in order; the data stays,
and the next start finds every file again. Settings of the services (SEXTANT_...) are passed on to them.`;

export function upCommand(done: (exitCode: number) => void): Command {
  return new Command('up')
    .description('Start the store on this machine: PostgreSQL, storage nodes, gateway.')
    .option('--data-dir <dir>', `where everything is kept (default: ${defaultDataDirName} in the repository)`)
    .option('--ephemeral', 'keep nothing: a temporary data folder, removed at the end')
    .option(
      '--nodes <number>',
      `storage nodes; all that have data start in any case (default: those, or ${defaultNodes})`,
      wholeNumber(1, 64),
    )
    .option('--replicas <number>', 'copies of each chunk, on different nodes', wholeNumber(1, 64), 2)
    .option('--port <port>', 'of the REST interface', wholeNumber(1, 65_535), defaultRestPort)
    .option('--s3-port <port>', 'of the S3 interface', wholeNumber(1, 65_535), defaultS3Port)
    .option(
      '--accounts <file>',
      'S3 accounts with fixed keys: [{id, display_name, email, keys: [{access_key, secret_key}]}]',
    )
    .option(
      '--node-port <port>',
      `of the first node; the others follow (default: ${defaultFirstNodePort})`,
      wholeNumber(1, 65_535),
    )
    .option('--detach', 'return when it is ready, and leave it running ("sextant down" stops it)')
    .option('--verbose', 'show the logs of all processes')
    .addHelpText('after', notes)
    .addOption(new Command().createOption('--scratch <dir>').hideHelp())
    .action(async (flags: Flags) => {
      const options = await toOptions(flags);
      done(await (flags.detach ? runDetached(options) : runInForeground(options).catch(forgetData(options))));
    });
}

/** A store that keeps nothing leaves nothing, also when it was refused before it had anything to remove at its end. */
function forgetData({ isEphemeral, dataDir }: UpOptions): (error: unknown) => Promise<never> {
  return async (error) => {
    if (isEphemeral) await rm(dataDir, { recursive: true, force: true });
    throw error;
  };
}

async function toOptions(flags: Flags): Promise<UpOptions> {
  if (flags.ephemeral && flags.dataDir !== undefined) {
    throw new Complaint('--ephemeral takes a temporary folder and removes it; leave --data-dir out');
  }
  const nodes = flags.nodes ?? defaultNodes;
  if (flags.replicas > nodes) {
    throw new Complaint(`${flags.replicas} replicas need as many nodes; --nodes is ${nodes}`);
  }
  const temporary = async () => (flags.scratch === undefined ? scratchDir('up') : fromUsersFolder(flags.scratch));
  return {
    dataDir: flags.ephemeral ? await temporary() : dataDirFrom(flags.dataDir),
    isEphemeral: flags.ephemeral ?? false,
    nodes: flags.nodes,
    replicas: flags.replicas,
    restPort: flags.port,
    s3Port: flags.s3Port,
    accountsFile: flags.accounts === undefined ? undefined : fromUsersFolder(flags.accounts),
    firstNodePort: flags.nodePort ?? defaultFirstNodePort,
    areNodePortsNamed: flags.nodePort !== undefined,
    isVerbose: flags.verbose ?? false,
  };
}
