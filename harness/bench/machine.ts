import { statfs } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, loadavg, release, totalmem } from 'node:os';
import { repositoryRoot } from '../kit/cluster/repository.ts';

const bytesPerGb = 1e9;
/** Waiting processes for each core, above which others take part in what is measured. */
const quietLoadPerCore = 0.25;

export interface MachineFacts {
  readonly cores: number;
  readonly cpuModel: string;
  readonly freeMemoryGb: number;
  readonly memoryGb: number;
  /** Of the disk on which the stores lie. */
  readonly filesystem: string;
  readonly freeDiskGb: number;
  readonly system: string;
  readonly node: string;
  /** Over one minute, at the start. */
  readonly load: number;
  readonly isQuiet: boolean;
}

export async function machineFacts(): Promise<MachineFacts> {
  const cores = availableParallelism();
  const [load = 0] = loadavg();
  const disk = await statfs(repositoryRoot);
  return {
    cores,
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    freeMemoryGb: freemem() / bytesPerGb,
    memoryGb: totalmem() / bytesPerGb,
    filesystem: filesystemNames[disk.type] ?? `type 0x${disk.type.toString(16)}`,
    freeDiskGb: (disk.bavail * disk.bsize) / bytesPerGb,
    system: `${process.platform} ${release()}`,
    node: process.version,
    load,
    isQuiet: load <= quietLoadPerCore * cores,
  };
}

export function printMachine(machine: MachineFacts): void {
  const memory = `${machine.freeMemoryGb.toFixed(1)} of ${machine.memoryGb.toFixed(1)} GB of memory free`;
  const disk = `${machine.filesystem} with ${machine.freeDiskGb.toFixed(0)} GB free`;
  console.log(`${machine.cores} cores (${machine.cpuModel}), ${memory}, ${disk}, ${machine.system}, ${machine.node}`);
  console.log(`load average at the start: ${machine.load.toFixed(2)}`);
  if (!machine.isQuiet) console.log('WARNING: this machine is not quiet; take the figures for what they are.');
  console.log(
    'The client runs on the same cores. Absolute figures move by 30 % from run to run: compare two versions by\n' +
      'ratios of medians, their runs interleaved, and CPU seconds per GiB rather than MB/s.\n',
  );
}

/** The magic numbers of statfs(2) that are common on servers. */
const filesystemNames: Readonly<Record<number, string>> = {
  [0xef53]: 'ext4',
  [0x58465342]: 'xfs',
  [0x9123683e]: 'btrfs',
  [0x01021994]: 'tmpfs',
  [0x794c7630]: 'overlayfs',
  [0x2fc12fc1]: 'zfs',
};
