import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What the gateway counts, in Prometheus' terms. One instance a process, passed to whoever counts. */
export class GatewayMetrics {
  readonly registry = new Registry();

  readonly requestSeconds = new Histogram({
    name: 'sextant_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [this.registry],
  });

  readonly s3RequestSeconds = new Histogram({
    name: 'sextant_s3_request_duration_seconds',
    help: 'Time from the head of an S3 request to the end of its answer.',
    labelNames: ['operation', 'status'],
    buckets: SECONDS,
    registers: [this.registry],
  });

  readonly sqlSeconds = new Histogram({
    name: 'sextant_sql_duration_seconds',
    help: 'Time of one operation on the metadata, waiting for a connection included.',
    labelNames: ['operation', 'outcome'],
    buckets: SECONDS,
    registers: [this.registry],
  });

  readonly replicaFailures = new Counter({
    name: 'sextant_replica_failures_total',
    help: 'Replicas that failed a read, by what was wrong.',
    labelNames: ['server_id', 'kind'],
    registers: [this.registry],
  });

  readonly replicaProblems = new Gauge({
    name: 'sextant_replica_problems',
    help: 'Replicas that are known to be bad and wait for their repair.',
    labelNames: ['kind'],
    registers: [this.registry],
  });

  readonly repairedReplicas = this.#counter('sextant_repaired_replicas_total', 'Replicas that repair made.');
  readonly repairedBytes = this.#counter('sextant_repaired_bytes_total', 'Bytes of replicas that repair made.');
  readonly scrubbedReplicas = this.#counter('sextant_scrubbed_replicas_total', 'Replicas that the scrub read.');
  readonly scrubbedBytes = this.#counter('sextant_scrubbed_bytes_total', 'Bytes of replicas that the scrub read.');
  /** Of the gateway that moves them, so that the sum over all gateways is the store's. */
  readonly rebalanceLeftBytes = new Gauge({
    name: 'sextant_rebalance_left_bytes',
    help: 'Bytes that still have to leave servers that are drained or too full; 0 on a gateway that moves nothing.',
    registers: [this.registry],
  });
  readonly #movedReplicas = this.#counter('sextant_rebalance_moved_replicas_total', 'Replicas moved between servers.');
  readonly #movedBytes = this.#counter(
    'sextant_rebalance_moved_bytes_total',
    'Bytes of replicas moved between servers.',
  );

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  moved(bytes: number): void {
    this.#movedBytes.inc(bytes);
    this.#movedReplicas.inc();
  }

  /** How many storage servers are in which status, asked for when somebody looks. */
  servers(statuses: () => readonly string[]): void {
    new Gauge({
      name: 'sextant_storage_servers',
      help: 'Storage servers that are not removed, by status.',
      labelNames: ['status'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const status of statuses()) this.inc({ status });
      },
    });
  }

  /** A gauge whose value is asked for when somebody looks. */
  gauge(name: string, help: string, value: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(value());
      },
    });
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name, help, registers: [this.registry] });
  }
}
