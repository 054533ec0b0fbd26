import { memoryStore } from './files.fixture.ts';
import type {
  Bucket,
  ObjectContent,
  ObjectMetadata,
  ObjectPut,
  ObjectVersion,
  Refusal,
  Stored,
} from './object-ports.ts';
import type { ObjectsDeps } from './objects.ts';
import type { Commit } from './ports.ts';
import { Refused } from './refused.ts';
import { checkWriteConditions } from './write-preconditions.ts';

const owner = { accountId: 'me', displayName: 'Me', email: null };

export const key = { bucketName: 'bucket', key: 'key', accountId: 'me' };
export const attributes = { contentType: 'text/plain', userMetadata: {}, storageClass: 'STANDARD' };

/** One bucket without versioning, and in it the current version of each key, over nodes and metadata in memory. */
export function memoryObjects(inlineBytesMax = 16) {
  const memory = memoryStore();
  const bucket: Bucket = {
    ...{ bucketId: '1', name: 'bucket', owner, region: 'us-east-1', versioning: 'unversioned' as const },
    createdAt: new Date(0),
  };
  const current = new Map<string, { version: ObjectVersion; content: ObjectContent }>();
  let lookups = 0;
  let uid = 0;

  function refusalOf(request: ObjectPut): Refusal | undefined {
    try {
      checkWriteConditions(request.conditions, current.get(request.key)?.version);
      return undefined;
    } catch (error) {
      if (error instanceof Refused) return error.refusal;
      throw error;
    }
  }

  function put(request: ObjectPut, content: ObjectContent): Stored {
    const { etag, sizeBytes, checksum } = request;
    const lastModified = new Date(0);
    uid++;
    const version: ObjectVersion = {
      ...{ key: request.key, etag, sizeBytes, checksum, attributes: request.attributes, owner, lastModified },
      ...{ versionUid: String(uid), versionId: 'null', isLatest: true, isDeleteMarker: false, partsCount: undefined },
    };
    const replaced = current.get(request.key)?.content;
    current.set(request.key, { version, content });
    if (replaced?.kind === 'file') void memory.metadata.deleteFile(replaced.file.fileId);
    const told = { versionId: 'null', lastModified, versioning: bucket.versioning, etag, sizeBytes, checksum };
    return { version: told, freedSpace: replaced?.kind === 'file' };
  }

  const versions: Pick<ObjectMetadata, 'lookup' | 'putInline' | 'putFile'> = {
    lookup: async (bucketName, name, _versionId, want) => {
      lookups++;
      const found = bucketName === bucket.name ? current.get(name) : undefined;
      return {
        bucket: bucketName === bucket.name ? bucket : undefined,
        version: found?.version,
        content: want === 'content' ? found?.content : undefined,
      };
    },
    async putInline(request, data) {
      const refused = refusalOf(request);
      return refused === undefined ? put(request, { kind: 'inline', data }) : { refused };
    },
    async putFile(request, commit: Commit) {
      const refused = refusalOf(request);
      if (refused !== undefined) return { refused };
      const summary = await memory.metadata.commit(commit);
      const file = summary === undefined ? undefined : await memory.metadata.file(summary.fileId);
      return file === undefined ? undefined : put(request, { kind: 'file', file });
    },
  };
  const metadata = Object.assign(memory.metadata, versions) as typeof memory.metadata & ObjectMetadata;
  const deps: ObjectsDeps = { ...memory.deps, metadata, files: memory.files, inlineBytesMax };
  return { ...memory, deps, metadata, current, lookups: () => lookups };
}
