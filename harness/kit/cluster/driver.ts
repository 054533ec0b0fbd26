import { runSettings } from '../testing/run-settings.ts';
import type { TargetChoice } from '../testing/target-choice.ts';
import { inner } from './containers/inner-address.ts';
import { PostgresContainer } from './containers/postgres-container.ts';
import { containerLauncher, restKey } from './containers/service-container.ts';
import { type Launcher, spawnLauncher } from './launch.ts';
import { PostgresProcess, type PostgresProcessOptions } from './managed-postgres.ts';
import type { Capability, ManagedPostgres } from './target.ts';

/** How the parts of a cluster are run. */
export interface Driver {
  readonly kind: 'processes' | 'containers';
  readonly capabilities: ReadonlySet<Capability>;
  readonly launcher: Launcher;
  readonly postgres: (options: PostgresProcessOptions) => ManagedPostgres;
  /** The address, host:port, by which parts dial what this machine dials as `address`. */
  readonly inner: (address: string) => string;
  /** What REST asks for; null: nothing. */
  readonly restKey: string | null;
}

const common: readonly Capability[] = ['nodes', 'database', 'disks', 'processes', 's3', 'own cluster'];

const processDriver: Driver = {
  kind: 'processes',
  capabilities: new Set([...common, 'shared process ids']),
  launcher: spawnLauncher,
  postgres: (options) => new PostgresProcess(options),
  inner: (address) => address,
  restKey: null,
};

const containerDriver = (postgresVersion: 15 | 18): Driver => ({
  kind: 'containers',
  capabilities: new Set([...common, 'network']),
  launcher: containerLauncher,
  postgres: (options) => new PostgresContainer(options, postgresVersion),
  inner,
  restKey,
});

/** What the run asks for. */
export function chosenDriver(): Driver {
  return driverFor(runSettings);
}

export function driverFor({ target, postgresVersion }: Pick<TargetChoice, 'target' | 'postgresVersion'>): Driver {
  return target === 'containers' ? containerDriver(postgresVersion) : processDriver;
}
