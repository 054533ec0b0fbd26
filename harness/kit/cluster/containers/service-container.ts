import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { controlVariable } from '../../faults/preload/control.ts';
import { imageNames } from '../../tools/containers/image-names.ts';
import type { Launcher } from '../launch.ts';
import { repositoryRoot, systemEntryPoints } from '../repository.ts';
import type { Settings } from '../target.ts';
import { inner, portOf } from './inner-address.ts';
import { runContainer } from './run-container.ts';

/** Beyond loopback the services ask for both; nothing but this machine reaches the containers. */
export const restKey = 'key-of-the-container-target';
const clusterToken = 'token-of-the-container-target';

const dataFolder = '/data';
/** What an image has in place of the repository. */
const imageRoot = '/app';
/** What a fault loads into a service before its own code, as a folder of the repository. */
const preload = 'harness/kit/faults/preload';
/** Where a service listens: inside a container, loopback would be nowhere. */
const hosts = ['SEXTANT_NODE_HOST', 'SEXTANT_REST_HOST', 'SEXTANT_S3_HOST'];

/** Runs a service from the project's own image, under the settings that it would have as a process. */
export const containerLauncher: Launcher = ({ name, entryPoint, address, dataDir, environment, logFile }) => {
  const isGateway = entryPoint === systemEntryPoints.gateway;
  if (!isGateway && entryPoint !== systemEntryPoints.node) {
    throw new Error(`${entryPoint} cannot be run in a container: what runs there are the images of the project`);
  }
  const s3Port = environment['SEXTANT_S3_PORT'];
  const ports = [portOf(address), ...(isGateway && s3Port !== undefined ? [Number(s3Port)] : [])];
  if (dataDir !== null) makeFolder(dataDir);
  return runContainer({
    name,
    image: isGateway ? imageNames.gateway : imageNames.storageNode,
    environment: { ...settingsInside(environment), ...leverInside(environment) },
    ports,
    folders: {
      ...(dataDir === null ? {} : { [dataFolder]: dataDir }),
      ...filesOf(environment),
      ...leverFolders(environment),
    },
    // A failpoint kills its own process, which the first one of a pid namespace cannot do to itself.
    hasHostPids: (environment['SEXTANT_FAILPOINTS'] ?? '') !== '',
    ...asOurselves(),
    logFile,
  });
};

/** What the store is told, with addresses as they are between containers. The rest is the image's business. */
function settingsInside(environment: Settings): Settings {
  const ours = Object.entries(environment).filter(([key]) => key.startsWith('SEXTANT_'));
  return {
    SEXTANT_REST_KEYS: restKey,
    SEXTANT_CLUSTER_TOKEN: clusterToken,
    ...Object.fromEntries(ours.map(([key, value]) => [key, inner(value)])),
    ...Object.fromEntries(hosts.map((key) => [key, '0.0.0.0'])),
    SEXTANT_NODE_DATA_DIR: dataFolder,
  };
}

/** A setting that names a file names one of this machine. */
function filesOf(environment: Settings): Record<string, string> {
  const named = Object.entries(environment).filter(([key, value]) => /^SEXTANT_.*_FILE$/.test(key) && value !== '');
  return Object.fromEntries(named.map(([, path]) => [path, path]));
}

/** For faults that reach into the service: it takes orders by a file, and answers beside it. */
function leverInside(environment: Settings): Settings {
  const { NODE_OPTIONS = '', [controlVariable]: file } = environment;
  if (file === undefined) return {};
  return { NODE_OPTIONS: NODE_OPTIONS.replaceAll(repositoryRoot, imageRoot), [controlVariable]: file };
}

function leverFolders({ [controlVariable]: file }: Settings): Record<string, string> {
  if (file === undefined) return {};
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true });
  return { [folder]: folder, [join(imageRoot, preload)]: join(repositoryRoot, preload) };
}

/** So that what a service writes can be read and removed by this process. */
function asOurselves(): { readonly user?: string } {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  return uid === undefined || gid === undefined ? {} : { user: `${uid}:${gid}` };
}

/** The engine would make it too, but as root. */
function makeFolder(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true });
  chmodSync(dataDir, 0o755);
}
