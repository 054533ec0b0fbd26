import type { Call } from '../history/events.ts';

/** Everything that a run is to do, decided before it begins: the same plan is the same experiment. JSON, `plan.json` of a bundle. */
export interface Plan {
  readonly format: 1;
  /** What the generators made the plan from. Runs use it for nothing else than names. */
  readonly seed: string;
  readonly scenario: string;
  readonly cluster: ClusterPlan;
  /** The clients go on until their list ends or the load has lasted so long. */
  readonly loadMs: number;
  readonly clients: readonly ClientPlan[];
  readonly faults: readonly PlannedFault[];
  readonly limits: Limits;
}

export interface ClusterPlan {
  readonly target: 'processes' | 'containers';
  readonly nodes: number;
  readonly gateways: number;
  readonly replicas: number;
  readonly isVersioned: boolean;
  /** Of harness/mutants: the planted bug that the system under test carries; null for a clean one. */
  readonly mutant: string | null;
  /** Environment variables for gateways and nodes. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface ClientPlan {
  /** `client-3` */
  readonly name: string;
  readonly operations: readonly PlannedOperation[];
}

export interface PlannedOperation {
  /** Not before so long after the load began; a client that is late goes on at once. */
  readonly atMs: number;
  /** An index into the gateways. */
  readonly gateway: number;
  /**
   * As it is sent, but for two things that are known only then: `ifMatch` of a planned put is the literal `last seen` and stands for
   * the value that this client saw at that key last (without one, the put goes out with `ifNoneMatch: *`).
   */
  readonly call: Call;
}

/** One entry of the fault catalogue (kit/faults/catalogue.ts), with its parameters. */
export interface PlannedFault {
  /** Unique in the plan: `f3`. */
  readonly id: string;
  /** `kill`, `latency` */
  readonly name: string;
  /** Whom: `node-2`, `gateway-1`, `postgres`, `gateway -> node-2`, `client -> gateway-1`. */
  readonly on: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly atMs: number;
  /** 0 for what lasts no time. */
  readonly forMs: number;
}

export interface Limits {
  /** An operation without an answer by then is given up. */
  readonly operationMs: number;
  /** From the last fault's healing until the store serves reads and writes again, on every gateway. */
  readonly recoveryMs: number;
  /** From then until the census must find every replica and nothing else. */
  readonly mendingMs: number;
}
