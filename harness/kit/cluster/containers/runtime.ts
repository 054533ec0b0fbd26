import { type ContainerRuntimeClient, getContainerRuntimeClient } from 'testcontainers';
import { isSameProcess, startMark } from '../process-facts.ts';

type Containers = ContainerRuntimeClient['container'];
export type Container = ReturnType<Containers['getById']>;
export type ContainerOptions = Parameters<Containers['create']>[0];

/** Whose harness a container or a network belongs to: its process id and when that process began. */
const ownerLabel = 'sextant.harness';
/** The network that the containers of a run share; the runner makes it and tells the processes in which cases run. */
export const networkVariable = 'SEXTANT_TEST_NETWORK';

/** Finds the engine as testcontainers does: by DOCKER_HOST, or where it usually listens. */
export function runtime(): Promise<ContainerRuntimeClient> {
  return getContainerRuntimeClient();
}

export function ownerLabels(): Record<string, string> {
  // `org.testcontainers` is by what other tools know what may be swept.
  return { [ownerLabel]: ownerMark(process.pid), 'org.testcontainers': 'true' };
}

function ownerMark(pid: number): string {
  return `${pid}/${startMark(pid)}`;
}

/** The ids of the containers that a process of a harness, which must be alive still, has made. */
export async function containersOf(pid: number): Promise<string[]> {
  const { dockerode } = (await runtime()).container;
  const filters = JSON.stringify({ label: [`${ownerLabel}=${ownerMark(pid)}`] });
  return (await dockerode.listContainers({ all: true, filters })).map(({ Id }) => Id);
}

export async function containerExists(id: string): Promise<boolean> {
  const { dockerode } = (await runtime()).container;
  const filters = JSON.stringify({ id: [id] });
  return (await dockerode.listContainers({ all: true, filters })).length > 0;
}

let ownNetwork: Promise<string> | undefined;

/** The name of the network that this run's containers share. */
export function sharedNetwork(): Promise<string> {
  const given = process.env[networkVariable];
  if (given !== undefined) return Promise.resolve(given);
  ownNetwork ??= makeNetwork();
  return ownNetwork;
}

/** To be removed by whoever made it, once nothing is connected to it any more. */
export async function makeNetwork(): Promise<string> {
  const { container } = await runtime();
  const Name = `sextant-${process.pid}-${startMark(process.pid)}`;
  await container.dockerode.createNetwork({ Name, Labels: ownerLabels(), CheckDuplicate: true });
  return Name;
}

export async function removeNetwork(name: string): Promise<void> {
  const { container } = await runtime();
  await container.dockerode.getNetwork(name).remove();
}

/** Removes the containers and networks of harnesses that are gone. */
export async function sweepContainers(): Promise<void> {
  const { dockerode } = (await runtime()).container;
  const filters = JSON.stringify({ label: [ownerLabel] });
  const isAbandoned = ({ Labels }: { Labels?: Record<string, string> | undefined }) => {
    const [pid, mark] = (Labels?.[ownerLabel] ?? '').split('/').map(Number);
    return !isSameProcess(pid ?? 0, mark ?? null);
  };
  for (const { Id } of (await dockerode.listContainers({ all: true, filters })).filter(isAbandoned)) {
    await dockerode.getContainer(Id).remove({ force: true, v: true });
  }
  for (const { Id } of (await dockerode.listNetworks({ filters })).filter(isAbandoned)) {
    await dockerode.getNetwork(Id).remove();
  }
}
