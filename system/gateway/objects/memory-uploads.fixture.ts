import { memoryStore } from './files.fixture.ts';
import type {
  Bucket,
  MultipartUpload,
  MultipartUploads,
  ObjectMetadata,
  StoredVersion,
  UploadedPart,
} from './object-ports.ts';
import type { ObjectsDeps } from './objects.ts';

const owner = { accountId: 'me', displayName: 'Me', email: null };
const attributes = { contentType: 'text/plain', userMetadata: {}, storageClass: 'STANDARD' };

export const uploadTarget = { bucketName: 'bucket', key: 'key', accountId: 'me', uploadId: 'upload' };

/** One upload, over nodes and metadata in memory: the steps and conditions that PostgreSQL keeps too. */
export function memoryUpload(checksum: Partial<Pick<MultipartUpload, 'checksumAlgorithm' | 'checksumType'>> = {}) {
  const memory = memoryStore();
  const parts = new Map<number, UploadedPart>();
  const bucket: Bucket = {
    bucketId: '1',
    name: 'bucket',
    owner,
    region: '',
    versioning: 'unversioned',
    createdAt: new Date(0),
  };
  const initial: MultipartUpload = {
    ...{ uploadId: 'upload', key: 'key', initiatedAt: new Date(0), owner, attributes },
    ...{ checksumAlgorithm: undefined, checksumType: undefined, ...checksum },
  };
  const state: { upload: MultipartUpload | undefined; completed: StoredVersion | undefined } = {
    upload: initial,
    completed: undefined,
  };
  const uploads: Pick<MultipartUploads, 'upload' | 'putPart' | 'uploadParts' | 'completeUpload' | 'abortUpload'> = {
    upload: async () => ({ bucket, ...state }),
    async putPart(_uploadId, part, commit) {
      if (state.upload === undefined) return { refused: 'source-gone' };
      if ((await memory.metadata.commit(commit)) === undefined) return undefined;
      const replaced = parts.get(part.partNumber);
      if (replaced !== undefined) await memory.metadata.deleteFile(replaced.fileId);
      const lastModified = new Date(0);
      parts.set(part.partNumber, { ...part, lastModified });
      return { lastModified, freedSpace: replaced !== undefined };
    },
    uploadParts: async (_uploadId, afterPart, limit) =>
      state.upload === undefined
        ? []
        : [...parts.values()]
            .filter(({ partNumber }) => partNumber > afterPart)
            .sort((a, b) => a.partNumber - b.partNumber)
            .slice(0, limit),
    async completeUpload({ etag, sizeBytes, checksum: sum }, _uploadId, named) {
      if (state.completed !== undefined) return { version: state.completed, freedSpace: false };
      if (state.upload === undefined) return { refused: 'source-gone' };
      if (named.some(({ partNumber, fileId }) => parts.get(partNumber)?.fileId !== fileId)) {
        return { refused: 'parts-changed' };
      }
      const lastModified = new Date(0);
      const { versioning } = bucket;
      state.completed = { versionId: 'null', lastModified, versioning, etag, sizeBytes, checksum: sum };
      state.upload = undefined;
      return { version: state.completed, freedSpace: false };
    },
    async abortUpload() {
      const wasThere = state.upload !== undefined;
      state.upload = undefined;
      return wasThere;
    },
  };
  const metadata = Object.assign(memory.metadata, uploads) as typeof memory.metadata & ObjectMetadata;
  const deps: ObjectsDeps = { ...memory.deps, metadata, files: memory.files, inlineBytesMax: 0 };
  return { ...memory, deps, metadata, state, parts };
}
