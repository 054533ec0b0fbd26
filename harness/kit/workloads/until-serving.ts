import { RestClient } from '../clients/rest-client.ts';
import { S3HttpClient } from '../clients/s3/s3-http-client.ts';
import type { Plan } from '../experiment/plan.ts';
import { expectedRange } from '../seed/seeded-bytes.ts';
import { until, WaitedInVain } from '../testing/until.ts';
import type { RunDeps } from './gateway-connections.ts';

/** Too much for a row of the metadata: it needs nodes. */
const probeBytes = 100_000;
const pollMs = 200;

/**
 * Stores, reads and deletes a probe through each gateway, over S3 and `/files`, until it is served: true when all serve, false when
 * one does not within `limits.recoveryMs`. Nothing of it is recorded; its keys are none of the plan's.
 */
export async function untilServing(plan: Plan, { gateways, credentials, bucket, signal }: RunDeps): Promise<boolean> {
  const { operationMs, recoveryMs } = plan.limits;
  const probes = gateways.map(async (gateway) => {
    using s3 = new S3HttpClient(gateway.s3, { credentials });
    using rest = new RestClient(gateway.rest);
    const what = `${gateway.name} to serve`;
    await until({ what, withinMs: recoveryMs, pollMs, signal }, async () => {
      const either = AbortSignal.any([signal, AbortSignal.timeout(operationMs)]);
      const probe = { key: `probe-${gateway.name}`, body: expectedRange(gateway.name, 0, probeBytes) };
      return (await isServedOverS3(s3, bucket, probe, either)) && (await isServedOverFiles(rest, probe, either));
    });
  });
  const ends = await Promise.allSettled(probes);
  const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
  const harness = failures.find((failure) => !(failure instanceof WaitedInVain));
  if (harness !== undefined) throw harness;
  return failures.length === 0;
}

interface Probe {
  readonly key: string;
  readonly body: Buffer;
}

async function isServedOverS3(s3: S3HttpClient, bucket: string, { key, body }: Probe, signal: AbortSignal) {
  const stored = await s3.send({ method: 'PUT', bucket, key, body, signal });
  const read = await s3.send({ method: 'GET', bucket, key, signal });
  const removed = await s3.send({ method: 'DELETE', bucket, key, signal });
  return stored.status === 200 && read.status === 200 && read.body.equals(body) && removed.status === 204;
}

async function isServedOverFiles(rest: RestClient, { key, body }: Probe, signal: AbortSignal) {
  const stored = await rest.upload({ filename: key, data: [body], sizeBytes: body.length, signal });
  if (stored.status !== 201) return false;
  const read = await rest.downloadHashed(stored.body.file_id, { signal });
  const removed = await rest.delete(stored.body.file_id, { signal });
  return read.sha256 === stored.body.checksum && removed.status === 200;
}
