import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chosenDriver } from './driver.ts';
import { stopOnSignal } from './exit-guard.ts';
import { freePort } from './ports.ts';
import { ProcessRecord } from './process-record.ts';
import { systemEntryPoints } from './repository.ts';
import { scratchDir } from './scratch.ts';
import { NodeProcess, nodeEnvironment } from './services.ts';
import type { ManagedNode, Settings } from './target.ts';

export interface NodeOptions {
  /** Default: a scratch folder, which is removed with the node. */
  readonly dataDir?: string;
  /** Default `<dataDir>/../logs`, or the scratch folder's own. */
  readonly logDir?: string;
  readonly port?: number;
  readonly settings?: Settings;
  readonly entryPoint?: string;
}

/** A single storage node that announces itself to nobody. Disposing it stops it. Throws StartFailed. */
export async function startNode(options: NodeOptions = {}): Promise<ManagedNode & AsyncDisposable> {
  const scratch = await scratchDir('node');
  const record = new ProcessRecord(scratch);
  const port = options.port ?? (await freePort());
  const dataDir = resolve(options.dataDir ?? join(scratch, 'node'));
  const driver = chosenDriver();
  const address = `127.0.0.1:${port}`;
  const node = new OwnNode(
    {
      name: 'node',
      entryPoint: options.entryPoint ?? systemEntryPoints.node,
      logFile: join(resolve(options.logDir ?? join(scratch, 'logs')), 'node.log'),
      address,
      advertised: driver.inner(address),
      launcher: driver.launcher,
      dataDir,
      environment: nodeEnvironment({ port, dataDir, gatewayUrls: [], settings: options.settings ?? {} }),
      onSpawn: (name, pid) => record.add(name, pid),
    },
    scratch,
  );
  try {
    await node.start();
  } catch (error) {
    await node[Symbol.asyncDispose]();
    throw error;
  }
  return node;
}

class OwnNode extends NodeProcess implements AsyncDisposable {
  readonly #scratch: string;
  readonly #forgetStopper: () => void;

  constructor(options: ConstructorParameters<typeof NodeProcess>[0], scratch: string) {
    super(options);
    this.#scratch = scratch;
    this.#forgetStopper = stopOnSignal(() => this[Symbol.asyncDispose]());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#forgetStopper();
    await rm(this.#scratch, { recursive: true, force: true });
  }
}
