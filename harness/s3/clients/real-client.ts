import { overS3 } from '../over-s3.ts';

/** What every case of a real client declares. The first of them to run installs the client, which takes minutes at most. */
export const realClient = { ...overS3, tags: ['slow'], timeoutMs: 20 * 60_000 } as const;
