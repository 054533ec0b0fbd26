import type { RestClient } from '../clients/rest-client.ts';
import { assertReadsBack, type SeededFile, storeFile } from './seeded-file.ts';

/** A seeded file that the store has acknowledged. */
export interface StoredFile extends SeededFile {
  readonly fileId: string;
}

const clientsMax = 4;

/** Stores `count` files, several at a time. Fails unless each is acknowledged. */
export async function storeFiles(
  rest: RestClient,
  wanted: { readonly seed: string; readonly count: number; readonly sizeBytes: number | ((n: number) => number) },
): Promise<StoredFile[]> {
  const stored: StoredFile[] = [];
  await sideBySide(
    Array.from({ length: wanted.count }, (_, n) => n),
    async (n) => {
      const sizeBytes = typeof wanted.sizeBytes === 'number' ? wanted.sizeBytes : wanted.sizeBytes(n);
      const file = { seed: `${wanted.seed}/${n}`, filename: `stored-${n}`, sizeBytes };
      stored.push({ ...file, fileId: (await storeFile(rest, file)).file_id });
    },
  );
  return stored;
}

/** Reads every file back, several at a time. Fails unless each is whole and right. */
export async function assertAllReadBack(rest: RestClient, files: readonly StoredFile[]): Promise<void> {
  await sideBySide(files, (file) => assertReadsBack(rest, file.fileId, file));
}

/** Ids of the servers on which replicas of the files lie, by the files' metadata. */
export async function serversOf(rest: RestClient, files: readonly StoredFile[]): Promise<ReadonlySet<string>> {
  const servers = new Set<string>();
  for (const { fileId } of files) {
    for (const { replicas } of (await rest.metadata(fileId)).body.chunks) for (const one of replicas) servers.add(one);
  }
  return servers;
}

async function sideBySide<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = all.values();
  const client = async () => {
    for (const one of left) await work(one);
  };
  await Promise.all(Array.from({ length: clientsMax }, client));
}
