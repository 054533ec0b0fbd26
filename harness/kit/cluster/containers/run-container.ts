import { randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Launch } from '../launch.ts';
import { startMark } from '../process-facts.ts';
import { type Exit, type Settings, StartFailed } from '../target.ts';
import { aliasOf } from './inner-address.ts';
import { type Container, type ContainerOptions, ownerLabels, runtime, sharedNetwork } from './runtime.ts';

export interface ContainerOrder {
  readonly name: string;
  readonly image: string;
  /** Beside the image's own. */
  readonly environment: Settings;
  /** After the image's entry point; default: what the image says. */
  readonly command?: readonly string[];
  /** The same on this machine's loopback, in the container, and in its name for other containers. */
  readonly ports: readonly number[];
  /** Folders of this machine by where the container sees them. */
  readonly folders: Readonly<Record<string, string>>;
  /** Its processes are numbered with those of the engine's machine; default: by themselves, from 1 on. */
  readonly hasHostPids?: boolean;
  /** `uid:gid`; default: the image's own. */
  readonly user?: string;
  /** Grows by what the container prints; undefined: nothing is kept. */
  readonly logFile?: string;
  /** Of an image without a shell the engine tells the log, and its last lines may be lost. */
  readonly hasNoShell?: boolean;
}

const logFolder = '/var/log/sextant';
const signalNumbers: Readonly<Record<number, NodeJS.Signals>> = {
  2: 'SIGINT',
  3: 'SIGQUIT',
  9: 'SIGKILL',
  15: 'SIGTERM',
};
/** What an engine answers when a container has ended or is gone. */
const goneStatuses = [404, 409];

/** A container can be stopped with all that runs in it, where a signal would reach one process. */
export interface ContainerLaunch extends Launch {
  freeze(): Promise<void>;
  thaw(): Promise<void>;
}

/** Starts a container that goes with its end. Throws StartFailed. */
export async function runContainer(order: ContainerOrder): Promise<ContainerLaunch> {
  const { container: containers } = await runtime();
  const network = await sharedNetwork();
  let container: Container | undefined;
  try {
    container = await containers.create({
      ...(await optionsOf(order)),
      NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: order.ports.map(aliasOf) } } },
    });
    // Asked before the start, so that no end is missed.
    const ended = container.wait({ condition: 'next-exit' });
    const exited: Promise<Exit> = ended.then(
      ({ StatusCode }: { StatusCode: number }) => exitOf(StatusCode),
      () => ({ code: null, signal: null }),
    );
    await container.start();
    if (order.logFile !== undefined && order.hasNoShell === true) await follow(container, order.logFile);
    return await launched(order, container, network, exited);
  } catch (error) {
    // Nobody else has its handle. Why it cannot be removed matters less than why it was to be.
    await container?.remove({ force: true, v: true }).catch(() => {});
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartFailed(`the container of ${order.name} did not start: ${reason}`, { cause: error });
  }
}

async function optionsOf(order: ContainerOrder): Promise<ContainerOptions> {
  const { dockerode } = (await runtime()).container;
  const { Config } = await dockerode.getImage(order.image).inspect();
  const ownEntry = [Config.Entrypoint ?? []].flat();
  const command = [...(order.command ?? Config.Cmd ?? [])];
  const logFile = order.hasNoShell === true ? undefined : order.logFile;
  // By the shell's redirection a line is in the file when it is written, and the file outlives the container.
  const script = `exec "$@" >>${logFolder}/${basename(logFile ?? '')} 2>&1`;
  const entry = logFile === undefined ? {} : { Entrypoint: ['/bin/sh', '-c', script, 'sh'] };
  const folders = { ...order.folders, ...(logFile === undefined ? {} : { [logFolder]: dirname(logFile) }) };
  const ports = order.ports.map((port) => `${port}/tcp`);
  return {
    name: `sextant-${order.name}-${randomUUID().slice(0, 8)}`,
    Image: order.image,
    ...entry,
    Cmd: logFile === undefined ? command : [...ownEntry, ...command],
    Env: Object.entries(order.environment).map(([key, value]) => `${key}=${value}`),
    ...(order.user === undefined ? {} : { User: order.user }),
    Labels: ownerLabels(),
    Healthcheck: { Test: ['NONE'] },
    ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
    HostConfig: {
      AutoRemove: true,
      ...(order.hasHostPids ? { PidMode: 'host' } : {}),
      NetworkMode: await sharedNetwork(),
      Binds: Object.entries(folders).map(([inside, outside]) => `${outside}:${inside}`),
      PortBindings: Object.fromEntries(
        order.ports.map((port) => [`${port}/tcp`, [{ HostIp: '127.0.0.1', HostPort: String(port) }]]),
      ),
    },
  };
}

async function launched(
  order: ContainerOrder,
  container: Container,
  network: string,
  exited: Promise<Exit>,
): Promise<ContainerLaunch> {
  const pid = (await container.inspect().catch(unlessGone))?.State.Pid ?? 0;
  const { dockerode } = (await runtime()).container;
  const own = dockerode.getNetwork(network);
  // Asked of no engine: what it answers to a thaw of what is not frozen differs from one to the next.
  let isFrozen = false;
  return {
    // An engine in a virtual machine tells process ids that mean nothing here.
    pid: pid > 0 && startMark(pid) !== null ? pid : null,
    exited,
    network: {
      pull: () => own.disconnect({ Container: container.id }),
      plug: () => own.connect({ Container: container.id, EndpointConfig: { Aliases: order.ports.map(aliasOf) } }),
    },
    freeze: async () => {
      if (isFrozen) return;
      await container.pause().catch(unlessGone);
      isFrozen = true;
    },
    thaw: async () => {
      if (!isFrozen) return;
      await container.unpause().catch(unlessGone);
      isFrozen = false;
    },
    kill: async (signal) => {
      await container.kill({ signal }).catch(unlessGone);
    },
  };
}

async function follow(container: Container, logFile: string): Promise<void> {
  mkdirSync(dirname(logFile), { recursive: true });
  const file = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  const told = await container.logs({ follow: true, stdout: true, stderr: true });
  container.modem.demuxStream(told, file, file);
  // The stream breaks when the engine goes, and ends with the container.
  for (const over of ['error', 'end']) told.on(over, () => file.end());
}

/** Shells and engines tell an end by a signal as 128 and its number. */
function exitOf(code: number): Exit {
  const signal = signalNumbers[code - 128];
  return signal === undefined ? { code, signal: null } : { code: null, signal };
}

function unlessGone(error: Error & { readonly statusCode?: number }): undefined {
  if (!goneStatuses.includes(error.statusCode ?? 0)) throw error;
}
