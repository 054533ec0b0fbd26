import type { JobStates } from '../objects/replica-ports.ts';
import { type Database, idempotent } from './database.ts';

export function jobStates(database: Database): JobStates {
  return {
    async jobState<T>(job: string) {
      const [row] = await database.query<JobStateRow<T>>('job_state', SELECT, [job], idempotent);
      return { state: row?.state ?? undefined, updatedAtMs: row?.updated_at_ms ?? 0, nowMs: row?.now_ms ?? 0 };
    },

    async saveJobState<T>(job: string, state: T) {
      await database.query('save_job_state', SAVE, [job, JSON.stringify(state)], idempotent);
    },
  };
}

interface JobStateRow<T> {
  readonly state: T | null;
  readonly updated_at_ms: number | null;
  readonly now_ms: number;
}

const SELECT = `
  SELECT state, (extract(epoch FROM updated_at) * 1000)::float8 AS updated_at_ms,
    (extract(epoch FROM now()) * 1000)::float8 AS now_ms
  FROM (SELECT $1::text AS job) AS asked LEFT JOIN job_state USING (job)`;

const SAVE = `
  INSERT INTO job_state (job, state) VALUES ($1, $2)
  ON CONFLICT (job) DO UPDATE SET state = excluded.state, updated_at = now()`;
