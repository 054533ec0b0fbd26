import type { RestClient } from '../../kit/clients/rest-client.ts';
import type { ManagedProcess } from '../../kit/cluster/target.ts';
import type { Choices } from '../../kit/seed/choices.ts';
import type { Ledger } from '../../kit/workloads/ledger.ts';
import type { World } from './world.ts';

/** What must happen, beside a mixed load, for a phase to be reached. */
export interface Scenario {
  /** How often the phase is surely reached within seconds. Default: as often as the load wants. */
  readonly timesMax?: number;
  /** Sets the stage, before the failpoint is armed in `victim`. */
  readonly prepare?: (world: World, victim: ManagedProcess, round: Round) => Promise<Stage>;
}

export interface Stage {
  /** Done beside the load, again and again until the phase is reached; `through` the gateway that is broken, if one is. */
  readonly meanwhile?: (through: RestClient) => Promise<void>;
  /** Starts again what was taken away on purpose, while the victim is started too. */
  readonly bringBack?: () => Promise<void>;
  /** Puts right what else was changed on purpose, once all of them run again. */
  readonly mend?: () => Promise<void>;
}

export interface Round {
  /** Of what the scenario does, beside the load's own. */
  readonly ledger: Ledger;
  readonly choices: Choices;
}
