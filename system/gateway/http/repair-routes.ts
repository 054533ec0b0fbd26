import type { FastifyInstance } from 'fastify';
import type { CareReport } from '../objects/care-report.ts';
import { type Credentials, requireRestKey } from './authentication.ts';
import { askedSchema, repairSchema } from './repair-schemas.ts';
import { errorSchema } from './schemas.ts';

/** Jobs that an operator may ask for. */
export type AskableJob = 'repair' | 'scrub' | 'census' | 'cleanup';

export interface RepairRouteDeps {
  readonly credentials: Credentials;
  readonly careReport: () => Promise<CareReport>;
  readonly runJobSoon: (job: AskableJob) => void;
}

const failures = { '4xx': errorSchema, '5xx': errorSchema };
const tags = ['admin'];

/** /admin/repair and the jobs beside it. */
export function repairRoutes(app: FastifyInstance, { credentials, careReport, runJobSoon }: RepairRouteDeps): void {
  app.addHook('onRequest', async (request) => requireRestKey(credentials, request));
  const schema = {
    tags,
    summary: 'How whole the replicas are, and what repair, scrub and census do',
    response: { 200: repairSchema, ...failures },
  };
  app.get('/admin/repair', { schema }, async () => describe(await careReport()));
  const jobs: Record<AskableJob, string> = {
    repair: 'Make missing replicas now',
    scrub: 'Read and verify every replica now',
    census: "Compare the nodes' disks with the metadata now",
    cleanup: 'End expired uploads and carry out queued deletions now',
  };
  for (const [job, summary] of Object.entries(jobs)) {
    const asked = { tags, summary, response: { 202: askedSchema, ...failures } };
    app.post(`/admin/${job}`, { schema: asked }, async (_request, reply) => {
      runJobSoon(job as AskableJob);
      return reply.code(202).send({ message: `${job} runs soon`, job });
    });
  }
}

function describe({ repair, problems, lost, lostChunks, scrub, census }: CareReport) {
  return {
    state: repair.state,
    pending_chunks: repair.pendingChunks,
    pending_bytes: repair.pendingBytes,
    repaired_chunks: repair.repairedChunks,
    repaired_bytes: repair.repairedBytes,
    trimmed_replicas: repair.trimmedReplicas,
    failed: repair.failed,
    problems,
    lost_chunks: lostChunks,
    lost: lost.map((chunk) => ({
      file_id: chunk.fileId,
      chunk_id: chunk.chunkId,
      chunk_number: chunk.chunkNumber,
      size: chunk.sizeBytes,
      servers: chunk.serverIds,
      reason: chunk.reason,
      attempts: chunk.attempts,
      lost_at: chunk.failedAt.toISOString(),
    })),
    scrub: {
      state: scrub?.state ?? 'idle',
      started_at: moment(scrub?.startedAtMs),
      finished_at: moment(scrub?.finishedAtMs),
      verified_replicas: scrub?.verifiedReplicas ?? 0,
      verified_bytes: scrub?.verifiedBytes ?? 0,
      total_bytes: scrub?.totalBytes ?? 0,
      unreachable: scrub?.unreachable ?? 0,
      problems: scrub?.problems ?? 0,
    },
    census: {
      state: census?.state ?? 'idle',
      started_at: moment(census?.startedAtMs),
      finished_at: moment(census?.finishedAtMs),
      servers: census?.servers ?? 0,
      unreachable_servers: census?.unreachableServers ?? 0,
      files: census?.files ?? 0,
      orphans_waiting: census?.orphansWaiting ?? 0,
      orphans_queued: census?.orphansQueued ?? 0,
      foreign_files: census?.foreignFiles ?? 0,
      absent_replicas: census?.absentReplicas ?? 0,
      adopted_replicas: census?.adoptedReplicas ?? 0,
    },
  };
}

function moment(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : new Date(ms).toISOString();
}
