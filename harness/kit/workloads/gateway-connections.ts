import { RestClient } from '../clients/rest-client.ts';
import { S3HttpClient } from '../clients/s3/s3-http-client.ts';
import type { S3Credentials } from '../cluster/target.ts';
import type { Call } from '../history/events.ts';
import type { Outcome, Recorder } from '../history/recorder.ts';
import { callOverFiles, isAddressable } from './files-operations.ts';
import type { KnownValues } from './known-values.ts';
import { callOverS3 } from './s3-operations.ts';

export interface GatewayAddress {
  /** `gateway-1` */
  readonly name: string;
  /** As clients reach it, which may be through a proxy. */
  readonly s3: URL;
  readonly rest: URL;
}

/** What clients of a run work with. */
export interface RunDeps {
  /** In the order of the plan's indices. */
  readonly gateways: readonly GatewayAddress[];
  readonly credentials: S3Credentials;
  readonly bucket: string;
  readonly recorder: Recorder;
  /** `new KnownValues(plan)`: one for all phases of a run. */
  readonly known: KnownValues;
  /** Aborted: nothing new is begun, and what runs is given up. */
  readonly signal: AbortSignal;
}

/** A gateway as one phase of a run speaks to it: every call is recorded. */
export class GatewayConnections implements Disposable {
  readonly name: string;
  readonly #deps: RunDeps;
  readonly #operationMs: number;
  readonly #s3: S3HttpClient;
  readonly #rest: RestClient;

  constructor({ name, s3, rest }: GatewayAddress, deps: RunDeps, operationMs: number) {
    this.name = name;
    this.#deps = deps;
    this.#operationMs = operationMs;
    this.#s3 = new S3HttpClient(s3, { credentials: deps.credentials });
    this.#rest = new RestClient(rest);
  }

  /** False for a file whose id nobody has been told: no request can name it. */
  canCall(call: Call): boolean {
    return call.via === 's3' || isAddressable({ known: this.#deps.known }, call);
  }

  async call(process: string, call: Call): Promise<Outcome> {
    const { recorder, bucket, known, signal } = this.#deps;
    const op = recorder.invoke({ process, node: this.name, call });
    const either = AbortSignal.any([signal, AbortSignal.timeout(this.#operationMs)]);
    const outcome = await (call.via === 's3'
      ? callOverS3({ client: this.#s3, bucket, known }, call, either)
      : callOverFiles({ rest: this.#rest, known }, call, either));
    // What was given up with the run has no end, as in a run that broke off: nobody waited for the store's answer.
    if (outcome.type === 'ok' || !signal.aborted) recorder.end(op, outcome);
    return outcome;
  }

  [Symbol.dispose](): void {
    this.#s3.close();
    this.#rest.close();
  }
}

/** All gateways of a run; closed with the scope. */
export function connectGateways(deps: RunDeps, operationMs: number): readonly GatewayConnections[] & Disposable {
  const all = deps.gateways.map((gateway) => new GatewayConnections(gateway, deps, operationMs));
  const close = () => {
    for (const one of all) one[Symbol.dispose]();
  };
  return Object.assign(all, { [Symbol.dispose]: close });
}
