import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientPlan, PlannedOperation } from '../experiment/plan.ts';
import type { Call, ValueId } from '../history/events.ts';
import type { Outcome } from '../history/recorder.ts';
import type { GatewayConnections } from './gateway-connections.ts';

/** Without it, a client would ask a store that is away thousands of times a second. */
const pauseAfterFailureMs = 75;

/** Does what a plan says of one client, one operation after the other, each recorded. */
export class PlannedClient {
  readonly #plan: ClientPlan;
  readonly #gateways: readonly GatewayConnections[];
  /** By key: the value that this client saw there last. */
  readonly #lastSeen = new Map<string, ValueId>();

  constructor(plan: ClientPlan, gateways: readonly GatewayConnections[]) {
    this.#plan = plan;
    this.#gateways = gateways;
  }

  /** Until the list ends or `signal` says so; what was begun by then is ended. Throws only what the harness itself fails with. */
  async run(signal: AbortSignal): Promise<void> {
    const beganMs = performance.now();
    for (const operation of this.#plan.operations) {
      await passed(beganMs + operation.atMs - performance.now(), signal);
      if (signal.aborted) return;
      const outcome = await this.#one(operation);
      if (outcome !== null && outcome.type !== 'ok') await passed(pauseAfterFailureMs, signal);
    }
  }

  /** Null where nothing was asked. */
  async #one({ gateway, call: planned }: PlannedOperation): Promise<Outcome | null> {
    const through = this.#gateways[gateway];
    if (through === undefined)
      throw new RangeError(`${this.#plan.name} is to use gateway ${gateway}, which is not there`);
    const call = this.#asSent(planned);
    if (!through.canCall(call)) return null;
    const outcome = await through.call(this.#plan.name, call);
    if (call.via === 's3') this.#remember(call, outcome);
    return outcome;
  }

  #asSent(call: Call): Call {
    if (call.kind !== 'put' || call.condition === null || !('ifMatch' in call.condition)) return call;
    if (call.condition.ifMatch !== 'last seen') return call;
    const ifMatch = this.#lastSeen.get(call.key);
    return { ...call, condition: ifMatch === undefined ? { ifNoneMatch: '*' } : { ifMatch } };
  }

  #remember(call: Call, { seen }: Outcome): void {
    if (seen === null || call.kind === 'list') return;
    if (seen.kind === 'written' && call.kind === 'put') this.#lastSeen.set(call.key, call.value);
    else if (seen.kind === 'content' && seen.value !== null && seen.wrong === null)
      this.#lastSeen.set(call.key, seen.value);
    else if (seen.kind === 'absent' || seen.kind === 'written') this.#lastSeen.delete(call.key);
  }
}

/** Resolves after so long, or when the signal says that there is nothing more to wait for. */
async function passed(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  await sleep(ms, undefined, { signal }).catch(() => {});
}
